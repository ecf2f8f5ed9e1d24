"""Attention's output and log-sum-exp, sequence by sequence as cases of the layers."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import _check, _joined, _report
from ._library import F32, NotProvedError
from ._seen import Rows, Rule, floats, grouped
from ._sequences import Held, Sequence, Tensors


def span(keys: np.ndarray) -> str:
    """The keys, for people."""
    if not len(keys):
        return "no key"
    if len(keys) == 1:
        return f"key {keys[0]}"
    ends = f"{keys[0]} to {keys[-1]}"
    return f"keys {ends}" if keys[-1] - keys[0] == len(keys) - 1 else f"{len(keys)} of the keys {ends}"


@dataclasses.dataclass
class Attended:
    """One call: its tensors, its mask, and what the kernel may do."""

    tensors: Tensors
    rule: Rule
    attributes: dict[str, Any]
    kinds: dict[str, int]
    sinks: Held | None
    empty: str
    arithmetic: str

    def reports(self, sequence: Sequence) -> list[_report.Report]:
        """The reports on the parts of one sequence's output."""
        heads = range(sequence.query.shape[1])
        if not sequence.output.size:
            return []
        if self.rule.is_band(sequence):
            first = self.rule.offset(sequence) if self.rule.causal else 0
            band = {"causal": bool(self.rule.causal), "window": self.rule.window, "firstPosition": first}
            return [self._judged(sequence, Rows(list(range(sequence.tokens)), np.arange(sequence.keys)), heads, band)]
        parts = []
        for own, rows, hidden in self._groups(sequence):
            if len(rows.keys):
                first = len(rows.keys) - len(rows.tokens) if rows.is_growing else 0
                parts.append(self._judged(sequence, rows, own, {"causal": rows.is_growing, "firstPosition": first}))
            else:
                parts += [self._hollow(sequence, token, head, hidden[token]) for token in rows.tokens for head in own]
        return parts

    def sums(self, sequence: Sequence, sums: np.ndarray) -> list[_report.Report]:
        """The reports on the log-sum-exp `[heads, tokens]` of one sequence."""
        attributes = "".join(f",{name}={value!r}" for name, value in {"causal": "false", **self.attributes}.items()).replace("'", "")
        formula = (
            "query[tokens,heads,headSize],key[positions,keyValueHeads,headSize]:"
            f"logsumexp(attention_scores(query,key{attributes}),positions)")
        parts = []
        for own, rows, hidden in self._groups(sequence):
            if not len(rows.keys):
                parts += [self._hollow(sequence, token, head, hidden[token], sums) for token in rows.tokens for head in own]
                continue
            for tokens in [[token] for token in rows.tokens] if rows.is_growing else [rows.tokens]:
                tensors = self._tensors(sequence, tokens, rows.seen(tokens[0]), own)
                tensors.pop("value")
                report = _check.judged(
                    formula, {}, tensors, (sums[own.start : own.stop, tokens], self.kinds["log_sum_exp"]), self._sums_arithmetic,
                    lambda found: self._sum_index(sequence, tokens[found[1]], own[found[0]]))
                if report.what is not None and report.worst is not None:
                    head, row = report.worst.index[-2:]
                    where = self._where(sequence, row - (sequence.start or 0), head, rows.seen(tokens[0]))
                    report = _joined.saying(report, f"log_sum_exp: {report.what}\n  {where}")
                parts.append(report)
        return parts

    @property
    def _sums_arithmetic(self) -> str:
        """The arithmetic of a log-sum-exp, which a kernel of narrow tensors may give in Float32."""
        storage, *words = self.arithmetic.split(",")
        if self.kinds["log_sum_exp"] != F32 or storage not in ("bf16", "f16"):
            return self.arithmetic
        is_given = any(word.startswith("factors=") for word in words)
        return ",".join(["f32", *([] if is_given else [f"factors={storage}"]), *words])

    def _groups(self, sequence: Sequence) -> Iterator[tuple[range, Rows, np.ndarray]]:
        """The heads and the rows of one mask, and of each token whether finite numbers hide all keys from it."""
        heads = sequence.query.shape[1]
        reach = 0.0
        if self.rule.mask is not None and not self.rule.is_bool and sequence.keys and sequence.tokens:
            query, key = (
                np.sqrt((floats(tensor, self.kinds[name]) ** 2).sum(-1).max())
                for name, tensor in (("query", sequence.query), ("key", sequence.key)))
            reach = float(query * key) * self.attributes.get("scale", sequence.query.shape[-1] ** -0.5) * 1.001
            reach = min(reach, self.attributes.get("softCap", np.inf)) if np.isfinite(reach) else np.inf
        seen, hidden = self.rule.seen(sequence, reach)
        for head in range(len(seen)):
            own = range(heads) if len(seen) == 1 else range(head, head + 1)
            for rows in grouped(seen[head]):
                self._expect_places(rows, sequence)
                yield own, rows, hidden[head]

    def _expect_places(self, rows: Rows, sequence: Sequence) -> None:
        """Refuses what counts the places of terms where hidden keys lie before others."""
        if not len(rows.keys) or rows.keys[-1] == len(rows.keys) - 1:
            return
        for word in self.arithmetic.split(","):
            if word.startswith(("splits=", "tile=", "unit=", "order=")) and word not in ("order=any", "order=sequence"):
                raise NotProvedError(
                    f"'{word}' counts the places of keys, and from query {rows.tokens[0]} of {sequence.name} a mask hides keys before "
                    "others: give an arithmetic without it")

    def _tensors(self, sequence: Sequence, tokens: list[int], keys: np.ndarray, own: range) -> dict[str, Held]:
        heads, shared = sequence.query.shape[1], sequence.key.shape[1]
        if not shared or heads % shared:
            raise ValueError(f"{heads} heads of queries cannot share {shared} heads of keys and values evenly")
        group = heads // shared
        head = slice(own.start // group, (own.stop - 1) // group + 1)
        tensors = {
            "query": (sequence.query[tokens][:, own.start : own.stop], self.kinds["query"]),
            "key": (sequence.key[keys][:, head], self.kinds["key"]), "value": (sequence.value[keys][:, head], self.kinds["value"]),
        }
        if self.sinks is not None:
            tensors["sinks"] = (self.sinks[0][own.start : own.stop], self.sinks[1])
        return tensors

    def _case(
        self, sequence: Sequence, tensors: dict[str, Held], tokens: list[int], own: range, attributes: dict[str, Any]
    ) -> _report.Report:
        output = sequence.output[tokens][:, own.start : own.stop]
        return _check.judged(
            "attention" if self.sinks is None else "sink-attention", {**self.attributes, **attributes}, tensors,
            (output, self.kinds["output"]), self.arithmetic,
            lambda found: sequence.index(tokens[found[0]], own[found[1]], found[2:], self.tensors.heads_first))

    def _judged(self, sequence: Sequence, rows: Rows, own: range, attributes: dict[str, Any]) -> _report.Report:
        tensors = self._tensors(sequence, rows.tokens, rows.keys, own)
        report = self._case(sequence, tensors, rows.tokens, own, attributes)
        if report.what is None or report.worst is None:
            return report
        token, head = self._place(sequence, report.worst.index)
        keys = self.rule.band(sequence, token) if self.rule.is_band(sequence) else rows.seen(token)
        lines = [report.what, self._where(sequence, token, head, keys), *self._explained(sequence, token, keys, own)]
        return _joined.saying(report, "\n  ".join(lines))

    def _place(self, sequence: Sequence, index: tuple[int, ...]) -> tuple[int, int]:
        """The token of a sequence and the head of an element of the output as it was given."""
        first, second = index[len(sequence.place) if sequence.start is None else 0 :][:2]
        if sequence.start is not None:
            return first - sequence.start, second
        return (second, first) if self.tensors.heads_first else (first, second)

    def _where(self, sequence: Sequence, token: int, head: int, keys: np.ndarray) -> str:
        return f"query {token} of {sequence.name}, head {head}, sees {span(keys)}{self._pages(sequence, keys)}"

    def _pages(self, sequence: Sequence, keys: np.ndarray) -> str:
        if sequence.pages is None:
            return ""
        size = self.tensors.key.shape[2 if self.tensors.heads_first else 1]
        pages = [str(sequence.pages[place]) for place in dict.fromkeys((keys // size).tolist())]
        shown = pages if len(pages) < 7 else [*pages[:3], "…", *pages[-2:]]
        return f", in page{'s' if len(pages) > 1 else ''} {', '.join(shown)}"

    def _explained(self, sequence: Sequence, token: int, keys: np.ndarray, own: range) -> list[str]:
        """The other keys of which the query's output would be right."""
        count, tokens = sequence.keys, sequence.tokens
        last = int(keys[-1]) if len(keys) else -1
        others = [
            np.arange(min(token + 1, count)), np.arange(max(0, min(token + 1 + count - tokens, count))), keys[:-1], keys[1:],
            np.append(keys, last + 1), np.append(int(keys[0]) - 1 if len(keys) else -1, keys), np.arange(count),
        ]
        if sequence.pages is not None:
            size = self.tensors.key.shape[2 if self.tensors.heads_first else 1]
            others.append(keys[keys < (len(sequence.pages) - 1) * size])
        for other in others:
            if not len(other) or np.array_equal(other, keys):
                continue
            moved, beyond = sequence, ""
            if other[0] < 0 or other[-1] >= count:
                moved = self._beside(sequence, other)
                if moved is None:
                    continue
                beyond = f", of which {'the first' if other[0] < 0 else 'the last'} is another sequence's"
            places = np.arange(len(other)) if moved is not sequence else other
            tensors = self._tensors(moved, [token], places, own)
            if self._case(moved, tensors, [token], own, {"causal": False}).verdict == "within":
                return [f"it is as if it saw {span(other)}{beyond}"]
        return []

    def _beside(self, sequence: Sequence, keys: np.ndarray) -> Sequence | None:
        """The sequence with the keys at places that may be those of its neighbours in packed tensors."""
        if sequence.beside is None:
            return None
        whole_key, whole_value, first = sequence.beside
        rows = keys + first
        if rows[0] < 0 or rows[-1] >= len(whole_key):
            return None
        return dataclasses.replace(sequence, key=whole_key[rows], value=whole_value[rows])

    def _sum_index(self, sequence: Sequence, token: int, head: int) -> list[int]:
        return [head, sequence.start + token] if sequence.start is not None else [*sequence.place, head, token]

    def _hollow(
        self, sequence: Sequence, token: int, head: int, is_hidden: bool, sums: np.ndarray | None = None
    ) -> _report.Report:
        """The report on a query that sees no key; nothing is claimed where finite numbers hide all."""
        if sums is None:
            row, exact = floats(sequence.output[token, head], self.kinds["output"]), 0.0
        else:
            row, exact = floats(sums[head, token][np.newaxis], self.kinds["log_sum_exp"]), -np.inf
        if is_hidden:
            return _joined.constant("attention", self.arithmetic, row.size, unclaimed=row.size)
        right = {"zero": row == exact, "nan": np.isnan(row)}
        if any(right[name].all() for name in right if self.empty in (name, "any")):
            return _joined.constant("attention", self.arithmetic, row.size)
        expected = {"zero": f"{exact:g}", "nan": "NaN", "any": f"{exact:g} or NaN"}[self.empty]
        element = int(np.argmin(right["nan" if self.empty == "nan" else "zero"]))
        index = (
            sequence.index(token, head, [element], self.tensors.heads_first) if sums is None
            else self._sum_index(sequence, token, head))
        name = "" if sums is None else "log_sum_exp: "
        got = "NaN" if np.isnan(row[element]) else f"{row[element]:.9g}"
        what = f"{name}element {index} is wrong: yours {got}, expected {expected}\n  {self._where(sequence, token, head, np.arange(0))}"
        worst = _report.Element(tuple(index), float(row[element]), exact, exact, 0.0)
        return _joined.constant("attention", self.arithmetic, row.size, wrong=worst, what=what)
