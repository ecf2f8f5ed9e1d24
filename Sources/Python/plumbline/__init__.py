"""Kernels of transformers held to proved bounds: is it a bug, or is it rounding?

    plumbline.assert_within("softmax", output, x=x, arithmetic="bf16")
"""

from . import functions
from ._cases import Case, cases, draw, strategy
from ._certify import Certification, Token, certify
from ._check import Exact, assert_within, check, exact
from ._formula import Formula, formula
from ._fuzz import FuzzError, fuzz, replay
from ._grade import Explanation, FirstCause, GradeReport, grade
from ._layers import Layer, layers
from ._library import NotProvedError
from ._report import Element, Failure, FuzzReport, Report
from ._watch import Watch, watch

__version__ = "0.1.0"

__all__ = [
    "Case", "Certification", "Element", "Exact", "Explanation", "Failure", "FirstCause", "Formula", "FuzzError",
    "FuzzReport", "GradeReport", "Layer", "NotProvedError", "Report", "Token", "Watch", "assert_within", "cases", "certify",
    "check", "draw", "exact", "formula", "functions", "fuzz", "grade", "layers", "replay", "strategy", "watch",
]
