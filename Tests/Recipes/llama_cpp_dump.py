"""Dumps what llama.cpp's evaluation callback sees. Usage: llama_cpp_dump.py MODEL.gguf 1,2,3 DUMP.safetensors"""
import ctypes as c
import sys
import llama_cpp as ll
import numpy as np
from safetensors.numpy import save_file

class Tensor(c.Structure):  # ggml.h: struct ggml_tensor
    _fields_ = [("type", c.c_int), ("buffer", c.c_void_p), ("ne", c.c_int64 * 4), ("nb", c.c_size_t * 4),
                ("op", c.c_int), ("parameters", c.c_int32 * 16), ("flags", c.c_int32), ("src", c.c_void_p * 10),
                ("view", c.c_void_p), ("offset", c.c_size_t), ("data", c.c_void_p), ("name", c.c_char * 64)]

@ll.ggml_backend_sched_eval_callback
def keep(tensor, asks, _):
    t = Tensor.from_address(tensor)
    if asks or t.type != 0 or b"(" in t.name: return True  # not yet computed, not Float32, a view of another
    flat = np.ctypeslib.as_array((c.c_float * (t.nb[3] * t.ne[3] // 4)).from_address(t.data))
    name = t.name.decode()
    # Called so two or three times: the product, with its bias, and turned.
    if name[:5] in ("Qcur-", "Kcur-") and name in dump: dump[name + " (before rope)"] = dump[name]
    dump[name] = np.lib.stride_tricks.as_strided(flat, t.ne[::-1], t.nb[::-1]).copy()
    return True

(path, tokens, output), dump, parameters = sys.argv[1:], {}, ll.llama_context_default_params()
tokens, model = tokens.split(","), ll.llama_model_load_from_file(path.encode(), ll.llama_model_default_params())
# The cache of keys and values in Float32 and no fused attention: llama.cpp's defaults round to binary16.
parameters.cb_eval, parameters.type_k, parameters.type_v, parameters.flash_attn_type = keep, 0, 0, 0
ids, all_rows = (c.c_int32 * len(tokens))(*map(int, tokens)), (c.c_int8 * len(tokens))(*[1] * len(tokens))
batch = ll.llama_batch_get_one(ids, len(tokens))
batch.logits = all_rows  # otherwise the last block is computed for the last token alone
ll.llama_decode(ll.llama_init_from_model(model, parameters), batch)
save_file(dump, output)
