"""Grades the expected outputs of ONNX's own node cases with `plumb layer`.

    pip install onnx safetensors numpy
    python Tests/Conformance/onnx_cases.py .build/release/plumb [--all]

Each case of an operator that the catalogue has is fed to the layer of that meaning; axes and layouts are mapped by
reshaping and transposing here. Every element of the expected output is held against the exact result in rational
arithmetic. It is

    within    where it lies within the proved bound of the case's own arithmetic (f32, f16 or bf16);
    outside   where it does not, but within that of a worse kernel, whose operations only give a neighbour of the exact
              result and whose elementary functions are off by up to 64 ulps: it means the same, less accurately;
    other     where neither explains it: it means something else.

Exit status: 0 when no case is `other`, 1 when one is, 2 when the command or the package is missing.
"""

import collections
import fractions
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np

try:
    import onnx
    from onnx.backend.test.case.node import collect_testcases
    from safetensors.numpy import load_file, save_file
except ImportError as error:
    print(f"onnx_cases.py: {error}; pip install onnx safetensors numpy", file=sys.stderr)
    sys.exit(2)


class NotApplicable(Exception):
    """Why no layer of the catalogue computes a case."""


class Plumb:
    """`plumb layer`, run on arrays."""

    def __init__(self, path):
        self.path = path
        self.folder = tempfile.TemporaryDirectory()

    def __call__(self, layer, tensors, attributes, arithmetic):
        source, target = (os.path.join(self.folder.name, name) for name in ("in", "out"))
        arrays = {}
        for name, array in tensors.items():
            kind = np.int64 if array.dtype.kind in "iu" else np.float32
            arrays[name] = np.ascontiguousarray(array.astype(kind))
        save_file(arrays, source)
        command = [self.path, "layer", layer, "--input", source, "--output", target, "--arithmetic", arithmetic]
        for key, value in attributes.items():
            command += ["--attribute", f"{key}={str(value).lower()}"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, 1):
            raise RuntimeError(run.stderr.strip())
        return load_file(target)


class Answer:
    """The exact values of an output, as an interval each, and the bounds of two arithmetics."""

    def __init__(self, parts):
        self.parts = parts  # {"lower": …, "upper": …, "bound": …, "coarse": …}

    def map(self, function):
        return Answer({name: function(array) for name, array in self.parts.items()})

    @staticmethod
    def stack(answers, axis=0):
        return Answer({n: np.stack([a.parts[n] for a in answers], axis) for n in answers[0].parts})

    @staticmethod
    def concatenate(answers, axis=0):
        return Answer({n: np.concatenate([a.parts[n] for a in answers], axis) for n in answers[0].parts})


class Grader:
    def __init__(self, plumb, arithmetic):
        self.plumb, self.arithmetic = plumb, arithmetic

    def layer(self, layer, tensors, **attributes):
        fine = self.plumb(layer, tensors, attributes, self.arithmetic)
        coarse = self.plumb(layer, tensors, attributes, self.arithmetic + ",faithful,elementary=64")
        return Answer({**{n: fine[n] for n in ("lower", "upper", "bound")}, "coarse": coarse["bound"]})


def elementwise(grader, layer, *names_and_arrays):
    arrays = np.broadcast_arrays(*(array for _, array in names_and_arrays))
    names = [name for name, _ in names_and_arrays]
    tensors = {name: array.reshape(1, -1) for name, array in zip(names, arrays)}
    return grader.layer(layer, tensors).map(lambda a: a.reshape(arrays[0].shape))


def along_axis(grader, layer, x, axis):
    moved = np.moveaxis(x, axis, -1)
    answer = grader.layer(layer, {"x": moved.reshape(-1, moved.shape[-1])})
    return answer.map(lambda a: np.moveaxis(a.reshape(moved.shape), -1, axis))


def normalisation(grader, layer, inputs, attributes):
    x, weight = inputs[0], inputs[1]
    axis = attributes.get("axis", -1) % x.ndim
    count = int(np.prod(x.shape[axis:]))
    tensors = {"x": x.reshape(-1, count), "weight": weight.reshape(-1)}
    if len(inputs) > 2 and inputs[2] is not None:
        tensors["bias"] = inputs[2].reshape(-1)
    answer = grader.layer(layer, tensors, epsilon=float(np.float32(attributes.get("epsilon", 1e-5))))
    return answer.map(lambda a: a.reshape(x.shape))


def matmul(grader, a, b):
    left, right = (a[None, :] if a.ndim == 1 else a), (b[:, None] if b.ndim == 1 else b)
    shape = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left = np.broadcast_to(left, shape + left.shape[-2:]).reshape(-1, *left.shape[-2:])
    right = np.broadcast_to(right, shape + right.shape[-2:]).reshape(-1, *right.shape[-2:])
    answers = [grader.layer("linear", {"x": x, "weight": y.T}) for x, y in zip(left, right)]
    result = np.matmul(a, b).shape
    return Answer.stack(answers).map(lambda array: array.reshape(result))


def gemm(grader, inputs, attributes):
    a = inputs[0].T if attributes.get("transA") else inputs[0]
    weight = inputs[1] if attributes.get("transB") else inputs[1].T
    alpha, beta = np.float32(attributes.get("alpha", 1)), np.float32(attributes.get("beta", 1))
    if not np.array_equal(np.float64(alpha) * np.float64(a), np.float64(alpha * a)):
        raise NotApplicable("alpha times a is not exact")
    if len(inputs) < 3 or inputs[2] is None:
        return grader.layer("linear", {"x": alpha * a, "weight": weight})
    bias = np.broadcast_to(inputs[2], (a.shape[0], weight.shape[0]))
    if beta == 1:
        rows = [grader.layer("linear", {"x": alpha * a[i : i + 1], "weight": weight, "bias": bias[i]}) for i in range(len(a))]
    else:  # beta · c is one more term of the sum.
        rows = [
            grader.layer("linear", {
                "x": np.append(alpha * a[i], beta)[None, :], "weight": np.column_stack([weight, bias[i]])})
            for i in range(len(a))
        ]
    return Answer.concatenate(rows)


def attention(grader, node, inputs, attributes, scores=False):
    names = ["q", "k", "v", "mask", "past_key", "past_value", "lengths"]
    given = dict(zip(names, inputs + [None] * 7))
    q, k, v = given["q"], given["k"], given["v"]
    is_flat = q.ndim == 3
    if is_flat:  # [batch, tokens, heads · size] to [batch, heads, tokens, size]
        def split(x, heads):
            return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)

        q, k, v = split(q, attributes["q_num_heads"]), split(k, attributes["kv_num_heads"]), split(v, attributes["kv_num_heads"])
    past = 0
    if given["past_key"] is not None:
        past = given["past_key"].shape[2]
        k, v = np.concatenate([given["past_key"], k], 2), np.concatenate([given["past_value"], v], 2)
    options = {}
    if attributes.get("softcap"):
        options["softCap"] = float(attributes["softcap"])
    if "scale" in attributes:
        options["scale"] = float(attributes["scale"])
    size = v.shape[3]
    if size < q.shape[3]:  # Values of 0 stand in for those that are not there, and are dropped again.
        v = np.pad(v, [(0, 0)] * 3 + [(0, q.shape[3] - size)])
    if size > q.shape[3]:  # Zeros add nothing to a score, if the scale stays that of the shorter heads.
        options.setdefault("scale", float(np.float32(1 / np.sqrt(q.shape[3]))))
        q, k = (np.pad(x, [(0, 0)] * 3 + [(0, size - x.shape[3])]) for x in (q, k))
    mask = given["mask"]
    left, right = attributes.get("left_window_size", -1), attributes.get("right_window_size", -1)
    is_causal, lengths = bool(attributes.get("is_causal", 0)), given["lengths"]
    if mask is not None or right >= 0:
        allowed = boolean_mask(mask, q, k, past, is_causal, lengths, left, right)
        answer = masked_attention(grader, q, k, v, allowed, options)
    else:
        options["causal"] = is_causal
        if left >= 0:
            options["window"] = left + 1  # Theirs counts what stands before the token, ours the token too.
        answers = []
        for batch in range(q.shape[0]):
            length = k.shape[2] if lengths is None else int(lengths[batch])
            options["firstPosition"] = past if lengths is None else length - q.shape[2]
            if not is_causal:  # Without a mask positions mean nothing, but must be some.
                options["firstPosition"] = max(length - q.shape[2], 0)
            if options["firstPosition"] < 0 or options["firstPosition"] + q.shape[2] > length:
                raise NotApplicable("queries that stand before the first key or behind the last")
            tensors = {"query": q[batch].swapaxes(0, 1), "key": k[batch, :, :length].swapaxes(0, 1)}
            if scores:
                answers.append(grader.layer("attention-scores", tensors, **options))
            else:
                tensors["value"] = v[batch, :, :length].swapaxes(0, 1)
                answers.append(grader.layer("attention", tensors, **options))
        answer = Answer.stack(answers)
        if scores:
            return answer
        answer = answer.map(lambda a: a.swapaxes(1, 2))
    answer = answer.map(lambda a: a[..., :size])  # [batch, heads, tokens, size]
    shape = (q.shape[0], q.shape[2], -1)
    return answer.map(lambda a: a.swapaxes(1, 2).reshape(shape)) if is_flat else answer


def boolean_mask(mask, q, k, past, is_causal, lengths, left, right):
    """Which key each query sees, `[batch, heads, tokens, positions]`."""
    shape = (*q.shape[:3], k.shape[2])
    allowed = np.ones(shape, bool)
    if mask is not None:
        if mask.dtype != bool:
            numbers = mask.astype(np.float64)
            if not np.all((numbers == 0) | (numbers == -np.inf)):
                raise NotApplicable("a mask of numbers that are added to the scores")
            mask = numbers == 0
        short = shape[3] - mask.shape[-1]  # What the mask does not reach is excluded.
        mask = np.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, short)]) if short else mask
        allowed &= np.broadcast_to(mask, shape)
    for batch in range(shape[0]):
        length = shape[3] if lengths is None else int(lengths[batch])
        first = past if lengths is None else length - shape[2]
        query, key = first + np.arange(shape[2])[:, None], np.arange(shape[3])[None]
        allowed[batch] &= key < length
        if is_causal:
            allowed[batch] &= key <= query
        if left >= 0:
            allowed[batch] &= key >= query - left
        if right >= 0:
            allowed[batch] &= key <= query + right
    return allowed


def masked_attention(grader, q, k, v, allowed, options):
    """Attention under any mask: each query alone, over the keys that it sees; `[batch, heads, tokens, size]`."""
    if not allowed.any(-1).all():
        raise NotApplicable("rows that are wholly masked")
    shared = q.shape[1] // k.shape[1]
    answers = []
    for batch, head, token in np.ndindex(*q.shape[:3]):
        seen = allowed[batch, head, token]
        tensors = {
            "query": q[batch, head, token][None, None], "key": k[batch, head // shared][seen][:, None],
            "value": v[batch, head // shared][seen][:, None],
        }
        answers.append(grader.layer("attention", tensors, causal=False, **options))
    return Answer.stack(answers).map(lambda a: a.reshape(*q.shape[:3], -1))


def losses(grader, node, inputs, attributes):
    if attributes.get("reduction", b"mean") != b"none":
        raise NotApplicable("a mean or sum of losses")
    if len(inputs) > 2 and inputs[2] is not None:
        raise NotApplicable("weighted classes")
    if "ignore_index" in attributes:
        raise NotApplicable("classes that are ignored")
    x, labels = inputs[0], inputs[1]
    rows = np.moveaxis(x, 1, -1)
    answer = grader.layer("cross-entropy", {"logits": rows.reshape(-1, rows.shape[-1]), "targets": labels.reshape(-1)})
    return answer.map(lambda a: a.reshape(labels.shape))


def rotary(grader, node, inputs, attributes):
    """The operator takes cosines and sines; those of its cases are random numbers, which belong to no angle.

    So the case is run again by ONNX's own reference, on the same input and positions, with the cosines and sines of theta
    10000, each correctly rounded from Float64: what it then gives is graded.
    """
    x, size = inputs[0], attributes.get("rotary_embedding_dim", 0)
    heads = attributes.get("num_heads", 0)
    shaped = x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2) if x.ndim == 3 else x
    turned = size or shaped.shape[3]
    positions = inputs[3] if len(inputs) > 3 and inputs[3] is not None else np.tile(np.arange(shaped.shape[2]), (shaped.shape[0], 1))
    answers = [
        grader.layer(
            "rotary-embedding", {"x": shaped[batch, :, token][None]}, theta=10000, rotatedSize=turned,
            interleaved=bool(attributes.get("interleaved", 0)), firstPosition=int(positions[batch, token]),
        ).map(lambda a: a[0])
        for batch in range(shaped.shape[0]) for token in range(shaped.shape[2])
    ]
    answer = Answer.stack(answers).map(lambda a: a.reshape(shaped.shape[0], shaped.shape[2], *a.shape[1:]))
    return answer.map(lambda a: a.reshape(x.shape) if x.ndim == 3 else a.swapaxes(1, 2))


def rotary_rerun(case, inputs, attributes):
    """The output of ONNX's reference with caches that are cosines and sines."""
    from onnx.reference import ReferenceEvaluator

    half = inputs[1].shape[-1]
    if len(inputs) > 3 and inputs[3] is not None:
        positions = np.arange(inputs[1].shape[0])
    else:
        positions = np.tile(np.arange(inputs[1].shape[1]), (inputs[1].shape[0], 1))
    angles = positions[..., None] * 10000.0 ** (-np.arange(half) / half)
    feeds = dict(zip((n for n in case.model.graph.node[0].input if n), (a for a in inputs if a is not None)))
    names = case.model.graph.node[0].input
    feeds[names[1]], feeds[names[2]] = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    return ReferenceEvaluator(case.model).run(None, feeds)


def gather(grader, inputs, attributes):
    data, indices = inputs[0], inputs[1]
    axis = attributes.get("axis", 0) % data.ndim
    moved = np.moveaxis(data, axis, 0)
    rows = moved.reshape(moved.shape[0], -1)
    answer = grader.layer("embedding", {"tokens": indices.reshape(-1) % moved.shape[0], "weight": rows})
    rest = moved.shape[1:]
    axes = list(range(indices.ndim))
    return answer.map(lambda a: np.moveaxis(a.reshape(indices.shape + rest), axes, [axis + i for i in axes]))


def swish(grader, inputs, attributes):
    if attributes.get("alpha", 1) != 1:
        raise NotApplicable("alpha other than 1")
    return elementwise(grader, "silu", ("x", inputs[0]))


def sigmoid(grader, x):
    """1 / (1 + e^−x) is the first softmax of (x, 0)."""
    pairs = np.stack([x.reshape(-1), np.zeros(x.size, x.dtype)], 1)
    return grader.layer("softmax", {"x": pairs}).map(lambda a: a[:, 0].reshape(x.shape))


def exact_outputs(grader, node, inputs, attributes):
    """The graded outputs of a node: their index and what they must be."""
    operators = {
        "Softmax": lambda: along_axis(grader, "softmax", inputs[0], attributes.get("axis", -1)),
        "LogSoftmax": lambda: along_axis(grader, "log-softmax", inputs[0], attributes.get("axis", -1)),
        "LayerNormalization": lambda: normalisation(grader, "layer-norm", inputs, attributes),
        "RMSNormalization": lambda: normalisation(grader, "rms-norm", inputs, attributes),
        "Gelu": lambda: elementwise(
            grader, "gelu-tanh" if attributes.get("approximate", b"none") == b"tanh" else "gelu", ("x", inputs[0])),
        "Relu": lambda: elementwise(grader, "relu", ("x", inputs[0])),
        "Swish": lambda: swish(grader, inputs, attributes),
        "Sigmoid": lambda: sigmoid(grader, inputs[0]),
        "Add": lambda: elementwise(grader, "residual-add", ("x", inputs[0]), ("residual", inputs[1])),
        "Mul": lambda: elementwise(grader, "gate", ("x", inputs[0]), ("gate", inputs[1])),
        "MatMul": lambda: matmul(grader, inputs[0], inputs[1]),
        "Gemm": lambda: gemm(grader, inputs, attributes),
        "Gather": lambda: gather(grader, inputs, attributes),
        "RotaryEmbedding": lambda: rotary(grader, node, inputs, attributes),
        "Attention": lambda: attention(grader, node, inputs, attributes),
        "SoftmaxCrossEntropyLoss": lambda: losses(grader, node, inputs, attributes),
    }
    yield 0, operators[node.op_type]()
    if node.op_type == "Attention" and len(node.output) == 4 and attributes.get("qk_matmul_output_mode", 0) == 0:
        if node.output[3] and inputs[3:] == [] and not attributes.get("is_causal") and not attributes.get("softcap"):
            yield 3, attention(grader, node, inputs, attributes, scores=True)
    if node.op_type == "SoftmaxCrossEntropyLoss" and len(node.output) == 2:
        yield 1, along_axis(grader, "log-softmax", inputs[0], 1)


def grade(answer, output):
    """The worst of all elements: `within`, `outside` or `other`, and the greatest distance over bound."""
    verdict, margin = "within", 0.0
    parts = [answer.parts[name].reshape(-1) for name in ("lower", "upper", "bound", "coarse")]
    if answer.parts["lower"].shape != output.shape:
        return f"other: the shape {output.shape} is not {answer.parts['lower'].shape}", float("inf")
    for value, lower, upper, bound, coarse in zip(output.reshape(-1).astype(np.float64), *parts):
        if not np.isfinite(bound):
            continue
        if not np.isfinite(value):
            return "other", float("inf")
        value, lower, upper = (fractions.Fraction(float(x)) for x in (value, lower, upper))
        distance = max(lower - value, value - upper, 0)
        if distance > fractions.Fraction(float(bound)):
            outside = np.isfinite(coarse) and distance > fractions.Fraction(float(coarse))
            verdict = "other" if outside or verdict == "other" else "outside"
        if distance:
            margin = max(margin, float(distance / fractions.Fraction(float(bound))) if bound else float("inf"))
    return verdict, margin


def main():
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        print("onnx_cases.py: name the plumb command, such as .build/release/plumb", file=sys.stderr)
        return 2
    plumb = Plumb(sys.argv[1])
    operators = {
        "Softmax", "LogSoftmax", "LayerNormalization", "RMSNormalization", "Gelu", "Relu", "Swish", "Sigmoid", "Add",
        "Mul", "MatMul", "Gemm", "Gather", "RotaryEmbedding", "Attention", "SoftmaxCrossEntropyLoss",
    }
    warnings.simplefilter("ignore")
    cases = [c for c in collect_testcases(None) if len(c.model.graph.node) == 1 and c.model.graph.node[0].op_type in operators]
    verdicts, reasons, per_operator = collections.defaultdict(list), collections.defaultdict(list), {}
    for case in sorted(cases, key=lambda c: (c.model.graph.node[0].op_type, c.name)):
        node = case.model.graph.node[0]
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs, outputs = (list(part) for part in case.data_sets[0])
        # Inputs and outputs that are left out have an empty name and no array.
        arrays = iter(inputs)
        inputs = [next(arrays) if name else None for name in node.input]
        arrays = iter(outputs)
        outputs = [next(arrays) if name else None for name in node.output]
        counts = per_operator.setdefault(node.op_type, collections.Counter())
        kinds = {str(a.dtype) for a in inputs if a is not None and a.dtype.kind not in "iub"}
        try:
            arithmetic = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}.get(kinds.pop() if len(kinds) == 1 else "")
            if arithmetic is None:
                raise NotApplicable("elements that are neither Float32 nor bfloat16 nor binary16")
            grader = Grader(plumb, arithmetic)
            worst, margin = "within", 0.0
            if node.op_type == "RotaryEmbedding":
                outputs = rotary_rerun(case, inputs, attributes)
            for index, answer in exact_outputs(grader, node, inputs, attributes):
                verdict, ratio = grade(answer, np.asarray(outputs[index]))
                order = ["within", "outside", "other"]
                worst = max(worst, verdict, key=lambda v: order.index(v.split(":")[0]))
                margin = max(margin, ratio)
            verdicts[worst.split(":")[0]].append((case.name, margin))
            counts[worst.split(":")[0]] += 1
            if "--all" in sys.argv or worst != "within":
                print(f"{worst:8} {margin:8.3f}  {case.name}")
        except NotApplicable as reason:
            reasons[str(reason)].append(case.name)
            counts["not applicable"] += 1
    print(f"\nonnx {onnx.__version__}, numpy {np.__version__}: {len(cases)} cases of {len(operators)} operators")
    print(f"{'operator':24}{'within':>8}{'outside':>8}{'other':>8}{'not applicable':>16}")
    for name, counts in per_operator.items():
        row = [counts[key] for key in ("within", "outside", "other")]
        print(f"{name:24}" + "".join(f"{n:8}" for n in row) + f"{counts['not applicable']:16}")
    print("RotaryEmbedding: run again with the cosines and sines of angles, as those of its cases are random numbers")
    print(f"applicable {sum(len(v) for v in verdicts.values())}, agreeing {len(verdicts['within']) + len(verdicts['outside'])}, "
          f"of these outside their tolerance {len(verdicts['outside'])}, disagreeing {len(verdicts['other'])}")
    for reason, names in sorted(reasons.items()):
        print(f"not applicable, {reason}: {len(names)}")
    return 1 if verdicts["other"] else 0


if __name__ == "__main__":
    sys.exit(main())
