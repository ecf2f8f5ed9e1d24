"""Plants bugs in an independent engine (NumPy, Float32, six blocks made from a seed) and asks `plumb grade` where and what
they are. Usage: planted.py PLUMB [BUG ...]; exits 1 where a first cause is wrong or a clean dump is blamed."""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import save_file

F = np.float32
H, NH, NK, D, FF, V, L, EPS, THETA = 32, 4, 2, 8, 48, 80, 6, 1e-5, 10000.0
TOKENS = [3, 17, 42, 5, 64, 8, 71, 30, 55, 2, 19, 66]
B = 3  # the block that has the bug; one of epsilon shows where rows are small, in block 0


def bf16(x):
    bits = np.asarray(x, F).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(F)


def f16(x):
    return np.asarray(x, np.float16).astype(F)


def weights(seed=7):
    r = np.random.default_rng(seed)
    w = {"model.embed_tokens.weight": r.normal(0, 0.3, (V, H))}
    for b in range(L):
        p = f"model.layers.{b}."
        for name, rows, columns in [
            ("self_attn.q_proj", NH * D, H), ("self_attn.k_proj", NK * D, H), ("self_attn.v_proj", NK * D, H),
            ("self_attn.o_proj", H, NH * D), ("mlp.gate_proj", FF, H), ("mlp.up_proj", FF, H),
            ("mlp.down_proj", H, FF),
        ]:
            w[p + name + ".weight"] = r.normal(0, 1.2 / np.sqrt(columns), (rows, columns))
        for name in ["input_layernorm", "post_attention_layernorm"]:
            w[p + name + ".weight"] = r.uniform(0.5, 1.5, H)
    w["model.norm.weight"] = r.uniform(0.5, 1.5, H)
    w["lm_head.weight"] = r.normal(0, 0.2, (V, H))
    return {name: x.astype(F) for name, x in w.items()}


def write_model(folder, w):
    json.dump(
        dict(
            model_type="llama", hidden_size=H, num_attention_heads=NH, num_key_value_heads=NK, intermediate_size=FF,
            vocab_size=V, num_hidden_layers=L, rms_norm_eps=EPS, rope_theta=THETA, max_position_embeddings=128,
            hidden_act="silu", tie_word_embeddings=False), open(os.path.join(folder, "config.json"), "w"))
    save_file(w, os.path.join(folder, "model.safetensors"))


def run(w, bug):
    """The pass, with one bug; every activation by Plumbline's names."""
    out = {}

    def at(name):
        return bug == name and b == (0 if "eps" in name else B)

    def norm(x, g, kind):
        eps = F(EPS)
        if at(kind + "-eps-1e-6"): eps = F(1e-6)
        if at(kind + "-eps-tenfold"): eps = F(1e-4)
        if at(kind + "-eps-none"): eps = F(0)
        n = H - 1 if at(kind + "-n-minus-1") else H
        if at(kind + "-sum"): n = 1
        if at(kind + "-mean-subtracted"): x = x - x.mean(-1, keepdims=True, dtype=F)
        s = (x * x).sum(-1, keepdims=True, dtype=F) / F(n)
        f = F(1) / (np.sqrt(s) + eps) if at(kind + "-eps-outside") else F(1) / np.sqrt(s + eps)
        if at(kind + "-no-root"): f = F(1) / (s + eps)
        if at(kind + "-no-weight"): g = np.ones_like(g)
        if at(kind + "-weight-plus-1"): g = g + F(1)
        if at(kind + "-skipped"): return x
        return x * f * g

    def linear(x, m, name):
        m = w[f"model.layers.{b - 1 if at(name + '-block-before') else b}.{m}.weight"]
        if at(name + "-weight-bf16"): m = bf16(m)
        if at(name + "-weight-f16"): m = f16(m)
        if at(name + "-last-input"): return x[:, :-1] @ m[:, :-1].T
        if at(name + "-transposed"): return (x @ m).astype(F)
        if at(name + "-input-bf16"): x = bf16(x)
        y = x @ m.T
        if at(name + "-relu"): y = np.maximum(y, 0)
        if at(name + "-tail"): y[:, -1] = 0
        if at(name + "-first-row"): y = np.repeat(y[:1], len(y), 0)
        return y.astype(F)

    def rope(x, which):
        if at(which + "-rope-none"): return x
        t = np.arange(len(x), dtype=F)
        if at(which + "-rope-plus-1"): t = t + F(1)
        theta = F(500000 if at(which + "-rope-theta") else THETA)
        i = np.arange(0, D, 2, dtype=F)
        inv = F(1) / theta ** (i / F(2 * D if at(which + "-rope-half-exponent") else D))
        if at(which + "-rope-inverted"): inv = F(1) / inv
        a = t[:, None] * inv[None]
        c, s = np.cos(a)[:, None], np.sin(a)[:, None]
        if at(which + "-rope-sign"): s = -s
        if at(which + "-rope-f16-table"): c, s = f16(c), f16(s)
        y = x.copy()
        if at(which + "-rope-adjacent"): p, q = x[..., 0::2], x[..., 1::2]
        else: p, q = x[..., : D // 2], x[..., D // 2 :]
        u, v = p * c - q * s, p * s + q * c
        if at(which + "-rope-in-place"): v = u * s + q * c
        if at(which + "-rope-adjacent"): y[..., 0::2], y[..., 1::2] = u, v
        else: y[..., : D // 2], y[..., D // 2 :] = u, v
        if at(which + "-rope-last-pair"): y[..., D // 2 - 1], y[..., D - 1] = p[..., -1], q[..., -1]
        return y.astype(F)

    b, tokens = -1, list(TOKENS)
    if bug == "embedding-late": tokens = tokens[:1] + tokens[:-1]
    x = w["model.embed_tokens.weight"][tokens]
    if bug == "embedding-scaled": x = x * F(np.sqrt(H))
    if bug == "embedding-bf16": x = bf16(x)
    out["embedding"] = x
    T = len(tokens)
    for b in range(L):
        o = {}
        p = f"model.layers.{b}."
        n = o["attention-norm"] = norm(x, w[p + "input_layernorm.weight"], "norm")
        o["query"] = linear(n, "self_attn.q_proj", "query").reshape(T, NH, D)
        o["key"] = linear(n, "self_attn.v_proj" if at("key-is-value") else "self_attn.k_proj", "key").reshape(T, NK, D)
        o["value"] = linear(n, "self_attn.v_proj", "value").reshape(T, NK, D)
        q, k, v = rope(o["query"], "query"), rope(o["key"], "key"), o["value"]
        o["rotated-query"], o["rotated-key"] = q, k
        groups = np.arange(NH) % NK if at("heads-modulo") else np.arange(NH) // (NH // NK)
        if at("heads-first"): groups = np.zeros(NH, int)
        s = np.einsum("thd,shd->hts", q, k[:, groups]).astype(F)
        s = s / F(D) if at("scale-d") else s if at("scale-none") else s / F(8) if at("scale-64") else s / np.sqrt(F(D))
        if at("soft-cap"): s = F(5) * np.tanh(s / F(5))
        i, j = np.arange(T)[:, None], np.arange(T)[None]
        mask = j <= i
        o["attention-scores"] = s.astype(F)
        if at("mask-none"): mask = j <= T
        if at("mask-long"): mask = j <= i + 1
        if at("mask-window-8"): mask = mask & (i - j < 8)
        z = np.where(mask, s, F(-np.inf))
        m = z.max(-1, keepdims=True)
        e = np.exp2(z - m) if at("softmax-base-2") else np.exp(z - m)
        a = e / (e.sum(-1, keepdims=True, dtype=F) + F(1 if at("softmax-plus-1") else 0))
        o["attention-weights"] = a = a.astype(F)
        if at("weights-bf16"): a = bf16(a)
        vg = np.arange(NH) % NK if at("value-heads-modulo") else np.arange(NH) // (NH // NK)
        if at("values-late"): v = np.roll(v, -1, 0)
        y = np.einsum("hts,shd->thd", a, v[:, vg]).astype(F)
        if at("values-heads-first"): y = y.transpose(1, 0, 2).reshape(T, NH, D)
        o["attention-values"] = np.ascontiguousarray(y)
        o["attention-output"] = linear(y.reshape(T, NH * D), "self_attn.o_proj", "output")
        base = n if at("residual-from-norm") else x
        r = base + o["attention-output"]
        if at("residual-forgotten"): r = o["attention-output"]
        if at("residual-twice"): r = base + F(2) * o["attention-output"]
        if at("residual-bf16"): r = bf16(r)
        o["attention-residual"] = r
        n = o["feed-forward-norm"] = norm(r, w[p + "post_attention_layernorm.weight"], "ffn-norm")
        swap = at("gate-up-swapped")
        o["gate"] = linear(n, "mlp.up_proj" if swap else "mlp.gate_proj", "gate")
        o["up"] = linear(n, "mlp.gate_proj" if swap else "mlp.up_proj", "up")
        g = o["gate"]
        if at("silu-gelu"): a = F(0.5) * g * (F(1) + np.tanh(F(np.sqrt(2 / np.pi)) * (g + F(0.044715) * g * g * g)))
        elif at("silu-relu"): a = np.maximum(g, 0)
        elif at("silu-quick"): a = g / (F(1) + np.exp(F(-1.702) * g))
        elif at("silu-sigmoid"): a = F(1) / (F(1) + np.exp(-g))
        elif at("silu-hard"): a = g * np.clip(g + F(3), 0, 6) / F(6)
        else: a = g / (F(1) + np.exp(-g))
        o["activated-gate"] = a.astype(F)
        o["gated-up"] = a + o["up"] if at("gate-added") else o["up"] if at("gate-forgotten") else a * o["up"]
        o["gated-up"] = o["gated-up"].astype(F)
        o["down"] = linear(o["gated-up"], "mlp.down_proj", "down")
        x = r + o["down"]
        if at("ffn-residual-from-input"): x = out_x + o["down"]
        if at("ffn-residual-subtracted"): x = r - o["down"]
        out_x = o["feed-forward-residual"] = x.astype(F)
        out.update({f"blocks.{b}.{name}": y for name, y in o.items()})
    b = L
    n = out["final-norm"] = x if bug == "final-norm-skipped" else norm(x, w["model.norm.weight"], "-")
    row = n[-2:-1] if bug == "logits-token-before" else n[-1:]
    y = row @ w["lm_head.weight"].T
    if bug == "logits-scaled": y = y / np.sqrt(F(H))
    if bug == "logits-soft-cap": y = F(30) * np.tanh(y / F(30))
    out["logits"] = y.astype(F)
    e = np.exp(y - y.max())
    out["probabilities"] = (e / e.sum(dtype=F)).astype(F)
    return {name: np.ascontiguousarray(x, dtype=F) for name, x in out.items()}


# Bug: where it begins, and the names by which it goes, any of which is right.
N, Q, K, O = "attention-norm", "rotated-query", "rotated-key", "attention-output"
BUGS = {
    "embedding-late": ("embedding", "one-token-late"), "embedding-scaled": ("embedding", "scaled"),
    "embedding-bf16": ("embedding", "bf16-table"), "norm-eps-1e-6": (N, "epsilon-1e-6", "epsilon-tenth"),
    "norm-eps-tenfold": (N, "epsilon-tenfold"), "norm-eps-none": (N, "epsilon-forgotten"),
    "norm-eps-outside": (N, "epsilon-outside-root"), "norm-n-minus-1": (N, "n-minus-1"), "norm-sum": (N, "sum-for-mean"),
    "norm-mean-subtracted": (N, "mean-subtracted"), "norm-no-root": (N, "root-forgotten"),
    "norm-no-weight": (N, "weight-forgotten"), "norm-weight-plus-1": (N, "weight-plus-1"),
    "norm-skipped": (N, "left-out"), "ffn-norm-eps-1e-6": ("feed-forward-norm", "epsilon-1e-6", "epsilon-tenth"),
    "query-block-before": ("query", "weights-of-block-before"), "query-weight-bf16": ("query", "weight-in-bf16"),
    "query-transposed": ("query", "transposed"), "key-is-value": ("key", "weights-of-value"),
    "key-weight-f16": ("key", "weight-in-float16"), "value-last-input": ("value", "last-input-skipped"),
    "value-relu": ("value", "negative-cut-off"), "output-tail": (O, "row-tail-skipped"),
    "output-first-row": (O, "first-row-repeated"), "query-rope-adjacent": (Q, "pairing-swapped"),
    "query-rope-plus-1": (Q, "position-plus-1"), "key-rope-plus-1": (K, "position-plus-1"),
    "query-rope-sign": (Q, "sign-of-sine"), "key-rope-in-place": (K, "in-place"), "key-rope-none": (K, "left-out"),
    "query-rope-inverted": (Q, "theta-inverted"), "key-rope-half-exponent": (K, "exponent-halved"),
    "query-rope-f16-table": (Q, "table-in-float16"), "key-rope-last-pair": (K, "last-pair-skipped"),
    "query-rope-theta": (Q, "theta-500000"), "scale-d": ("attention-scores", "scale-1-over-d"),
    "scale-none": ("attention-scores", "scale-forgotten"), "scale-64": ("attention-scores", "scale-1-over-d", "scale-of-64"),
    "heads-modulo": ("attention-scores", "heads-modulo"), "heads-first": ("attention-scores", "first-key-head"),
    "mask-none": ("attention-weights", "no-mask"), "mask-long": ("attention-weights", "mask-one-long"),
    "mask-window-8": ("attention-weights", "window-of-8"), "softmax-base-2": ("attention-weights", "base-2"),
    "softmax-plus-1": ("attention-weights", "plus-1", "one-added"),
    "weights-bf16": ("attention-values", "weights-in-bf16"), "value-heads-modulo": ("attention-values", "heads-modulo"),
    "values-late": ("attention-values", "values-one-late"), "values-heads-first": ("attention-values", "heads-first"),
    "residual-from-norm": ("attention-residual", "normalised-added"),
    "residual-forgotten": ("attention-residual", "residual-alone", "layer-forgotten"),
    "residual-twice": ("attention-residual", "residual-twice"), "residual-bf16": ("attention-residual", "result-in-bf16"),
    "gate-up-swapped": ("gate", "weights-of-up"), "silu-gelu": ("activated-gate", "gelu-tanh"),
    "silu-relu": ("activated-gate", "rectifier"), "silu-quick": ("activated-gate", "quick-gelu"),
    "silu-sigmoid": ("activated-gate", "sigmoid-alone"), "silu-hard": ("activated-gate", "hard-swish"),
    "gate-added": ("gated-up", "added"), "gate-forgotten": ("gated-up", "gate-forgotten", "x-forgotten"),
    "down-input-bf16": ("down", "input-in-bf16"), "ffn-residual-from-input": ("feed-forward-residual", "block-input-added"),
    "ffn-residual-subtracted": ("feed-forward-residual", "subtracted"), "final-norm-skipped": ("final-norm", "left-out"),
    "logits-scaled": ("logits", "scaled"), "logits-token-before": ("logits", "token-before"),
}


def grade(plumb, folder, dump, *more):
    path = os.path.join(folder, "dump.safetensors")
    storage = more[0] if more else "f32"
    if storage == "bf16": save_bf16(dump, path)
    else: save_file({name: x.astype(np.float16) for name, x in dump.items()} if storage == "f16" else dump, path)
    command = [plumb, "grade", folder, path, "--tokens", ",".join(map(str, TOKENS)), "--local-only", "--json", *more[1:]]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode not in (0, 1): sys.exit(f"{command}: {result.stderr}")
    return json.loads(result.stdout)


def save_bf16(dump, path):
    """NumPy has no bfloat16, so the file is written by hand: a header of JSON, then the upper halves."""
    header, blobs, place = {}, [], 0
    for name, x in dump.items():
        blob = (bf16(x).view(np.uint32) >> 16).astype(np.uint16).tobytes()
        header[name] = {"dtype": "BF16", "shape": list(x.shape), "data_offsets": [place, place + len(blob)]}
        blobs.append(blob)
        place += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def main():
    plumb, chosen = sys.argv[1], sys.argv[2:]
    w = weights()
    failures, placed, named = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        write_model(folder, w)
        for storage, *options in [("f32",), ("bf16", "--arithmetic", "f32"), ("bf16",), ("f16", "--arithmetic", "f32"), ("f16",)]:
            report = grade(plumb, folder, run(w, None), storage, *options)
            print(f"clean, stored in {storage}, graded as {report['arithmetic']}: {report['verdict']}")
            failures += report["verdict"] != "within"
        for bug, (place, *names) in BUGS.items():
            if chosen and bug not in chosen: continue
            cause = grade(plumb, folder, run(w, bug))["firstCause"]
            outside = place in ("embedding", "final-norm", "logits")
            expected = place if outside else f"blocks.{0 if 'eps' in bug else B}.{place}"
            found = cause["name"] if cause else "none"
            said = [x["mutant"] for x in cause["explanations"]] if cause else []
            isNamed = any(x.split(" ")[-1] in names for x in said)
            placed += found == expected
            named += isNamed
            print(f"{'ok ' if found == expected else 'BAD'} {'ok ' if isNamed else 'BAD'} {bug:24} {found:30} {said[:4]}")
            if not isNamed and cause: print("        ", cause["shape"], [(x["mutant"], x["margin"]) for x in cause["refuted"][:3]])
        count = len(chosen) or len(BUGS)
        print(f"{count} bugs: first cause right {placed}, cause named {named}")
        failures += placed < count or (not chosen and named < 0.9 * count)
    sys.exit(1 if failures else 0)


main()
