"""Dumps a Llama pass in NumPy, Float32. Usage: numpy_dump.py FOLDER 1,2,3 DUMP.safetensors"""
import json
import sys
import numpy as np
from safetensors.numpy import load_file, save_file

(folder, tokens, path), F, dump = sys.argv[1:], np.float32, {}
c, w = json.load(open(folder + "/config.json")), load_file(folder + "/model.safetensors")
tokens, h, g = [int(t) for t in tokens.split(",")], c["num_attention_heads"], c["num_key_value_heads"]
T, d, keep = len(tokens), c["hidden_size"] // h, lambda name, x: dump.setdefault(name, np.ascontiguousarray(x, F))
scaled = lambda x: x / np.sqrt((x * x).mean(-1, keepdims=True) + F(c["rms_norm_eps"]))
norm = lambda name, x: keep(name, scaled(x) * w[f"model.{name}.weight"])
angles = np.arange(T, dtype=F)[:, None] / F(c["rope_theta"]) ** (np.arange(0, d, 2, dtype=F) / F(d))
cos, sin, out = np.cos(angles)[:, None], np.sin(angles)[:, None], "self_attn.o_proj"
turn = lambda name, a, b: keep(name, np.concatenate([a * cos - b * sin, a * sin + b * cos], -1))
x = keep("embed_tokens", w["model.embed_tokens.weight"][tokens])
for p in [f"layers.{i}." for i in range(c["num_hidden_layers"])]:
    linear = lambda name, x: keep(p + name, x @ w[f"model.{p}{name}.weight"].T)
    n = norm(p + "input_layernorm", x)
    q, k, v = (linear(f"self_attn.{s}_proj", n).reshape(T, -1, d) for s in "qkv")
    q, k = (turn(f"{p}self_attn.rotated_{s}", *np.split(x, 2, -1)) for s, x in [("query", q), ("key", k)])
    s = keep(p + "self_attn.scores", np.einsum("thd,shd->hts", q, k.repeat(h // g, 1)) / np.sqrt(F(d)))
    e = np.exp((s := np.where(np.tri(T, dtype=bool), s, F(-np.inf))) - s.max(-1, keepdims=True))
    a = keep(p + "self_attn.attn_weights", e / e.sum(-1, keepdims=True))
    y = keep(p + out + ".input", np.einsum("hts,shd->thd", a, v.repeat(h // g, 1)).reshape(T, -1))
    n = norm(p + "post_attention_layernorm", r := keep(p + "post_attention_layernorm.input", x + linear(out, y)))
    opened = keep(p + "mlp.act_fn", (z := linear("mlp.gate_proj", n)) / (1 + np.exp(-z)))
    x = keep(p[:-1], r + linear("mlp.down_proj", keep(p + "mlp.down_proj.input", opened * linear("mlp.up_proj", n))))
keep("lm_head", norm("norm", x)[-1:] @ w.get("lm_head.weight", w["model.embed_tokens.weight"]).T)
save_file(dump, path)
