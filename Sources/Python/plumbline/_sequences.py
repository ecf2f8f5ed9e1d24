"""Sequences of an attention, from batches, packed tensors and page tables."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _tensors

Held = tuple[np.ndarray, int]


@dataclasses.dataclass
class Sequence:
    """One sequence: queries `[tokens, heads, size]`, the keys and values that are its own, and its place in the tensors as given."""

    name: str
    place: tuple[int, ...]
    """Its index along the leading axes, or its number where tensors are packed."""
    start: int | None
    """The row of a packed tensor that its first query is; `None` of one that is not packed."""
    query: np.ndarray
    key: np.ndarray
    value: np.ndarray
    output: np.ndarray
    beside: tuple[np.ndarray, np.ndarray, int] | None = None
    """The packed keys and values of all sequences, and the row of the first that is its own."""
    pages: list[int] | None = None

    @property
    def tokens(self) -> int:
        return self.query.shape[0]

    @property
    def keys(self) -> int:
        return self.key.shape[0]

    def index(self, token: int, head: int, rest: list[int], heads_first: bool) -> list[int]:
        """The index, in the output as it was given, of an element of a token's head."""
        if self.start is not None:
            return [self.start + token, head, *rest]
        return [*self.place, *((head, token) if heads_first else (token, head)), *rest]


def whole_numbers(value: Any, name: str, rank: int) -> np.ndarray:
    """The whole numbers of `value`, which has `rank` axes."""
    numbers, _ = _tensors.array(value, name, is_index=True)
    if numbers.dtype.kind not in "iu" or numbers.ndim != rank:
        raise ValueError(f"{name}: has shape {list(numbers.shape)}, expected whole numbers along {rank} axes")
    return numbers.astype(np.int64)


def starts(value: Any, name: str, tensor: str, rows: int) -> list[int]:
    """The rows where packed sequences begin, and behind them where the last ends."""
    found = whole_numbers(value, name, 1).tolist()
    if len(found) < 2 or found[0] != 0:
        raise ValueError(f"{name}: is {found[:8]}, expected the row where each sequence begins, from 0 on, and where the last ends")
    for place in range(1, len(found)):
        if found[place] < found[place - 1]:
            raise ValueError(f"{name}: falls from {found[place - 1]} to {found[place]} at place {place}")
    if found[-1] != rows:
        raise ValueError(f"{name}: ends at row {found[-1]}, and {tensor} has {rows}: give the rows that sequences have")
    return found


@dataclasses.dataclass
class Tensors:
    """The tensors of a call as arrays, and how sequences lie in them."""

    query: np.ndarray
    key: np.ndarray
    value: np.ndarray
    output: np.ndarray
    heads_first: bool
    query_starts: Any = None
    key_starts: Any = None
    key_lengths: Any = None
    page_table: Any = None

    def sequences(self) -> list[Sequence]:
        """All sequences, in the order of the tensors."""
        if self.query.shape[:-1] != self.output.shape[:-1]:
            raise ValueError(f"output: has shape {list(self.output.shape)}, and query {list(self.query.shape)}")
        result = self._queries()
        for sequence, (key, value, beside, pages) in zip(result, self._keys([sequence.place for sequence in result])):
            sequence.key, sequence.value, sequence.beside, sequence.pages = key, value, beside, pages
        return result

    def sums(self, sums: np.ndarray) -> Callable[[Sequence], np.ndarray]:
        """The log-sum-exp `[heads, tokens]` of each sequence."""
        heads, rows = self.query.shape[-2], self.query.shape[-3]
        if self.heads_first and self.query_starts is None:
            heads, rows = rows, heads
        expected = (*self.query.shape[:-3], heads, rows)
        if sums.shape != expected:
            raise ValueError(f"log_sum_exp: has shape {list(sums.shape)}, expected {list(expected)}, heads before tokens")
        if self.query_starts is None:
            return lambda sequence: sums[sequence.place]
        return lambda sequence: sums[:, sequence.start : sequence.start + sequence.tokens]

    def _queries(self) -> list[Sequence]:
        none = np.empty((0, 0, 0), np.float32)
        if self.query_starts is not None:
            self._expect_rank("query", self.query, 3)
            rows = starts(self.query_starts, "query_starts", "query", len(self.query))
            return [
                Sequence(f"sequence {place}", (place,), first, self.query[first:last], none, none, self.output[first:last])
                for place, (first, last) in enumerate(zip(rows, rows[1:]))
            ]
        self._expect_rank("query", self.query, 3, or_more=self.page_table is None)
        batch = self.query.shape[:-3]
        return [
            Sequence(f"sequence {list(place)}" if place else "the sequence", place, None, self._turned(self.query[place]), none, none,
                     self._turned(self.output[place]))
            for place in np.ndindex(batch)
        ]

    def _keys(self, places: list[tuple[int, ...]]) -> list[tuple]:
        if self.key.shape[:-1] != self.value.shape[:-1]:
            raise ValueError(f"value: has shape {list(self.value.shape)}, and key {list(self.key.shape)}")
        if self.page_table is not None:
            return self._paged(len(places))
        if self.key_starts is not None:
            self._expect_rank("key", self.key, 3)
            rows = starts(self.key_starts, "key_starts", "key", len(self.key))
            if len(rows) != len(places) + 1:
                raise ValueError(f"key_starts: has {len(rows) - 1} sequences, and there are {len(places)} of queries")
            return [
                (self.key[first:last], self.value[first:last], (self.key, self.value, first), None)
                for first, last in zip(rows, rows[1:])
            ]
        batch = self.query.shape[:-3] if self.query_starts is None else (len(places),)
        try:
            key, value = (np.broadcast_to(tensor, batch + tensor.shape[-3:]) for tensor in (self.key, self.value))
        except ValueError:
            raise ValueError(f"key: has shape {list(self.key.shape)}, expected leading axes {list(batch)} as of the queries") from None
        lengths = self._lengths(batch, self.key.shape[-2 if self.heads_first else -3])
        return [(*(self._turned(tensor[place])[: lengths[place]] for tensor in (key, value)), None, None) for place in places]

    def _paged(self, count: int) -> list[tuple]:
        self._expect_rank("key", self.key, 4)
        if self.key_lengths is None:
            raise TypeError("page_table needs key_lengths, how many keys each sequence has")
        table = whole_numbers(self.page_table, "page_table", 2)
        pages, size = len(self.key), self.key.shape[2 if self.heads_first else 1]
        if len(table) != count:
            raise ValueError(f"page_table: has {len(table)} rows, and there are {count} sequences")
        lengths = self._lengths((count,), table.shape[1] * size)
        result = []
        for place in range(count):
            own = table[place, : -(-int(lengths[place]) // size)]
            for column, page in enumerate(own):
                if not 0 <= page < pages:
                    raise ValueError(f"page_table: is {page} at [{place}, {column}], and there are {pages} pages")
            gathered = [self._turned_pages(tensor[own])[: lengths[place]] for tensor in (self.key, self.value)]
            result.append((*gathered, None, own.tolist()))
        return result

    def _lengths(self, shape: tuple[int, ...], most: int) -> np.ndarray:
        if self.key_lengths is None:
            return np.full(shape, most, np.int64)
        lengths = whole_numbers(self.key_lengths, "key_lengths", len(shape))
        if lengths.shape != shape:
            raise ValueError(f"key_lengths: has shape {list(lengths.shape)}, expected {list(shape)}, one for each sequence")
        for place in np.ndindex(shape):
            if not 0 <= lengths[place] <= most:
                raise ValueError(f"key_lengths: is {lengths[place]} at {list(place)}, and there is room for {most} keys")
        return lengths

    def _turned(self, tensor: np.ndarray) -> np.ndarray:
        return tensor.swapaxes(0, 1) if self.heads_first else tensor

    def _turned_pages(self, pages: np.ndarray) -> np.ndarray:
        pages = pages.swapaxes(1, 2) if self.heads_first else pages
        return pages.reshape(pages.shape[0] * pages.shape[1], *pages.shape[2:])

    def _expect_rank(self, name: str, tensor: np.ndarray, rank: int, or_more: bool = True) -> None:
        is_packed = (self.query_starts if name == "query" else self.key_starts) is not None
        wanted = ["packed rows", "heads", "size"] if is_packed else ["…", *(["heads", "tokens"] if self.heads_first else ["tokens", "heads"]), "size"]
        if rank == 4:
            wanted = ["pages", *(["heads", "page"] if self.heads_first else ["page", "heads"]), "size"]
        if tensor.ndim < rank or (is_packed or rank == 4) and tensor.ndim != rank:
            raise ValueError(f"{name}: has shape {list(tensor.shape)}, expected [{', '.join(wanted)}]")
