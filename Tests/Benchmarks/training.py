"""A training step of `plumb train` beside PyTorch eager's: the same tiny Llama, batch and optimiser, one thread each.

    python3 Tests/Benchmarks/training.py PLUMB [STEPS]    # needs PyTorch

Prints the processor time of a step of either, the least of five runs in turns, and the peak memory of plumb beside that of its weights,
optimiser and activations. Processor time, as other work on the machine changes it least.
"""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import torch

BLOCKS, WIDTH, HEADS, KEYS, DEEP, CONTEXT, BATCH = 2, 128, 4, 2, 352, 256, 8
SIZE = WIDTH // HEADS
plumb, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
torch.set_num_threads(1)


class Norm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return torch.nn.functional.rms_norm(x, (WIDTH,), self.weight, 2.0 ** -17)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        linear = lambda rows, columns: torch.nn.Linear(columns, rows, bias=False)
        self.n1, self.n2 = Norm(), Norm()
        self.q, self.k, self.v, self.o = (linear(n, WIDTH) for n in (WIDTH, KEYS * SIZE, KEYS * SIZE, WIDTH))
        self.gate, self.up, self.down = linear(DEEP, WIDTH), linear(DEEP, WIDTH), linear(WIDTH, DEEP)

    def forward(self, x, cosine, sine):
        def turned(y):
            a, b = y[..., ::2], y[..., 1::2]
            return torch.stack([a * cosine - b * sine, a * sine + b * cosine], -1).flatten(-2)

        h = self.n1(x)
        q, k, v = (m(h).unflatten(-1, (-1, SIZE)).transpose(1, 2) for m in (self.q, self.k, self.v))
        y = torch.nn.functional.scaled_dot_product_attention(turned(q), turned(k), v, is_causal=True, enable_gqa=True)
        x = x + self.o(y.transpose(1, 2).flatten(-2))
        h = self.n2(x)
        return x + self.down(torch.nn.functional.silu(self.gate(h)) * self.up(h))


class Llama(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.norm = torch.nn.Embedding(256, WIDTH), Norm()
        self.blocks = torch.nn.ModuleList(Block() for _ in range(BLOCKS))
        self.output = torch.nn.Linear(WIDTH, 256, bias=False)
        angles = torch.arange(CONTEXT)[:, None] * 10_000.0 ** (-torch.arange(0, SIZE, 2) / SIZE)
        self.cosine, self.sine = angles.cos(), angles.sin()

    def forward(self, tokens):
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, self.cosine, self.sine)
        return self.output(self.norm(x))


model = Llama()
optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
text = torch.tensor(list(pathlib.Path(__file__).read_bytes() * 20))


def torch_step():
    start = time.process_time()
    for _ in range(steps):
        first = torch.randint(len(text) - CONTEXT, (BATCH,)).tolist()
        tokens = torch.stack([text[i:i + CONTEXT + 1] for i in first])
        optimiser.zero_grad()
        logits = model(tokens[:, :-1])
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return (time.process_time() - start) / steps


def call_of(folder, steps):
    call = [plumb, "train", folder / "text", "--held-out", folder / "held", "--output", folder / "model", "--force", "--json",
            "--threads", "1", "--steps", str(steps), "--layers", str(BLOCKS), "--width", str(WIDTH), "--heads", str(HEADS),
            "--kv-heads", str(KEYS), "--ff", str(DEEP), "--context", str(CONTEXT), "--batch", str(BATCH)]
    return list(map(str, call))


def plumb_run(folder, steps):
    """The seconds of the processor, and the report."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(call_of(folder, steps), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, json.loads(out)


def plumb_step(folder):
    # What is not a step is in both runs.
    (few, _), (many, report) = plumb_run(folder, steps), plumb_run(folder, 3 * steps)
    return (many - few) / (2 * steps), report["weights"]


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "text").write_bytes(bytes(text.tolist()))
    (folder / "held").write_bytes(bytes(text.tolist())[:CONTEXT + 1])
    torch_step()
    runs = [(plumb_step(folder), torch_step()) for _ in range(5)]
own, other = min(run[0][0] for run in runs), min(run[1] for run in runs)
print(f"a step: plumb {own * 1000:.1f} ms, PyTorch {torch.__version__} eager {other * 1000:.1f} ms, {other / own:.2f}x")
weights, rows = runs[0][0][1], BATCH * CONTEXT
block = 6 * WIDTH + 2 * KEYS * SIZE + HEADS * CONTEXT + 3 * DEEP
needed = 4 * (3 * weights + rows * (BLOCKS * block + (BLOCKS + 2) * WIDTH + 256))
# A small process between: what is started from here begins with this one's memory as its peak.
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "text").write_bytes(bytes(text.tolist()))
    (folder / "held").write_bytes(bytes(text.tolist())[:CONTEXT + 1])
    timed = subprocess.run(["/usr/bin/time", "-f", "%M", *call_of(folder, steps)], capture_output=True, text=True, check=True)
peak = int(timed.stderr.split()[-1]) * 1024
print(f"peak memory of plumb {peak / 2**20:.0f} MiB; weights, optimiser and activations {needed / 2**20:.0f} MiB")
