"""Dumps what PyTorch's LlamaForCausalLM computes. Usage: transformers_dump.py FOLDER 1,2,3 FILE [bfloat16]"""
import os
import sys

folder, tokens, path, dtype = (*sys.argv[1:], "float32")[:4]
if not os.path.isdir(folder): sys.exit(f"{folder}: there is no such folder")  # transformers would look it up on a hub

import torch
from safetensors.torch import save_file
from transformers.models.llama import modeling_llama as llama

dump, rotate = {}, llama.apply_rotary_pos_emb
keep = lambda name, x: dump.update({name: x.detach().clone(memory_format=torch.contiguous_format)})

def hook(name, inputs, output):
    keep(name, output[0] if isinstance(output, tuple) else output)
    if name.endswith(("o_proj", "down_proj", "layernorm")): keep(name + ".input", inputs[0])
    if name.endswith("self_attn"): keep(name + ".attn_weights", output[1])

def rotate_and_keep(*inputs, **options):  # a function, which no hook sees: one call a layer, in their order
    block, outputs = sum(name.endswith("rotated_key") for name in dump), rotate(*inputs, **options)
    for word, x in zip(["query", "key"], outputs): keep(f"layers.{block}.self_attn.rotated_{word}", x.transpose(1, 2))
    return outputs

llama.apply_rotary_pos_emb = rotate_and_keep
model = llama.LlamaForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), attn_implementation="eager").eval()
for name, module in model.named_modules():
    if name and "rotary" not in name and not name.endswith(".layers") and name != "model":
        module.register_forward_hook(lambda module, inputs, output, name=name: hook(name, inputs, output))
with torch.no_grad():
    model(torch.tensor([[int(token) for token in tokens.split(",")]]))
save_file(dump, path)
