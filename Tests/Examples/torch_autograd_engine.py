"""Gradients by PyTorch's autograd, for `plumb fuzz softmax-backward --engine "python3 torch_autograd_engine.py"`."""
import numpy as np
import torch
import torch.nn.functional as F
from numpy_engine import mask, scaled, serve, slopes

torch.set_num_threads(1)


def rotated(a, x, divisors):
    size = int(a["rotatedSize"]) or x.shape[2]
    power = torch.arange(0, size, 2, dtype=x.dtype) / size
    position = (int(a["firstPosition"]) + torch.arange(len(x), dtype=x.dtype)) / float(a.number("scalingFactor"))
    frequency = 1 / float(a.number("theta")) ** power
    frequency = torch.tensor(scaled(a, frequency.numpy(), size, None if divisors is None else divisors.detach().numpy()))
    angle = (position[:, None] * frequency)[:, None]
    first, second = slice(0, size // 2), slice(size // 2, size)
    if a.flag("interleaved"):
        first, second = slice(0, size, 2), slice(1, size, 2)
    left, right, y = x[..., first], x[..., second], x.clone()
    sine, cosine = (float(a.number("magnitude")) * turn for turn in (angle.sin(), angle.cos()))
    y[..., first] = left * cosine - right * sine
    y[..., second] = left * sine + right * cosine
    return y


def attention(a, query, key, value, sinks=None):
    seen, shared = torch.tensor(mask(a, len(query), len(key))), query.shape[1] // key.shape[1]
    cap, scale = float(a.number("softCap")), float(a.number("scale")) or query.shape[2] ** -0.5
    query, key, value = (x.transpose(0, 1) for x in (query, key, value))
    key, value = (x.repeat_interleave(shared, 0) for x in (key, value))
    scores = query @ key.transpose(1, 2) * scale
    if cap:
        scores = cap * torch.tanh(scores / cap)
    if last := a.number("alibi"):
        position = int(a.get("firstPosition", 0)) + torch.arange(query.shape[1])
        distance = (position[:, None] - torch.arange(key.shape[1])[None]).abs()
        scores = scores - torch.tensor(slopes(len(query), last).astype(float))[:, None, None] * distance
    # A row that sees nothing has weights of 0, and no gradient.
    counted = seen | ~seen.any(-1, keepdim=True)
    scores = torch.where(counted, scores, -torch.inf)
    if sinks is not None:
        scores = torch.where(seen, scores, -torch.inf)
        scores = torch.cat([scores, sinks[:, None, None].expand(-1, len(seen), 1)], -1)
    weights = torch.where(seen, scores.softmax(-1)[..., :len(key[0])], 0.0)
    return (weights @ value).transpose(0, 1)


def loss(a, logits, targets):
    ignored, z = int(a["ignored"]), float(a.number("zLoss"))
    result = F.cross_entropy(logits, targets, reduction="none", label_smoothing=float(a.number("smoothing")),
                             ignore_index=ignored if ignored >= 0 else -100)
    if z:
        counted = targets != ignored
        result[counted] = result[counted] + z * torch.logsumexp(logits[counted], -1) ** 2
    return result


def clamped(a, gate, up):
    limit = float(a.number("limit"))
    gate, up = gate.clamp(max=limit), up.clamp(min=-limit, max=limit)
    return (up + 1) * gate * torch.sigmoid(float(a.number("alpha")) * gate)


def router(a, logits, choice):
    scores = torch.sigmoid(logits) if a["score"] == "sigmoid" else logits.softmax(-1)
    weights = scores.gather(-1, choice)
    if a.flag("renormalised"):
        weights = weights / (weights.sum(-1, keepdim=True) + (1e-20 if a["score"] == "sigmoid" and a.flag("addsToSum") else 0))
    return weights * float(a.number("factor"))


def experts(a, t):
    x, zero = t["x"], torch.zeros((), dtype=t["x"].dtype)
    products = lambda name, x: torch.einsum("tsoi,tsi->tso", t[name][t["choice"]], x) + (
        t[name + "Bias"][t["choice"]] if name + "Bias" in t else zero)
    rows = x[:, None].expand(-1, t["choice"].shape[1], -1)
    gate, up = products("gate", rows), products("up", rows)
    hidden = clamped(a, gate, up) if a["activation"] == "clamped-gate" else ACTIVATIONS[a["activation"]](gate) * up
    return (products("down", hidden) * t["weights"][..., None]).sum(1)


ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu}


def forward(name, a, t):
    """The output, and the input whose gradient the layer gives."""
    x, weight = t.get("x"), t.get("weight")
    match name:
        case "rms-norm": return F.rms_norm(x, x.shape[-1:], weight + a.flag("addsOne"), float(a.number("epsilon"))), x
        case "layer-norm": return F.layer_norm(x, x.shape[-1:], weight, None, float(a.number("epsilon"))), x
        case "rms-norm-weight" | "layer-norm-weight":
            ones = torch.ones(x.shape[-1], dtype=x.dtype, requires_grad=True)
            norm = F.rms_norm if name.startswith("rms") else lambda x, s, w, e: F.layer_norm(x, s, w, None, e)
            return norm(x, x.shape[-1:], ones, float(a.number("epsilon"))), ones
        case "bias" | "linear" | "linear-weight":
            g = t["gradient"]
            ins, outs = (weight.shape[1] if weight is not None else 1), g.shape[1]
            x = torch.zeros(len(g), ins, dtype=g.dtype, requires_grad=True) if x is None else x
            weight = torch.zeros(outs, x.shape[1], dtype=g.dtype, requires_grad=True) if weight is None else weight
            bias = torch.zeros(outs, dtype=g.dtype, requires_grad=True)
            return F.linear(x, weight, bias), {"bias": bias, "linear": x, "linear-weight": weight}[name]
        case "unembedding" | "unembedding-weight":
            cap, logits = float(a.number("softCap")), F.linear(x, weight)
            return cap * torch.tanh(logits / cap) if cap else logits, weight if name.endswith("weight") else x
        case "softmax": return F.softmax(x, -1), x
        case "log-softmax": return F.log_softmax(x, -1), x
        case "cross-entropy": return loss(a, t["logits"], t["targets"]), t["logits"]
        case "relu" | "gelu" | "gelu-tanh" | "silu": return ACTIVATIONS[name](x), x
        case "rotary-embedding":
            x = torch.zeros_like(t["gradient"], requires_grad=True)
            return rotated(a, x, t.get("divisors")), x
        case "embedding": return F.embedding(t["tokens"], t["before"]), t["before"]
        case "attention-query" | "attention-key" | "attention-value" | "attention-sinks":
            return attention(a, t["query"], t["key"], t["value"], t.get("sinks")), t[name.removeprefix("attention-")]
        case "gated-feed-forward":
            hidden = ACTIVATIONS[a["activation"]](F.linear(x, t["gate"])) * F.linear(x, t["up"])
            return F.linear(hidden, t["down"]), x
        case "clamped-gate" | "clamped-gate-up":
            return clamped(a, t["gate"], t["up"]), t["up" if name.endswith("up") else "gate"]
        case "router": return router(a, t["logits"], t["choice"]), t["logits"]
        case "experts": return experts(a, t), x
        case "experts-weights": return experts(a, t), t["weights"]


def gradient(name, a, t, dtype=torch.float32):
    """The gradient that the layer `name` gives of its tensors, computed in `dtype`."""
    tensors = {key: torch.tensor(np.array(x), dtype=dtype if x.dtype.kind == "f" else torch.int64,
                                 requires_grad=bool(x.dtype.kind == "f" and key != "gradient"))
               for key, x in t.items()}
    output, leaf = forward(name.removesuffix("-backward"), a, tensors)
    result, = torch.autograd.grad(output, leaf, tensors["gradient"])
    return (result + tensors["before"] if name == "embedding-backward" else result).detach().numpy()


if __name__ == "__main__":
    serve(gradient)
