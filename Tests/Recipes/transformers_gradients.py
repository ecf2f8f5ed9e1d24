"""Dumps what a decoder of transformers computes, and the gradients of its loss, the mean cross-entropy of the tokens but the first.
Usage: transformers_gradients.py FOLDER 1,2,3 FILE [bfloat16]"""
import os
import sys

folder, tokens, path, dtype = (*sys.argv[1:], "float32")[:4]
if not os.path.isdir(folder): sys.exit(f"{folder}: there is no such folder")  # transformers would look it up on a hub

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

dump = {}
keep = lambda name, x: dump.update({name: x.detach().clone(memory_format=torch.contiguous_format)})

def hook(name, output):
    x = output[0] if isinstance(output, tuple) else output
    if not isinstance(x, torch.Tensor): return
    keep(name, x)
    if x.requires_grad: x.register_hook(lambda gradient: keep(name + ".grad", gradient))

model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), attn_implementation="eager")
for name, module in model.named_modules():
    if name and "rotary" not in name and not name.endswith(".layers") and name != "model":
        module.register_forward_hook(lambda module, inputs, output, name=name: hook(name, output))
tokens = torch.tensor([[int(token) for token in tokens.split(",")]])
model(tokens, labels=tokens).loss.backward()
for name, parameter in model.named_parameters(): keep(name + ".grad", parameter.grad)
save_file(dump, path)
