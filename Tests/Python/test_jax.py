"""Arrays and functions of JAX."""

import numpy as np
import pytest

import plumbline

jax = pytest.importorskip("jax")


def test_arrays_and_functions_of_jax_are_read():
    x = jax.numpy.asarray(np.random.default_rng(3).normal(size=(3, 8)).astype(np.float32))
    plumbline.assert_within(jax.nn.softmax, jax.nn.softmax(x), x=x)
    plumbline.assert_within(jax.nn.silu, jax.nn.silu(x), x=x)
    plumbline.assert_within("gelu-tanh", jax.nn.gelu(x), x=x)
    plumbline.assert_within(jax.nn.gelu, jax.nn.gelu(x), x=x)
    plumbline.assert_within(jax.nn.gelu, jax.nn.gelu(x, approximate=False), x=x, approximate=False)
    narrow = x.astype(jax.numpy.bfloat16)
    plumbline.assert_within("relu", jax.nn.relu(narrow), x=narrow, arithmetic="bf16")
    assert plumbline.check("softmax", jax.nn.softmax(x) * 1.01, x=x).verdict == "outside"


def test_a_kernel_of_jax_is_fuzzed():
    # Its compiler takes subnormal numbers as 0.
    arithmetic = "f32,flush-to-zero"
    assert plumbline.fuzz("relu", jax.nn.relu, cases=40, convert=jax.numpy.asarray, arithmetic=arithmetic).has_passed
