"""One output of a layer, held to its bounds."""

import ctypes
import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import _library, _report, _tensors
from ._layers import Call


class _Lent:
    """Tensors and attributes as the C interface takes them."""

    def __init__(self, tensors: dict[str, tuple[np.ndarray, int]], attributes: dict[str, Any]) -> None:
        self.keep: list[Any] = []
        lent = [self.tensor(value, kind, name) for name, (value, kind) in tensors.items()]
        self.inputs = (_library.Tensor * len(lent))(*lent)
        self.attributes = json.dumps(attributes).encode() if attributes else None

    def tensor(self, value: np.ndarray, kind: int, name: str) -> _library.Tensor:
        tensor, alive = _tensors.lend(value, kind, name)
        self.keep.append(alive)
        return tensor


def check(layer: str | Callable | Mapping, output: Any, *, arithmetic: str = "f32", **inputs: Any) -> _report.Report:
    """The verdict on `output`, which a kernel computed of `inputs`.

    `layer` is a name that `plumb layer --list` prints, or a function of PyTorch or JAX, such as
    `torch.nn.functional.silu`, whose parameters may then have that function's names. `inputs` are the layer's tensors
    and attributes by name; tensors may be NumPy arrays, tensors of PyTorch of any device, type and layout, arrays of
    JAX, or anything with DLPack. Leading axes are rows where a layer computes each row from its own, and batches elsewhere;
    `positions` is a tensor of the tokens' positions, for a rotary embedding. Of a kernel with several outputs `layer` and
    `output` have one under each name (`plumbline.formula`). `arithmetic` is what the kernel may do: "f32", "bf16", "f16", "tf32" with options, see the page Arithmetics of the documentation.

    Raises ValueError for shapes that do not fit, layers that do not exist and numbers that no Float32 is, TypeError for
    what is no array of real numbers, and NotProvedError where nothing is proved of the layer in the arithmetic.
    """
    from . import _attention, _joined, _parts

    if isinstance(layer, Mapping):
        return _joined.outputs(check, layer, output, arithmetic, inputs)
    if _attention.is_function(layer, inputs):
        return _attention.of_function(output, arithmetic=arithmetic, **inputs)
    positions = inputs.pop("positions", None)
    call = Call(layer, inputs)
    array = _tensors.array(output, "output")
    reports = [
        judged(call.layer.name, part.attributes, part.tensors, part.output, arithmetic, part.index)
        for part in _parts.parts(call, array, positions)
    ]
    report = reports[0] if len(reports) == 1 else _joined.joined(call.layer.name, arithmetic, reports)
    return dataclasses.replace(report, hints=_hints(call, array[1], arithmetic)) if report.verdict == "outside" else report


def _hints(call: Call, kind: int, arithmetic: str) -> tuple[str, ...]:
    """The sentences on what a call leaves out and a verdict depends on."""
    hints = []
    narrow = {_library.BF16: "bf16", _library.F16: "f16"}.get(kind)
    if narrow and arithmetic.split(",")[0] != narrow:
        hints.append(f"The output is of {narrow}: arithmetic={narrow!r} holds it to that format.")
    left = [name for name in ("epsilon", "theta") if name in call.layer.attributes and name not in call.attributes]
    hints += [f"{name} was not given: it is {call.layer.default(name)} here." for name in left]
    return tuple(hints)


def judged(
    layer: str, attributes: dict[str, Any], tensors: dict[str, tuple[np.ndarray, int]], output: tuple[np.ndarray, int],
    arithmetic: str, index: Callable[[list[int]], list[int]],
) -> _report.Report:
    """The verdict on an output of one case, whose elements are named by what `index` makes of their places."""
    lent = _Lent(tensors, attributes)
    result = lent.tensor(*output, "output")
    text = _library.call(
        "judge", layer.encode(), lent.attributes, lent.inputs, len(lent.inputs), ctypes.byref(result), arithmetic.encode())
    return _report.report(text, index)


def assert_within(layer: str | Callable | Mapping, output: Any, *, arithmetic: str = "f32", **inputs: Any) -> None:
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
    call = Call(layer, inputs)
    lent = _Lent(call.held, call.attributes)
    pointer = ctypes.POINTER(_library.Values)()
    _library.call(
        "exact", call.layer.name.encode(), lent.attributes, lent.inputs, len(lent.inputs), arithmetic.encode(),
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
