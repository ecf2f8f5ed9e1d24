"""Outputs that are chosen: the greatest elements of a layer's rows with their indices."""

from typing import Any

import numpy as np

from . import _check, _joined, _report, _tensors
from ._layers import find
from ._seen import floats
from ._sequences import whole_numbers


def check_top(layer: str, values: Any, indices: Any, *, arithmetic: str = "f32", **inputs: Any) -> _report.Report:
    """The verdict on the greatest elements of each row of a layer's output, and on the indices of these elements.

    `values` and `indices` are [..., count]; `values` may be None where a kernel gives none. An index may be chosen where no element
    that is not chosen is certainly computed greater in `arithmetic`; the order within a row is free, and equal elements are too. For
    the greatest elements of a tensor itself `layer` is a formula, such as "x[rows,columns]: x".

    The other arguments, and what is raised, are those of `check`.
    """
    chosen = whole_numbers(indices, "indices", np.ndim(indices))
    exact = _check.exact(layer, arithmetic=arithmetic, **inputs)
    columns = exact.expected.shape[-1]
    rows = chosen.reshape(-1, chosen.shape[-1]) if chosen.ndim else chosen.reshape(1, 1)
    name = find(layer).name
    if len(rows) != exact.expected.size // max(columns, 1):
        raise ValueError(f"indices: has shape {list(chosen.shape)}, and {name} has {exact.expected.size // max(columns, 1)} rows")
    lower, upper = (
        (end + sign * exact.bound).reshape(-1, columns) for end, sign in ((exact.lower, -1), (exact.upper, 1)))
    reports = []
    for number, row in enumerate(rows):
        index = [int(place) for place in np.unravel_index(number, chosen.shape[:-1])] if chosen.ndim > 1 else []
        reports.append(_row(name, arithmetic, row, lower[number], upper[number], index))
    if values is not None and not any(report.verdict == "outside" for report in reports):
        reports.append(_values(layer, values, chosen, exact.expected, arithmetic, inputs))
    return _joined.joined(name, arithmetic, reports)


def _row(
    layer: str, arithmetic: str, row: np.ndarray, lower: np.ndarray, upper: np.ndarray, index: list[int]
) -> _report.Report:
    """The report on the indices of one row, whose elements are computed between `lower` and `upper`."""
    def wrong(place: int, what: str) -> _report.Report:
        at = [*index, place]
        worst = _report.Element(tuple(at), float(row[place]), np.nan, np.nan, 0.0)
        return _joined.constant(layer, arithmetic, len(row), wrong=worst, what=f"index {at} is wrong: yours {row[place]}, {what}")

    for place, column in enumerate(row):
        if not 0 <= column < len(lower):
            return wrong(place, f"and the row has {len(lower)} elements")
        if column in row[:place]:
            return wrong(place, f"which {[*index, int(np.argmax(row == column))]} is too")
    if not np.isfinite(lower).all() or not np.isfinite(upper).all():
        return _joined.constant(layer, arithmetic, len(row), unclaimed=len(row))
    left = np.ones(len(lower), bool)
    left[row] = False
    if len(row) and left.any():
        place, other = int(np.argmin(upper[row])), int(np.flatnonzero(left)[np.argmax(lower[left])])
        if lower[other] > upper[row[place]]:
            return wrong(
                place, f"whose element is at most {upper[row[place]]:.9g}, and that at {other}, which is not chosen, at least {lower[other]:.9g}")
    return _joined.constant(layer, arithmetic, len(row))


def _values(
    layer: str, values: Any, chosen: np.ndarray, expected: np.ndarray, arithmetic: str, inputs: dict[str, Any]
) -> _report.Report:
    """The report on the values: those of an output that is right where nothing was chosen."""
    given, kind = _tensors.array(values, "values")
    if given.shape != chosen.shape:
        raise ValueError(f"values: has shape {list(given.shape)}, and indices {list(chosen.shape)}")
    whole = np.array(expected).reshape(-1, expected.shape[-1])
    rows = chosen.reshape(len(whole), -1)
    np.put_along_axis(whole, rows, floats(given, kind).astype(np.float32).reshape(rows.shape), -1)
    report = _check.check(layer, whole.reshape(expected.shape), arithmetic=arithmetic, **inputs)
    if report.worst is None:
        return report
    *_, column = report.worst.index
    number = int(np.ravel_multi_index(report.worst.index[:-1], expected.shape[:-1])) if expected.ndim > 1 else 0
    if column not in rows[number]:
        return report
    at = [int(place) for place in np.unravel_index(number * rows.shape[1] + int(np.argmax(rows[number] == column)), chosen.shape)]
    return _joined.renamed(report, at, f"value of element {[*at[:-1], column]}")
