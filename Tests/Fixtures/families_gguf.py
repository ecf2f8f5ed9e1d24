"""Turns the tiny models of families.py into GGUF files by llama.cpp's own converter, without their tokenizers.

    python3 Tests/Fixtures/families_gguf.py LLAMA_CPP [NAME …]

Written by the converter of llama.cpp that llama-cpp-python 0.3.36 carries, in F32.
"""
import json
import pathlib
import shutil
import sys
import tempfile

sys.path[:0] = [sys.argv[1], sys.argv[1] + "/gguf-py"]

import gguf
import torch
from conversion import ModelBase, ModelType, get_model_architecture, get_model_class

NAMES = (
    "qwen2 qwen3 llama3 yarn gemma gemma2 gemma3 phi3 granite olmo olmoclip olmo2 olmo3 glm4 smollm3 cohere cohere2 starcoder2 stablelm "
    "gptneox gpt2 bloom mpt falcon falcon40 phi mixtral qwen3moe olmoe granitemoe gptoss gptossmx "
    "deepseekv2 deepseekv3 bert distilbert roberta xlmroberta nomic modernbert embeddinggemma").split()

read = ModelBase.load_hparams


def with_older_keys(*arguments, **named):
    """The configuration with keys that the converter asks for, as folders from before transformers 5 have them."""
    config = read(*arguments, **named)
    config["rotary_pct"] = config.get("rope_parameters", {}).get("partial_rotary_factor", 1.0)
    # The score of experts that folders of DeepSeek name.
    scores = {"deepseek_v2": "softmax", "deepseek_v3": "sigmoid"}
    if config.get("model_type") in scores: config["scoring_func"] = scores[config["model_type"]]
    if config.get("model_type") == "mpt": config["architectures"] = ["MPTForCausalLM"]
    if config.get("model_type") == "modernbert": config["layer_norm_eps"] = config["norm_eps"]
    if config.get("model_type") == "nomic_bert":
        # What folders with code of their own say.
        config |= dict(n_positions=2048, activation_function="swiglu", causal=False, qkv_proj_bias=False, mlp_fc1_bias=False,
            mlp_fc2_bias=False, prenorm=False, rotary_emb_fraction=1.0, rotary_emb_interleaved=False, rotary_emb_scale_base=None,
            rotary_emb_base=config["rope_parameters"]["rope_theta"], layer_norm_epsilon=config["layer_norm_eps"])
    return config | {"n_ctx": config.get("n_positions")}


ModelBase.load_hparams = staticmethod(with_older_keys)
for name in sys.argv[2:] or NAMES:
    folder = pathlib.Path(__file__).parent / f"tiny-{name}"
    with tempfile.TemporaryDirectory() as copy, torch.inference_mode():
        shutil.copy(folder / "model.safetensors", copy)
        shutil.copy(folder / "config.json", copy)
        words = {f"{number}": number for number in range(json.loads((folder / "config.json").read_text())["vocab_size"])}
        (pathlib.Path(copy) / "tokenizer.json").write_text(json.dumps({"model": {"vocab": words, "type": "WordPiece"}, "added_tokens": []}))
        Model = get_model_class(get_model_architecture(ModelBase.load_hparams(pathlib.Path(copy), False), ModelType.TEXT))
        # Nothing but the tokenizer is left out: what is said about pooling, and the products behind it.
        for part in [*folder.glob("modules.json"), *folder.glob("*_*/")]:
            (shutil.copytree if part.is_dir() else shutil.copy)(part, pathlib.Path(copy) / part.name)
        Plain = type(Model.__name__, (Model,), dict(set_vocab=lambda self: None, model_arch=Model.model_arch))
        Plain(pathlib.Path(copy), gguf.LlamaFileType.ALL_F32, folder / "model.gguf", model_name=f"tiny {name}",
            sentence_transformers_dense_modules=True).write()
    print(name, (folder / "model.gguf").stat().st_size, "bytes")
