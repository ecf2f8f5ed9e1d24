#!/usr/bin/env python3
"""The parts of the drift of the logits of a small quantised model, by another program.

Prints the table of Tests/DriftTests/Support/QuantisedAttribution.swift. Needs mpmath. It shares nothing with Plumbline: the
model, its layers and the two ways to take the drift apart are written here from their formulas, in 400 bits.
The engine is one that computes each layer exactly on its own inputs, with the weights of matrix products in Float32, and
rounds the result to Float32 once.
"""
from mpmath import mp, mpf, exp, sqrt, cos, sin, fdot

mp.prec = 400
HIDDEN, HEADS, KV, SIZE, WIDE, WORDS, BLOCKS = 64, 4, 2, 16, 96, 32, 2
EPSILON, THETA, TOKENS = mpf(2) ** -17, 10000, [3, 17, 8]
MASK = 2**64 - 1


def rounded(x, bits):  # to nearest, ties to even; nothing here is subnormal in Float32
    with mp.workprec(bits):
        return +x


def f32(x):
    return rounded(x, 24)


class Seed:
    """SplitMix64 (Steele, Lea, Flood 2014)."""

    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        return z ^ z >> 31


seed = Seed(20250101)


def q4_1(rows, columns):
    """Blocks of 32: d·q + m. d is a subnormal binary16 and m has magnitude 2 to 4: Float32 does not hold the sum."""
    matrix = []
    for _ in range(rows):
        row = []
        for _ in range(columns // 32):
            draw = seed.next()
            d, m, sign = (draw & 0x3FF) | 1, draw >> 10 & 0x3FF, draw >> 20 & 1
            low = mpf(1024 + m) / 512 * (-1 if sign else 1)
            first, second = seed.next(), seed.next()
            nibbles = [first >> 4 * i & 15 for i in range(16)] + [second >> 4 * i & 15 for i in range(16)]
            row += [mpf(d) / 2**24 * q + low for q in nibbles]
        matrix.append(row)
    return matrix


def q8_0(rows, columns):
    """Blocks of 32: d·q, which Float32 holds."""
    matrix = []
    for _ in range(rows):
        row = []
        for _ in range(columns // 32):
            d = mpf(1024 + (seed.next() & 0x3FF)) / 2**16
            draws = [seed.next() for _ in range(4)]
            row += [d * ((draw >> 8 * i & 255) - 128) for draw in draws for i in range(8)]
        matrix.append(row)
    return matrix


def norm():
    return [mpf((seed.next() >> 41) - 2**22) / 2**29 + mpf(2) ** -6 for _ in range(HIDDEN)]


embedding = q4_1(WORDS, HIDDEN)
blocks = []
for _ in range(BLOCKS):
    blocks.append(
        dict(
            attention_norm=norm(), query=q4_1(HEADS * SIZE, HIDDEN), key=q4_1(KV * SIZE, HIDDEN),
            value=q4_1(KV * SIZE, HIDDEN), output=q8_0(HIDDEN, HEADS * SIZE), feed_norm=norm(),
            gate=q4_1(WIDE, HIDDEN), up=q4_1(WIDE, HIDDEN), down=q8_0(HIDDEN, WIDE)))
final_norm = norm()
unembedding = q4_1(WORDS, HIDDEN)


def product(x, matrix):
    return [[fdot(row, weights) for weights in matrix] for row in x]


def rms(x, weight):
    result = []
    for row in x:
        scale = 1 / sqrt(fdot(row, row) / len(row) + EPSILON)
        result.append([value * scale * w for value, w in zip(row, weight)])
    return result


def rotate(x):
    """Neighbours 2i and 2i + 1 of each head turn by position · theta^(−2i/size)."""
    result = []
    for position, row in enumerate(x):
        out = list(row)
        for head in range(0, len(row), SIZE):
            for i in range(SIZE // 2):
                angle = position * mpf(THETA) ** (-mpf(2 * i) / SIZE)
                a, b = row[head + 2 * i], row[head + 2 * i + 1]
                out[head + 2 * i] = a * cos(angle) - b * sin(angle)
                out[head + 2 * i + 1] = a * sin(angle) + b * cos(angle)
        result.append(out)
    return result


def head(row, index):
    return row[index * SIZE : (index + 1) * SIZE]


def scores(query, key):  # a row for each head and token, of the positions up to the token's
    return [
        [fdot(head(query[t], h), head(key[p], h * KV // HEADS)) / 4 for p in range(t + 1)]
        for h in range(HEADS) for t in range(len(query))
    ]


def softmax(rows):
    result = []
    for row in rows:
        powers = [exp(x - max(row)) for x in row]
        result.append([power / sum(powers) for power in powers])
    return result


def mixed(weights, value):
    count = len(value)
    return [
        [
            sum(w * value[p][h * KV // HEADS * SIZE + i] for p, w in enumerate(weights[h * count + t]))
            for h in range(HEADS) for i in range(SIZE)
        ]
        for t in range(count)
    ]


def zipped(f, *xs):
    return [[f(*values) for values in zip(*rows)] for rows in zip(*xs)]


def single(matrix):
    return [[f32(w) for w in row] for row in matrix]


class Pass:
    """A pass in which `after(name, kind, exact, again)` makes of each layer's exact output what the next one gets.

    `again(f)` is the layer once more with f of its weights, or None where it is no matrix product.
    """

    def __init__(self, after):
        self.after, self.hidden = after, []

    def start(self):
        return self.after("embedding", "embedding", [embedding[t] for t in TOKENS], None)

    def run(self, hidden=None, first=0):
        step = self.after
        hidden = hidden if hidden is not None else self.start()
        self.hidden.append(hidden)
        for index in range(first, BLOCKS):
            b = blocks[index]

            def show(role, kind, exact, again=None):
                return step(f"{index}.{role}", kind, exact, again)

            def linear(role, x, matrix):
                return show(role, "linear", product(x, matrix), lambda f: product(x, f(matrix)))

            x = show("attention-norm", "rms-norm", rms(hidden, b["attention_norm"]))
            q, k, v = (linear(n, x, b[n]) for n in ("query", "key", "value"))
            q = show("rotated-query", "rotary-embedding", rotate(q))
            k = show("rotated-key", "rotary-embedding", rotate(k))
            s = show("scores", "attention-scores", scores(q, k))
            w = show("weights", "softmax", softmax(s))
            y = show("values", "attention-values", mixed(w, v))
            y = linear("output", y, b["output"])
            middle = show("middle", "residual-add", zipped(lambda a, c: a + c, hidden, y))
            x = show("feed-norm", "rms-norm", rms(middle, b["feed_norm"]))
            g, u = (linear(n, x, b[n]) for n in ("gate", "up"))
            g = show("activated", "silu", zipped(lambda a: a / (1 + exp(-a)), g))
            g = show("gated", "gate", zipped(lambda a, c: a * c, g, u))
            d = linear("down", g, b["down"])
            hidden = show("hidden", "residual-add", zipped(lambda a, c: a + c, middle, d))
            self.hidden.append(hidden)
        x = step("final-norm", "rms-norm", rms(hidden, final_norm), None)[-1:]
        return step(
            "logits", "unembedding", product(x, unembedding), lambda f: product(x, f(unembedding)))[0]


def exact(name, kind, y, again):
    return y


def difference(a, b):
    return zipped(lambda x, y: mpf(float(x - y)), a, b)  # to the nearest Float64


def elementary(kind):
    return "elementary functions" if kind in ("rotary-embedding", "softmax", "silu") else (
        "sums of products" if kind in ("linear", "unembedding", "attention-scores", "attention-values", "rms-norm")
        else "single roundings")


errors = {}


def engine(name, kind, y, again):
    middle = again(single) if again else (single(y) if kind == "embedding" else y)
    out = zipped(f32, middle)
    errors[name, "weights turned into Float32", kind] = difference(middle, y)
    if kind != "embedding":
        errors[name, elementary(kind), kind] = difference(out, middle)
    return out


truth = Pass(exact).run()
ours = Pass(engine)
logits = ours.run()
places = [Pass(exact).run(hidden, index) for index, hidden in enumerate(ours.hidden)] + [logits]

order = ["embedding", "rms-norm", "linear", "rotary-embedding", "attention-scores", "softmax", "attention-values",
         "residual-add", "silu", "gate", "unembedding"]
causes = ["weights turned into Float32", "elementary functions", "sums of products", "single roundings"]
sources = [
    (cause, kind) for cause in causes for kind in order
    if any((c, k) == (cause, kind) and any(map(any, e)) for (_, c, k), e in errors.items())
]


def adding(some):
    def after(name, kind, y, again):
        for cause, layer in some:
            if (name, cause, layer) in errors:
                y = zipped(lambda a, e: a + e, y, errors[name, cause, layer])
        return y

    return after


steps = [Pass(adding(sources[: count + 1])).run() for count in range(len(sources))] + [logits]
first = max(range(WORDS), key=lambda t: logits[t])
most = max(range(WORDS), key=lambda t: abs(logits[t] - truth[t]))


def lines(title, names, rows):
    print(f"  static let {title}: [(name: String, values: [String])] = [")
    for name, row, before in zip(names, rows, [truth] + rows):
        values = [mp.nstr(row[t] - before[t], 45, min_fixed=0, max_fixed=0) for t in (first, most)]
        print(f'    (\n      "{name}",\n      [\n        "{values[0]}",\n        "{values[1]}",\n      ]\n    ),')
    print("  ]")


print("/// Printed by Tests/Conformance/attribution.py, which says what it is.")
print("enum QuantisedAttribution {")
print("  /// The engine's first choice, and the logit that drifts most.")
print(f"  static let tokens = [{first}, {most}]")
print("  /// What each place adds to the two.")
lines("places", ["embedding", "block 0", "block 1", "final norm and unembedding"], places)
print("  /// What each cause adds.")
lines("causes", [f"{c}, {k}" for c, k in sources] + ["rest"], steps)
print("}")
