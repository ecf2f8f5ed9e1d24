"""Writes what PyTorch's autograd makes of tiny models in Float64: `tiny-NAME/gradients.safetensors`, the loss and each parameter's .grad.

    python3 Tests/Fixtures/model_gradients.py [NAME …]    # needs transformers and PyTorch

The loss is the mean cross-entropy of the tokens behind the first. Everything is computed in Float64, as in `families.py`; of a
gradient a seventh of the elements is kept where it has more than 256, from element 0 on, and of all the norm.
"""
import sys
import pathlib

import torch
import torch.nn.functional as functional
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

from families import TOKENS, Float64

FOLDER = pathlib.Path(__file__).resolve().parent
MODELS = (
    "llama qwen2 qwen3 gpt2 gemma gemma2 gemma3 olmo2 granite cohere gptneox starcoder2 "
    "mixtral qwen2moe qwen3moe gptoss deepseekv2 deepseekv3").split()


def parts(folder, model):
    """Each parameter's gradient, those of experts that the class has as one tensor under the names of the file."""
    with safe_open(folder / "model.safetensors", "pt") as file:
        stored = set(file.keys())
    is_mixtral = folder.name == "tiny-mixtral"
    for key, parameter in model.named_parameters():
        key = key.replace(".mlp.", ".block_sparse_moe.") if is_mixtral else key
        stem, _, last = key.rpartition(".")
        if last not in ("gate_up_proj", "down_proj") or key in stored:
            yield key, parameter.grad
            continue
        gate, up, down = ("w1", "w3", "w2") if is_mixtral else ("gate_proj", "up_proj", "down_proj")
        for index, gradient in enumerate(parameter.grad):
            if last == "down_proj":
                yield f"{stem}.{index}.{down}.weight", gradient
            else:
                yield from ((f"{stem}.{index}.{part}.weight", half) for part, half in zip((gate, up), gradient.chunk(2)))


for name in sys.argv[1:] or MODELS:
    folder = FOLDER / f"tiny-{name}"
    config = AutoConfig.from_pretrained(folder)
    config._attn_implementation = "eager"
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager")
    state = {key: value.double() for key, value in model.state_dict().items()}
    with Float64():
        exact = AutoModelForCausalLM.from_config(
            config, attn_implementation="eager", experts_implementation="eager", dtype=torch.float64).eval()
        exact.load_state_dict(state, strict=True)
        for module in exact.modules():
            # PyTorch would leave out the gradient of the row of the padding token.
            if isinstance(module, torch.nn.Embedding):
                module.padding_idx = None
        logits = exact(torch.tensor([TOKENS])).logits[0]
        loss = functional.cross_entropy(logits[:-1], torch.tensor(TOKENS[1:]))
        loss.backward()
    kept = {"loss": loss.detach().reshape(1)}
    for key, gradient in parts(folder, exact):
        gradient = gradient.flatten()
        assert gradient.dtype == torch.float64
        stride = 7 if gradient.numel() > 256 else 1
        kept[f"{key}.grad"] = gradient[::stride].clone()
        kept[f"{key}.norm"] = gradient.norm().reshape(1)
    save_file(kept, folder / "gradients.safetensors")
    print(name, loss.item(), (folder / "gradients.safetensors").stat().st_size, "bytes")
