"""Arrays of every library as NumPy arrays, and as tensors that the C interface reads in place."""

import ctypes
import sys
from typing import Any

import numpy as np

from . import _library

_TYPES = {
    "float32": _library.F32, "float64": _library.F64, "float16": _library.F16, "bfloat16": _library.BF16,
    "int32": _library.I32, "int64": _library.I64,
}


def array(value: Any, name: str, *, is_index: bool = False) -> tuple[np.ndarray, int]:
    """The elements of `value` as a NumPy array on this machine's memory, and the number of their type.

    A tensor of PyTorch may be on any device, require a gradient, be conjugated lazily or have any layout; bfloat16 becomes
    its 16-bit words. Raises TypeError for numbers that are not real.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value, kind = _of_torch(torch, value, name)
        if kind is not None:
            return value, kind
    elif not isinstance(value, (np.ndarray, np.generic, list, tuple, int, float)):
        value = _of_others(value, name)
    # Numbers of Python are real numbers wherever real numbers are due.
    is_plain = isinstance(value, (list, tuple, int, float))
    value = np.asarray(value, np.float64 if is_plain and not is_index and not np.iscomplexobj(value) else None)
    kind = value.dtype.name
    if kind == "bfloat16":
        return value.view(np.uint16), _library.BF16
    if value.dtype.kind in "bui" and kind not in ("int32", "int64"):
        if value.dtype == np.uint64 and value.size and value.max() > np.iinfo(np.int64).max:
            raise ValueError(f"{name}: holds {value.max()}, more than 64-bit whole numbers reach")
        return value.astype(np.int64), _library.I64
    if value.dtype.kind == "V" or value.dtype.kind == "f" and kind not in _TYPES:
        # Formats of 8 bits and less are Float32s; what is wider is read where it is one.
        wide = value.astype(np.float64)
        if value.dtype.itemsize > 8 and not np.array_equal(wide.astype(value.dtype), value, equal_nan=True):
            raise ValueError(f"{name}: holds {kind} numbers that no Float32 is; round them to Float32 first")
        return wide, _library.F64
    if kind not in _TYPES:
        raise TypeError(f"{name}: holds {kind} elements, expected real numbers")
    return value.astype(value.dtype.newbyteorder("="), copy=False), _TYPES[kind]


def _of_torch(torch: Any, value: Any, name: str) -> tuple[Any, int | None]:
    """A tensor of PyTorch as an array, or as the words of its bfloat16s."""
    if value.is_complex():
        raise TypeError(f"{name}: holds {value.dtype} elements, expected real numbers")
    value = value.detach()
    if value.layout != torch.strided:
        value = value.to_dense()
    if value.is_quantized:
        value = value.dequantize()
    value = value.cpu().resolve_neg()
    if value.dtype == torch.bfloat16:
        return value.view(torch.int16).numpy(), _library.BF16
    if value.is_floating_point() and value.dtype not in (torch.float16, torch.float32, torch.float64):
        # Formats of 8 bits: each number is a Float32.
        value = value.to(torch.float32)
    return value.numpy(), None


def _of_others(value: Any, name: str) -> np.ndarray:
    """The array of another library: by NumPy's protocol, by DLPack, or copied from its device."""
    problem: Exception | None = None
    for convert in (
        lambda: np.asarray(value) if hasattr(value, "__array__") else None,
        lambda: np.from_dlpack(value) if hasattr(value, "__dlpack__") else None,
        lambda: value.get() if hasattr(value, "get") else None,
    ):
        try:
            converted = convert()
        except (TypeError, RuntimeError, BufferError, ValueError) as error:
            problem = error
            continue
        if isinstance(converted, np.ndarray) and converted.dtype != object:
            return converted
    because = f": {problem}" if problem else ""
    raise TypeError(f"{name}: is a {type(value).__name__}, expected an array{because}")


def lend(value: np.ndarray, kind: int, name: str) -> tuple[_library.Tensor, tuple]:
    """The tensor that the C interface reads in place, and what must live as long."""
    if any(stride % value.itemsize for stride in value.strides):
        value = np.ascontiguousarray(value)
    extents = (ctypes.c_int64 * value.ndim)(*value.shape)
    strides = (ctypes.c_int64 * value.ndim)(*(stride // value.itemsize for stride in value.strides))
    tensor = _library.Tensor(name.encode(), value.ctypes.data, extents, strides, value.ndim, kind)
    return tensor, (value, extents, strides)


def copied(tensor: _library.Tensor) -> np.ndarray:
    """A row-major tensor of a case, in memory of its own."""
    result = np.empty(tensor.shape[: tensor.rank], np.float32 if tensor.type == _library.F32 else np.int64)
    if result.size:
        ctypes.memmove(result.ctypes.data, tensor.data, result.nbytes)
    return result
