"""Parts of a call that are cases of their own: each member of a batch, each run of positions that follow one another."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import _sequences
from ._layers import Call
from ._sequences import Held


@dataclasses.dataclass
class Part:
    """One case: its tensors and attributes, what a kernel gave, and the index of an element in the output as it was given."""

    tensors: dict[str, Held]
    attributes: dict[str, Any]
    output: Held
    index: Callable[[list[int]], list[int]]


def parts(call: Call, output: Held, positions: Any) -> Iterator[Part]:
    """The cases of `call`: one, where its axes are the layer's own, or its leading axes are rows."""
    value, kind = output
    held = call.held
    leading = value.ndim - len(call.layer.output)
    if call.layer.has_rows or call.is_turned or leading <= 0 or value.shape[:leading] == (1,) * leading:
        fitted, rows = call.fitted("output", value)
        whole = Part(held, call.attributes, (fitted, kind), lambda found: call.index(found, rows, value.ndim))
        yield from _runs(call, whole, positions, value.shape[:leading] if leading > 0 else (), ())
        return
    batch = value.shape[:leading]
    for place in np.ndindex(batch):
        tensors = {name: (_member(name, tensor, call.layer.tensors[name], batch, place), type) for name, (tensor, type) in held.items()}

        def index(found: list[int], place: tuple[int, ...] = place) -> list[int]:
            return [*place, *found]

        yield from _runs(call, Part(tensors, call.attributes, (value[place], kind), index), positions, batch, place)


def _member(name: str, tensor: np.ndarray, extents: list[str], batch: tuple[int, ...], place: tuple[int, ...]) -> np.ndarray:
    """The tensor of one member of a batch; what has no leading axes is that of all."""
    leading = tensor.ndim - len(extents)
    if leading <= 0:
        return tensor
    try:
        return np.broadcast_to(tensor, batch + tensor.shape[leading:])[place]
    except ValueError:
        raise ValueError(f"{name}: has shape {list(tensor.shape)}, and the output the leading axes {list(batch)}") from None


def _runs(call: Call, part: Part, positions: Any, batch: tuple[int, ...], place: tuple[int, ...]) -> Iterator[Part]:
    """`part` where nothing else is said of positions, or its tokens whose positions follow one another."""
    if positions is None:
        yield part
        return
    if call.layer.output[0] != "tokens" or "firstPosition" not in call.layer.attributes or "causal" in call.layer.attributes:
        raise TypeError(f"{call.layer.name} takes no 'positions'" + (": check_attention does" if "causal" in call.layer.attributes else ""))
    if "firstPosition" in part.attributes:
        raise TypeError("'positions' and 'firstPosition' are about one thing: give one of them")
    value, kind = part.output
    numbers = _sequences.whole_numbers(positions, "positions", np.ndim(positions))
    try:
        numbers = np.broadcast_to(numbers, (*batch, len(value)))[place].reshape(-1)[: len(value)]
    except ValueError:
        raise ValueError(f"positions: has shape {list(numbers.shape)}, expected {[*batch, len(value)]}") from None
    ends = [0, *(np.flatnonzero(np.diff(numbers) != 1) + 1).tolist(), len(numbers)]
    for first, last in zip(ends, ends[1:]):
        tensors = {
            name: (tensor[first:last] if call.layer.tensors[name][0] == "tokens" else tensor, type)
            for name, (tensor, type) in part.tensors.items()
        }

        def index(found: list[int], first: int = first) -> list[int]:
            return part.index([found[0] + first, *found[1:]])

        yield Part(tensors, {**part.attributes, "firstPosition": int(numbers[first])}, (value[first:last], kind), index)
