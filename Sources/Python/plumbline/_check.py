"""One output of a layer, held to its bounds."""

import ctypes
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _library, _report, _tensors
from ._layers import Call


class _Lent:
    """A call's tensors and attributes as the C interface takes them."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.keep: list[Any] = []
        tensors = []
        for name, value in call.tensors.items():
            value, kind = _tensors.array(value, name, is_index=name in call.layer.indices)
            tensors.append(self.tensor(call.fitted(name, value)[0], kind, name))
        self.inputs = (_library.Tensor * len(tensors))(*tensors)
        self.attributes = json.dumps(call.attributes).encode() if call.attributes else None

    def tensor(self, value: np.ndarray, kind: int, name: str) -> _library.Tensor:
        tensor, alive = _tensors.lend(value, kind, name)
        self.keep.append(alive)
        return tensor


def check(layer: str | Callable, output: Any, *, arithmetic: str = "f32", **inputs: Any) -> _report.Report:
    """The verdict on `output`, which a kernel computed of `inputs`.

    `layer` is a name that `plumb layer --list` prints, or a function of PyTorch or JAX, such as
    `torch.nn.functional.silu`, whose parameters may then have that function's names. `inputs` are the layer's tensors
    and attributes by name; tensors may be NumPy arrays, tensors of PyTorch of any device, type and layout, arrays of
    JAX, or anything with DLPack. Leading axes become rows where a layer computes each row from its own. `arithmetic` is
    what the kernel may do: "f32", "bf16", "f16", "tf32" with options, see the page Arithmetic of the documentation.

    Raises ValueError for shapes that do not fit, layers that do not exist and numbers that no Float32 is, TypeError for
    what is no array of real numbers, and NotProvedError where nothing is proved of the layer in the arithmetic.
    """
    call = Call(layer, inputs)
    lent = _Lent(call)
    value, kind = _tensors.array(output, "output")
    fitted, rows = call.fitted("output", value)
    result = lent.tensor(fitted, kind, "output")
    text = _library.call(
        "judge", call.layer.name.encode(), lent.attributes, lent.inputs, len(lent.inputs), ctypes.byref(result),
        arithmetic.encode(),
    )
    return _report.report(text, lambda found: call.index(found, rows, value.ndim))


def assert_within(layer: str | Callable, output: Any, *, arithmetic: str = "f32", **inputs: Any) -> None:
    """Passes where every element of `output` is proved to be within its bound; the arguments are those of `check`.

    Raises AssertionError otherwise: with the margin, the worst element, its exact value and its bound where one is
    outside, and also where nothing is claimed of an element. An empty output is within.
    """
    __tracebackhide__ = True
    report = check(layer, output, arithmetic=arithmetic, **inputs)
    if not report.is_within:
        raise AssertionError(str(report))


@dataclasses.dataclass(frozen=True)
class Exact:
    """The exact output of a layer, as arrays of its shape."""

    expected: np.ndarray
    """The exact values, rounded to the nearest Float32; NaN where there is none."""
    lower: np.ndarray
    """At most the exact values, in Float64."""
    upper: np.ndarray
    """At least the exact values, in Float64."""
    bound: np.ndarray
    """The bound on what rounding may do to each element in the arithmetic; infinite where nothing is claimed."""


def exact(layer: str | Callable, *, arithmetic: str = "f32", **inputs: Any) -> Exact:
    """The exact values of a layer, and the bounds of a kernel in `arithmetic`; the arguments are those of `check`.

    The shape is the layer's own: leading axes of the inputs are one axis of rows.
    """
    lent = _Lent(Call(layer, inputs))
    pointer = ctypes.POINTER(_library.Values)()
    _library.call(
        "exact", lent.call.layer.name.encode(), lent.attributes, lent.inputs, len(lent.inputs), arithmetic.encode(),
        ctypes.byref(pointer),
    )
    if not pointer:
        raise MemoryError("no memory for the exact values")
    values = pointer.contents
    try:
        shape = tuple(values.shape[: values.rank])

        def copy(address: int, kind: type) -> np.ndarray:
            result = np.empty(shape, kind)
            ctypes.memmove(result.ctypes.data, address, result.nbytes)
            return result

        return Exact(
            copy(values.expected, np.float32), copy(values.lower, np.float64), copy(values.upper, np.float64),
            copy(values.bound, np.float64),
        )
    finally:
        _library.library().plumbline_free(pointer)
