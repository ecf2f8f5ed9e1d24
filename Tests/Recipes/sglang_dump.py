"""Turns what SGLang dumps of a prompt into a dump. Usage: sglang_dump.py FOLDER Pass00000.pt FILE

SGLang writes it where its server has --debug-tensor-dump-output-folder, --disable-cuda-graph and --disable-radix-cache.
"""
import json
import sys
import torch
from safetensors.torch import save_file

(folder, source, path), dump = sys.argv[1:], {}
c = json.load(open(folder + "/config.json"))
size = c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]
sizes = [heads * size for heads in (c["num_attention_heads"], c["num_key_value_heads"], c["num_key_value_heads"])]
for name, value in torch.load(source).items():
    values = value if isinstance(value, list) else [value]
    if name.endswith("qkv_proj"):
        dump.update({name.replace("qkv", word): x for word, x in zip("qkv", values[0].split(sizes, -1))})
    elif name.endswith("gate_up_proj"):
        dump.update({name.replace("gate_up", word): x for word, x in zip(["gate", "up"], values[0].chunk(2, -1))})
    elif name.endswith("layernorm"):  # adds the residual, and gives the sum, too
        dump.update({name + end: x for end, x in zip(["", ".input"], values)})
    elif name.endswith(("self_attn.attn", "mlp.act_fn")):
        dump[name.replace("self_attn.attn", "self_attn.o_proj.input").replace("act_fn", "down_proj.input")] = values[0]
    elif name.endswith(("embed_tokens", "o_proj", "down_proj", "model.norm", "logits_processor")):
        dump[name.replace("logits_processor", "lm_head")] = values[0]
    # One rotation serves all layers, and what SGLang keeps of it under each name is that of the last.
save_file({name: x.contiguous() for name, x in dump.items()}, path)
