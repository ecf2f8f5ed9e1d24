"""Reports on the parts of one output as one."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ._layers import find
from ._report import Element, Report

# From the verdict that counts most.
_VERDICTS = ("outside", "undecided", "outside the domain", "within")


def joined(layer: str, arithmetic: str, parts: Sequence[Report]) -> Report:
    """The report on all `parts`, with the worst element of those that have the worst verdict; of no parts, that nothing is outside."""
    if not parts:
        return constant(layer, arithmetic, 0)
    verdict = min((part.verdict for part in parts), key=_VERDICTS.index)
    worst = max((part for part in parts if part.verdict == verdict), key=lambda part: (part.margin, part.worst is not None))
    data = {
        **worst.data, "layer": layer, "verdict": verdict, "elements": sum(part.elements for part in parts),
        "outsideDomain": sum(part.unclaimed for part in parts), "undecided": sum(part.undecided for part in parts),
        "parts": len(parts),
    }
    return dataclasses.replace(
        worst, layer=layer, arithmetic=arithmetic, elements=data["elements"], unclaimed=data["outsideDomain"],
        undecided=data["undecided"], margin=max(part.margin for part in parts), ulps=max(part.ulps for part in parts), data=data)


def constant(
    layer: str, arithmetic: str, elements: int, *, unclaimed: int = 0, wrong: Element | None = None, what: str | None = None
) -> Report:
    """The report on elements whose values no rounding changes: of which nothing is claimed, `wrong`, or right."""
    verdict = "outside" if wrong else "outside the domain" if unclaimed else "within"
    margin = float("inf") if wrong else 0.0
    data = {
        "layer": layer, "arithmetic": arithmetic, "verdict": verdict, "margin": "inf" if wrong else 0, "elements": elements,
        "outsideDomain": unclaimed, "undecided": 0, "what": what, "replay": None, "condition": None,
    }
    return Report(layer, arithmetic, verdict, margin, 0.0, elements, unclaimed, 0, wrong, what, None, None, data)


def saying(report: Report, what: str) -> Report:
    """`report` with `what` as its failure in words."""
    return dataclasses.replace(report, what=what, data={**report.data, "what": what})


def renamed(report: Report, index: list[int], name: str) -> Report:
    """`report` of a failure, with its element as the one at `index` of what `name` says."""
    if report.worst is None or report.what is None:
        return report
    what = report.what.replace(f"element {list(report.worst.index)} is", f"element {index} is", 1)
    return saying(dataclasses.replace(report, worst=dataclasses.replace(report.worst, index=tuple(index))), f"{name}: {what}")


def outputs(
    check: Callable[..., Report], layers: Mapping[str, Any], output: Any, arithmetic: str, inputs: dict[str, Any]
) -> Report:
    """The report on the outputs of one kernel, each of which is a layer or a formula of the same inputs."""
    if not isinstance(output, Mapping):
        output = dict(zip(layers, output, strict=True))
    if missing := next((name for name in layers if name not in output), None):
        raise TypeError(f"the outputs are {', '.join(map(repr, output))}, and {missing!r} is not there")
    reports = []
    for name, layer in layers.items():
        known = find(layer)
        own = {key: value for key, value in inputs.items() if key in known.tensors or key in known.attributes}
        report = check(layer, output[name], arithmetic=arithmetic, **own)
        if report.what is not None:
            report = saying(report, f"{name}: {report.what}")
        reports.append(report)
    return joined(", ".join(layers), arithmetic, reports)
