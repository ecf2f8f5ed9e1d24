"""The grade of a dump of a model's activations."""

import dataclasses
import html
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from . import _library, _report


@dataclasses.dataclass(frozen=True)
class Explanation:
    """A bug that gives what the dump has."""

    mutant: str
    """Its name, such as `rotary-embedding pairing-swapped`."""
    cause: str
    """The bug, in one sentence."""
    margin: float
    """The distance of the dump from what the bug gives, in units of what rounding may do: at most 1 explains the dump."""
    proved: bool
    """Whether the margin is proved, as a verdict is, or is an estimate that ranks bugs."""


@dataclasses.dataclass(frozen=True)
class FirstCause:
    """The first activation that was computed wrong of what went into it."""

    name: str
    layer: str
    block: int | None
    """The block, or None outside the blocks."""
    margin: float
    """Distance ÷ bound of its worst element: above 1 is proved not to be rounding."""
    explanations: tuple[Explanation, ...]
    """The bugs that explain it, the least margin first; none where none was found."""


@dataclasses.dataclass(frozen=True)
class GradeReport(_report.Judged):
    """The grade of a dump."""

    verdict: str
    """`within`, `outside`, `another expert`, `undecided` or `outside the domain`."""
    arithmetic: str
    first_cause: FirstCause | None
    """The first activation that rounding cannot explain; None where there is none."""
    first_gradient_cause: FirstCause | None
    """The first gradient, in the order of the backward pass, that rounding cannot explain; None where there is none."""
    text: str
    """The table that `plumb grade` prints."""
    page: str = dataclasses.field(repr=False)
    """The report as a page of HTML."""
    data: dict = dataclasses.field(repr=False)
    """The JSON, as the page JSON of the documentation describes it."""

    def show(self) -> None:
        """Shows the page in a notebook, and prints the table anywhere else."""
        shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
        if shell is not None and hasattr(shell, "kernel"):
            from IPython.display import HTML, display

            display(HTML(self._repr_html_()))
        else:
            print(self.text, end="")

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{html.escape(self.page)}" width="100%" height="640" frameborder="0"></iframe>'

    def __str__(self) -> str:
        return self.text.rstrip("\n")


def grade(
    model: str | os.PathLike, dump: str | os.PathLike, tokens: Sequence[int], *, arithmetic: str | None = None,
    names: str | dict[str, str] | None = None, local_only: bool = False, diagnose: bool = True,
    progress: Callable[[str], None] | None = None,
) -> GradeReport:
    """The grade of `dump`, a safetensors file of the activations that an engine computed of `tokens`.

    `model` is a GGUF file or a folder of Hugging Face's that has the weights. `arithmetic` is what the engine may do;
    without it, what the dump is stored in. `names` says whose names the tensors have: "hf", "llama.cpp", "plumb", a JSON
    file, or a dictionary from names, with `{block}` for a block's index, to activations; without it, whichever fit.
    `local_only` leaves out the exact pass from the tokens. `progress` is told how far the work is, by another thread.

    Raises ValueError for a model, a dump or an option that cannot be used. Ctrl-C ends it.
    """
    with _Names(names) as table:
        options = {
            "tokens": [int(token) for token in tokens], "arithmetic": arithmetic, "names": table,
            "localOnly": local_only, "diagnose": diagnose, "page": True,
        }
        known = {key: value for key, value in options.items() if value is not None}
        arguments = (os.fspath(model).encode(), os.fspath(dump).encode(), json.dumps(known).encode())
        data = json.loads(_library.listen("grade", *arguments, progress=progress))
    cause, backward = data["firstCause"], data.get("firstGradientCause")
    return GradeReport(
        verdict=data["verdict"], arithmetic=data["arithmetic"], first_cause=cause and _cause(cause),
        first_gradient_cause=backward and _cause(backward), text=data.pop("text"), page=data.pop("page"), data=data,
    )


def _cause(data: dict[str, Any]) -> FirstCause:
    explanations = tuple(
        Explanation(found["mutant"], found["cause"], float(found["margin"]), found["proved"])
        for found in data["explanations"])
    return FirstCause(data["name"], data["layer"], data["block"], float(data["margin"]), explanations)


class _Names:
    """The table of names as a word or a file, which is there until the grade is."""

    def __init__(self, names: str | dict[str, str] | None) -> None:
        self.names, self.folder = names, None

    def __enter__(self) -> str | None:
        if not isinstance(self.names, dict):
            return self.names
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "names.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.names, file)
        return path

    def __exit__(self, *_: object) -> None:
        if self.folder is not None:
            self.folder.cleanup()
