"""Dumps what MLX's model of a folder computes, by mlx-lm. Usage: mlx_dump.py FOLDER 1,2,3 FILE [bfloat16]"""
import pathlib
import sys

import mlx.core as mx
from mlx_lm.utils import load_model

(folder, tokens, path, dtype), dump = (*sys.argv[1:], "float32")[:4], {}
model = load_model(pathlib.Path(folder))[0]
model.set_dtype(getattr(mx, dtype))

def watched(name, module):
    kind = type(module)
    def call(self, x, *rest, **options):
        y = kind.__call__(self, x, *rest, **options)
        if name.endswith("rope"):  # called for the queries, then for the keys: [1, heads, tokens, size]
            block = name.removesuffix("rope")
            dump[block + ("rotated_key" if block + "rotated_query" in dump else "rotated_query")] = y.swapaxes(1, 2)
            return y
        dump[name] = y
        if name.endswith(("o_proj", "down_proj", "layernorm")): dump[name + ".input"] = x
        return y
    module.__class__ = type(kind.__name__, (kind,), {"__call__": call})  # `__call__` is looked up in the class

for name, module in model.named_modules():
    if name.startswith("model.") or name == "lm_head": watched(name, module)
dump["lm_head"] = model(mx.array([[int(token) for token in tokens.split(",")]]))
mx.eval(dump)
mx.save_safetensors(path, {name: mx.contiguous(value) for name, value in dump.items()})
