"""The C interface, called through ctypes; `plumbline.h` describes each function."""

import ctypes
import functools
import os
import pathlib
import sys
import threading
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_double, c_float, c_int, c_int32, c_int64, c_size_t, c_void_p

F32, F64, F16, BF16, I32, I64 = range(6)
COMPUTED, FAILED, STOP = range(3)
PROBLEM_SIZE = 512


class NotProvedError(ValueError):
    """Nothing is proved of the layer, or of one of its attributes, in the arithmetic."""


class Tensor(ctypes.Structure):
    _fields_ = [
        ("name", c_char_p), ("data", c_void_p), ("shape", POINTER(c_int64)), ("strides", POINTER(c_int64)),
        ("rank", c_int32), ("type", c_int32),
    ]


class Attribute(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("text", c_char_p), ("number", c_double)]


class Case(ctypes.Structure):
    _fields_ = [
        ("layer", c_char_p), ("tensors", POINTER(Tensor)), ("tensor_count", c_size_t),
        ("attributes", POINTER(Attribute)), ("attribute_count", c_size_t), ("output_shape", POINTER(c_int64)),
        ("output_rank", c_int32), ("number", c_int64), ("line", c_char_p),
    ]


class Values(ctypes.Structure):
    _fields_ = [
        ("shape", POINTER(c_int64)), ("rank", c_int32), ("count", c_int64), ("expected", c_void_p), ("lower", c_void_p),
        ("upper", c_void_p), ("bound", c_void_p),
    ]


Kernel = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(Case), c_void_p, c_void_p)
Listener = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p)

_TEXT = POINTER(c_void_p)
_FUNCTIONS = {
    "layers": [_TEXT],
    "judge": [c_char_p, c_char_p, c_void_p, c_size_t, c_void_p, c_char_p, _TEXT],
    "exact": [c_char_p, c_char_p, c_void_p, c_size_t, c_char_p, c_void_p, _TEXT],
    "draw": [c_char_p, c_char_p, c_int64, c_void_p, _TEXT],
    "read": [c_char_p, c_void_p, _TEXT],
    "layer": [c_char_p, _TEXT],
    "fuzz": [c_char_p, c_char_p, Kernel, c_void_p, _TEXT],
    "merge": [c_char_p, _TEXT],
    "shrink": [c_char_p, c_char_p, Kernel, c_void_p, _TEXT],
    "grade": [c_char_p, c_char_p, c_char_p, Listener, c_void_p, _TEXT],
    "certify": [c_char_p, c_char_p, Listener, c_void_p, _TEXT],
    "exhaust": [c_char_p, c_char_p, Listener, c_void_p, _TEXT],
}


def _path() -> pathlib.Path:
    """The library: the one that PLUMBLINE_LIBRARY names, the wheel's own, or the one that the checkout built."""
    name = "libplumbline.dylib" if sys.platform == "darwin" else "libplumbline.so"
    if named := os.environ.get("PLUMBLINE_LIBRARY"):
        return pathlib.Path(named)
    here = pathlib.Path(__file__).resolve().parent
    places = [here / name]
    if len(here.parents) > 2:
        places += [here.parents[2] / ".build" / build / name for build in ("release", "debug")]
    for place in places:
        if place.exists():
            return place
    raise ImportError(
        f"{name} is not there: install the package (pip install Sources/Python), build it (swift build -c release "
        "--product plumbline), or name it by PLUMBLINE_LIBRARY"
    )


@functools.cache
def library() -> ctypes.CDLL:
    """The loaded library."""
    loaded = ctypes.CDLL(str(_path()))
    for name, arguments in _FUNCTIONS.items():
        function = getattr(loaded, f"plumbline_{name}")
        function.argtypes, function.restype = arguments, c_int
    loaded.plumbline_free.argtypes, loaded.plumbline_free.restype = [c_void_p], None
    return loaded


def call(name: str, *arguments: object) -> str:
    """The text that the function gives.

    Raises ValueError for a wrong argument, NotProvedError where nothing is proved, KeyboardInterrupt where a kernel stopped.
    """
    text = c_void_p()
    status = getattr(library(), f"plumbline_{name}")(*arguments, ctypes.byref(text))
    message = ctypes.string_at(text).decode() if text else ""
    library().plumbline_free(text)
    if status:
        kinds = {1: ValueError, 2: NotProvedError, 3: KeyboardInterrupt}
        raise kinds.get(status, RuntimeError)(message)
    return message


def listen(name: str, *arguments: bytes, progress: Callable[[str], None] | None = None) -> str:
    """The text that a function with a listener gives, which another thread computes: this one hears an interruption.

    Raises what `call` and `progress` raise.
    """
    stopped = threading.Event()
    failures: list[BaseException] = []

    def hear(_: int, line: bytes) -> int:
        try:
            if progress is not None:
                progress(line.decode(errors="replace"))
        except BaseException as error:
            failures.append(error)
            stopped.set()
        return STOP if stopped.is_set() else COMPUTED

    result: list[str] = []

    def work() -> None:
        try:
            result.append(call(name, *arguments, Listener(hear), None))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)
    except KeyboardInterrupt:
        stopped.set()
        thread.join()
        raise
    if failures:
        raise failures[0]
    return result[0]
