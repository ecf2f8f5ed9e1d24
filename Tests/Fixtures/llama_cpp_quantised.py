"""Makes tiny-quantised: a Llama whose matrices llama.cpp quantised, each of another type, and what llama.cpp computes with it.

    python3 Tests/Fixtures/llama_cpp_quantised.py LIBRARY FOLDER

LIBRARY is a shared library with llama.cpp's C functions. That of the wheel xllamacpp 2026.10.11549 made the files, on a
processor with AVX-512 VNNI. Needs numpy and gguf.
"""
import ctypes as c
import json
import pathlib
import struct
import sys

import gguf
import numpy as np

library, folder = c.CDLL(sys.argv[1]), pathlib.Path(sys.argv[2])
TOKENS = [1, 5, 2, 7]
EMBEDDING, HEAD, HIDDEN, VOCABULARY = 256, 32, 64, 8
NAMES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
SHAPES = (
    (2 * HEAD, EMBEDDING), (HEAD, EMBEDDING), (HEAD, EMBEDDING), (EMBEDDING, 2 * HEAD), (HIDDEN, EMBEDDING),
    (HIDDEN, EMBEDDING), (EMBEDDING, HIDDEN))
TYPES = (
    ("Q4_K", "Q8_0", "Q6_K", "Q4_0", "Q5_K", "Q4_1", "Q5_1"), ("Q2_K", "Q5_0", "Q3_K", "IQ4_NL", "IQ4_XS", "MXFP4", "Q4_1"))

library.ggml_quantize_chunk.argtypes = [c.c_int, c.c_void_p, c.c_void_p, c.c_int64, c.c_int64, c.c_int64, c.c_void_p]


class Parameters(c.Structure):  # llama_context_params and llama_model_params, by the offsets of their parts
    _fields_ = [("bytes", c.c_uint8 * 256)]


class Batch(c.Structure):  # llama_batch
    _fields_ = [("count", c.c_int32)] + [(name, c.c_void_p) for name in ("token", "embd", "pos", "n", "ids", "logits")]


class Tensor(c.Structure):  # ggml_tensor
    _fields_ = [("type", c.c_int), ("buffer", c.c_void_p), ("ne", c.c_int64 * 4), ("nb", c.c_size_t * 4),
                ("op", c.c_int), ("parameters", c.c_int32 * 16), ("flags", c.c_int32), ("src", c.c_void_p * 10),
                ("view", c.c_void_p), ("offset", c.c_size_t), ("data", c.c_void_p), ("name", c.c_char * 64)]


def write_model(path):
    random = np.random.default_rng(28)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny quantised llama")
    writer.add_context_length(64)
    writer.add_embedding_length(EMBEDDING)
    writer.add_block_count(len(TYPES))
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("no_vocab")

    def add(name, shape, type_name, scale):
        kind = gguf.GGMLQuantizationType[type_name]
        weights = np.ascontiguousarray(random.normal(size=shape) * scale, np.float32)
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        data = np.zeros((shape[0], shape[1] // elements * size), np.uint8)
        library.ggml_quantize_chunk(int(kind), weights.ctypes.data, data.ctypes.data, 0, *shape, None)
        writer.add_tensor(name, data, raw_dtype=kind)

    add("token_embd.weight", (VOCABULARY, EMBEDDING), "Q8_0", 1)
    for block, types in enumerate(TYPES):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{block}.{name}.weight", (1 + 0.1 * random.normal(size=EMBEDDING)).astype(np.float32))
        for name, shape, kind in zip(NAMES, SHAPES, types):
            add(f"blk.{block}.{name}.weight", shape, kind, shape[1] ** -0.5)
    writer.add_tensor("output_norm.weight", np.ones(EMBEDDING, np.float32))
    add("output.weight", (VOCABULARY, EMBEDDING), "Q6_K", EMBEDDING ** -0.5)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


dump = {}


@c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_bool, c.c_void_p)
def keep(tensor, asks, _):
    found = Tensor.from_address(tensor)
    name = found.name.decode()
    if asks or found.type != 0 or "(" in name or name.startswith(("node_", "kq-")):
        return True
    flat = np.ctypeslib.as_array((c.c_float * (found.nb[3] * found.ne[3] // 4)).from_address(found.data))
    values = np.lib.stride_tricks.as_strided(flat, found.ne[::-1], found.nb[::-1]).copy()
    # A cache has more places than tokens.
    dump[name] = values[..., :len(TOKENS)].copy() if name.startswith("kq_soft_max") else values
    if name[:5] in ("Qcur-", "Kcur-"):
        dump.setdefault(name + " (before rope)", dump[name])
    return True


def run(path):
    for name, result in (("context_default_params", Parameters), ("model_default_params", Parameters),
                         ("batch_get_one", Batch), ("model_load_from_file", c.c_void_p), ("init_from_model", c.c_void_p)):
        getattr(library, f"llama_{name}").restype = result
    library.llama_model_load_from_file.argtypes = [c.c_char_p, Parameters]
    library.llama_init_from_model.argtypes = [c.c_void_p, Parameters]
    library.llama_decode.argtypes = [c.c_void_p, Batch]
    library.llama_backend_init()
    model = library.llama_model_load_from_file(str(path).encode(), library.llama_model_default_params())
    parameters = library.llama_context_default_params()
    # cb_eval; no flash attention; keys and values in Float32.
    struct.pack_into("<Q", parameters.bytes, 88, c.cast(keep, c.c_void_p).value)
    struct.pack_into("<i", parameters.bytes, 52, 0)
    struct.pack_into("<ii", parameters.bytes, 104, 0, 0)
    tokens, rows = (c.c_int32 * len(TOKENS))(*TOKENS), (c.c_int8 * len(TOKENS))(*[1] * len(TOKENS))
    batch = library.llama_batch_get_one(tokens, len(TOKENS))
    batch.logits = c.addressof(rows)
    if library.llama_decode(library.llama_init_from_model(model, parameters), batch) != 0:
        sys.exit("llama.cpp did not decode")


def write_dump(path):
    header, parts, offset = {}, [], 0
    for name, values in dump.items():
        data = np.ascontiguousarray(values, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


folder.mkdir(exist_ok=True)
write_model(folder / "model.gguf")
run(folder / "model.gguf")
write_dump(folder / "llama.safetensors")
