"""Writes gradients.txt: each a case of a layer backwards, then its gradient by PyTorch's autograd in Float64.

    python3 Tests/Fixtures/gradients.py    # needs PyTorch and NumPy
"""
import pathlib
import sys
import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent / "Examples"))
import torch
from numpy_engine import Attributes
from torch_autograd_engine import gradient

NORM, PAIR = [("epsilon", "1e-5")], ["gradient 3 5", "x 3 5"]
MASK = [("causal", "true"), ("window", "0"), ("firstPosition", "1"), ("scale", "0"), ("softCap", "0")]
HEADS = ["gradient 3 4 4", "key 5 2 4", "query 3 4 4", "value 5 2 4"]
TURN = [("theta", "10000"), ("interleaved", "true"), ("rotatedSize", "0"), ("scalingFactor", "1"), ("firstPosition", "7")]
LOSS, LOGITS = [("smoothing", "0"), ("zLoss", "0"), ("ignored", "-1")], ["gradient 3", "logits 3 6", "#targets 3 6"]
CLAMP = [("alpha", "1.5"), ("limit", "1")]
EXPERTS = ["%choice 3 2 4", "down 4 3 3", "gate 4 3 3", "gateBias 4 3", "gradient 3 3", "up 4 3 3", "upBias 4 3", "weights 3 2",
           "x 3 3"]
LAYERS = [
    ("rms-norm", NORM + [("addsOne", "false")], PAIR + ["weight 5"]), ("rms-norm-weight", NORM, PAIR),
    ("layer-norm", NORM, PAIR + ["weight 5"]), ("layer-norm-weight", NORM, PAIR), ("bias", [], ["gradient 7 3"]),
    ("linear", [], ["gradient 3 5", "weight 5 4"]), ("linear-weight", [], ["gradient 6 3", "x 6 4"]),
    ("unembedding", [("softCap", "3")], ["gradient 2 6", "weight 6 4", "x 2 4"]),
    ("softmax", [], PAIR), ("log-softmax", [], PAIR), ("cross-entropy", LOSS, LOGITS),
    ("cross-entropy", [("smoothing", "0.125"), ("zLoss", "0.25"), ("ignored", "2")], LOGITS),
    *((name, [], PAIR) for name in ("relu", "gelu", "gelu-tanh", "silu")),
    ("rotary-embedding", TURN, ["gradient 3 2 6"]), ("embedding", [], ["before 4 3", "gradient 6 3", "#tokens 6 4"]),
    *((f"attention-{name}", MASK, HEADS) for name in ("query", "key", "value")),
    *((f"attention-{name}", [("causal", "false"), *MASK[1:4], ("softCap", "2")], HEADS) for name in ("query", "key")),
    *(("gated-feed-forward", [("activation", name)], ["down 4 3", "gate 3 4", "gradient 2 4", "up 3 4", "x 2 4"])
      for name in ("silu", "gelu", "gelu-tanh")),
    *(("unembedding-weight", [("softCap", cap)], ["gradient 5 6", "weight 6 4", "x 5 4"]) for cap in ("0", "3")),
    *((f"attention-{name}", MASK, HEADS + ["sinks 4"]) for name in ("query", "key", "value", "sinks")),
    *((f"attention-{name}", [("causal", "false"), *MASK[1:4], ("softCap", "2")], HEADS + ["sinks 4"]) for name in ("query", "sinks")),
    *((name, CLAMP, ["gate 3 5", "gradient 3 5", "up 3 5"]) for name in ("clamped-gate", "clamped-gate-up")),
    *(("router", [("score", score), ("renormalised", flag), ("addsToSum", added), ("factor", "2.5")],
       ["%choice 3 2 5", "gradient 3 2", "logits 3 5"])
      for score, flag, added in (("softmax", "true", "false"), ("softmax", "false", "false"), ("sigmoid", "true", "true"),
                                 ("sigmoid", "true", "false"), ("sigmoid", "false", "false"))),
    *((f"experts{part}", [("activation", name), *CLAMP], EXPERTS + (["downBias 4 3"] if part else []))
      for part in ("", "-weights") for name in ("silu", "gelu", "gelu-tanh", "clamped-gate")),
]


def text(x):
    if x.dtype.kind == "i":
        return f"#[{'x'.join(map(str, x.shape))}]:{','.join(map(str, x.flat))}"
    return f"[{'x'.join(map(str, x.shape))}]:{','.join(float(number).hex() for number in x.flat)}"


def tensor(words, source):
    shape = [int(word) for word in words]
    return source.uniform(-2, 2, shape).astype(np.float32)


def main():
    lines = []
    for name, attributes, tensors in LAYERS:
        for seed in range(2):
            source, values = np.random.default_rng([len(lines), seed]), {}
            for key, *extents in (entry.split() for entry in tensors):
                if key.startswith("%"):
                    rows, count, below = map(int, extents)
                    values[key[1:]] = np.stack([source.permutation(below)[:count] for _ in range(rows)])
                elif key.startswith("#"):
                    values[key[1:]] = source.integers(0, int(extents[1]), int(extents[0]))
                else:
                    values[key] = tensor(extents, source)
            result = gradient(f"{name}-backward", Attributes(attributes), values, torch.float64)
            words = [f"{key}={value}" for key, value in attributes] + [f"{key}={text(x)}" for key, x in values.items()]
            numbers = " ".join(float(number).hex() for number in result.flat)
            lines.append(f"{name}-backward {' '.join(words)}\n{numbers}\n")
    (FOLDER / "gradients.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
