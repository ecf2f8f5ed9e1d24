"""Tests PyTorch's own layers against exported goldens: python conformance_torch.py DIR

Needs torch and safetensors. Prints one line for each layer: the number of cases, of elements about which something is
claimed, of those outside, and the greatest distance over bound; then each case with an element outside.
"""

import collections
import json
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file


def attention(t, a):
    q, k, v = (t[n].transpose(0, 1)[None] for n in ("query", "key", "value"))
    positions = torch.arange(k.shape[2])
    rows = a["firstPosition"] + torch.arange(q.shape[2])[:, None]
    mask = positions <= rows if a["causal"] else torch.ones(q.shape[2], k.shape[2], dtype=torch.bool)
    if a["window"]:
        mask = mask & (positions > rows - a["window"])
    if a.get("windowAfter"):
        mask = mask & (positions <= rows + a["windowAfter"])
    if a["softCap"]:
        return None
    scale = a["scale"] or None
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale, enable_gqa=q.shape[1] != k.shape[1])
    return y[0].transpose(0, 1)


LAYERS = {
    "embedding": lambda t, a: F.embedding(t["tokens"], t["weight"]),
    "rms-norm": lambda t, a: F.rms_norm(
        t["x"], t["weight"].shape, t["weight"] + 1 if a["addsOne"] else t["weight"], a["epsilon"]),
    "layer-norm": lambda t, a: F.layer_norm(t["x"], t["weight"].shape, t["weight"], t.get("bias"), a["epsilon"]),
    "linear": lambda t, a: F.linear(t["x"], t["weight"], t.get("bias")),
    "unembedding": lambda t, a: None if a["softCap"] else F.linear(t["x"], t["weight"]),
    "attention": attention,
    "softmax": lambda t, a: torch.softmax(t["x"], -1),
    "log-softmax": lambda t, a: torch.log_softmax(t["x"], -1),
    "cross-entropy": lambda t, a: None if a["zLoss"] else F.cross_entropy(
        t["logits"], t["targets"], reduction="none", label_smoothing=a["smoothing"],
        ignore_index=a["ignored"] if a["ignored"] >= 0 else -100),
    "residual-add": lambda t, a: t["x"] + t["residual"],
    "gate": lambda t, a: t["x"] * t["gate"],
    "relu": lambda t, a: F.relu(t["x"]),
    "gelu": lambda t, a: F.gelu(t["x"]),
    "gelu-tanh": lambda t, a: F.gelu(t["x"], approximate="tanh"),
    "silu": lambda t, a: F.silu(t["x"]),
    "cosine-similarity": lambda t, a: F.cosine_similarity(
        t["x"][:, None], t["y"][None], dim=-1, eps=a["epsilon"]),
}

print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
manifest = json.load(open(sys.argv[1] + "/manifest.json"))
rows, outside, files = collections.defaultdict(lambda: [0, 0, 0, 0.0]), [], {}
for case in manifest["cases"]:
    layer, out = case.get("layer"), case["outputs"].get("output")
    if layer not in LAYERS:
        continue
    file = files.setdefault(case["file"], load_file(f"{sys.argv[1]}/{case['file']}"))
    y = LAYERS[layer]({n: file[i["tensor"]] for n, i in case["inputs"].items()}, case["attributes"])
    if y is None:  # PyTorch has no such option.
        continue
    least, greatest = file[out["least"]], file[out["greatest"]]
    claimed = ~least.isnan()
    wrong = claimed & ~((least <= y) & (y <= greatest))
    middle, bound = (file[out["lower"]] + file[out["upper"]]) / 2, file[out["bound"]]
    margin = torch.where(claimed & (bound > 0), (y.double() - middle).abs() / bound, torch.zeros_like(bound))
    row = rows[layer]
    row[0], row[1], row[2] = row[0] + 1, row[1] + int(claimed.sum()), row[2] + int(wrong.sum())
    row[3] = max([row[3]] + margin[~wrong].tolist())
    if wrong.any():
        i = tuple(int(n) for n in wrong.nonzero()[0])
        text = f"{case['name']} {list(i)}: {y[i]:.9g}, the exact value is {middle[i]:.12g}, the bound {bound[i]:.3g}"
        outside.append(text + f"; {int(wrong.sum())} of {int(claimed.sum())} elements")
print(f"{'layer':20}{'cases':>7}{'claimed':>9}{'outside':>9}  greatest margin within")
for layer, (cases, claimed, wrong, margin) in rows.items():
    print(f"{layer:20}{cases:7}{claimed:9}{wrong:9}  {margin:.3f}")
print("\n".join(outside))
sys.exit(bool(outside))
