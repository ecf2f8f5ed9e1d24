"""Formulas of one's own, traced from Python functions."""

import inspect
import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._layers import layers, named, nearest

FUNCTIONS = ("exp", "log", "sqrt", "rsqrt", "tanh", "erf", "sin", "cos", "sigmoid")
# A part of more numbers, names and calls than this gets a name.
_LARGEST = 20


class Formula(str):
    """A formula over named axes, which stands wherever a layer's name may: its text is what every part of Plumbline reads."""


class Formulas(dict[str, Formula]):
    """The formulas of a kernel with several outputs, each under its output's name; all have the same inputs."""


def formula(function: str | Callable, **axes: str | Sequence[str]) -> Formula | Formulas:
    """The formula that `function` computes, for `check`, `assert_within`, `exact`, `fuzz` and all others.

    `function` takes tensors by name and computes with +, -, *, /, **, @, `.T`, `.mean`, `.sum`, `.max`, functions of NumPy or
    PyTorch such as `numpy.exp`, and `plumbline.functions`, which has every layer. `axes` has the names of each tensor's axes,
    outermost first: `x="rows hidden"`. Axes of one name are of one length; numbers go together as NumPy's do, along the last axes.
    A string is a formula's text itself. A function that gives a dictionary, or a tuple, is of a kernel with several outputs.

    Bounds are those of a kernel that computes the formula as it is written: sums in any order, each number between two steps stored
    or not. Raises ValueError where axes do not go together, TypeError where the function does what no formula has.
    """
    if isinstance(function, str):
        if axes:
            raise TypeError("the text of a formula has its axes already")
        text = named(function).name if ":" in function else function
        if ":" not in text:
            raise ValueError(f"{function!r} is no formula, such as 'x[rows,hidden]: x / sum(x, hidden)'")
        return Formula(text)
    parameters = list(inspect.signature(function).parameters)
    if missing := [name for name in parameters if name not in axes]:
        raise TypeError(f"the axes of {missing[0]!r} are not known: give {missing[0]}=\"rows hidden\", or what they are")
    if unknown := [name for name in axes if name not in parameters]:
        raise TypeError(f"the function takes no {unknown[0]!r}: {nearest(unknown[0], parameters)}")
    declared = {name: axes[name].replace(",", " ").split() if isinstance(axes[name], str) else list(axes[name]) for name in parameters}
    inputs = {name: Traced(name, (), declared[name], declared[name]) for name in parameters}
    result = function(**inputs)
    head = ",".join(f"{name}[{','.join(declared[name])}]" for name in parameters)
    if isinstance(result, (dict, tuple)):
        several = result if isinstance(result, dict) else {f"output {place}": part for place, part in enumerate(result)}
        return Formulas({name: _text(head, parameters, part) for name, part in several.items()})
    return _text(head, parameters, result)


def _text(head: str, parameters: list[str], result: Any) -> Formula:
    """The formula whose result is `result`."""
    if not isinstance(result, Traced):
        raise TypeError(f"the function gives {type(result).__name__}, expected what it computed of its tensors")
    if None in result.axes[next((place for place, axis in enumerate(result.axes) if axis is not None), 0) :]:
        raise ValueError("the result has an axis of length 1 that a reduction kept: leave keepdims out")
    try:
        text = _Text(parameters).whole(result.ordered())
    except RecursionError:
        raise ValueError("the function makes too much of its tensors for one formula") from None
    # What no formula may hold is said by the reader of formulas.
    return Formula(named(f"{head}:{text}").name)


class Traced:
    """A tensor of a formula while the function runs: how it was made, and the names of its axes."""

    def __init__(self, form: str, parts: tuple["Traced", ...], axes: list[str | None], order: list[str]) -> None:
        self.form, self.parts = form, parts
        self.axes = axes
        """The names of the axes, `None` for one of length 1 that a reduction kept."""
        self.order = order
        """The names in the order that the formula's text has them in."""

    @property
    def ndim(self) -> int:
        return len(self.axes)

    def __bool__(self) -> bool:
        raise TypeError("a formula cannot choose by a tensor's numbers")

    def _compared(self, other: Any) -> Any:
        raise TypeError("a formula compares no numbers: relu(x) is the greater of x and 0, and a mask a tensor to multiply by")

    __gt__ = __ge__ = __lt__ = __le__ = _compared

    def __iter__(self) -> Any:
        raise TypeError("a formula has no parts of a tensor: give each part as a tensor of its own")

    def ordered(self) -> "Traced":
        """The same with the axes in the order of their names here."""
        names = [axis for axis in self.axes if axis is not None]
        return self if names == self.order else Traced(f"permute({{}},{','.join(names)})", (self,), names, names)

    def _pair(self, sign: str, other: Any, is_turned: bool = False) -> "Traced":
        other = _tensor(other)
        if other is None:
            raise TypeError("a formula computes with its tensors and with numbers: give each array as a tensor of the formula")
        a, b = (other, self) if is_turned else (self, other)
        return Traced(f"({{}}{sign}{{}})", (a, b), _together(a.axes, b.axes), _joined(a.order, b.order))

    def __add__(self, other: Any) -> "Traced": return self._pair("+", other)
    def __radd__(self, other: Any) -> "Traced": return self._pair("+", other, True)
    def __sub__(self, other: Any) -> "Traced": return self._pair("-", other)
    def __rsub__(self, other: Any) -> "Traced": return self._pair("-", other, True)
    def __mul__(self, other: Any) -> "Traced": return self._pair("*", other)
    def __rmul__(self, other: Any) -> "Traced": return self._pair("*", other, True)
    def __truediv__(self, other: Any) -> "Traced": return self._pair("/", other)
    def __rtruediv__(self, other: Any) -> "Traced": return self._pair("/", other, True)
    def __neg__(self) -> "Traced": return Traced("(-{})", (self,), self.axes, self.order)

    def __pow__(self, exponent: Any) -> "Traced":
        if exponent == 2:
            return self * self
        if exponent in (0.5, -0.5):
            return apply("sqrt" if exponent > 0 else "rsqrt", self)
        if exponent == -1:
            return 1 / self
        raise TypeError(f"a formula has no power {exponent!r}, only 2, 0.5, -0.5 and -1")

    def __matmul__(self, other: Any) -> "Traced":
        other = _tensor(other)
        if other is None:
            return NotImplemented
        return matmul(self, other)

    @property
    def T(self) -> "Traced":
        return Traced(self.form, self.parts, self.axes[::-1], self.order)

    @property
    def mT(self) -> "Traced":
        return Traced(self.form, self.parts, [*self.axes[:-2], self.axes[-1], self.axes[-2]], self.order)

    def transpose(self, *places: Any) -> "Traced":
        places = places[0] if len(places) == 1 and isinstance(places[0], Sequence) else places
        if not places or tuple(places) == (None,):
            return self.T
        if len(places) == 2:
            # NumPy permutes by two numbers, and PyTorch exchanges them.
            raise TypeError("transpose of two axes means one thing to NumPy and another to PyTorch: use .T, .mT or permute")
        return self.permute(*places)

    def permute(self, *places: Any) -> "Traced":
        places = places[0] if len(places) == 1 and isinstance(places[0], Sequence) else places
        if sorted(range(self.ndim)[place] for place in places) != list(range(self.ndim)):
            raise TypeError(f"permute has {list(places)} of a tensor of {self.ndim} axes")
        return Traced(self.form, self.parts, [self.axes[place] for place in places], self.order)

    def exchanged(self, first: int, second: int) -> "Traced":
        """The tensor with two axes exchanged, as PyTorch's transpose has it."""
        axes = list(self.axes)
        axes[first], axes[second] = axes[second], axes[first]
        return Traced(self.form, self.parts, axes, self.order)

    def _reduced(self, name: str, axis: Any, keeps: bool) -> "Traced":
        if isinstance(axis, Traced):
            raise TypeError(f"a formula has no {name} of two tensors, only of one along axes")
        places = range(self.ndim) if axis is None else axis if isinstance(axis, Sequence) else [axis]
        places = sorted({range(self.ndim)[place] for place in places})
        along = [self.axes[place] for place in places if self.axes[place] is not None]
        axes = [None if place in places else axis for place, axis in enumerate(self.axes) if keeps or place not in places]
        order = [axis for axis in self.order if axis not in along]
        if not along:
            return Traced(self.form, self.parts, axes, order)
        return Traced(f"{name}({{}},{','.join(along)})", (self,), axes, order)

    def sum(
        self, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, dim: Any = None, keepdim: bool = False
    ) -> "Traced":
        return self._reduced("sum", dim if axis is None else axis, keepdims or keepdim)

    def mean(
        self, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, dim: Any = None, keepdim: bool = False
    ) -> "Traced":
        return self._reduced("mean", dim if axis is None else axis, keepdims or keepdim)

    def max(
        self, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, dim: Any = None, keepdim: bool = False
    ) -> "Traced":
        return self._reduced("max", dim if axis is None else axis, keepdims or keepdim)

    amax = max

    def logsumexp(
        self, axis: Any = None, keepdims: bool = False, *, dim: Any = None, keepdim: bool = False
    ) -> "Traced":
        return self._reduced("logsumexp", dim if axis is None else axis, keepdims or keepdim)

    def exp(self) -> "Traced": return apply("exp", self)
    def log(self) -> "Traced": return apply("log", self)
    def sqrt(self) -> "Traced": return apply("sqrt", self)
    def rsqrt(self) -> "Traced": return apply("rsqrt", self)
    def tanh(self) -> "Traced": return apply("tanh", self)
    def sin(self) -> "Traced": return apply("sin", self)
    def cos(self) -> "Traced": return apply("cos", self)
    def sigmoid(self) -> "Traced": return apply("sigmoid", self)
    def square(self) -> "Traced": return self * self

    def float(self) -> "Traced":
        """The same: where numbers are stored is the arithmetic's to say."""
        return self

    @classmethod
    def __torch_function__(cls, function: Callable, types: Any, arguments: tuple = (), options: dict | None = None) -> Any:
        return _called(function, arguments, options or {})

    def __array_ufunc__(self, function: Any, method: str, *arguments: Any, **options: Any) -> Any:
        if method != "__call__" or any(value is not None for value in options.values()):
            raise TypeError(f"a formula has no {function.__name__}.{method} with options")
        tensors = tuple(_tensor(value) for value in arguments)
        if any(tensor is None for tensor in tensors):
            raise TypeError("give each array as a tensor of the formula")
        if function.__name__ == "maximum" and tensors[1].form == "0":
            return layer("relu", [tensors[0]], {})
        return _called(function, tensors, {})

    def __array_function__(self, function: Callable, types: Any, arguments: tuple, options: dict) -> Any:
        return _called(function, arguments, options)


def _tensor(value: Any) -> Traced | None:
    if isinstance(value, Traced):
        return value
    if isinstance(value, numbers.Real) or np.ndim(value) == 0 and hasattr(value, "item"):
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(f"a formula has no number {number}")
        text = repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)
        return Traced(f"({text})" if text.startswith("-") else text, (), [], [])
    return None


def _together(a: list[str | None], b: list[str | None]) -> list[str | None]:
    axes: list[str | None] = []
    for place in range(-max(len(a), len(b)), 0):
        first = a[place] if -place <= len(a) else None
        second = b[place] if -place <= len(b) else None
        if first is not None and second is not None and first != second:
            raise ValueError(f"axis {first!r} of {a} does not go with {second!r} of {b}")
        axes.append(second if first is None else first)
    names = [axis for axis in axes if axis is not None]
    if repeated := next((axis for axis in names if names.count(axis) > 1), None):
        raise ValueError(f"the axis {repeated!r} would stand twice: declare one of both by another name")
    return axes


def _joined(a: list[str], b: list[str]) -> list[str]:
    """The order of axes that the reader of formulas gives."""
    return b if len(b) > len(a) and set(a) <= set(b) else a + [axis for axis in b if axis not in a]


def apply(name: str, x: Any) -> Traced:
    x = _tensor(x)
    if x is None:
        raise TypeError(f"{name} takes a tensor of the formula")
    return Traced(f"{name}({{}})", (x,), x.axes, x.order)


def matmul(a: Traced, b: Traced) -> Traced:
    """Σ of the products along the last axis of `a` and the last but one of `b`."""
    if not a.ndim or not b.ndim:
        raise TypeError("a matrix product needs two tensors")
    place = -2 if b.ndim > 1 else -1
    along = a.axes[-1]
    if along is None or along != b.axes[place]:
        raise ValueError(f"the axis {along!r} of {a.axes} does not go with {b.axes[place]!r} of {b.axes}")
    leading = _together(a.axes[:-2], b.axes[:-2])
    axes = [*leading, *a.axes[-2:-1], *(b.axes[-1:] if b.ndim > 1 else [])]
    if repeated := next((axis for axis in axes if axis is not None and axes.count(axis) > 1), None):
        raise ValueError(f"the axis {repeated!r} would stand twice: declare one of both by another name")
    order = [axis for axis in a.order + [axis for axis in b.order if axis not in a.order] if axis != along]
    return Traced(f"dot({{}},{{}},{along})", (a, b), axes, order)


def layer(name: str, tensors: Sequence[Any], rest: dict[str, Any]) -> Traced:
    """The layer `name` of tensors in the order of its signature or by name, with attributes by name."""
    known = layers()[name]
    given: dict[str, Traced] = {}
    for place, value in zip(known.tensors, tensors):
        if value is not None:
            given[place] = _tensor(value)
    if len(tensors) > len(known.tensors):
        raise TypeError(f"{name} takes {len(known.tensors)} tensors: {', '.join(known.tensors)}")
    attributes: dict[str, str] = {}
    for key, value in rest.items():
        key = {"eps": "epsilon"}.get(key, key)
        if key in known.tensors:
            if value is not None:
                given[key] = _tensor(value)
        elif key in known.attributes:
            attributes[key] = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            raise TypeError(f"{name} takes no {key!r}: {nearest(key, [*known.tensors, *known.attributes])}")
    if missing := next((key for key in known.required if key not in given), None):
        raise TypeError(f"{name} needs {missing!r}, {known.tensors[missing]}")
    bound: dict[str, list[str]] = {}
    parts: list[Traced] = []
    for key, value in given.items():
        if value is None:
            raise TypeError(f"{key!r} of {name} is no tensor of the formula: give each array as a tensor of its own")
        if None in value.axes:
            raise ValueError(f"{key!r} of {name} has an axis of length 1 that a reduction kept: leave keepdims out")
        value = value.ordered()
        parts.append(value)
        shape = known.tensors[key]
        lead = value.ndim - (len(shape) - 1)
        groups = [value.order[: max(lead, 0)], *([axis] for axis in value.order[max(lead, 0):])]
        for extent, group in zip(shape, groups):
            bound.setdefault(extent, group)
    axes = [axis for extent in known.output for axis in bound.get(extent, [])]
    form = ",".join(f"{key}={{}}" for key in given)
    if attributes:
        form += "," + ",".join(f"{key}={value}" for key, value in attributes.items())
    return Traced(f"{name.replace('-', '_')}({form})", tuple(parts), axes, list(axes))


# Functions of NumPy and PyTorch by their names, which are methods, operators or layers here.
_METHODS = {
    "sum", "mean", "max", "amax", "logsumexp", "exp", "log", "sqrt", "rsqrt", "tanh", "sin", "cos", "sigmoid", "square", "permute",
}
_OPERATORS: dict[str, Callable] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "sub": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "mul": lambda a, b: a * b, "divide": lambda a, b: a / b, "div": lambda a, b: a / b, "true_divide": lambda a, b: a / b,
    "matmul": lambda a, b: a @ b, "negative": lambda a: -a, "neg": lambda a: -a, "erf": lambda a: apply("erf", a),
    "transpose": lambda a, *places, **_: a.exchanged(*places) if len(places) == 2 else a.transpose(*places),
    "relu": lambda a: layer("relu", [a], {}), "silu": lambda a: layer("silu", [a], {}),
    "linear": lambda a, weight, bias=None: layer("linear", [a, weight, bias], {}),
}


def _called(function: Callable, arguments: tuple, options: dict[str, Any]) -> Any:
    name = getattr(function, "__name__", str(function))
    if name in _METHODS:
        return getattr(arguments[0], name)(*arguments[1:], **options)
    if name in _OPERATORS:
        options.pop("inplace", None)
        return _OPERATORS[name](*arguments, **options)
    if name in ("softmax", "log_softmax"):
        x = arguments[0]
        axis = options.get("dim", options.get("axis", arguments[1] if len(arguments) > 1 else -1))
        if axis not in (-1, x.ndim - 1):
            raise ValueError(f"dim is {axis}: {name} runs along the last axis; move it there")
        return layer(name.replace("_", "-"), [x], {})
    if name == "gelu":
        return layer("gelu-tanh" if options.get("approximate") == "tanh" else "gelu", [arguments[0]], {})
    if name in ("rms_norm", "layer_norm"):
        x, _, *others = arguments
        weight = others[0] if others else options.get("weight")
        # Of a layer norm after the weight and the bias.
        place = 2 if name == "layer_norm" else 1
        epsilon = others[place] if len(others) > place else options.get("eps", 1e-5 if name == "layer_norm" else None)
        if weight is None or epsilon is None:
            raise TypeError(f"{name} of a formula needs a weight, and an eps where PyTorch takes it from the type")
        tensors = [x, weight] + ([others[1] if len(others) > 1 else options.get("bias")] if name == "layer_norm" else [])
        return layer(name.replace("_", "-"), tensors, {"epsilon": epsilon})
    raise TypeError(f"a formula has no {name}: plumbline.functions and operators say what it has")


class _Text:
    """The text of a traced result: what is used twice, and what is long, is a part with a name."""

    def __init__(self, taken: Sequence[str]) -> None:
        self.taken = taken
        self.uses: dict[int, int] = {}
        self.texts: dict[int, tuple[str, int]] = {}
        self.parts: list[str] = []

    def whole(self, result: Traced) -> str:
        self._count(result)
        text, _ = self._text(result)
        return "".join([*self.parts, text])

    def _count(self, node: Traced) -> None:
        waiting = [node]
        while waiting:
            node = waiting.pop()
            key = self._key(node)
            self.uses[key] = self.uses.get(key, 0) + 1
            if self.uses[key] == 1:
                waiting.extend(node.parts)

    @staticmethod
    def _key(node: Traced) -> int:
        # A view has other axes, and the same text.
        return id(node) if not node.parts else hash((node.form, tuple(id(part) for part in node.parts)))

    def _text(self, node: Traced) -> tuple[str, int]:
        key = self._key(node)
        if key not in self.texts:
            found = [self._text(part) for part in node.parts]
            text, size = node.form.format(*(text for text, _ in found)), 1 + sum(size for _, size in found)
            if node.parts and (self.uses.get(key, 1) > 1 or size > _LARGEST):
                name = f"part{len(self.parts) + 1}"
                while name in self.taken:
                    name += "_"
                self.parts.append(f"{name}={text};")
                text, size = name, 1
            self.texts[key] = (text, size)
        return self.texts[key]
