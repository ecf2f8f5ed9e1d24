"""Makes a tiny model of each family as a Hugging Face folder, and what transformers computes of it in Float64.

    python3 Tests/Fixtures/families.py

Written by transformers 5 and PyTorch 2. Everything is computed in Float64: where the classes name Float32 (norms, softmax) they
are given Float64, and the angles of the rotary embedding are computed again, as their tables are Float32's. The tokens are more
than the window. Epsilon is a Float32, so that none is rounded on the way.
"""
import pathlib

import torch
from safetensors.torch import save_file
from transformers import MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

TOKENS = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]
SIZES = dict(
    vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=128, rms_norm_eps=2**-17, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
    rope_parameters=dict(rope_type="default", rope_theta=10000.0))
FAMILIES = {
    "mistral": (MistralForCausalLM, MistralConfig(**SIZES, head_dim=8, sliding_window=5)),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(**SIZES, use_sliding_window=True, sliding_window=4, max_window_layers=2)),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(**SIZES, head_dim=8)),
}


def angles(module, config):
    """Cosines and sines in Float64, as `modeling_rope_utils.py` has them by default."""

    def forward(x, position_ids, *_):
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        theta = config.rope_parameters["rope_theta"]
        frequencies = theta ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
        turns = position_ids[:, :, None].double() * frequencies
        turns = torch.cat((turns, turns), dim=-1)
        return turns.cos(), turns.sin()

    module.forward = forward


for name, (Model, config) in FAMILIES.items():
    torch.manual_seed(7)
    folder = pathlib.Path(__file__).parent / f"tiny-{name}"
    config._attn_implementation = "eager"
    model = Model(config).eval()
    for key, parameter in model.named_parameters():
        # Scores far apart, and norms and biases that play a part; each number short in binary.
        parameter.data = torch.randn(parameter.shape) * (0.1 if key.endswith("bias") else 0.4)
        if "norm" in key:
            parameter.data = 1 + parameter.data
        parameter.data = (parameter.data * 1024).round() / 1024
    model.save_pretrained(folder)
    for extra in folder.glob("generation_config.json"):
        extra.unlink()
    model = model.double()
    angles(model.model.rotary_emb, config)
    single, torch.float32 = torch.float32, torch.float64
    with torch.no_grad():
        output = model(torch.tensor([TOKENS]), output_hidden_states=True)
    torch.float32 = single
    dump = {f"hidden_states.{index}": state[0] for index, state in enumerate(output.hidden_states)}
    dump["logits"] = output.logits[0]
    save_file({key: value.contiguous() for key, value in dump.items()}, folder / "float64.safetensors")
    print(name, {key: value.dtype for key, value in dump.items()})
