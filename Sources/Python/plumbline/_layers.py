"""Layers by the names that people call them, and their tensors in the shapes that people hold them in."""

import dataclasses
import difflib
import functools
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _library, _tensors

# Functions of PyTorch, JAX and SciPy by their names.
_FUNCTIONS = {
    "softmax": "softmax", "log_softmax": "log-softmax", "silu": "silu", "swish": "silu", "gelu": "gelu", "relu": "relu",
    "layer_norm": "layer-norm", "rms_norm": "rms-norm", "linear": "linear", "embedding": "embedding",
    "cross_entropy": "cross-entropy", "scaled_dot_product_attention": "attention", "add": "residual-add",
    "mul": "gate", "multiply": "gate",
}
# Their parameters by the names that the layers have.
_PARAMETERS = {"eps": "epsilon", "is_causal": "causal", "target": "targets"}
# The only values of their parameters that a layer without such an attribute computes.
_IGNORED: dict[str, tuple] = {
    "inplace": (True, False), "dropout_p": (0, 0.0), "attn_mask": (None,), "enable_gqa": (True, False), "dtype": (None,),
    "reduction": ("none",), "_stacklevel": (3,), "where": (None,), "initial": (None,),
}
# Layers whose rows belong together, so that leading axes are not rows.
_TOGETHER = (
    "block", "cosine-similarity", "rms-norm-weight-backward", "layer-norm-weight-backward", "bias-backward",
    "linear-weight-backward", "unembedding-weight-backward", "embedding-backward",
)


@dataclasses.dataclass(frozen=True)
class Layer:
    """A layer: what it takes and gives."""

    name: str
    formula: str
    tensors: dict[str, list[str]]
    """The names of the extents of each tensor."""
    required: list[str]
    indices: list[str]
    """The tensors of whole numbers."""
    attributes: dict[str, str]
    """The kind of each attribute's values."""
    defaults: dict[str, str | None]
    """The value of each attribute that is not given, as text."""
    output: list[str]

    def default(self, name: str) -> Any:
        """The value of the attribute `name` that is not given."""
        text = self.defaults[name]
        try:
            return json.loads(text or "null")
        except ValueError:
            return text

    @property
    def has_rows(self) -> bool:
        """Whether all leading axes of its inputs are rows, each of which is computed from its own."""
        return "firstPosition" not in self.attributes and self.name not in _TOGETHER and not self.is_formula

    @property
    def is_formula(self) -> bool:
        """Whether it is a formula of one's own, whose tensors have the axes that it says."""
        return ":" in self.name


def _read(entry: dict[str, Any]) -> Layer:
    return Layer(
        entry["layer"], entry["formula"], {tensor["name"]: tensor["shape"] for tensor in entry["tensors"]},
        [tensor["name"] for tensor in entry["tensors"] if not tensor["isOptional"]],
        [tensor["name"] for tensor in entry["tensors"] if tensor["elements"] == "index"],
        {attribute["name"]: attribute["kind"] for attribute in entry["attributes"]},
        {attribute["name"]: attribute["defaultValue"] for attribute in entry["attributes"]}, entry["output"],
    )


@functools.cache
def layers() -> dict[str, Layer]:
    """All layers by name."""
    return {entry["layer"]: _read(entry) for entry in json.loads(_library.call("layers"))}


@functools.lru_cache(256)
def named(name: str) -> Layer:
    """The layer of `name`, or the formula of that text; raises ValueError where the text is none."""
    return _read(json.loads(_library.call("layer", name.encode()))) if ":" in name else layers()[name]


def nearest(name: str, names: Any) -> str:
    """The end of a sentence that refuses `name`."""
    close = difflib.get_close_matches(name, list(names), 3, 0.5)
    return f"did you mean {' or '.join(repr(found) for found in close)}?" if close else f"there are {', '.join(names)}"


def find(layer: str | Callable) -> Layer:
    """The layer of a name, or of a function of PyTorch or JAX; raises ValueError where there is none."""
    given = layer if isinstance(layer, str) else getattr(layer, "__name__", None)
    if not isinstance(given, str):
        raise TypeError(f"a layer is a name or a function that has one, not {layer!r}")
    if isinstance(layer, str) and ":" in layer:
        return named(layer)
    name = given.lower().replace("_", "-")
    name = name if isinstance(layer, str) and name in layers() else _FUNCTIONS.get(given.lower().replace("-", "_"), name)
    if name not in layers():
        raise ValueError(f"there is no layer {given!r}: {nearest(name, layers())}")
    return layers()[name]


class Call:
    """One call of a layer as it was written: its tensors as arrays, its attributes as JSON."""

    def __init__(self, layer: str | Callable, inputs: dict[str, Any]) -> None:
        self.layer = find(layer)
        self.is_function = not isinstance(layer, str)
        # Heads before tokens, as PyTorch has them.
        self.is_turned = self.is_function and self.layer.name == "attention"
        inputs = self._translated(layer, dict(inputs))
        self.tensors = {name: inputs.pop(name) for name in list(inputs) if name in self.layer.tensors}
        for name in inputs:
            if name not in self.layer.attributes:
                known = [*self.layer.tensors, *self.layer.attributes]
                raise TypeError(f"{self.layer.name} takes no {name!r}: {nearest(name, known)}")
        self.attributes = {name: _plain(value) for name, value in inputs.items()}
        for name in self.layer.required:
            if name == "weight" and self.is_function and "epsilon" in self.layer.attributes:
                # A normalisation without a weight multiplies by 1.
                self.tensors.setdefault(name, np.ones(np.shape(self.tensors.get(self.layer.required[0]))[-1:], np.float32))
            if name not in self.tensors:
                raise TypeError(f"{self.layer.name} needs {name!r}, {self.layer.tensors[name]}")

    def _translated(self, layer: str | Callable, inputs: dict[str, Any]) -> dict[str, Any]:
        known = {*self.layer.tensors, *self.layer.attributes}
        first = self.layer.required[0]
        names = {**_PARAMETERS, "input": first, "other": self.layer.required[-1]}
        result: dict[str, Any] = {}
        for name, value in inputs.items():
            if name not in known and names.get(name) in known:
                name = names[name]
            if name in result:
                raise TypeError(f"{name!r} is given twice")
            result[name] = value
        module = getattr(layer, "__module__", None) or "" if self.is_function else ""
        if self.layer.name == "gelu" and (
            approximate := result.pop("approximate", "tanh" if module.startswith("jax") else "none")
        ) not in (None, False, "none"):
            if approximate not in (True, "tanh"):
                raise ValueError(f"approximate is {approximate!r}, expected 'none' or 'tanh'")
            self.layer = layers()["gelu-tanh"]
        for name, allowed in _IGNORED.items():
            if name in result and name not in known and (value := result.pop(name)) not in allowed:
                raise ValueError(f"{name} is {value!r}: {self.layer.name} has only {allowed[0]!r}")
        for name in ("dim", "axis"):
            if name in result and name not in known:
                axis, rank = result.pop(name), np.ndim(result.get(first, 0))
                if axis not in (-1, rank - 1):
                    raise ValueError(f"{name} is {axis}: {self.layer.name} runs along the last axis; move it there")
        if "epsilon" in known and (normalized := result.pop("normalized_shape", None)) is not None:
            if tuple(np.atleast_1d(normalized)) != tuple(np.shape(result.get(first)))[-1:]:
                raise ValueError(f"normalized_shape is {normalized}: {self.layer.name} runs along the last axis alone")
        if self.is_function and self.layer.name == "rms-norm" and "epsilon" not in result:
            raise TypeError("rms_norm takes its eps from the type of its input where none is given: give eps")
        if self.is_turned:
            result.setdefault("causal", False)
        return {name: value for name, value in result.items() if value is not None}

    @property
    def held(self) -> dict[str, tuple[np.ndarray, int]]:
        """The tensors as arrays in the layer's ranks, and the numbers of their types."""
        arrays = {
            name: _tensors.array(value, name, is_index=name in self.layer.indices) for name, value in self.tensors.items()}
        return {name: (self.fitted(name, value)[0], kind) for name, (value, kind) in arrays.items()}

    def fitted(self, name: str, value: np.ndarray) -> tuple[np.ndarray, tuple[int, ...] | None]:
        """The tensor `name`, or the output where that is `output`, in the layer's rank, with the axes that became rows."""
        extents = self.layer.output if name == "output" else self.layer.tensors[name]
        if self.is_turned:
            while value.ndim > 3 and value.shape[0] == 1:
                value = value[0]
            return (value.swapaxes(0, 1) if value.ndim == 3 else value), None
        if self.layer.has_rows and extents[0] == self.layer.output[0]:
            inner = len(extents) - 1
            while value.ndim < inner:
                value = value[np.newaxis]
            rows = value.shape[: value.ndim - inner]
            return value.reshape((int(np.prod(rows, dtype=np.int64)), *value.shape[value.ndim - inner :])), rows
        while value.ndim > len(extents) and value.shape[0] == 1:
            value = value[0]
        return value, None

    def index(self, found: list[int], rows: tuple[int, ...] | None, rank: int) -> list[int]:
        """The index, in the output as it was given, of the element at the index `found` of the layer's output."""
        if self.is_turned:
            found = [found[1], found[0], *found[2:]]
        if rows is not None:
            found = [*(int(place) for place in np.unravel_index(found[0], rows)), *found[1:]] if rows else found[1:]
        return [0] * (rank - len(found)) + found if rank > len(found) else found[len(found) - rank :]


def _plain(value: Any) -> Any:
    """A value of an attribute that JSON can write."""
    return value.item() if hasattr(value, "item") else value
