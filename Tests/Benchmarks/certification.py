"""What exact computing costs, and Arb's time for the same beside it, as the tables of the page Certification.

    pip install python-flint
    python Tests/Benchmarks/certification.py .build/release/plumb model.gguf

Each time is the least of three runs; the exponent of a column of times is the slope of a line through their logarithms.
"""

import json
import math
import os
import subprocess
import sys
import time

PLUMB, MODEL = sys.argv[1], sys.argv[2]
PARTS = sys.argv[3:] or ["functions", "length", "digits", "width", "depth", "precision", "layer"]
# 32 tokens that any vocabulary of a few thousand has.
TOKENS = [504, 5231, 359, 260, 6577, 1517, 28, 30, 504, 2000, 359, 260, 6577, 15171, 28, 300,
          504, 5231, 3599, 260, 577, 1517, 28, 30, 504, 5231, 359, 2660, 6577, 1517, 28, 30]


def run(*arguments):
    """Wall-clock seconds, processor seconds, mebibytes at most and output of one run."""
    start = time.monotonic()
    process = subprocess.Popen([PLUMB, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"plumb {' '.join(map(str, arguments))} failed")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def least(*arguments):
    return min((run(*arguments) for _ in range(3)), key=lambda result: result[1])


def exponent(sizes, times):
    x, y = [math.log(size) for size in sizes], [math.log(time) for time in times]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)


def table(title, heads, rows):
    print(f"\n### {title}\n\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |", flush=True)


def sweep(title, head, values, arguments, extra):
    results = [least(*arguments(value)) for value in values]
    rows = [[value, f"{wall:.2f}", f"{processor:.2f}", f"{memory:.0f}", extra(output)]
            for value, (wall, processor, memory, output) in zip(values, results)]
    table(title, [head, "seconds", "processor seconds", "MiB", "bits"], rows)
    print(f"\nProcessor seconds grow as {head} to the power of {exponent(values, [r[1] for r in results]):.2f}.")


def certify(count, digits):
    return ["certify", MODEL, "--tokens", ",".join(map(str, TOKENS[:count])), "--digits", digits, "--json"]


def functions():
    import flint

    def call_time(body, arguments, overhead):
        def once():
            start = time.perf_counter()
            for x in arguments:
                body(x)
            return (time.perf_counter() - start) / len(arguments) * 1e9
        return max(min(once() for _ in range(200)) - overhead, 1)

    lines = [line.split("\t") for line in run("measure", "functions")[3].splitlines()]
    numbers = [flint.arb((index * 2 + 1) << 44 | 0x555555555 * (index + 3)) / flint.arb(2) ** 50 for index in range(256)]
    signed = [x if index % 2 == 0 else -x for index, x in enumerate(numbers)]
    calls = {
        "exp": (lambda x: x.exp(), signed), "tanh": (lambda x: x.tanh(), signed), "erf": (lambda x: x.erf(), signed),
        "sin": (lambda x: x.sin(), signed), "cos": (lambda x: x.cos(), signed),
        "sin and cos": (lambda x: x.sin_cos(), signed), "rsqrt": (lambda x: x.rsqrt(), numbers),
        "sigmoid": (lambda x: 1 / (1 + (-x).exp()), signed), "silu": (lambda x: x / (1 + (-x).exp()), signed),
    }
    rows = []
    for name, together, bits, nanoseconds in lines:
        flint.ctx.prec = int(bits)
        body, arguments = calls[name]
        # What a call through Python costs: the cheapest method there is.
        overhead = call_time(lambda x: x.is_exact(), arguments, 0)
        arb = call_time(body, arguments, overhead)
        rows.append([name, "a row" if int(together) > 1 else "a ball", bits, nanoseconds, f"{arb:.0f}",
                     f"{int(nanoseconds) / arb:.2f}"])
    table("Functions, nanoseconds an element", ["function", "of", "bits", "Plumbline", "Arb", "ratio"], rows)


def layer():
    wall, processor, memory, output = run("measure", "layer")
    table("A layer of 8192 inputs and 28672 outputs, binary16, 4 tokens of 256 bits",
          ["seconds", "processor seconds", "MiB", "product alone"],
          [[f"{wall:.1f}", f"{processor:.1f}", f"{memory:.0f}", output.strip()]])


def precision_of(output):
    return json.loads(output)["precision"]


def lost(output):
    return f"{output.split()[1]} lost"


for part in PARTS:
    if part == "functions":
        functions()
    elif part == "length":
        sweep("Length of the prompt, 20 digits", "tokens", [4, 8, 16, 32], lambda n: certify(n, 20), precision_of)
    elif part == "digits":
        sweep("Digits, 8 tokens", "digits", [20, 40, 80, 160], lambda n: certify(8, n), precision_of)
    elif part == "width":
        sweep("Width, 2 blocks, 16 tokens, 400 bits", "width", [256, 512, 1024, 2048],
              lambda n: ["measure", "pass", "--width", n, "--depth", 2], lost)
    elif part == "depth":
        sweep("Depth, 576 hidden elements, 16 tokens, 600 bits", "blocks", [2, 4, 8, 16],
              lambda n: ["measure", "pass", "--depth", n, "--precision", 600], lost)
    elif part == "precision":
        sweep("Precision, 576 hidden elements, 4 blocks, 16 tokens", "bits", [256, 512, 1024, 2048],
              lambda n: ["measure", "pass", "--precision", n], lost)
    elif part == "layer":
        layer()
    else:
        sys.exit(f"there is no part '{part}'")
