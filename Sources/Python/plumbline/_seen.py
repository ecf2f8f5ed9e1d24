"""Keys that each query of an attention sees, and the cases of one mask that they make."""

import dataclasses
from typing import Any

import numpy as np

from . import _library, _tensors
from ._sequences import Sequence, whole_numbers

ALIGNMENTS = ("top-left", "bottom-right")


def floats(value: np.ndarray, kind: int) -> np.ndarray:
    """The numbers of an array in Float64."""
    if kind == _library.BF16:
        value = (value.astype(np.uint32) << 16).view(np.float32)
    return value.astype(np.float64)


@dataclasses.dataclass
class Rows:
    """Queries that one case of the layer covers: each sees `keys`, or, where it is growing, one key more than the query before."""

    tokens: list[int]
    keys: np.ndarray
    is_growing: bool = False

    def seen(self, token: int) -> np.ndarray:
        """The keys that a token of these sees."""
        behind = len(self.tokens) - 1 - self.tokens.index(token)
        return self.keys[: len(self.keys) - behind] if self.is_growing else self.keys


def grouped(seen: np.ndarray) -> list[Rows]:
    """The rows of `seen` `[tokens, keys]` in groups."""
    groups: list[Rows] = []
    for token, row in enumerate(seen):
        keys = np.flatnonzero(row)
        last = groups[-1] if groups else None
        if last is not None and not last.is_growing and np.array_equal(last.keys, keys):
            last.tokens.append(token)
        elif (
            last is not None and len(last.keys) and (last.is_growing or len(last.tokens) == 1)
            and np.array_equal(last.keys, keys[:-1])
        ):
            last.tokens.append(token)
            last.keys, last.is_growing = keys, True
        else:
            groups.append(Rows([token], keys))
    return groups


@dataclasses.dataclass
class Rule:
    """The mask of a call: causal or not, a window, a tensor, positions."""

    causal: Any
    window: int
    mask: Any
    query_positions: Any
    key_positions: Any

    def __post_init__(self) -> None:
        if self.causal not in (None, True, False, *ALIGNMENTS):
            raise ValueError(f"causal is {self.causal!r}, expected 'top-left', 'bottom-right', True or False")
        if self.window and not self.causal:
            raise ValueError("a window is of positions up to a query's own: give causal too")
        if (self.query_positions is None) != (self.key_positions is None):
            raise TypeError("positions are given of queries and of keys, or of neither")
        self.is_bool = False
        if self.mask is not None:
            self.mask, kind = _tensors.array(self.mask, "mask", is_index=True)
            self.is_bool = self.mask.dtype.kind in "iu" and kind != _library.BF16
            if self.is_bool and not np.isin(self.mask, (0, 1)).all():
                raise ValueError("mask: holds whole numbers beside 0 and 1, expected true where a query sees a key, or numbers to add")
            self.mask = self.mask.astype(bool) if self.is_bool else floats(self.mask, kind)

    def offset(self, sequence: Sequence) -> int:
        """The position of the first query, where the first key has position 0."""
        if self.causal is True and sequence.tokens != sequence.keys:
            raise ValueError(
                f"causal is True, and {sequence.name} has {sequence.tokens} queries and {sequence.keys} keys: say 'top-left', where "
                "the first query sees the first key alone, as PyTorch's is_causal, or 'bottom-right', where the last query sees all, "
                "as FlashAttention and a cache have it")
        return sequence.keys - sequence.tokens if self.causal == "bottom-right" else 0

    def band(self, sequence: Sequence, token: int) -> np.ndarray:
        """The keys that a query sees by the layer's own attributes."""
        if not self.causal:
            return np.arange(sequence.keys)
        last = self.offset(sequence) + token
        return np.arange(max(0, last + 1 - self.window) if self.window else 0, last + 1)

    def is_band(self, sequence: Sequence) -> bool:
        """Whether the layer's own attributes say it all."""
        if self.mask is not None or self.query_positions is not None:
            return False
        return not self.causal or 0 <= self.offset(sequence) <= sequence.keys - sequence.tokens

    def seen(self, sequence: Sequence, reach: float) -> tuple[np.ndarray, np.ndarray]:
        """The keys that each query sees, `[heads or 1, tokens, keys]`, and the queries of which a mask's finite numbers hide all keys.

        Numbers that are added to scores of at most the magnitude `reach` hide a key where e to the power of the sum is far below
        every format's least number.
        """
        seen = np.ones((1, sequence.tokens, sequence.keys), bool)
        if self.causal:
            seen = seen & self._causal(sequence)
        if self.mask is None:
            return seen, np.zeros(seen.shape[:2], bool)
        mask = self._mask(sequence)
        if self.is_bool:
            return seen & mask, np.zeros((len(mask), sequence.tokens), bool)
        infinite = np.isneginf(mask)
        hides = infinite | (mask + 2 * reach < -1000)
        for head, token, key in np.argwhere(~hides & (mask != 0) & seen)[:1]:
            raise ValueError(
                f"mask: adds {mask[head, token, key]:g} to the score of {sequence.name}, query {token}, key {key}: a number that is added and "
                "does not hide is a part of the formula, such as softmax(attention_scores(q, k, causal=false) + bias) (page HowTo-Formula)")
        left = seen & ~hides
        return left, (seen & ~infinite).any(-1) & ~left.any(-1)

    def _causal(self, sequence: Sequence) -> np.ndarray:
        if self.query_positions is None:
            queries, keys = np.arange(sequence.tokens) + self.offset(sequence), np.arange(sequence.keys)
        else:
            queries = self._positions(self.query_positions, "query_positions", sequence, sequence.tokens)
            keys = self._positions(self.key_positions, "key_positions", sequence, sequence.keys)
        after = queries[:, np.newaxis] - keys
        return (after >= 0) & ((after < self.window) if self.window else True)

    @staticmethod
    def _positions(value: Any, name: str, sequence: Sequence, count: int) -> np.ndarray:
        positions = whole_numbers(value, name, np.ndim(value))
        if positions.ndim > 1:
            positions = positions[sequence.place]
        elif sequence.start is not None and name == "query_positions":
            positions = positions[sequence.start : sequence.start + count]
        elif sequence.beside is not None and name == "key_positions":
            positions = positions[sequence.beside[2] : sequence.beside[2] + count]
        if positions.ndim != 1 or len(positions) < count:
            raise ValueError(f"{name}: has {list(np.shape(value))} positions, and {sequence.name} {count} of them")
        return positions[:count]

    def _mask(self, sequence: Sequence) -> np.ndarray:
        if sequence.start is not None:
            raise ValueError("a mask as a tensor and packed queries do not go together: their sequences are what query_starts says")
        mask, heads = self.mask, sequence.query.shape[1]
        leading = max(mask.ndim - 3, 0)
        place = sequence.place[len(sequence.place) - leading :] if leading else ()
        try:
            # An axis of length 1 goes with every sequence.
            mask = mask[tuple(0 if extent == 1 else at for extent, at in zip(mask.shape[:leading], place, strict=True))]
            head = mask.shape[-3] if mask.ndim > 2 else 1
            return np.broadcast_to(mask[..., : sequence.keys], (head if head == heads else 1, sequence.tokens, sequence.keys))
        except (ValueError, IndexError):
            wanted = ", ".join(map(str, [*(["…"] if sequence.place else []), heads, sequence.tokens, sequence.keys]))
            raise ValueError(f"mask: has shape {list(self.mask.shape)}, expected that of the scores, [{wanted}]") from None
