"""Tensors and functions of PyTorch."""

import numpy as np
import pytest

import plumbline

torch = pytest.importorskip("torch")
functional = torch.nn.functional


def numbers(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def x():
    return numbers(3, 8)


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (functional.silu, {}), (functional.relu, {}), (torch.relu, {}), (functional.gelu, {}),
        (functional.gelu, {"approximate": "tanh"}), (functional.softmax, {"dim": -1}), (torch.softmax, {"dim": 1}),
        (functional.log_softmax, {"dim": -1}), (functional.layer_norm, {"normalized_shape": (8,)}),
        (functional.layer_norm, {"normalized_shape": (8,), "eps": 1e-3}),
        (functional.rms_norm, {"normalized_shape": (8,), "eps": 1e-6}),
    ],
)
def test_functions_are_layers(function, options, x):
    plumbline.assert_within(function, function(x, **options), input=x, **options)
    report = plumbline.check(function, function(x, **options) * 1.01, input=x, **options)
    assert report.verdict == "outside"


def test_functions_of_several_tensors_are_layers(x):
    weight, bias, tokens = numbers(5, 8), numbers(5), torch.tensor([4, 0, 2])
    plumbline.assert_within(functional.linear, functional.linear(x, weight, bias), input=x, weight=weight, bias=bias)
    plumbline.assert_within(functional.embedding, functional.embedding(tokens, weight), input=tokens, weight=weight)
    plumbline.assert_within(torch.mul, torch.mul(x, x + 1), x=x, gate=x + 1)
    losses = functional.cross_entropy(x, torch.tensor([0, 7, 3]), reduction="none")
    plumbline.assert_within(
        functional.cross_entropy, losses, input=x, target=torch.tensor([0, 7, 3]), reduction="none")
    scale = numbers(8)
    norm = functional.rms_norm(x, (8,), scale, 1e-6)
    plumbline.assert_within("rms-norm", norm, x=x, weight=scale, epsilon=1e-6)


@pytest.mark.parametrize("is_causal", [False, True])
def test_attention_has_heads_before_tokens(is_causal):
    query, key, value = (numbers(1, 2, 5, 4, seed=seed) for seed in range(3))
    output = functional.scaled_dot_product_attention(query, key, value, is_causal=is_causal)
    inputs = {"query": query, "key": key, "value": value, "is_causal": is_causal}
    plumbline.assert_within(functional.scaled_dot_product_attention, output, **inputs)
    output[0, 1, 3, 2] += 1
    report = plumbline.check(functional.scaled_dot_product_attention, output, **inputs)
    assert report.verdict == "outside" and report.worst.index == (0, 1, 3, 2)


def test_any_state_of_a_tensor_is_read(x):
    x.requires_grad_(True)
    output = functional.softmax(x, -1)
    plumbline.assert_within("softmax", output, x=x)
    assert output.requires_grad and x.requires_grad
    plumbline.assert_within("softmax", functional.softmax(x.t(), -1), x=x.t())
    plumbline.assert_within("relu", torch.relu(x[:, ::3]), x=x[:, ::3])
    plumbline.assert_within("relu", torch.relu(x).to_sparse(), x=x)
    plumbline.assert_within("relu", torch.relu(torch._neg_view(x)), x=torch._neg_view(x))
    plumbline.assert_within("relu", torch.nn.Parameter(torch.relu(x)), x=x)
    wide = x.detach()[None, None].to(memory_format=torch.channels_last)
    plumbline.assert_within("relu", torch.relu(wide), x=wide)


@pytest.mark.parametrize(("kind", "arithmetic"), [(torch.bfloat16, "bf16"), (torch.float16, "f16")])
def test_narrow_types_are_read(kind, arithmetic, x):
    x = x.to(kind)
    plumbline.assert_within("softmax", functional.softmax(x.float(), -1).to(kind), x=x, arithmetic=arithmetic)
    # Rounded once more than Float32's bounds allow.
    assert plumbline.check("softmax", functional.softmax(x.float(), -1).to(kind), x=x).verdict == "outside"
    eight = x.to(torch.float8_e4m3fn)
    plumbline.assert_within("relu", torch.relu(eight.float()), x=eight)


def test_what_is_no_real_tensor_is_refused(x):
    with pytest.raises(TypeError, match="complex"):
        plumbline.check("relu", x, x=x.to(torch.complex64))
    with pytest.raises(ValueError, match="no Float32 is"):
        plumbline.check("relu", x, x=x.double() / 3)
    with pytest.raises(TypeError, match="give eps"):
        plumbline.check(functional.rms_norm, x, input=x, normalized_shape=(8,))


def test_a_kernel_of_torch_is_fuzzed():
    report = plumbline.fuzz("silu", functional.silu, cases=60, convert=torch.from_numpy)
    assert report.has_passed
    report = plumbline.fuzz(
        "linear", lambda x, weight, bias=None: functional.linear(x, weight, bias), cases=40, convert=torch.from_numpy,
        strategy="random")
    assert report.has_passed
