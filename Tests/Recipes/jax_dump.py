"""Dumps a compiled Llama pass in JAX. Usage: jax_dump.py FOLDER 1,2,3 DUMP.safetensors"""
import json
import sys
import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import load_file, save_file

(folder, tokens, path), c = sys.argv[1:], json.load(open(sys.argv[1] + "/config.json"))
h, g = c["num_attention_heads"], c["num_key_value_heads"]
theta = c.get("rope_theta") or c["rope_parameters"]["rope_theta"]

@jax.jit
def dumped(w, tokens):
    dump, d = {}, c.get("head_dim") or c["hidden_size"] // h
    keep = lambda name, x: dump.setdefault(name, x)  # what is kept leaves the compiled function as its output
    linear = lambda name, x: keep(name, x @ w[f"model.{name}.weight"].T)
    norm = lambda name, x: keep(name, w[f"model.{name}.weight"] * x * jax.lax.rsqrt(
        (x * x).mean(-1, keepdims=True) + c["rms_norm_eps"]))
    angles = jnp.arange(len(tokens))[:, None, None] / theta ** (jnp.arange(0, d, 2) / d)
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    turn = lambda name, a, b: keep(name, jnp.concatenate([a * cos - b * sin, a * sin + b * cos], -1))
    x = keep("embed_tokens", w["model.embed_tokens.weight"][tokens])
    for p in [f"layers.{i}." for i in range(c["num_hidden_layers"])]:
        n = norm(p + "input_layernorm", x)
        q, k, v = (linear(f"{p}self_attn.{s}_proj", n).reshape(len(tokens), -1, d) for s in "qkv")
        q, k = (turn(f"{p}self_attn.rotated_{s}", *jnp.split(x, 2, -1)) for s, x in [("query", q), ("key", k)])
        y = keep(p + "self_attn.o_proj.input", jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(len(tokens), -1))
        r = keep(p + "post_attention_layernorm.input", x + linear(p + "self_attn.o_proj", y))
        n = norm(p + "post_attention_layernorm", r)
        opened = keep(p + "mlp.act_fn", jax.nn.silu(linear(p + "mlp.gate_proj", n)))
        y = keep(p + "mlp.down_proj.input", opened * linear(p + "mlp.up_proj", n))
        x = keep(p[:-1], r + linear(p + "mlp.down_proj", y))
    keep("lm_head", norm("norm", x) @ w.get("lm_head.weight", w["model.embed_tokens.weight"]).T)
    return dump

weights = {name: jnp.asarray(w, jnp.float32) for name, w in load_file(folder + "/model.safetensors").items()}
dump = dumped(weights, jnp.array([int(token) for token in tokens.split(",")]))
save_file({name: np.asarray(x) for name, x in dump.items()}, path)
