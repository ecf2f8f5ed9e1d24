"""Tests kernels against exported goldens: plumb golden export DIR; python conformance.py DIR (needs numpy, safetensors)"""
import json, sys
import numpy as np
from safetensors.numpy import load_file

def softmax(t, a):
    e = np.exp(t["x"] - t["x"].max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)

KERNELS = {"softmax": softmax, "relu": lambda t, a: np.maximum(t["x"], 0)}  # Add yours: layer name, tensors, attributes.
failed = 0
for case in json.load(open(sys.argv[1] + "/manifest.json"))["cases"]:
    if case.get("layer") in KERNELS:
        file, out = load_file(f"{sys.argv[1]}/{case['file']}"), case["outputs"]["output"]
        y = KERNELS[case["layer"]]({n: file[i["tensor"]] for n, i in case["inputs"].items()}, case["attributes"])
        least, greatest = file[out["least"]], file[out["greatest"]]
        wrong = ~(np.isnan(least) | ((least <= y) & (y <= greatest)))  # NaN: nothing is claimed of the element.
        failed += wrong.any()
        print("FAIL" if wrong.any() else "ok  ", case["name"], *np.argwhere(wrong)[:1].tolist())
sys.exit(bool(failed))
