"""Writes the values of clamped gates and of softmaxes with a sink, by mpmath at 60 digits: Tests/Fixtures/gpt-oss-layers.txt.

    python3 Tests/Fixtures/gpt_oss_layers.py

A line of a gate: `gate`, alpha, limit, the gate, what it lets through, the value. A line of a softmax: `softmax`, the sink, the scores
with commas between, their weights with commas between. Every input is a binary32, written as a hexadecimal number.
"""
import pathlib
import random
import struct

import mpmath

mpmath.mp.dps = 60
random.seed(27)


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def exact(x):
    return mpmath.mpf(x)


lines = ["# By Tests/Fixtures/gpt_oss_layers.py, whose head says what stands where."]
for alpha, limit in [(1.702, 7.0), (1.0, 1.0), (0.3, 20.0)]:
    alpha, limit = single(alpha), single(limit)
    points = [-limit, limit, single(limit * 1.0000002), -9.5, 12.0, 0.0, -1.0, 1e-30, -60.0, 300.0, -3e38]
    points = [single(x) for x in points] + [single(random.gauss(0, 5)) for _ in range(9)]
    for gate in points:
        up = random.choice(points)
        g, u = min(exact(gate), exact(limit)), max(-exact(limit), min(exact(up), exact(limit)))
        value = (u + 1) * g / (1 + mpmath.exp(-exact(alpha) * g))
        lines.append(" ".join(["gate", *(float(x).hex() for x in (alpha, limit, gate, up)), mpmath.nstr(value, 45)]))
for count in (1, 2, 5, 9):
    for sink in (0.0, -3.25, 40.0, -200.0, single(random.gauss(0, 3))):
        scores = [single(random.gauss(0, 4)) for _ in range(count)]
        total = mpmath.exp(exact(sink)) + sum(mpmath.exp(exact(x)) for x in scores)
        weights = [mpmath.nstr(mpmath.exp(exact(x)) / total, 45) for x in scores]
        lines.append(" ".join(["softmax", sink.hex(), ",".join(x.hex() for x in scores), ",".join(weights)]))
(pathlib.Path(__file__).parent / "gpt-oss-layers.txt").write_text("\n".join(lines) + "\n")
