"""What an assertion of the Python package costs.

    python3 Tests/Benchmarks/assertions.py    # needs NumPy and the package: PYTHONPATH=Sources/Python

Prints the median of 200 assertions of a small softmax beside the call of the C interface that decides it, 1,000 cases of a softmax in
NumPy beside NumPy alone, and a product of 128 × 4096 by 4096 × 4096 in Float32: on the clock, and processor time.
"""
import statistics
import time

import numpy as np
import plumbline
from plumbline import _library


def softmax(x):
    with np.errstate(over="ignore"):
        powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


x = np.random.default_rng(1).standard_normal((1, 8)).astype(np.float32)
y, calls, inner, original = softmax(x), [], [], _library.call


def timed(*arguments):
    start = time.perf_counter()
    try:
        return original(*arguments)
    finally:
        inner.append(time.perf_counter() - start)


_library.call = timed
for _ in range(200):
    start = time.perf_counter()
    plumbline.assert_within("softmax", y, x=x)
    calls.append(time.perf_counter() - start)
_library.call = original
print(f"assert_within of 1 × 8: {statistics.median(calls) * 1e3:.2f} ms, of which the decision {statistics.median(inner) * 1e3:.2f} ms")

spent = 0.0


def kernel(x):
    global spent
    start = time.perf_counter()
    y = softmax(x)
    spent += time.perf_counter() - start
    return y


start = time.perf_counter()
plumbline.fuzz("softmax", kernel, cases=1000, shape={"columns": 64})
print(f"1,000 cases of 64 columns: {time.perf_counter() - start:.2f} s, of which NumPy {spent:.3f} s")

source = np.random.default_rng(2)
x, weight = (source.standard_normal(shape).astype(np.float32) for shape in [(128, 4096), (4096, 4096)])
y = x @ weight.T
wall, processor = time.perf_counter(), time.process_time()
plumbline.assert_within("linear", y, x=x, weight=weight)
print(f"128 × 4096 by 4096 × 4096: {time.perf_counter() - wall:.2f} s on the clock, {time.process_time() - processor:.2f} s of a processor")
