"""Kernels of transformers held to proved bounds: is it a bug, or is it rounding?

    plumbline.assert_within("softmax", output, x=x, arithmetic="bf16")
"""

from . import functions
from ._attention import assert_attention, check_attention
from ._cases import Case, cases, draw, strategy
from ._certify import Certification, Token, certify
from ._check import Exact, assert_within, check, exact
from ._choice import check_top
from ._formula import Formula, Formulas, formula
from ._fuzz import FuzzError, fuzz, replay
from ._grade import Explanation, FirstCause, GradeReport, grade
from ._layers import Layer, layers
from ._library import NotProvedError
from ._report import Element, Failure, FuzzReport, Report
from ._watch import Watch, watch

__version__ = "0.1.0"

__all__ = [
    "Case", "Certification", "Element", "Exact", "Explanation", "Failure", "FirstCause", "Formula", "Formulas", "FuzzError",
    "FuzzReport", "GradeReport", "Layer", "NotProvedError", "Report", "Token", "Watch", "assert_attention", "assert_within", "cases",
    "certify", "check", "check_attention", "check_top", "draw", "exact", "formula", "functions", "fuzz", "grade", "layers", "replay", "strategy", "watch",
]
