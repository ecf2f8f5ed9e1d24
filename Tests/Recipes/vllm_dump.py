"""Dumps what vLLM's model of a folder computes. Usage: vllm_dump.py FOLDER 1,2,3 FILE [bfloat16]"""
import os
import sys

os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # the model must be in this process

import torch
from safetensors.torch import save_file
from vllm import LLM, SamplingParams

(folder, tokens, path, dtype), dump = (*sys.argv[1:], "float32")[:4], {}
tokens = [int(token) for token in tokens.split(",")]
keep = lambda name, x: dump.update({name: x.detach().cpu().clone(memory_format=torch.contiguous_format)})

def hook(name, module, inputs, output):
    first = output[0] if isinstance(output, tuple) else output
    if name.endswith("rotary_emb"):  # one for all layers: one call each, in their order
        block = sum(name.endswith("rotated_key") for name in dump)
        for word, x in zip(["query", "key"], output): keep(f"model.layers.{block}.self_attn.rotated_{word}", x)
    elif name.endswith("layernorm") and isinstance(output, tuple):  # adds the residual, and gives the sum, too
        keep(name, first)
        keep(name + ".input", output[1])
    elif name in ("model.norm", "logits_processor"):
        keep(name.replace("logits_processor", "lm_head"), first)
    elif name.endswith("qkv_proj"):
        sizes = [heads * module.head_size for heads in (module.num_heads, module.num_kv_heads, module.num_kv_heads)]
        for word, x in zip("qkv", first.split(sizes, -1)): keep(name.replace("qkv", word), x)
    elif name.endswith("gate_up_proj"):
        for word, x in zip(["gate", "up"], first.chunk(2, -1)): keep(name.replace("gate_up", word), x)
    elif name.endswith(("embed_tokens", "layernorm", "o_proj", "down_proj")):
        keep(name, first)
        if name.endswith(("o_proj", "down_proj")): keep(name + ".input", inputs[0])

def watch(model):
    for name, module in model.named_modules():
        module.register_forward_hook(lambda module, inputs, output, name=name: hook(name, module, inputs, output))

model = LLM(folder, skip_tokenizer_init=True, enforce_eager=True, dtype=dtype, enable_prefix_caching=False)
dump.clear()  # what vLLM computed to try itself
model.apply_model(watch)
model.generate({"prompt_token_ids": tokens}, SamplingParams(max_tokens=1, detokenize=False), use_tqdm=False)
save_file(dump, path)
