"""Reports: verdicts on one output, and on many cases."""

import dataclasses
import hashlib
import json
import pathlib
import tempfile
from typing import Any

from . import _files


def _number(value: Any) -> float:
    """A number of the JSON, which writes those that are not finite as text."""
    return float(value)


@dataclasses.dataclass(frozen=True)
class Element:
    """The element of an output that came nearest to its bound, or went farthest beyond it."""

    index: tuple[int, ...]
    got: float
    lower: float
    """At most the exact value."""
    upper: float
    """At least the exact value."""
    bound: float
    """The bound on what rounding may do to it."""


class Judged:
    """A verdict with its JSON."""

    verdict: str
    data: dict

    @property
    def is_within(self) -> bool:
        """Whether all of it is proved to lie within its bounds."""
        return self.verdict == "within"

    def to_json(self) -> str:
        """The JSON as text."""
        return json.dumps(self.data)


@dataclasses.dataclass(frozen=True)
class Report(Judged):
    """The verdict on one output."""

    layer: str
    arithmetic: str
    verdict: str
    """`within`, `outside`, `undecided` or `outside the domain`."""
    margin: float
    """The greatest quotient of distance and bound: above 1 is proved not to be rounding."""
    ulps: float
    """The greatest distance, in units in the last place of Float32."""
    elements: int
    """The number of elements of the output."""
    unclaimed: int
    """The number of elements of which nothing is claimed: an intermediate may overflow, or an input is not finite."""
    undecided: int
    """The number of elements that no precision decided."""
    worst: Element | None
    what: str | None
    """The failure in a sentence, where there is one."""
    replay: str | None
    """The line of the least part of the case that the worst element needs, where it is outside."""
    condition: str | None
    """The condition that the proof of `outside` rests on."""
    data: dict = dataclasses.field(repr=False)
    """The JSON, as the page JSON of the documentation describes it."""
    hints: tuple[str, ...] = ()
    """Sentences on what was taken for granted as it was not given, where the output is outside."""

    def __str__(self) -> str:
        head = f"{self.layer} is {self.verdict}"
        if self.verdict == "within":
            return f"{head} its bounds in the arithmetic '{self.arithmetic}': margin {self.margin:.3g}, {self.ulps:.3g} ulps"
        if self.verdict == "undecided":
            return f"{head}: no precision decides {self.undecided} of {self.elements} elements"
        if self.verdict != "outside":
            why = "an intermediate may overflow, or an input is not finite"
            return f"{head}: nothing is claimed of {self.unclaimed} of {self.elements} elements, as {why}"
        lines = [f"{head} its bounds in the arithmetic '{self.arithmetic}'", f"  {self.what}"]
        if self.replay:
            lines.append(f"  {replay_call(self.replay, self.arithmetic)}")
        lines += [f"  {hint}" for hint in self.hints]
        return "\n".join([*lines, f"  {self.condition}"] if self.condition else lines)


_LONGEST_LINE = 400
"""The longest line of a case that is printed itself, in characters, as `plumb` has it."""


def replay_call(line: str, arithmetic: str) -> str:
    """The call that decides the case of `line` again; a long line goes to a file in the temporary directory, which it names."""
    if len(line) > _LONGEST_LINE:
        name = f"plumb-{hashlib.sha256(line.encode()).hexdigest()[:16]}.case"
        path = pathlib.Path(tempfile.gettempdir()) / name
        try:
            _files.write(path, line + "\n")
            line = f"@{path}"
        except OSError:
            pass  # It is printed whole.
    return f"plumbline.replay({line!r}, kernel{'' if arithmetic == 'f32' else f', arithmetic={arithmetic!r}'})"


def report(text: str, index: Any = None) -> Report:
    """The report of the JSON `text`; `index` gives the worst element's index in the output as it was given."""
    data = json.loads(text)
    worst, what = None, data["what"]
    if (found := data["worst"]) is not None:
        place = found["index"] if index is None else index(found["index"])
        if what is not None:
            what = what.replace(f"element {found['index']}", f"element {place}", 1)
        found["index"] = place
        worst = Element(
            tuple(place), float.fromhex(found["engine"]), float.fromhex(found["lower"]), float.fromhex(found["upper"]),
            _number(data["bound"]),
        )
    data["what"] = what
    return Report(
        data["layer"], data["arithmetic"], data["verdict"], _number(data["margin"]), _number(data["worstUlps"]),
        data["elements"], data["outsideDomain"], data["undecided"], worst, what, data["replay"], data["condition"], data,
    )


@dataclasses.dataclass(frozen=True)
class Failure:
    """A case that is outside its bounds, made as small as could be."""

    number: int | None
    """Its number in the run."""
    what: str | None
    """Its fault in a sentence."""
    replay: str
    """The line that `plumbline.replay` and `plumb fuzz --replay` decide again."""
    margin: float


@dataclasses.dataclass(frozen=True)
class FuzzReport:
    """The verdicts on many cases of one layer."""

    layer: str
    arithmetic: str
    seed: int
    cases: int
    failed: int
    """The number of cases outside their bounds."""
    margin: float
    """The greatest margin."""
    ulps: float
    """The greatest distance, in units in the last place of Float32."""
    unclaimed: int
    """The number of cases with an element of which nothing is claimed."""
    failures: list[Failure]
    """The failures that were kept, the shortest case first: those that shrink to one case are one."""
    data: dict = dataclasses.field(repr=False)
    """The JSON, as the page JSON of the documentation describes it."""

    @property
    def has_passed(self) -> bool:
        """Whether no case is outside, and something was claimed of some."""
        return self.failed == 0 and bool(self.data["margins"])

    @property
    def bugs(self) -> list[str]:
        """The bugs of the layer's catalogue that give what the kernel gave, within rounding: what explains most failures first."""
        return [f"{found['cause']} ({found['mutant']})" for found in self.data.get("explanations") or []]

    @property
    def other_arithmetics(self) -> list[str]:
        """The arithmetics, this one with one option more, in which every case that was looked at is within, where some fail here."""
        return self.data.get("otherArithmetics") or []

    @property
    def typical(self) -> float | None:
        """The errors of the case that errs most, in units of what its arithmetic typically does: a note, from which no verdict follows."""
        found = self.data.get("typical")
        return found and float(found["error"]["times"])

    def to_json(self) -> str:
        """The JSON as text."""
        return json.dumps(self.data)

    def __str__(self) -> str:
        head = f"{self.layer}, arithmetic '{self.arithmetic}', seed {self.seed}: "
        if self.failed == 0:
            claimed = "" if self.data["margins"] else ", and nothing could be claimed of any"
            return f"{head}{self.cases} cases, none outside{claimed}; greatest margin {self.margin:.3g}"
        lines = [f"{head}{self.failed} of {self.cases} cases are outside their bounds"]
        # One case for each sentence, the shortest.
        shown = list({failure.what: failure for failure in reversed(self.failures)}.values())[::-1][:3]
        for failure in shown:
            lines += [f"  {failure.what}", f"    {replay_call(failure.replay, self.arithmetic)}"]
        lines += [f"  rounding, if this is how the kernel computes: arithmetic={other!r}" for other in self.other_arithmetics]
        start = "or bug" if self.other_arithmetics else "bug"
        lines += [f"  {'or' if number else start}: {bug}" for number, bug in enumerate(self.bugs[:3])]
        if len(self.failures) > len(shown):
            lines.append(f"  and {len(self.failures) - len(shown)} more in the report's failures")
        return "\n".join(lines)


def fuzz_report(text: str) -> FuzzReport:
    """The report of the JSON `text` of a run."""
    data = json.loads(text)
    failures: dict[str, Failure] = {}
    for found in data["failures"]:
        margin = (found["shrunk"] or found)["margin"]
        failures.setdefault(found["replay"], Failure(found["number"], found["what"], found["replay"], _number(margin)))
    return FuzzReport(
        data["layer"], data["arithmetic"], data["seed"], data["cases"], data["failed"],
        _number(data["greatest"]["margin"]) if data["greatest"] else 0.0, _number(data["worstUlps"]), data["outsideDomain"],
        sorted(failures.values(), key=lambda failure: len(failure.replay)), data,
    )
