#!/usr/bin/env python3
"""Calls a kernel with the cases of a folder of `plumb cases`, and writes its outputs into the folder.

    python3 run_cases.py FOLDER my_kernels.py:softmax

This one file needs nothing but Python 3.8: copy it with the folder to the machine that the kernel runs on, and the folder back
to where `plumb judge FOLDER` holds the outputs against their bounds.

The kernel is called with the tensors and attributes of the case by name, those that it takes: NumPy arrays where there is
NumPy, otherwise `Tensor`s. It returns an array of NumPy, a tensor of PyTorch, or a nested or flat list, in the layer's shape.
A case of which it raises an error has no output, and counts as outside.
"""

import array
import importlib
import importlib.util
import inspect
import json
import math
import pathlib
import struct
import sys
import traceback

try:
    import numpy
except ImportError:
    numpy = None


class Tensor:
    """A tensor where there is no NumPy: row-major `values`, and their `shape`."""

    def __init__(self, values, shape):
        self.values, self.shape = values, shape


def read(path):
    """The metadata and tensors of a safetensors file."""
    blob = path.read_bytes()
    size = struct.unpack("<Q", blob[:8])[0]
    header, data = json.loads(blob[8 : 8 + size]), blob[8 + size :]
    metadata, tensors = header.pop("__metadata__", {}), {}
    for name, entry in header.items():
        values = array.array({"F32": "f", "I64": "q"}[entry["dtype"]], data[slice(*entry["data_offsets"])])
        if sys.byteorder == "big":
            values.byteswap()
        tensors[name] = Tensor(values, entry["shape"]) if numpy is None else numpy.array(values).reshape(entry["shape"])
    return metadata, tensors


def attribute(text):
    """The value that a text writes."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def output(value):
    """An output as row-major numbers and their shape."""
    if isinstance(value, Tensor):
        return value.values, value.shape
    if hasattr(value, "detach"):
        # A tensor of PyTorch, whose narrow formats are all Float32s.
        value = value.detach().cpu()
        value = value if str(value.dtype) == "torch.float64" else value.float()
    shape = list(value.shape) if hasattr(value, "shape") else None
    if numpy is not None and isinstance(value, numpy.ndarray):
        value = value.ravel()
    elif hasattr(value, "flatten"):
        value = value.flatten()
    value = value.tolist() if hasattr(value, "tolist") else value
    extents, first = [], value
    while isinstance(first, (list, tuple)):
        extents.append(len(first))
        first = first[0] if first else None
    for _ in extents[1:]:
        value = [element for row in value for element in row]
    if len(value) != math.prod(extents):
        raise TypeError("the kernel gives rows of several lengths")
    return value, extents if shape is None else shape


def write(path, values, shape):
    """Writes an output; every number must be a Float32 already, or be rounded to one by the kernel."""
    data = struct.pack(f"<{len(values)}f", *values)
    back = struct.unpack(f"<{len(values)}f", data)
    if any(a != b and not math.isnan(b) for a, b in zip(values, back)):
        raise TypeError("the kernel gives numbers that no Float32 is: round them to Float32 first")
    header = json.dumps({"output": {"dtype": "F32", "shape": shape, "data_offsets": [0, len(data)]}}).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)


def kernel(text):
    """The function that `module:name` or `file.py:name` names."""
    place, _, name = text.rpartition(":")
    if not place:
        raise SystemExit(f"'{text}' is not module:function or file.py:function")
    if place.endswith(".py"):
        specification = importlib.util.spec_from_file_location(pathlib.Path(place).stem, place)
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
    else:
        module = importlib.import_module(place)
    return getattr(module, name)


def arguments(function, metadata, tensors):
    """The arguments that a kernel is called with."""
    inputs = dict(tensors)
    for key, text in metadata.items():
        if key.startswith("attribute."):
            inputs[key[len("attribute.") :]] = attribute(text)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return list(tensors.values()), {}
    if any(parameter.kind == parameter.VAR_KEYWORD for parameter in parameters):
        return [], inputs
    names = [parameter.name for parameter in parameters]
    if len(tensors) == 1 and not set(tensors) & set(names):
        return list(tensors.values()), {name: inputs[name] for name in names if name in inputs}
    if missing := next((name for name in tensors if name not in names), None):
        raise SystemExit(f"the kernel takes no '{missing}'; the cases have {', '.join(inputs)}")
    return [], {name: inputs[name] for name in names if name in inputs}


def main(words):
    if len(words) != 2:
        raise SystemExit(__doc__)
    folder, function = pathlib.Path(words[0]), kernel(words[1])
    count = json.loads((folder / "manifest.json").read_text())["cases"]
    (folder / "outputs").mkdir(exist_ok=True)
    failed = 0
    for number in range(count):
        name = f"{number:06}.safetensors"
        metadata, tensors = read(folder / "cases" / name)
        positional, named = arguments(function, metadata, tensors)
        (folder / "outputs" / name).unlink(missing_ok=True)
        try:
            write(folder / "outputs" / name, *output(function(*positional, **named)))
        except Exception:
            failed += 1
            if failed == 1:
                print(f"case {number}:", file=sys.stderr)
                traceback.print_exc()
    print(f"{count - failed} of {count} outputs written" + (f", {failed} failed" if failed else ""))


if __name__ == "__main__":
    main(sys.argv[1:])
