"""The functions that a formula may call: every layer by its name with `_` for `-`, and exp, log, sqrt, rsqrt, tanh, erf, sin, cos and
sigmoid of each number.

    from plumbline.functions import rms_norm
    plumbline.formula(lambda x, r, w: rms_norm(x + r, w, epsilon=1e-6), x="rows hidden", r="rows hidden", w="hidden")
"""

from collections.abc import Callable
from typing import Any


def __getattr__(name: str) -> Callable:
    from . import _formula

    if name.startswith("__"):
        raise AttributeError(name)
    if name in _formula.FUNCTIONS:
        return lambda x: _formula.apply(name, x)
    layer = name.replace("_", "-")
    from ._layers import layers, nearest

    if layer not in layers():
        raise AttributeError(f"there is no layer {name!r}: {nearest(layer, layers())}")

    def call(*tensors: Any, **rest: Any) -> Any:
        return _formula.layer(layer, tensors, rest)

    call.__name__ = name
    return call
