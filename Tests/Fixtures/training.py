"""Writes training.txt: five steps of a tiny Llama by PyTorch in Float64, from the weights and over the sequences that the trainer
draws from its seed.

    python3 Tests/Fixtures/training.py    # needs PyTorch

A line `step LOSS NORM` for each step: the mean cross-entropy in nats and the norm of the gradients before they are shortened. Then a
line `tensor NAME SUM …` for each tensor after the last: the sum of its elements, and the first four of them.
"""
import pathlib
import torch

BLOCKS, WIDTH, HEADS, KEYS, DEEP, CONTEXT, BATCH, PARTS, STEPS = 2, 16, 4, 2, 24, 12, 3, 2, 5
RATE, FINAL, WARM, DECAY, CLIP, SEED, EPSILON, SIZE = 0.01, 0.1, 2, 0.1, 0.5, 11, 2.0 ** -17, 4
MASK = (1 << 64) - 1
TEXT = bytes((i * i * 7 + i // 3 * 31) % 256 if i % 5 else 65 + i % 26 for i in range(400))


class SplitMix64:
    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)


def shapes():
    yield "token_embd", (256, WIDTH)
    for block in range(BLOCKS):
        for name, shape in [("attn_norm", (WIDTH,)), ("attn_q", (WIDTH, WIDTH)), ("attn_k", (KEYS * SIZE, WIDTH)),
                            ("attn_v", (KEYS * SIZE, WIDTH)), ("attn_output", (WIDTH, WIDTH)), ("ffn_norm", (WIDTH,)),
                            ("ffn_gate", (DEEP, WIDTH)), ("ffn_up", (DEEP, WIDTH)), ("ffn_down", (WIDTH, DEEP))]:
            yield f"blk.{block}.{name}", shape
    yield "output_norm", (WIDTH,)
    yield "output", (256, WIDTH)


def start():
    generator, weights = SplitMix64(SEED), {}
    for name, shape in shapes():
        if len(shape) == 1:
            weights[name] = torch.ones(shape, dtype=torch.float64)
            continue
        variance = 1 / shape[1]
        if name.endswith(("attn_output", "ffn_down")):
            variance /= 2 * BLOCKS
        if name == "token_embd":
            variance = 1 / 16
        factor = torch.tensor((3 * variance) ** 0.5 * 2.0 ** -22, dtype=torch.float32)
        drawn = [(generator.next() >> 41) - (1 << 22) for _ in range(shape[0] * shape[1])]
        # One product in Float32, as the trainer has it.
        weights[name] = (factor * torch.tensor(drawn, dtype=torch.float32)).double().reshape(shape)
    return {name: weight.requires_grad_() for name, weight in weights.items()}


def place(step, sequence):
    number = step * BATCH * PARTS + sequence
    generator = SplitMix64(SEED ^ ((number * 0x9E3779B97F4A7C15) & MASK))
    generator.next()
    return generator.next() % (len(TEXT) - CONTEXT)


def norm(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON) * weight


def turned(x):
    angles = torch.arange(CONTEXT, dtype=torch.float64)[:, None] * 10_000.0 ** (-torch.arange(0, SIZE, 2).double() / SIZE)
    cosine, sine = angles.cos()[:, None], angles.sin()[:, None]
    a, b = x[..., ::2], x[..., 1::2]
    return torch.stack([a * cosine - b * sine, a * sine + b * cosine], -1).flatten(-2)


def loss(w, tokens):
    x = w["token_embd"][tokens[:, :-1]]
    hidden = torch.ones(CONTEXT, CONTEXT, dtype=torch.bool).triu(1)
    for block in range(BLOCKS):
        p = {name: w[f"blk.{block}.{name}"] for name in ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output",
                                                         "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")}
        h = norm(x, p["attn_norm"])
        q = turned((h @ p["attn_q"].T).unflatten(-1, (HEADS, SIZE))).transpose(1, 2)
        k = turned((h @ p["attn_k"].T).unflatten(-1, (KEYS, SIZE))).transpose(1, 2).repeat_interleave(HEADS // KEYS, 1)
        v = (h @ p["attn_v"].T).unflatten(-1, (KEYS, SIZE)).transpose(1, 2).repeat_interleave(HEADS // KEYS, 1)
        scores = (q @ k.transpose(-1, -2) / SIZE ** 0.5).masked_fill(hidden, float("-inf"))
        x = x + (scores.softmax(-1) @ v).transpose(1, 2).flatten(-2) @ p["attn_output"].T
        h = norm(x, p["ffn_norm"])
        x = x + (torch.nn.functional.silu(h @ p["ffn_gate"].T) * (h @ p["ffn_up"].T)) @ p["ffn_down"].T
    logits = norm(x, w["output_norm"]) @ w["output"].T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())


def rate(step):
    if step < WARM:
        return RATE * (step + 1) / WARM
    part = torch.tensor((step - WARM) / max(STEPS - WARM - 1, 1), dtype=torch.float64)
    return RATE * (FINAL + (1 - FINAL) * 0.5 * (1 + torch.cos(torch.pi * part).item()))


weights = start()
optimiser = torch.optim.AdamW([
    {"params": [w for w in weights.values() if w.dim() == 2], "weight_decay": DECAY},
    {"params": [w for w in weights.values() if w.dim() == 1], "weight_decay": 0},
], betas=(0.9, 0.95), eps=1e-8)
lines = []
for step in range(STEPS):
    optimiser.zero_grad()
    total = 0
    for part in range(PARTS):
        starts = [place(step, part * BATCH + index) for index in range(BATCH)]
        tokens = torch.tensor([list(TEXT[first:first + CONTEXT + 1]) for first in starts])
        value = loss(weights, tokens) / PARTS
        value.backward()
        total += value.item()
    size = torch.nn.utils.clip_grad_norm_(weights.values(), float("inf")).item()
    for w in weights.values():
        w.grad *= min(1, CLIP / size)
    for group in optimiser.param_groups:
        group["lr"] = rate(step)
    optimiser.step()
    lines.append(f"step {total.hex()} {size.hex()}")
for name, weight in weights.items():
    numbers = [weight.sum(), *weight.flatten()[:4]]
    lines.append(f"tensor {name}.weight " + " ".join(number.item().hex() for number in numbers))
(pathlib.Path(__file__).resolve().parent / "training.txt").write_text("\n".join(lines) + "\n")
