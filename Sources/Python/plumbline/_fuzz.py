"""Kernels that are called with cases."""

import contextlib
import ctypes
import inspect
import os
import pathlib
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from . import _cases, _check, _library, _report, _tensors
from ._layers import find, named


class Caller:
    """A kernel that is called with what it takes of a case; attributes that are `fixed` it need not take."""

    def __init__(self, kernel: Callable, layer: str, convert: Callable | None, fixed: Iterable[str] = ()) -> None:
        self.kernel, self.convert = kernel, convert
        tensors, attributes = list(named(layer).tensors), list(named(layer).attributes)
        try:
            parameters = inspect.signature(kernel).parameters.values()
        except (TypeError, ValueError):
            # Built-in functions say nothing of what they take.
            parameters = []
        taken = {parameter.name for parameter in parameters if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)}
        takes_all = any(parameter.kind == parameter.VAR_KEYWORD for parameter in parameters)
        self.names = {*tensors, *attributes} if takes_all else taken & {*tensors, *attributes}
        # One tensor, where a case must have no other, may have any name.
        required = named(layer).required
        self.only = required[0] if not takes_all and len(required) == 1 and required[0] not in taken else None
        needed = [name for name in [*required, *attributes] if name not in fixed and name != self.only]
        missing = [] if takes_all else [name for name in needed if name not in self.names]
        if missing:
            # All that can be held are in one line to copy.
            held = {name: named(layer).default(name) for name in missing if name in attributes}
            raise TypeError(
                f"the kernel takes no {missing[0]!r}, and the cases of {layer} vary it: a kernel of it takes "
                + ", ".join([*tensors, *attributes])
                + (f", or give what yours has for all cases, such as attributes={held!r}" if held else "")
            )

    def __call__(self, case: _cases.Case) -> Any:
        tensors = {
            name: self.convert(value) if self.convert and value.dtype == np.float32 else value
            for name, value in case.tensors.items()
        }
        positional = [] if self.only is None else [tensors.pop(self.only)]
        inputs = {**tensors, **case.attributes}
        known = {name: value for name, value in inputs.items() if name in self.names}
        if missing := next((name for name in tensors if name not in self.names), None):
            raise TypeError(f"the kernel takes no {missing!r}, which this case has")
        return self.kernel(*positional, **known)


def replay(line: str, kernel: Callable, *, arithmetic: str = "f32", convert: Callable | None = None) -> _report.Report:
    """The verdict on what `kernel` computes of the case of `line`, which a failure printed: the line, or `@` and the file of one."""
    if line.startswith("@"):
        line = "".join(text for text in pathlib.Path(line[1:]).read_text().splitlines() if not text.startswith("#"))
    case = _cases.made("read", line.encode())
    output = Caller(kernel, case.layer, convert, case.attributes)(case)
    return _check.check(case.layer, output, arithmetic=arithmetic, **case.inputs)


class FuzzError(AssertionError):
    """A run of which a case is outside its bounds, or nothing could be claimed of any."""

    __module__ = "plumbline"

    def __init__(self, report: _report.FuzzReport) -> None:
        super().__init__(str(report))
        self.report = report


def fuzz(
    layer: str | Callable, kernel: Callable, *, cases: int = 1000, arithmetic: str = "f32", seed: int = 0,
    strategy: str = "all", shape: dict[str, int] | None = None, attributes: dict[str, Any] | None = None,
    shrinking_time: float = 30, convert: Callable | None = None,
) -> _report.FuzzReport:
    """The report on `cases` cases of `layer` that `kernel` computed: those that `plumb fuzz` draws.

    The kernel is called with the tensors and attributes that it takes, by name; where a case must have one tensor alone, that
    may have any name. Those of
    `attributes`, such as `{"scheme": "q8_0"}`, are the same in every case, and it need not take them.
    Tensors are NumPy arrays of Float32, or what `convert` makes of each, such as
    `lambda x: torch.from_numpy(x).to("cuda", torch.bfloat16)`. What the kernel raises is a failure of the case.

    Raises FuzzError, an AssertionError with the report, where a case is outside or nothing is claimed of any: each
    failure is made smaller, in at most `shrinking_time` seconds, and printed as the call that decides it again.
    An interruption ends the run when the kernel returns; a second one interrupts the kernel, too.
    """
    __tracebackhide__ = True
    if isinstance(layer, Mapping):
        raise TypeError("a run is of one output: fuzz each by its formula, with the kernel's output of that name")
    report = _report.fuzz_report(
        run(layer, kernel, convert=convert, cases=cases, seed=seed, arithmetic=arithmetic, strategy=strategy, shape=shape,
            attributes=attributes, shrinkingTime=shrinking_time))
    if not report.has_passed:
        raise FuzzError(report)
    return report


def run(layer: str | Callable, kernel: Callable, *, convert: Callable | None = None, **options: Any) -> str:
    """The JSON of the report on a run, or a shard of one; the options are those of `plumbline.h`."""
    name = find(layer).name
    caller = Caller(kernel, name, convert, options.get("attributes") or ())
    ended: list[BaseException] = []

    def compute(case: _cases.Case, output: int) -> None:
        given = caller(case)
        value, kind = _tensors.array(given, "the kernel's output")
        if kind not in (_library.F32, _library.BF16, _library.F16):
            what = f"a {type(given).__name__}" if isinstance(given, (list, tuple)) else f"{value.dtype} numbers"
            ended.append(TypeError(f"the kernel gives {what}, expected an array of float32, bfloat16 or float16"))
            raise ended[0]
        if value.shape != case.output_shape:
            raise _WrongShape(f"wrong shape: {list(value.shape)}, expected {list(case.output_shape)}")
        if kind == _library.BF16:
            value = (value.astype(np.uint32) << 16).view(np.float32)
        value = np.ascontiguousarray(value, np.float32)
        ctypes.memmove(output, value.ctypes.data, value.nbytes)

    def called(_: int, case: Any, output: int, problem: int) -> int:
        if interrupted.is_set():
            return _library.STOP
        try:
            compute(_cases.Case(case.contents), output)
            return _library.COMPUTED
        except Exception as error:
            if ended:
                return _library.STOP
            text = str(error) if isinstance(error, _WrongShape) else _crash(error, kernel)
            said = text.encode(errors="replace")[: _library.PROBLEM_SIZE - 1] + b"\0"
            ctypes.memmove(problem, said, len(said))
            return _library.FAILED
        except BaseException as error:
            ended.append(error)
            return _library.STOP

    with _deferring() as interrupted:
        try:
            text = _library.call("fuzz", name.encode(), _cases.encoded(**options), _library.Kernel(called), None)
        except KeyboardInterrupt:
            raise (ended[0] if ended else KeyboardInterrupt()) from None
    if interrupted.is_set():
        raise KeyboardInterrupt
    return text


@contextlib.contextmanager
def _deferring() -> Iterator[threading.Event]:
    """An event that the first interruption sets in place of an exception, which a function that C calls would lose.

    Threads but the main one hear no interruption.
    """
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    own = signal.getsignal(signal.SIGINT)

    def hear(_: int, __: Any) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, own)

    signal.signal(signal.SIGINT, hear)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, own)


def _crash(error: Exception, kernel: Callable) -> str:
    """The sentence on what a kernel raised: the error, and the last line of the kernel's own file that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    file = getattr(getattr(kernel, "__code__", None), "co_filename", None)
    own = [frame for frame in frames if frame.filename == file]
    place = f" ({os.path.basename(own[-1].filename)}:{own[-1].lineno})" if own else ""
    hint = "; 'convert' makes other tensors of NumPy's" if "ndarray" in str(error) else ""
    return f"crash: {type(error).__name__}: {error}{place}{hint}"


class _WrongShape(Exception):
    """An output of another shape than the layer's."""
