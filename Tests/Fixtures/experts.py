"""Dumps what each module of the tiny models with experts gives in Float32, beside what families.py wrote of them.

    python3 Tests/Fixtures/experts.py [NAME …]

Written by transformers 5 and PyTorch 2, eager on a CPU. A router gives logits, the weights of the chosen experts and their
numbers; `router_weights` is that of each expert, 0 for the others.
"""
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

TOKENS = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]
NAMES = "mixtral qwen2moe qwen3moe olmoe granitemoe glm4moe gptoss deepseekv2 deepseekv3 glm4lite".split()

for name in sys.argv[1:] or NAMES:
    folder = pathlib.Path(__file__).parent / f"tiny-{name}"
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", experts_implementation="eager").eval()
    dump = {}

    def keep(key, x):
        dump[key] = (x[0] if x.dim() > 2 else x).detach().clone(memory_format=torch.contiguous_format)

    def hook(key, inputs, output):
        if isinstance(output, tuple) and len(output) == 3 and not output[2].is_floating_point():
            logits, weights, experts = output
            keep(key, logits)
            keep(key.rpartition(".")[0] + ".router_weights", torch.zeros_like(logits).scatter(-1, experts, weights))
            return
        if isinstance(output, tuple): output = output[0]
        keep(key, output)
        if key.endswith(("o_proj", "down_proj", "layernorm")): keep(key + ".input", inputs[0])

    for key, module in model.named_modules():
        if key and "rotary" not in key and not key.endswith(".layers") and key != "model":
            module.register_forward_hook(lambda module, inputs, output, key=key: hook(key, inputs, output))
    with torch.no_grad(): model(torch.tensor([TOKENS]))
    save_file(dump, folder / "modules.safetensors")
    print(name, len(dump), sorted(key for key in dump if ".1." in key))
