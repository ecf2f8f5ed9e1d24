"""`check` and `assert_within`: what they accept, what they say, what they refuse."""

import json
import math

import numpy as np
import pytest

import plumbline


def softmax(x):
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.fixture
def x():
    return np.random.default_rng(7).normal(size=(3, 8)).astype(np.float32)


def test_a_correct_output_passes(x):
    assert plumbline.assert_within("softmax", softmax(x), x=x) is None
    report = plumbline.check("softmax", softmax(x), x=x)
    assert report.is_within and report.layer == "softmax" and report.arithmetic == "f32"
    assert report.elements == 24 and report.unclaimed == report.undecided == 0
    assert 0 < report.margin <= 1 and report.worst.lower <= report.worst.upper
    assert json.loads(report.to_json())["verdict"] == "within" and "within its bounds" in str(report)


def test_a_wrong_output_is_said_to_be_wrong(x):
    output = softmax(x)
    output[1, 2] *= np.float32(1.001)
    with pytest.raises(AssertionError) as raised:
        plumbline.assert_within("softmax", output, x=x)
    said = str(raised.value)
    truth = math.exp(x[1, 2]) / math.fsum(math.exp(value) for value in x[1])
    assert "element [1, 2] is wrong" in said and f"{truth:.12f}"[:12] in said and "margin" in said and "y[i] = e^x[i]" in said
    report = plumbline.check("softmax", output, x=x)
    assert report.worst.index == (1, 2) and report.worst.got == output[1, 2] and report.margin > 100
    # Float64 rounds the nine exponentials, their sum and the quotient, each by less than an ulp of a number below the truth's.
    slack = 16 * math.ulp(truth)
    assert report.worst.lower <= truth + slack and truth - slack <= report.worst.upper
    # The row alone, whose line decides the kernel again.
    again = plumbline.replay(report.replay, softmax)
    assert again.is_within and again.elements == 8


@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4), (1, 1, 2, 2)])
def test_leading_axes_are_rows(shape):
    x = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    output = np.maximum(x, 0)
    plumbline.assert_within("relu", output, x=x)
    output = np.array(output)
    place = tuple(extent - 1 for extent in shape)
    output[place] = 9
    assert plumbline.check("relu", output, x=x).worst.index == place


def test_every_layout_and_type_is_read(x):
    output = np.asfortranarray(softmax(x))[::-1]
    plumbline.assert_within("softmax", output, x=x[::-1])
    wide = np.zeros((3, 16), np.float32)
    wide[:, ::2] = x
    plumbline.assert_within("softmax", softmax(x), x=wide[:, ::2])
    half = x.astype(np.float16)
    plumbline.assert_within("relu", np.maximum(half, 0), x=half)
    plumbline.assert_within("relu", np.maximum(x, 0).astype(np.float64), x=x.astype(np.float64))
    plumbline.assert_within("relu", np.maximum(x, 0).astype(">f4"), x=x.astype(">f4"))
    packed = np.zeros(3, [("flag", "i1"), ("x", "<f4")])
    packed["x"] = x[0, :3]
    plumbline.assert_within("relu", np.maximum(packed["x"], 0), x=packed["x"])
    plumbline.assert_within("gate", [[6.0]], x=[[2]], gate=[[3.0]])
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    for kind in (np.int8, np.uint8, np.int32, np.int64, np.uint64):
        plumbline.assert_within("embedding", table[[2, 0]], tokens=np.array([2, 0], kind), weight=table)
    plumbline.assert_within("embedding", table[[[2, 0]]], tokens=[[2, 0]], weight=table)


class OnlyDLPack:
    """An array of a library that NumPy does not know."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_anything_with_dlpack_is_read(x):
    plumbline.assert_within("softmax", OnlyDLPack(softmax(x)), x=OnlyDLPack(x))


def test_an_empty_tensor_is_within():
    for shape in [(0,), (0, 3), (2, 0)]:
        nothing = np.zeros(shape, np.float32)
        plumbline.assert_within("silu", nothing, x=nothing)


def test_what_nothing_is_claimed_of_is_no_pass():
    x = np.array([[np.inf, 0]], np.float32)
    report = plumbline.check("softmax", np.array([[1, 0]], np.float32), x=x)
    assert report.verdict == "outside the domain" and report.unclaimed == 2
    with pytest.raises(AssertionError, match="nothing is claimed of 2 of 2 elements"):
        plumbline.assert_within("softmax", np.array([[1, 0]], np.float32), x=x)


@pytest.mark.parametrize(
    ("error", "words", "layer", "inputs"),
    [
        (ValueError, "did you mean 'softmax'", "sofmax", {}),
        (ValueError, "did you mean 'rms-norm'", "rms_nrm", {}),
        (TypeError, "takes no 'y'", "softmax", {"y": 1}),
        (TypeError, "did you mean 'x'", "softmax", {"xx": 1}),
        (TypeError, "needs 'x'", "softmax", {"x": None}),
        (TypeError, "complex", "softmax", {"x": np.zeros((3, 8), complex)}),
        (TypeError, "complex", "softmax", {"x": [[1j]]}),
        (TypeError, "expected real numbers", "softmax", {"x": np.array([["a"]])}),
        (TypeError, "expected an array", "softmax", {"x": object()}),
        (ValueError, r"\[3, 8\], expected \[2, 8\]", "softmax", {"x": np.zeros((2, 8), np.float32)}),
        (ValueError, "no Float32 is", "softmax", {"x": np.full((3, 8), 0.1)}),
        (ValueError, "whole numbers", "softmax", {"x": np.zeros((3, 8), int)}),
        (ValueError, "last axis", "softmax", {"x": np.zeros((3, 8), np.float32), "dim": 0}),
        (ValueError, "no arithmetic 'f31'", "softmax", {"x": np.zeros((3, 8), np.float32), "arithmetic": "f31"}),
        (ValueError, "attribute 'epsilon'", "rms-norm",
         {"x": np.zeros((3, 8), np.float32), "weight": np.ones(8, np.float32), "epsilon": "wide"}),
        (plumbline.NotProvedError, "a unit covers", "cosine-similarity",
         {"x": np.zeros((3, 8), np.float32), "y": np.zeros((8, 8), np.float32), "arithmetic": "bf16,unit=h100"}),
    ],
)
def test_what_is_wrong_is_refused(x, error, words, layer, inputs):
    with pytest.raises(error, match=words):
        plumbline.check(layer, softmax(x), **inputs)


def test_attributes_and_arithmetic_count():
    x, weight = np.array([[3, 4]], np.float32), np.array([0, 1], np.float32)
    # mean(9, 16) = 12.5; √(12.5 + 3.5) = 4.
    output = np.array([[0.75, 2]], np.float32)
    plumbline.assert_within("rms_norm", output, x=x, weight=weight, epsilon=3.5, addsOne=True)
    plumbline.assert_within("rms-norm", output, x=x, weight=weight, eps=np.float32(3.5), addsOne=True)
    assert plumbline.check("rms-norm", output, x=x, weight=weight, epsilon=3.5).verdict == "outside"
    third = np.array([[1 / 3]], np.float32)
    coarse = (third.view(np.uint32) & 0xFFFF0000).view(np.float32)
    one = np.array([[1]], np.float32)
    assert plumbline.check("gate", coarse, x=one, gate=third).verdict == "outside"
    assert plumbline.check("gate", coarse, x=one, gate=third, arithmetic="bf16").is_within


def test_exact_values_are_enclosed():
    x = np.array([[0.5, -1.25]], np.float32)
    exact = plumbline.exact("silu", x=x)
    for place in range(2):
        truth = float(x[0, place]) / (1 + math.exp(-x[0, place]))
        assert exact.lower[0, place] <= exact.upper[0, place]
        # An exponential, a sum and a quotient, each within an ulp, and the rounding of the end.
        assert abs(exact.lower[0, place] - truth) <= 4 * math.ulp(truth)
        # Four ulps of the exponential are at most 8u, the sum, the reciprocal and the product 3u; some of second order.
        assert exact.expected[0, place] == np.float32(truth) and 0 < exact.bound[0, place] < 12 * 2**-24 * abs(truth)
    assert plumbline.exact("linear", x=x, weight=np.ones((3, 2), np.float32)).expected.tolist() == [[-0.75] * 3]


def test_layers_are_described():
    layer = plumbline.layers()["rms-norm"]
    assert layer.tensors == {"x": ["tokens", "hidden"], "weight": ["hidden"]}
    assert layer.attributes == {"epsilon": "a number", "addsOne": "true or false"}


def test_sums_of_numpy_are_replayed_bit_by_bit():
    source = np.random.default_rng(31)
    found = 0
    for _ in range(20):
        terms = (source.normal(size=(64, 1)) * 2.0 ** source.integers(-8, 8, size=(64, 1))).astype(np.float32)
        # NumPy accumulates one after the other, and adds 64 neighbours in eight lanes, which it joins by pairs.
        for kernel, order in ((lambda x: np.add.accumulate(x)[-1:], "sequence"), (lambda x: np.sum(x, keepdims=True), "8-lanes")):
            arithmetic = f"f32,order={order},replayed"
            output = kernel(terms[:, 0])
            plumbline.assert_within("bias-backward", output, gradient=terms, arithmetic=arithmetic)
            report = plumbline.check("bias-backward", np.nextafter(output, np.float32(np.inf)), gradient=terms, arithmetic=arithmetic)
            if order == "sequence":
                assert report.verdict == "outside" and report.worst.lower == report.worst.upper == output[0] and report.worst.bound == 0
                swapped = terms.copy()
                swapped[[20, 40]] = terms[[40, 20]]
                other = kernel(swapped[:, 0])
                wanted = "within" if other[0] == output[0] else "outside"
                assert plumbline.check("bias-backward", other, gradient=terms, arithmetic=arithmetic).verdict == wanted
                found += wanted == "outside"
    assert found > 5
    with pytest.raises(ValueError, match="needs an order that fixes each addition"):
        plumbline.check("bias-backward", output, gradient=terms, arithmetic="f32,replayed")
    with pytest.raises(plumbline.NotProvedError, match="'replayed' covers what has only operations that round"):
        plumbline.check("softmax", terms, x=terms, arithmetic="f32,order=sequence,replayed")


def test_what_was_not_given_is_said_of_what_is_outside():
    x, weight = np.linspace(-2, 3, 8, dtype=np.float32)[None] * 1e-3, np.ones(8, np.float32)
    output = x / np.sqrt((x**2).mean(-1, keepdims=True) + np.float32(1e-6))
    report = plumbline.check("rms-norm", output, x=x, weight=weight)
    assert report.verdict == "outside" and "epsilon was not given: it is 1e-05 here." in str(report)
    assert plumbline.check("rms-norm", output, x=x, weight=weight, epsilon=1e-6).is_within


def test_a_narrow_output_asks_for_its_arithmetic():
    torch = pytest.importorskip("torch")
    x = torch.linspace(-3, 3, 16).to(torch.bfloat16)[None]
    report = plumbline.check("softmax", torch.softmax(x, -1), x=x)
    assert report.verdict == "outside" and "The output is of bf16: arithmetic='bf16'" in str(report)
    assert plumbline.check("softmax", torch.softmax(x, -1), x=x, arithmetic="bf16").is_within


def test_a_long_case_is_printed_as_a_file_that_decides_it_again():
    x = np.random.default_rng(3).standard_normal((1, 64)).astype(np.float32)
    wrong = softmax(x) * np.float32(1.01)
    report = plumbline.check("softmax", wrong, x=x)
    text = str(report)
    assert report.verdict == "outside" and len(report.replay) > 400 and report.replay not in text
    assert max(map(len, text.split("\n"))) < 500
    call = next(line for line in text.split("\n") if "plumbline.replay" in line).strip()
    again = eval(call, {"plumbline": plumbline, "kernel": lambda x: softmax(x) * np.float32(1.01)})
    assert (again.verdict, again.margin, again.replay) == (report.verdict, report.margin, report.replay)
