"""Every layer in NumPy's Float32, for `plumb fuzz all --engine "python3 numpy_engine.py"`."""
import json, math, struct, sys
import numpy as np
from numpy import float32 as f32

np.seterr(all="ignore")
erf = np.vectorize(lambda x: f32(math.erf(float(x))), otypes=[f32])


def read(stream):
    head = stream.read(8)
    if len(head) < 8:
        sys.exit()
    blob = stream.read(struct.unpack("<Q", head)[0])
    size = struct.unpack("<Q", blob[:8])[0]
    header, data = json.loads(blob[8:8 + size]), blob[8 + size:]
    metadata = header.pop("__metadata__")
    types = {"F32": "<f4", "I64": "<i8"}
    return metadata, {name: np.frombuffer(data[slice(*entry["data_offsets"])], types[entry["dtype"]])
                      .reshape(entry["shape"]) for name, entry in header.items()}


def write(stream, y):
    entry = {"dtype": "F32", "shape": list(y.shape), "data_offsets": [0, y.nbytes]}
    header = json.dumps({"y": entry}).encode()
    blob = struct.pack("<Q", len(header)) + header + y.tobytes()
    stream.write(struct.pack("<Q", len(blob)) + blob)
    stream.flush()


class Attributes(dict):
    """Attributes as numbers; hex floats are those of C."""

    def number(self, name):
        return f32(float.fromhex(self[name]) if "x" in self[name] else float(self[name]))

    def flag(self, name):
        return self[name] == "true"

    def capped(self, y):
        cap = self.number("softCap")
        return cap * np.tanh(y / cap) if cap else y


def activated(x, function):
    match function:
        case "relu": return np.maximum(x, f32(0))
        case "gelu": return f32(0.5) * x * (1 + erf(x / f32(math.sqrt(2))))
        case "gelu-tanh": return f32(0.5) * x * (1 + np.tanh(f32(math.sqrt(2 / math.pi)) * (x + f32(0.044715) * x * x * x)))
        case "silu": return x / (1 + np.exp(-x))


def linear(x, weight, bias=None):
    return x @ weight.T if bias is None else x @ weight.T + bias


def root_of_mean_square(x, epsilon):
    return np.sqrt((x * x).mean(-1, keepdims=True) + epsilon)


def mask(a, tokens, positions):
    own, key = int(a["firstPosition"]) + np.arange(tokens)[:, None], np.arange(positions)[None, :]
    window, after = int(a["window"]) or 1 << 40, int(a.get("windowAfter", 0)) or 1 << 40
    return ((key <= own) | (not a.flag("causal"))) & (own - key < window) & (key - own <= after)


def slopes(heads, last):
    """Those of ALiBi: powers of 2^(-last/n), and behind them each second of twice as many."""
    n = 1 << heads.bit_length() - 1
    base, half = f32(2) ** (-last / f32(n)), f32(2) ** (-last / f32(2 * n))
    return np.array([base ** f32(k + 1) for k in range(n)] + [half ** f32(2 * k + 1) for k in range(heads - n)], f32)


def scores(a, query, key):
    shared = np.repeat(key, query.shape[1] // key.shape[1], axis=1)
    sums, scale = np.einsum("thd,phd->htp", query, shared), a.number("scale")
    y = a.capped(sums * scale if scale else sums / np.sqrt(f32(query.shape[2])))
    if last := a.number("alibi"):
        first = int(a.get("firstPosition", 0))
        distance = np.abs(first + np.arange(len(query))[:, None] - np.arange(len(key))[None]).astype(f32)
        y = y - slopes(query.shape[1], last)[:, None, None] * distance
    return y


def values(a, weights, value):
    seen = mask(a, weights.shape[1], value.shape[0])
    shared = np.repeat(value, weights.shape[0] // value.shape[1], axis=1)
    return np.einsum("htp,phd->thd", np.where(seen, weights, f32(0)), shared)


def softmax(x, seen=True):
    greatest = np.where(seen, x, -np.inf).max(-1, keepdims=True)
    powers = np.where(seen, np.exp(x - np.where(np.isfinite(greatest), greatest, 0).astype(f32)), f32(0))
    total = powers.sum(-1, keepdims=True)
    return powers / np.where(total > 0, total, f32(1))


def log_softmax(x):
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def scaled(a, frequency, size, divisors):
    """Frequencies for longer contexts, as transformers computes them; YaRN's places in Float64, as Python does."""
    if divisors is not None:
        return frequency / divisors[:len(frequency)]
    number = frequency.dtype.type
    factor, context = a.number("contextFactor"), int(a["originalContext"])
    low, high = a.number("lowTurns"), a.number("highTurns")
    if a["scaling"] == "none":
        return frequency
    if a["scaling"] == "llama3":
        wavelength = number(2 * np.pi) / frequency
        smooth = (number(context) / wavelength - low) / (high - low)
        mixed = (1 - smooth) * frequency / factor + smooth * frequency
        slow, fast = wavelength > number(context) / low, wavelength < number(context) / high
        return np.where(slow, frequency / factor, np.where(fast, frequency, mixed))
    place = lambda turns: size * math.log(context / (float(turns) * 2 * math.pi)) / (2 * math.log(float(a.number("theta"))))
    first, last = place(high), place(low)
    if a["scaling"] == "yarn":
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, size - 1)
    width = last - first if last != first else 0.001
    ramp = np.clip((np.arange(size // 2).astype(number) - number(first)) / number(width), 0, 1)
    return frequency / factor * ramp + frequency * (1 - ramp)


def rotary(a, x, divisors=None, turn=1):
    size = int(a["rotatedSize"]) or x.shape[2]
    frequency = 1 / np.power(a.number("theta"), np.arange(0, size, 2).astype(f32) / f32(size))
    frequency = scaled(a, frequency, size, divisors)
    position = (int(a["firstPosition"]) + np.arange(len(x))).astype(f32) / a.number("scalingFactor")
    angle = turn * (position[:, None] * frequency)[:, None]
    first, second = slice(0, size // 2), slice(size // 2, size)
    if a.flag("interleaved"):
        first, second = slice(0, size, 2), slice(1, size, 2)
    y, sine, cosine = x.copy(), a.number("magnitude") * np.sin(angle), a.number("magnitude") * np.cos(angle)
    y[..., first] = x[..., first] * cosine - x[..., second] * sine
    y[..., second] = x[..., first] * sine + x[..., second] * cosine
    return y


def cosine_similarity(x, y, epsilon):
    norm = lambda x: np.maximum(np.sqrt((x * x).sum(-1)), epsilon)
    norms = norm(x)[:, None] * norm(y)[None, :]
    zero = (x == 0).all(-1)[:, None] | (y == 0).all(-1)[None, :]
    return np.where(zero, f32(0), x @ y.T / norms)


def slope(x, function):
    match function:
        case "relu": return (x > 0).astype(f32)
        case "gelu":
            density = np.exp(f32(-0.5) * (x * x)) * f32(1 / math.sqrt(2 * math.pi))
            return f32(0.5) * (1 + erf(x * f32(math.sqrt(0.5)))) + x * density
        case "gelu-tanh":
            factor = f32(math.sqrt(2 / math.pi))
            tanh = np.tanh(factor * (x + f32(0.044715) * (x * x * x)))
            inner = factor * (1 + f32(3 * 0.044715) * (x * x))
            return f32(0.5) * (1 + tanh) + f32(0.5) * x * (1 - tanh * tanh) * inner
        case "silu":
            sigmoid = 1 / (1 + np.exp(-x))
            return sigmoid * (1 + x * (1 - sigmoid))


def attention_backward(a, t):
    query, key, value, g = t["query"], t["key"], t["value"], t["gradient"]
    heads, groups = query.shape[1], key.shape[1]
    seen = mask(a, len(query), len(key))
    raw = np.where(seen, scores(a, query, key), f32(0))
    p, sink = softmax(raw, seen), None
    if "sinks" in t:
        sinks = np.broadcast_to(t["sinks"][:, None, None], (heads, len(query), 1))
        joined = softmax(np.concatenate([raw, sinks], -1), np.concatenate([np.broadcast_to(seen, raw.shape), sinks == sinks], -1))
        p, sink = joined[..., :-1], joined[..., -1]
    products = np.einsum("thd,phd->htp", g, np.repeat(value, heads // groups, axis=1))
    sums = np.where(seen, p * products, f32(0)).sum(-1)
    ds = np.where(seen, p * (products - sums[..., None]), f32(0))
    cap = a.number("softCap")
    if cap:
        raw = np.where(seen, scores(Attributes(a, alibi="0"), query, key), f32(0))
        ds = ds * (1 - (raw / cap) * (raw / cap))
    ds = ds * (a.number("scale") or 1 / np.sqrt(f32(query.shape[2])))

    def shared(y):
        return y.reshape(len(y), groups, heads // groups, -1).sum(2)
    return {"query": np.einsum("htp,phd->thd", ds, np.repeat(key, heads // groups, axis=1)),
            "key": shared(np.einsum("htp,thd->phd", ds, query)), "value": shared(np.einsum("htp,thd->phd", p, g)),
            "sinks": None if sink is None else -(sink * sums).sum(-1)}


def backward(name, a, t):
    x, weight, g = t.get("x"), t.get("weight"), t["gradient"]
    match name:
        case "rms-norm" | "rms-norm-weight" | "layer-norm" | "layer-norm-weight":
            deviation = x - x.mean(-1, keepdims=True) if name.startswith("layer") else x
            factor = 1 / root_of_mean_square(deviation, a.number("epsilon"))
            normalised = deviation * factor
            if name.endswith("weight"):
                return (g * normalised).sum(0)
            h = g * (weight + f32(name == "rms-norm" and a.flag("addsOne")))
            mean = h.mean(-1, keepdims=True) if name == "layer-norm" else f32(0)
            return (h - mean - normalised * (h * normalised).mean(-1, keepdims=True)) * factor
        case "bias": return g.sum(0)
        case "linear": return g @ weight
        case "linear-weight": return g.T @ x
        case "unembedding":
            cap = a.number("softCap")
            return (g * (1 - np.tanh(x @ weight.T / cap) ** 2) if cap else g) @ weight
        case "unembedding-weight":
            cap = a.number("softCap")
            return (g * (1 - np.tanh(x @ weight.T / cap) ** 2) if cap else g).T @ x
        case "softmax":
            p = softmax(x)
            return p * (g - (p * g).sum(-1, keepdims=True))
        case "log-softmax": return g - np.exp(log_softmax(x)) * g.sum(-1, keepdims=True)
        case "cross-entropy":
            logits, tokens, smoothing = t["logits"], np.arange(len(t["targets"])), a.number("smoothing")
            greatest = logits.max(-1, keepdims=True)
            logarithm = greatest + np.log(np.exp(logits - greatest).sum(-1, keepdims=True))
            factor = 1 + 2 * a.number("zLoss") * logarithm if a.number("zLoss") else f32(1)
            wanted = np.full_like(logits, smoothing / f32(logits.shape[1]))
            wanted[tokens, t["targets"]] += 1 - smoothing
            counted = t["targets"] != int(a["ignored"])
            return np.where(counted[:, None], g[:, None] * (softmax(logits) * factor - wanted), f32(0))
        case "relu": return np.where(x > 0, g, f32(0))
        case "gelu" | "gelu-tanh" | "silu": return g * slope(x, name)
        case "rotary-embedding": return rotary(a, g, t.get("divisors"), -1)
        case "embedding":
            y = t["before"].copy()
            np.add.at(y, t["tokens"], g)
            return y
        case "attention-query" | "attention-key" | "attention-value" | "attention-sinks":
            return attention_backward(a, t)[name.removeprefix("attention-")]
        case "gated-feed-forward":
            opening, incoming, function = linear(x, t["gate"]), g @ t["down"], a["activation"]
            through = incoming * linear(x, t["up"]) * slope(opening, function)
            return through @ t["gate"] + incoming * activated(opening, function) @ t["up"]
        case "clamped-gate": return clamped(a, t["gate"], t["up"], g)[0]
        case "clamped-gate-up": return clamped(a, t["gate"], t["up"], g)[1]
        case "router": return router_backward(a, t)
        case "experts": return experts_backward(a, t)
        case "experts-weights":
            return np.array([[(expert(a, t, e, row)[-1] * d).sum() for e in choice]
                             for row, choice, d in zip(x, t["choice"], g)], f32).reshape(t["choice"].shape)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def fp(x, bits, least, limit):
    """The nearest numbers with `bits` behind the point of their significand."""
    spacing = np.exp2(np.maximum(np.frexp(x)[1] - 1 - bits, least)).astype(f32)
    return np.clip(np.rint(x / spacing) * spacing, -limit, limit)


def quantized(name, a, x):
    """A row's numbers on the scheme's grid, or the row's scale."""
    scheme = a["scheme"]
    kind = scheme.removeprefix("mx")
    limit = f32({"fp4": 6, "fp8": 448, "fp8-e5m2": 57344, "nvfp4": 6}.get(kind, 127))
    greatest = np.maximum(np.abs(x).max(-1, keepdims=True, initial=0), a.number("least"))
    if scheme.startswith("mx"):
        unit = np.floor(np.log2(limit))
        exponent = {"floor": np.floor(np.log2(greatest)) - unit, "ceil": np.ceil(np.log2(greatest / limit)),
                    "round": np.rint(np.log2(greatest / limit)), "ggml-cuda": np.rint(np.log2(greatest)) - unit}[a["rule"]]
        scale = np.ldexp(f32(1), np.clip(exponent, -127, 127).astype(int)).astype(f32)
    elif scheme == "nvfp4":
        g = a.number("globalScale")
        scale = fp(g * (greatest * (1 / limit)), 3, -9, f32(448))
        if name == "quantize":
            return fp(np.where(scale == 0, f32(0), x * (1 / (scale * (1 / g)))), 1, -1, limit)
    else:
        if scheme == "q8_k" and x.size:
            first = np.take_along_axis(x, np.abs(x).argmax(-1)[:, None], -1)
            greatest = np.where(first > 0, -greatest, greatest)
        scale = greatest / limit
    if name == "quantize-scale":
        return (scale.astype(np.float16) if scheme == "q8_0" else scale)[:, 0].astype(f32)
    ratio = np.where(greatest == 0, f32(0), x / np.where(greatest == 0, f32(1), scale))
    if not kind.startswith("fp"):
        return np.rint(ratio)
    return fp(ratio, *{"fp4": (1, -1), "fp8": (3, -9), "fp8-e5m2": (2, -16)}[kind], limit)


def router(logits, bias, a):
    scores = sigmoid(logits) if a["score"] == "sigmoid" else softmax(logits)
    ranks = logits if bias is None and a["groupScore"] == "greatest" else scores + (f32(0) if bias is None else bias)
    groups, chosen = int(a["groups"]), int(a["chosen"])
    if groups > 1:
        members = ranks.reshape(len(ranks), groups, -1)
        best = np.sort(members, -1)[..., -2:].sum(-1) if a["groupScore"] == "sum-of-two" else members.max(-1)
        kept = np.argsort(-best, -1, kind="stable")[:, :int(a["keptGroups"])]
        dropped = ~(np.arange(groups)[None, :, None] == kept[:, None, :]).any(-1)
        ranks = np.where(np.repeat(dropped, members.shape[2], -1), -np.inf, ranks)
    choice = np.argsort(-ranks, -1, kind="stable")[:, :chosen]
    weights = np.take_along_axis(scores, choice, -1)
    if a.flag("renormalised"):
        if a["score"] == "softmax":
            weights = softmax(np.take_along_axis(logits, choice, -1))
        else:
            weights = weights / (weights.sum(-1, keepdims=True) + f32(1e-20 if a.flag("addsToSum") else 0))
    y = np.zeros_like(logits)
    np.put_along_axis(y, choice, weights * a.number("factor"), -1)
    return y


def clamped(a, gate, up, g=None):
    """A clamped gate, or the gradients of its inputs."""
    limit, alpha = a.number("limit"), a.number("alpha")
    opening, inner = np.minimum(gate, limit), np.clip(up, -limit, limit)
    s = sigmoid(alpha * opening)
    if g is None:
        return (inner + 1) * (opening * s)
    return (np.where(gate <= limit, g, f32(0)) * (inner + 1) * (s * (1 + alpha * opening * (1 - s))),
            np.where(np.abs(up) <= limit, g, f32(0)) * (opening * s))


def expert(a, t, e, row):
    """The gate, what it lets through and what the expert gives."""
    product = lambda name, x: t[name][e] @ x + (t[name + "Bias"][e] if name + "Bias" in t else f32(0))
    gate, up = product("gate", row), product("up", row)
    hidden = clamped(a, gate, up) if a["activation"] == "clamped-gate" else activated(gate, a["activation"]) * up
    return gate, up, product("down", hidden)


def experts_backward(a, t):
    y = np.zeros_like(t["x"])
    for token, (row, choice, weights, g) in enumerate(zip(t["x"], t["choice"], t["weights"], t["gradient"])):
        for e, w in zip(choice, weights):
            (gate, up, _), incoming = expert(a, t, e, row), (w * g) @ t["down"][e]
            if a["activation"] == "clamped-gate":
                through, around = clamped(a, gate, up, incoming)
            else:
                through, around = incoming * up * slope(gate, a["activation"]), incoming * activated(gate, a["activation"])
            y[token] += through @ t["gate"][e] + around @ t["up"][e]
    return y


def router_backward(a, t):
    logits, choice, g = t["logits"], t["choice"], t["gradient"] * a.number("factor")
    y = np.zeros_like(logits)
    if a["score"] == "softmax" and not a.flag("renormalised"):
        np.put_along_axis(y, choice, g, -1)
        p = softmax(logits)
        return p * (y - (p * y).sum(-1, keepdims=True))
    own = np.take_along_axis(logits, choice, -1)
    if a["score"] == "softmax":
        p = softmax(own)
        d = p * (g - (p * g).sum(-1, keepdims=True))
    else:
        s = sigmoid(own)
        if a.flag("renormalised"):
            total = s.sum(-1, keepdims=True) + f32(1e-20 if a.flag("addsToSum") else 0)
            g = (g - (s / total * g).sum(-1, keepdims=True)) / total
        d = g * (s * (1 - s))
    np.put_along_axis(y, choice, d, -1)
    return y


def layer(name, a, t):
    if name.endswith("-backward"):
        return backward(name.removesuffix("-backward"), a, t)
    x, weight = t.get("x"), t.get("weight")
    match name:
        case "embedding": return weight[t["tokens"]]
        case "learned-position": return x + weight[int(a["firstPosition"]):][:len(x)]
        case "residual-add": return x + t["residual"]
        case "scale":
            factor = np.sqrt(a.number("factor")) if a.flag("root") else a.number("factor")
            return x / factor if a.flag("divides") else x * factor
        case "gate": return t["gate"] * x
        case "quantize" | "quantize-scale": return quantized(name, a, x)
        case "clamp": return np.clip(x, -a.number("limit"), a.number("limit"))
        case "clamped-gate": return clamped(a, t["gate"], t["up"])
        case "relu" | "gelu" | "gelu-tanh" | "silu": return activated(x, name)
        case "linear": return linear(x, weight, t.get("bias"))
        case "unembedding": return a.capped(linear(x, weight))
        case "rms-norm":
            return x / root_of_mean_square(x, a.number("epsilon")) * (weight + f32(a.flag("addsOne")))
        case "layer-norm":
            deviation = x - x.mean(-1, keepdims=True)
            return deviation / root_of_mean_square(deviation, a.number("epsilon")) * weight + t.get("bias", f32(0))
        case "softmax": return softmax(x)
        case "log-softmax": return log_softmax(x)
        case "cross-entropy":
            logarithms, smoothing = log_softmax(t["logits"]), a.number("smoothing")
            loss = -logarithms[np.arange(len(t["targets"])), t["targets"]]
            if smoothing:
                loss = (1 - smoothing) * loss - smoothing / f32(logarithms.shape[1]) * logarithms.sum(-1)
            if a.number("zLoss"):
                greatest = t["logits"].max(-1)
                loss += a.number("zLoss") * (greatest + np.log(np.exp(t["logits"] - greatest[:, None]).sum(-1))) ** 2
            return np.where(t["targets"] != int(a["ignored"]), loss, f32(0))
        case "rotary-embedding": return rotary(a, x, t.get("divisors"))
        case "attention-scores": return scores(a, t["query"], t["key"])
        case "attention-values": return values(a, t["weights"], t["value"])
        case "attention":
            weights = softmax(scores(a, t["query"], t["key"]), mask(a, len(t["query"]), len(t["key"])))
            return values(a, weights, t["value"])
        case "sink-attention":
            sinks = np.broadcast_to(t["sinks"][:, None, None], (len(t["sinks"]), len(t["query"]), 1))
            joined = np.concatenate([scores(a, t["query"], t["key"]), sinks], -1)
            seen = mask(a, len(t["query"]), len(t["key"]))
            weights = softmax(joined, np.concatenate([seen, np.ones_like(seen[..., :1])], -1))[..., :-1]
            return values(a, weights, t["value"])
        case "feed-forward":
            hidden = activated(linear(x, t["up"], t.get("upBias")), a["activation"])
            return linear(hidden, t["down"], t.get("downBias"))
        case "gated-feed-forward":
            return linear(activated(linear(x, t["gate"]), a["activation"]) * linear(x, t["up"]), t["down"])
        case "router": return router(t["logits"], t.get("bias"), a)
        case "experts":
            return np.stack([sum(w * expert(a, t, e, row)[-1] for e, w in zip(choice, weights))
                             for row, choice, weights in zip(x, t["choice"], t["weights"])]) if len(x) else x
        case "sampling": return sampling(t["logits"], a)
        case "cosine-similarity": return cosine_similarity(x, t["y"], a.number("epsilon"))


def sampling(logits, a):
    temperature, top_k, top_p, min_p = a.number("temperature"), int(a["topK"]), a.number("topP"), a.number("minP")
    result = np.zeros_like(logits)
    for row, y in zip(logits, result):
        kept = np.argsort(-row, kind="stable")
        if temperature == 0:
            y[kept[:1]] = 1
            continue
        kept = kept[:top_k or len(row)]
        if top_p < 1:
            before = np.cumsum(softmax(row[kept]))
            kept = kept[:1 + np.count_nonzero(before[:-1] < top_p)]
        shares = softmax(row)
        kept = kept[shares[kept] >= min_p * shares.max(initial=0)]
        y[kept] = softmax(row[kept] / temperature)
    return result


def serve(layer):
    """Answers every case on the pipe with what `layer` makes of its name, attributes and tensors."""
    while True:
        metadata, tensors = read(sys.stdin.buffer)
        attributes = Attributes({key.removeprefix("attribute."): text for key, text in metadata.items()})
        write(sys.stdout.buffer, np.ascontiguousarray(layer(metadata["layer"], attributes, tensors), dtype="<f4"))


if __name__ == "__main__":
    serve(layer)
