"""Writes ggml-gelu.txt: GELU's approximation of numbers, as ggml computes it in Float32 on a processor.

    python3 Tests/Fixtures/ggml_gelu.py LIBRARY > Tests/Fixtures/ggml-gelu.txt

LIBRARY is a shared library with ggml's C functions. That of the wheel xllamacpp 2026.10.11549 made the file. Each line has the bits of a
number and of what ggml gives for it. Needs numpy.
"""
import ctypes as c
import sys

import numpy as np

ggml = c.CDLL(sys.argv[1])


class Parameters(c.Structure):  # ggml_init_params
    _fields_ = [("size", c.c_size_t), ("memory", c.c_void_p), ("no_alloc", c.c_bool)]


def numbers():
    random = np.random.default_rng(27)
    edges = [10, -10, np.nextafter(np.float32(10), np.float32(0)), 12.34, -12.34, 7e4, -7e4, 0, 1e-8, -1e-8, 6e-8, 1e-30, 2.0 ** -25]
    ties = [1 + 2.0 ** -11, -1 - 2.0 ** -11, 5 + 2.0 ** -9, -3 - 3 * 2.0 ** -10]
    parts = [edges, ties, random.normal(size=60), 4 * random.normal(size=60), -5 - 5 * random.random(40), 0.01 * random.normal(size=20)]
    return np.concatenate([np.float32(part) for part in parts]).astype(np.float32)


for name in ("init", "new_tensor_1d", "gelu", "new_graph", "get_data"):
    getattr(ggml, f"ggml_{name}").restype = c.c_void_p
ggml.ggml_init.argtypes = [Parameters]
ggml.ggml_new_tensor_1d.argtypes = [c.c_void_p, c.c_int, c.c_int64]
ggml.ggml_gelu.argtypes = ggml.ggml_build_forward_expand.argtypes = [c.c_void_p, c.c_void_p]
ggml.ggml_new_graph.argtypes = ggml.ggml_get_data.argtypes = [c.c_void_p]
ggml.ggml_graph_compute_with_ctx.argtypes = [c.c_void_p, c.c_void_p, c.c_int]

x = numbers()
context = ggml.ggml_init(Parameters(1 << 24, None, False))
inputs = ggml.ggml_new_tensor_1d(context, 0, len(x))
outputs = ggml.ggml_gelu(context, inputs)
graph = ggml.ggml_new_graph(context)
ggml.ggml_build_forward_expand(graph, outputs)
c.memmove(ggml.ggml_get_data(inputs), x.ctypes.data, x.nbytes)
ggml.ggml_cpu_init()
ggml.ggml_graph_compute_with_ctx(context, graph, 1)
y = np.ctypeslib.as_array((c.c_float * len(x)).from_address(ggml.ggml_get_data(outputs)))
for a, b in zip(x.view(np.uint32), y.view(np.uint32)):
    print(f"{a:08x} {b:08x}")
