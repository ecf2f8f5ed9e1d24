"""Formulas of one's own, traced from functions of Python."""

import numpy as np
import pytest

import plumbline
from plumbline import functions


def fused(x, r, w):
    return functions.rms_norm(x + r, w, epsilon=1e-6)


def kernel(x, r, w):
    h = x + r
    return h / np.sqrt((h * h).mean(-1, keepdims=True, dtype=np.float32) + np.float32(1e-6)) * w


AXES = {"x": "rows hidden", "r": "rows hidden", "w": "hidden"}


@pytest.fixture
def inputs():
    source = np.random.default_rng(3)
    return {"x": source.normal(size=(3, 16)).astype(np.float32), "r": source.normal(size=(3, 16)).astype(np.float32),
            "w": source.normal(size=16).astype(np.float32)}


def test_a_traced_function_is_a_layer(inputs):
    formula = plumbline.formula(fused, **AXES)
    assert formula == "x[rows,hidden],r[rows,hidden],w[hidden]:rms_norm(x=(x+r),weight=w,epsilon=1e-06)"
    plumbline.assert_within(formula, kernel(**inputs), **inputs)
    with pytest.raises(AssertionError, match="margin"):
        plumbline.assert_within(formula, kernel(inputs["x"], 0 * inputs["r"], inputs["w"]), **inputs)
    exact = plumbline.exact(formula, **inputs)
    x, r, w = (inputs[name].astype(np.float64) for name in "xrw")
    truth = (x + r) / np.sqrt(((x + r) ** 2).mean(-1, keepdims=True) + float(np.float32(1e-6))) * w
    # Sixteen squares, their mean, a root and two products in Float64: each rounds by less than 2⁻⁵² of the result.
    slack = np.abs(truth) * 32 * 2.0**-52
    assert (exact.lower - slack <= truth).all() and (truth <= exact.upper + slack).all() and np.isfinite(exact.bound).all()


def test_a_kernel_of_it_is_fuzzed():
    formula = plumbline.formula(fused, **AXES)
    report = plumbline.fuzz(formula, kernel, cases=200, strategy="random")
    assert report.failed == 0 and report.cases == 200
    with pytest.raises(plumbline.FuzzError) as raised:
        plumbline.fuzz(formula, lambda x, r, w: kernel(x, np.abs(r), w), cases=50, strategy="random")
    line = raised.value.report.failures[0].replay
    assert not plumbline.replay(line, lambda x, r, w: kernel(x, np.abs(r), w)).is_within
    assert plumbline.replay(line, kernel).is_within


def test_numpy_reads_as_it_is_written(inputs):
    def softmax(x):
        powers = np.exp(x - x.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)

    formula = plumbline.formula(softmax, x="rows hidden")
    assert formula == "x[rows,hidden]:part1=exp((x-max(x,hidden)));(part1/sum(part1,hidden))"
    plumbline.assert_within(formula, softmax(inputs["x"]), x=inputs["x"])
    # As the layer of the catalogue, of which the enclosures are others.
    own, known = plumbline.exact(formula, x=inputs["x"]), plumbline.exact("softmax", x=inputs["x"])
    assert (own.lower <= known.upper).all() and (known.lower <= own.upper).all()


def test_axes_are_turned_as_they_stand(inputs):
    x, w = inputs["x"], np.random.default_rng(4).normal(size=(5, 16)).astype(np.float32)
    for function in (lambda x, w: x @ w.T, lambda x, w: (w @ x.T).T, lambda x, w: np.matmul(x, w.transpose())):
        formula = plumbline.formula(function, x="tokens inputs", w="outputs inputs")
        plumbline.assert_within(formula, x @ w.T, x=x, w=w)
    turned = plumbline.formula(lambda x, w: w @ x.T, x="tokens inputs", w="outputs inputs")
    plumbline.assert_within(turned, w @ x.T, x=x, w=w)
    centred = plumbline.formula(lambda x: (x - x.mean(0)).T * 0.3, x="rows hidden")
    plumbline.assert_within(centred, ((x - x.mean(0)).T * np.float32(0.3)), x=x)


def test_parts_have_names_of_their_own(inputs):
    formula = plumbline.formula(lambda part1: (lambda y: y / y.max(-1, keepdims=True))(part1 * part1 + 1), part1="rows hidden")
    x = inputs["x"]
    plumbline.assert_within(formula, (x * x + 1) / (x * x + 1).max(-1, keepdims=True), part1=x)


def test_constants_are_numbers(inputs):
    formula = plumbline.formula(lambda x: x * (1 / np.sqrt(7.0)) - -2, x="rows hidden")
    plumbline.assert_within(formula, inputs["x"] * np.float32(1 / np.sqrt(7)) + 2, x=inputs["x"])


def test_group_normalisation_in_float64_is_the_formula():
    x = np.random.default_rng(5).normal(size=(2, 3, 8)).astype(np.float32)

    def norm(x):
        d = x - x.mean(-1, keepdims=True)
        return d / np.sqrt((d * d).mean(-1, keepdims=True) + 1e-5)

    formula = plumbline.formula(norm, x="rows groups size")
    plumbline.assert_within(formula, norm(x), x=x)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: plumbline.formula(fused), "the axes of 'x' are not known"),
        (lambda: plumbline.formula(lambda x: x + 1, x="rows", y="rows"), "takes no 'y'"),
        (lambda: plumbline.formula(lambda x, y: x + y, x="rows", y="columns"), "does not go with"),
        (lambda: plumbline.formula(lambda x: x @ x.T, x="n d"), "would stand twice"),
        (lambda: plumbline.formula(lambda x: x**3, x="rows"), "no power 3"),
        (lambda: plumbline.formula(lambda x: x if x else x, x="rows"), "cannot choose"),
        (lambda: plumbline.formula(lambda x: np.sort(x), x="rows"), "has no sort"),
        (lambda: plumbline.formula(lambda x: x + np.ones(3), x="rows"), "as a tensor of"),
        (lambda: plumbline.formula(lambda x: x * float("nan"), x="rows"), "no number nan"),
        (lambda: plumbline.formula(lambda x: 3, x="rows"), "gives int"),
        (lambda: plumbline.formula(lambda x: x.sum(), x="rows"), "the result has no axis"),
        (lambda: plumbline.formula("softmax"), "is no formula"),
        (lambda: plumbline.formula("x[rows]: x + y"), "there is no 'y'"),
        (lambda: plumbline.formula(lambda x: x.transpose(0, 1), x="n d"), "one thing to NumPy"),
        (lambda: plumbline.formula(lambda x: np.mean(x, -1, where=True), x="n d"), "where"),
        (lambda: plumbline.formula(lambda x: np.sum(x, -1, initial=5), x="n d"), "initial"),
        (lambda: plumbline.formula(lambda x: functions.softmax(x.mean(-1, keepdims=True)), x="n d"), "leave keepdims out"),
        (lambda: plumbline.formula(lambda x: x.mean(-1, keepdims=True), x="n d"), "leave keepdims out"),
        (lambda: plumbline.formula(lambda x: functions.rms_norm(x, np.ones(3)), x="n d"), "is no tensor of the formula"),
        (lambda: plumbline.formula(lambda x: x @ 2, x="n d"), "needs two tensors"),
        (lambda: plumbline.formula(lambda x: np.where(x > 0, x, 0), x="n d"), "relu"),
        (lambda: plumbline.formula(lambda x: functions.rotary_embedding(x), x="b t h s"), "rotary-embedding takes 'x'"),
        (lambda: functions.sofmax, "did you mean 'softmax'"),
    ],
)
def test_what_is_no_formula_is_said(make, message):
    with pytest.raises((TypeError, ValueError, AttributeError), match=message):
        make()


def test_torch_functions_are_read(inputs):
    torch = pytest.importorskip("torch")
    f = torch.nn.functional

    def gated(x, r):
        return f.silu(x) * torch.sigmoid(r) + f.softmax(x, dim=-1)

    formula = plumbline.formula(gated, x="rows hidden", r="rows hidden")
    x, r = (torch.from_numpy(inputs[name]) for name in "xr")
    plumbline.assert_within(formula, gated(x, r), x=x, r=r)
    norm = plumbline.formula(lambda x, w: f.rms_norm(x, (16,), w, 1e-5), x="rows hidden", w="hidden")
    w = torch.from_numpy(inputs["w"])
    plumbline.assert_within(norm, f.rms_norm(x, (16,), w, 1e-5), x=x, w=w)
