"""Writes a Llama GGUF as a Hugging Face folder in Float32, without a tokenizer. Usage: gguf_to_folder.py GGUF FOLDER"""
import json
import os
import sys
import gguf
import numpy as np
from gguf.quants import dequantize
from safetensors.numpy import save_file

(path, folder), weights = sys.argv[1:], {}
reader = gguf.GGUFReader(path)
field = lambda key: reader.fields["llama." + key].contents()
heads, keys = field("attention.head_count"), field("attention.head_count_kv")
names = dict(attn_output="self_attn.o_proj", attn_norm="input_layernorm", ffn_norm="post_attention_layernorm")
for x in "qkv": names["attn_" + x] = f"self_attn.{x}_proj"
for x in ["gate", "up", "down"]: names["ffn_" + x] = f"mlp.{x}_proj"
for t in reader.tensors:
    x, part = dequantize(t.data, t.tensor_type).astype(np.float32), t.name.split(".")
    if part[0] not in ("blk", "token_embd", "output_norm", "output"): continue  # such as tables of frequencies
    if part[-2] in ("attn_q", "attn_k"):  # a GGUF has a rotary pair in neighbouring rows, a folder half a head apart
        n = heads if part[-2] == "attn_q" else keys
        x = x.reshape(n, x.shape[0] // n // 2, 2, -1).swapaxes(1, 2).reshape(x.shape)
    name = dict(token_embd="model.embed_tokens", output_norm="model.norm", output="lm_head").get(part[0])
    weights[(name or f"model.layers.{part[1]}.{names[part[2]]}") + ".weight"] = np.ascontiguousarray(x)
save_file(weights, os.path.join(os.makedirs(folder) or folder, "model.safetensors"), metadata={"format": "pt"})
config = dict(
    model_type="llama", hidden_act="silu", hidden_size=field("embedding_length"), num_attention_heads=heads,
    num_key_value_heads=keys, intermediate_size=field("feed_forward_length"), num_hidden_layers=field("block_count"),
    vocab_size=len(weights["model.embed_tokens.weight"]), rope_theta=field("rope.freq_base"),
    rms_norm_eps=field("attention.layer_norm_rms_epsilon"), max_position_embeddings=field("context_length"),
    tie_word_embeddings="lm_head.weight" not in weights)
json.dump(config, open(folder + "/config.json", "w"))
