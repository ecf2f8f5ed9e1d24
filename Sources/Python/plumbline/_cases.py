"""Cases that are drawn."""

import ctypes
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _library, _tensors
from ._layers import find, named


class Case:
    """One input of a layer: its tensors and attributes, which are called by name, as in `case["x"]`."""

    def __init__(self, case: _library.Case) -> None:
        self.layer: str = case.layer.decode()
        self.tensors: dict[str, np.ndarray] = {
            tensor.name.decode(): _tensors.copied(tensor) for tensor in case.tensors[: case.tensor_count]
        }
        kinds = named(self.layer).attributes
        self.attributes: dict[str, Any] = {}
        for attribute in case.attributes[: case.attribute_count]:
            name, number = attribute.name.decode(), attribute.number
            kind = kinds[name]
            self.attributes[name] = (
                attribute.text.decode() if kind == "a word" else bool(number) if kind == "true or false"
                else int(number) if kind == "a whole number" else number
            )
        self.output_shape: tuple[int, ...] = tuple(case.output_shape[: case.output_rank])
        self.number: int | None = None if case.number < 0 else case.number
        self.line: str | None = case.line.decode() if case.line else None

    def __getitem__(self, name: str) -> Any:
        return self.tensors[name] if name in self.tensors else self.attributes[name]

    @property
    def inputs(self) -> dict[str, Any]:
        """The tensors and attributes, as `check` takes them."""
        return {**self.tensors, **self.attributes}

    def __repr__(self) -> str:
        return self.line or f"{self.layer} case {self.number}"


def made(name: str, *arguments: object) -> Case:
    pointer = ctypes.POINTER(_library.Case)()
    _library.call(name, *arguments, ctypes.byref(pointer))
    if not pointer:
        raise MemoryError("no memory for a case")
    try:
        return Case(pointer.contents)
    finally:
        _library.library().plumbline_free(pointer)


def encoded(**options: Any) -> bytes:
    if isinstance(options.get("seed"), int):
        # A number of JSON may lose its last digits.
        options["seed"] = str(options["seed"])
    return json.dumps({name: value for name, value in options.items() if value is not None}).encode()


def draw(
    layer: str | Callable, number: int, *, seed: int = 0, arithmetic: str = "f32", strategy: str = "all",
    shape: dict[str, int] | None = None, attributes: dict[str, Any] | None = None,
) -> Case:
    """The case `number` of a run: the same on every machine.

    `strategy` is random, edge, exact, ill-conditioned, recorded, or all in turn; `shape` fixes extents, such as
    `{"columns": 64}`, and `attributes` attributes, such as `{"scheme": "q8_0"}`; numbers are rounded to the format that `arithmetic` stores.
    """
    options = encoded(seed=seed, arithmetic=arithmetic, strategy=strategy, shape=shape, attributes=attributes)
    return made("draw", find(layer).name.encode(), options, number)


def cases(layer: str | Callable, count: int = 100, **options: Any) -> list[Case]:
    """`count` cases, as for `pytest.mark.parametrize`; the options are those of `draw`."""
    return [draw(layer, number, **options) for number in range(count)]


def strategy(layer: str | Callable, **options: Any) -> Any:
    """A Hypothesis strategy of the cases of `layer`; the options are those of `draw`."""
    from hypothesis import strategies

    return strategies.integers(0, 2**31).map(lambda number: draw(layer, number, **options))
