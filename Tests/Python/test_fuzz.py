"""Kernels in Python under many cases."""

import os
import signal
import threading

import numpy as np
import pytest

import plumbline
from plumbline import campaign


def softmax(x):
    with np.errstate(over="ignore"):
        powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def test_a_correct_kernel_passes():
    report = plumbline.fuzz("softmax", softmax, cases=120, seed=4)
    assert report.has_passed and report.cases == 120 and report.failed == 0 and 0 < report.margin <= 1
    assert report.seed == 4 and "none outside" in str(report)


def test_a_fault_is_found_made_small_and_decided_again():
    def faulty(x):
        return softmax(x) if x.shape[-1] < 5 else softmax(x)[:, ::-1]

    with pytest.raises(plumbline.FuzzError) as raised:
        plumbline.fuzz("softmax", faulty, cases=60)
    report = raised.value.report
    assert report.failed > 0 and report.failures
    shortest = report.failures[0]
    assert "x=[1x5]:" in shortest.replay and f"plumbline.replay({shortest.replay!r}, kernel)" in str(raised.value)
    assert plumbline.replay(shortest.replay, faulty).verdict == "outside"
    assert plumbline.replay(shortest.replay, softmax).is_within


def test_what_a_kernel_raises_is_a_failure_of_the_case():
    def faulty(x):
        if x.shape[-1] > 3:
            raise ValueError("too wide")
        return softmax(x)

    with pytest.raises(AssertionError, match=r"crash: ValueError: too wide \(test_fuzz.py:\d+\)"):
        plumbline.fuzz("softmax", faulty, cases=40)
    with pytest.raises(AssertionError, match="wrong shape"):
        plumbline.fuzz("softmax", lambda x: softmax(x)[..., :1], cases=40)


def test_a_kernel_is_called_by_the_thread_that_asked():
    threads = set()

    def faulty(x):
        threads.add(threading.get_ident())
        return softmax(x)[..., ::-1]

    with pytest.raises(plumbline.FuzzError):
        plumbline.fuzz("softmax", faulty, cases=60)
    assert threads == {threading.get_ident()}


def test_what_is_no_kernel_is_refused():
    with pytest.raises(TypeError, match="float64"):
        plumbline.fuzz("softmax", lambda x: softmax(x).astype(np.float64), cases=10)
    with pytest.raises(TypeError, match="'epsilon'"):
        plumbline.fuzz("rms-norm", lambda x, weight: x, cases=10)
    with pytest.raises(TypeError, match="'weight'"):
        plumbline.fuzz("linear", lambda x: x, cases=10)
    with pytest.raises(ValueError, match="'cases'"):
        plumbline.fuzz("softmax", softmax, cases=0)
    with pytest.raises(ValueError, match="did you mean 'softmax'"):
        plumbline.fuzz("softmx", softmax)


def test_an_interruption_goes_on():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plumbline.fuzz("softmax", interrupted, cases=10)


def test_attributes_are_handed_over():
    seen = set()

    def rms_norm(x, weight, epsilon, addsOne):
        seen.add((type(epsilon), addsOne))
        wide = x.astype(np.float64)
        scale = 1 / np.sqrt((wide * wide).mean(-1, keepdims=True) + np.float32(epsilon))
        return (wide * scale * (weight.astype(np.float64) + addsOne)).astype(np.float32)

    assert plumbline.fuzz("rms-norm", rms_norm, cases=100, strategy="random").has_passed
    assert {kind for kind, _ in seen} == {float} and {flag for _, flag in seen} == {True, False}


def test_tensors_are_converted_first():
    kinds = set()

    def gate(x, gate):
        kinds.update((x.dtype, gate.dtype))
        with np.errstate(over="ignore"):
            return (x * gate).astype(np.float32)

    # Products of two bfloat16s are exact in Float64, and then rounded once.
    plumbline.fuzz("gate", gate, cases=40, arithmetic="bf16", convert=lambda x: x.astype(np.float64), strategy="random")
    assert kinds == {np.dtype(np.float64)}


def test_cases_are_those_of_the_command():
    # From `plumb fuzz`: the same line on every machine.
    case = plumbline.draw("rms-norm", 3)
    assert case.line == (
        "rms-norm addsOne=true epsilon=0x1p+0 weight=[1]:0x1.199f2p+5 "
        "x=[4x1]:0x1.3aa59ep-10,0x1.3aa5a8p-10,0x1.3aa5a2p-10,0x1.3aa5ap-10"
    )
    assert case["x"].shape == (4, 1) and case["epsilon"] == 1.0 and case["addsOne"] is True and case.number == 3
    assert plumbline.draw("softmax", 0, shape={"columns": 64})["x"].shape[1] == 64
    bf16 = plumbline.draw("softmax", 0, arithmetic="bf16")["x"]
    assert not (bf16.view(np.uint32) & 0xFFFF).any()
    assert plumbline.draw("softmax", 0, seed=2**63 + 1).line != plumbline.draw("softmax", 0, seed=2**63).line


@pytest.mark.parametrize("case", plumbline.cases("embedding", 10, seed=1), ids=str)
def test_cases_parametrise(case):
    plumbline.assert_within("embedding", case["weight"][case["tokens"]], **case.inputs)


def test_cases_are_a_strategy_of_hypothesis():
    hypothesis = pytest.importorskip("hypothesis")

    @hypothesis.settings(max_examples=20, deadline=None)
    @hypothesis.given(plumbline.strategy("relu"))
    def check(case):
        plumbline.assert_within("relu", np.maximum(case["x"], 0), **case.inputs)

    check()


def test_seeds_of_a_campaign_are_decimal_or_hexadecimal():
    assert campaign.whole_number("0xC0FFEE") == campaign.whole_number("12648430") == 12648430
    for text in ["c0ffee", "0x", "1.5"]:
        with pytest.raises(ValueError):
            campaign.whole_number(text)


def test_a_bug_of_the_catalogue_is_named():
    """A softmax without its greatest element, which the catalogue of bugs has, and one that is scaled, which it has not."""

    def unshifted(x):
        with np.errstate(over="ignore", invalid="ignore"):
            e = np.exp(x)
            return e / e.sum(-1, keepdims=True)

    with pytest.raises(plumbline.FuzzError, match=r"bug: The greatest element is not subtracted.* \(softmax no-maximum\)") as found:
        plumbline.fuzz("softmax", unshifted, cases=100)
    assert found.value.report.bugs[0].endswith("(softmax no-maximum)")

    def scaled(x):
        return np.float32(1.01) * softmax(x)

    with pytest.raises(plumbline.FuzzError) as found:
        plumbline.fuzz("softmax", scaled, cases=100)
    assert found.value.report.bugs == [] and "bug:" not in str(found.value)


def test_errors_beside_typical_ones():
    report = plumbline.fuzz("softmax", softmax, cases=100, shape={"columns": 64})
    assert report.typical == report.data["typical"]["error"]["times"] > 0
    with pytest.raises(plumbline.FuzzError) as error:
        plumbline.fuzz("softmax", lambda x: x, cases=20)
    assert error.value.report.typical is None


def test_an_attribute_is_fixed():
    """A quantiser that knows Q8_0 alone: ties away from 0, by the reciprocal of the scale."""

    def kernel(x):
        greatest = np.abs(x).max(-1, keepdims=True)
        scale = np.where(greatest == 0, np.float32(1), greatest / np.float32(127))
        ratio = x * (np.float32(1) / scale)
        return np.copysign(np.floor(np.abs(ratio) + np.float32(0.5)), ratio)

    fixed = {"scheme": "q8_0", "rule": "floor", "least": 0, "globalScale": 1}
    assert all(case["scheme"] == "q8_0" for case in plumbline.cases("quantize", 20, attributes=fixed))
    with np.errstate(all="ignore"):
        plumbline.fuzz("quantize", kernel, cases=200, attributes=fixed, shape={"columns": 32})
    with pytest.raises(ValueError, match="'scheme' is 'q4_0', expected one of int8, q8_0, q8_k, fp8"):
        plumbline.cases("quantize", 1, attributes={"scheme": "q4_0"})


def test_what_a_kernel_does_not_take_is_said_at_once():
    """A rotary embedding without scaling: all that it does not take in one line, and its tensor by another name."""

    def kernel(q, theta, interleaved, rotatedSize, scalingFactor, firstPosition):
        size = rotatedSize or q.shape[2]
        frequency = 1 / np.power(np.float32(theta), np.arange(0, size, 2).astype(np.float32) / np.float32(size))
        angle = ((firstPosition + np.arange(len(q)).astype(np.float32)) / np.float32(scalingFactor))[:, None, None] * frequency
        pair = (slice(0, size, 2), slice(1, size, 2)) if interleaved else (slice(0, size // 2), slice(size // 2, size))
        (a, b), y = (q[..., part] for part in pair), q.copy()
        y[..., pair[0]] = a * np.cos(angle) - b * np.sin(angle)
        y[..., pair[1]] = a * np.sin(angle) + b * np.cos(angle)
        return y

    with pytest.raises(TypeError, match="takes no 'scaling'") as raised:
        plumbline.fuzz("rotary-embedding", kernel, cases=100)
    held = eval(str(raised.value).split("attributes=")[1])
    assert held["scaling"] == "none" and set(held) == {
        "scaling", "contextFactor", "originalContext", "lowTurns", "highTurns", "magnitude"}
    with np.errstate(all="ignore"):
        plumbline.fuzz("rotary-embedding", kernel, cases=100, attributes=held)


def test_an_interruption_ends_the_run_and_is_no_failure():
    calls = 0

    def slow(x):
        nonlocal calls
        calls += 1
        if calls == 20:
            os.kill(os.getpid(), signal.SIGINT)
        return softmax(x)

    own = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        plumbline.fuzz("softmax", slow, cases=10**6)
    assert calls < 200 and signal.getsignal(signal.SIGINT) is own


def test_an_attribute_that_a_kernel_does_not_take_is_named_with_what_to_give():
    with pytest.raises(TypeError, match=r"attributes=\{'addsOne': False\}"):
        plumbline.fuzz("rms-norm", lambda x, weight, epsilon: x, cases=3)
    with pytest.raises(TypeError, match="takes no 'weight'") as raised:
        plumbline.fuzz("rms-norm", lambda x, epsilon, addsOne: x, cases=3)
    assert "attributes=" not in str(raised.value)


def test_a_kernel_of_other_tensors_is_told_how_it_gets_them():
    torch = pytest.importorskip("torch")
    with pytest.raises(plumbline.FuzzError, match="'convert' makes other tensors"):
        plumbline.fuzz("softmax", lambda x: torch.softmax(x, -1), cases=3)


def test_what_is_no_array_is_named_as_what_it_is():
    with pytest.raises(TypeError, match="gives a list, expected an array"):
        plumbline.fuzz("relu", lambda x: np.maximum(x, 0).tolist(), cases=3)
    with pytest.raises(TypeError, match="gives a tuple, expected an array"):
        plumbline.fuzz("relu", lambda x: (np.maximum(x, 0),), cases=3)


def test_a_run_names_the_formula_under_which_it_is_within():
    torch = pytest.importorskip("torch")

    def stored(x):
        powers = torch.exp(x - x.max(-1, keepdim=True).values)
        return powers / powers.sum(-1, keepdim=True)

    with pytest.raises(plumbline.FuzzError) as raised:
        plumbline.fuzz("softmax", stored, cases=100, arithmetic="bf16", convert=lambda x: torch.from_numpy(x).to(torch.bfloat16))
    assert raised.value.report.other_arithmetics == ["bf16,formula=stepwise"]
    assert "rounding, if this is how the kernel computes: arithmetic='bf16,formula=stepwise'" in str(raised.value)
