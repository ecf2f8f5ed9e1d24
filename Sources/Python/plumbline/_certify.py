"""The exact next-token distribution of a prompt."""

import dataclasses
import json
import os
from collections.abc import Callable, Sequence

from . import _library


@dataclasses.dataclass(frozen=True)
class Token:
    """A token that may come next."""

    token: int
    text: str
    exact: str
    """Its exact probability in decimal: every digit is proved."""
    lower: str
    """At most the exact probability, as a hexadecimal floating-point number with all its digits."""
    upper: str
    """At least the exact probability, likewise."""


@dataclasses.dataclass(frozen=True)
class Certification:
    """The exact next-token distribution, and what it says of this package's own engine."""

    tokens: tuple[int, ...]
    digits: int
    """Enclosures are narrower than 10 to the power of minus this."""
    next: tuple[Token, ...]
    """The likeliest tokens, the likeliest first."""
    text: str
    """The table that `plumb certify` prints."""
    data: dict = dataclasses.field(repr=False)
    """The JSON, as the page JSON of the documentation describes it."""

    def to_json(self) -> str:
        """The JSON as text."""
        return json.dumps(self.data)

    def __str__(self) -> str:
        return self.text.rstrip("\n")


def certify(
    model: str | os.PathLike, prompt: str | Sequence[int], *, digits: int = 20, top_k: int = 40, top_p: float = 0.95,
    progress: Callable[[str], None] | None = None,
) -> Certification:
    """The exact next-token distribution after `prompt`, a text or its tokens, in the model of a GGUF file or folder.

    `model` is also "shipped", the small model that comes with Plumbline. `progress` is told how far the work is, by another
    thread.

    Raises ValueError for a model, a prompt or an option that cannot be used. Ctrl-C ends it.
    """
    known = {"digits": digits, "topK": top_k, "topP": top_p}
    text = _library.listen("certify", os.fspath(model).encode(), options(prompt, known), progress=progress)
    return certification(text)


def options(prompt: str | Sequence[int], known: dict) -> bytes:
    """The JSON of the `known` options and the prompt."""
    key = {"prompt": prompt} if isinstance(prompt, str) else {"tokens": [int(token) for token in prompt]}
    return json.dumps(key | known).encode()


def certification(text: str) -> Certification:
    """The certification that the JSON describes."""
    data = json.loads(text)
    likeliest = tuple(Token(*(found[key] for key in ("token", "text", "exact", "lower", "upper"))) for found in data["next"])
    return Certification(
        tokens=tuple(data["tokens"]), digits=data["digits"], next=likeliest, text=data.pop("text"), data=data)
