"""A folder of gpt-oss-20b's shape, of seeded weights, and how fast it opens.

    python3 Tests/Benchmarks/large_experts.py PLUMB FOLDER    # needs NumPy, and 14 GB of disk for FOLDER

No two experts are alike: each matrix has its own piece of a long random sequence. Prints the median wall time of nine runs of
`plumb certify` of a token that the vocabulary lacks, which is refused as soon as the folder is open, and of the same of the small
model that ships. The folder stays, for

    /usr/bin/time -v PLUMB certify FOLDER --tokens 1,2,3,4 --digits 6
"""
import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import time

import numpy as np

plumb, folder = sys.argv[1], pathlib.Path(sys.argv[2])
HIDDEN, EXPERTS, BLOCKS, VOCABULARY, HEADS, KEYS, SIZE = 2880, 32, 24, 201_088, 64, 8, 64
config = {
    "architectures": ["GptOssForCausalLM"], "model_type": "gpt_oss", "hidden_act": "silu", "attention_bias": True, "head_dim": SIZE,
    "hidden_size": HIDDEN, "intermediate_size": HIDDEN, "num_attention_heads": HEADS, "num_key_value_heads": KEYS,
    "num_hidden_layers": BLOCKS, "num_local_experts": EXPERTS, "num_experts_per_tok": 4, "sliding_window": 128,
    "layer_types": ["sliding_attention", "full_attention"] * (BLOCKS // 2), "rms_norm_eps": 1e-5, "swiglu_limit": 7.0,
    "vocab_size": VOCABULARY, "max_position_embeddings": 131_072, "tie_word_embeddings": False, "rope_theta": 150_000,
    "rope_scaling": {
        "rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
        "original_max_position_embeddings": 4096},
    "quantization_config": {
        "quant_method": "mxfp4",
        "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]},
}
shapes = {"model.embed_tokens.weight": ("BF16", [VOCABULARY, HIDDEN]), "lm_head.weight": ("BF16", [VOCABULARY, HIDDEN]),
          "model.norm.weight": ("BF16", [HIDDEN])}
for block in range(BLOCKS):
    at = f"model.layers.{block}."
    for name, rows in [("q", HEADS * SIZE), ("k", KEYS * SIZE), ("v", KEYS * SIZE)]:
        shapes[f"{at}self_attn.{name}_proj.weight"] = ("BF16", [rows, HIDDEN])
        shapes[f"{at}self_attn.{name}_proj.bias"] = ("BF16", [rows])
    for name, shape in {
        "self_attn.o_proj.weight": [HIDDEN, HEADS * SIZE], "self_attn.o_proj.bias": [HIDDEN], "self_attn.sinks": [HEADS],
        "input_layernorm.weight": [HIDDEN], "post_attention_layernorm.weight": [HIDDEN], "mlp.router.weight": [EXPERTS, HIDDEN],
        "mlp.router.bias": [EXPERTS], "mlp.experts.gate_up_proj_bias": [EXPERTS, 2 * HIDDEN],
        "mlp.experts.down_proj_bias": [EXPERTS, HIDDEN],
    }.items():
        shapes[at + name] = ("BF16", shape)
    for name, rows in [("gate_up", 2 * HIDDEN), ("down", HIDDEN)]:
        shapes[f"{at}mlp.experts.{name}_proj_blocks"] = ("U8", [EXPERTS, rows, HIDDEN // 32, 16])
        shapes[f"{at}mlp.experts.{name}_proj_scales"] = ("U8", [EXPERTS, rows, HIDDEN // 32])

header, place = {}, 0
for name, (kind, shape) in shapes.items():
    count = int(np.prod(shape)) * (2 if kind == "BF16" else 1)
    header[name] = {"dtype": kind, "shape": shape, "data_offsets": [place, place + count]}
    place += count
source = np.random.default_rng(20)
random = source.integers(0, 256, (1 << 26) + 1_000_003, dtype=np.uint8)
# BF16 between 2⁻⁸ and 2⁻⁵ with both signs, and scales of as many powers: 127 stands for 1.
numbers = ((source.integers(0, 2, 1 << 24) << 15) | (source.integers(119, 122, 1 << 24) << 7)
           | source.integers(0, 128, 1 << 24)).astype("<u2").view(np.uint8)
scales = source.integers(119, 123, 1 << 24, dtype=np.uint8)
if not (folder / "model.safetensors").exists():
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    with open(folder / "partial", "wb") as file:
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        file.write(struct.pack("<Q", len(text)) + text)
        for name, entry in header.items():
            start, end = entry["data_offsets"]
            bytes_of = scales if name.endswith("scales") else random if entry["dtype"] == "U8" else numbers
            shift = 2 * int(source.integers(0, 400_000))
            while start < end:
                piece = bytes_of[shift:shift + end - start]
                file.write(piece.tobytes())
                start, shift = start + len(piece), 2 * int(source.integers(0, 400_000))
    os.replace(folder / "partial", folder / "model.safetensors")


def seconds(model):
    def once():
        start = time.monotonic()
        refused = subprocess.run([plumb, "certify", model, "--tokens", "300000"], capture_output=True)
        assert refused.returncode == 2 and b"vocabulary" in refused.stderr, refused.stderr
        return time.monotonic() - start
    return statistics.median(once() for _ in range(9))


weights = sum(entry["data_offsets"][1] - entry["data_offsets"][0] for entry in header.values())
print(f"{weights / 1e9:.1f} GB of weights: {seconds(str(folder)) * 1e3:.0f} ms; the model that ships: {seconds('shipped') * 1e3:.0f} ms")
