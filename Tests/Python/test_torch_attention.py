"""PyTorch's scaled_dot_product_attention in every shape of its masks, and with the bugs that people write into them."""

import pytest

import plumbline

torch = pytest.importorskip("torch")
attend = torch.nn.functional.scaled_dot_product_attention


def numbers(seed, *shapes):
    source = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=source) for shape in shapes]


@pytest.mark.parametrize(("tokens", "keys"), [(3, 7), (5, 5), (7, 3)])
def test_is_causal_is_top_left(tokens, keys):
    query, key, value = numbers(1, (2, 4, tokens, 8), (2, 4, keys, 8), (2, 4, keys, 8))
    output = attend(query, key, value, is_causal=True)
    plumbline.assert_attention(output, query, key, value, causal="top-left")
    report = plumbline.check_attention(output, query, key, value, causal="bottom-right")
    # More queries than keys: those at the bottom right see none at first, and PyTorch's see one.
    assert report.verdict == ("within" if tokens == keys else "outside")
    if tokens != keys:
        batch, head, token, _ = report.worst.index
        assert f"query {token} of sequence [{batch}], head {head}, sees" in str(report)


def test_a_decoder_with_a_cache_that_takes_is_causal():
    query, key, value = numbers(2, (2, 4, 1, 8), (2, 2, 9, 8), (2, 2, 9, 8))
    options = {"causal": "bottom-right"}
    plumbline.assert_attention(attend(query, key, value, enable_gqa=True), query, key, value, **options)
    with pytest.raises(AssertionError, match="sees keys 0 to 8\n  it is as if it saw key 0"):
        plumbline.assert_attention(attend(query, key, value, is_causal=True, enable_gqa=True), query, key, value, **options)


@pytest.mark.parametrize("shape", [(5, 7), (2, 1, 5, 7), (1, 4, 5, 7), (2, 1, 1, 7), (2, 4, 5, 1)])
def test_attn_mask_of_any_shape(shape):
    query, key, value = numbers(3, (2, 4, 5, 8), (2, 4, 7, 8), (2, 4, 7, 8))
    mask = torch.rand(shape, generator=torch.Generator().manual_seed(4)) < 0.7
    mask[..., 0] = True
    output = attend(query, key, value, attn_mask=mask)
    numeric = torch.zeros(shape).masked_fill(~mask, float("-inf"))
    lowest = torch.zeros(shape, dtype=torch.bfloat16).masked_fill(~mask, torch.finfo(torch.bfloat16).min)
    for given in (mask, numeric, lowest):
        plumbline.assert_attention(output, query, key, value, mask=given)
    plumbline.assert_attention(attend(query, key, value, attn_mask=numeric), query, key, value, mask=mask)
    # The mask's axes of queries and of batches exchanged where they can be, as a bug of a broadcast.
    if shape == (2, 1, 1, 7):
        wrong = attend(query, key, value, attn_mask=mask.flip(0))
        report = plumbline.check_attention(wrong, query, key, value, mask=mask)
        assert report.verdict == "outside" and f"of sequence [{report.worst.index[0]}]" in str(report)


def test_rows_that_a_mask_hides_wholly():
    query, key, value = numbers(5, (1, 2, 3, 8), (1, 2, 4, 8), (1, 2, 4, 8))
    mask = torch.ones(3, 4, dtype=torch.bool)
    mask[1] = False
    output = attend(query, key, value, attn_mask=mask)
    # A softmax of −∞ alone is NaN where it is computed as its formula, and 0 where PyTorch takes care of it.
    naive = torch.softmax((query @ key.mT / 8**0.5).masked_fill(~mask, float("-inf")), -1) @ value
    assert naive[0, :, 1].isnan().all()
    plumbline.assert_attention(output, query, key, value, mask=mask, empty="any")
    plumbline.assert_attention(naive, query, key, value, mask=mask, empty="nan")
    report = plumbline.check_attention(naive, query, key, value, mask=mask)
    assert report.verdict == "outside" and report.worst.index == (0, 0, 1, 0)
    assert "element [0, 0, 1, 0] is wrong: yours NaN, expected 0\n  query 1 of sequence [0], head 0, sees no key" in str(report)


def test_left_padding_of_a_batch():
    query, key, value = numbers(6, (3, 2, 6, 8), (3, 2, 6, 8), (3, 2, 6, 8))
    padded = torch.arange(6) < torch.tensor([0, 2, 4])[:, None]
    mask = ~padded[:, None, None] & torch.ones(6, 6, dtype=torch.bool).tril()
    output = attend(query, key, value, attn_mask=mask)
    given = {"mask": ~padded[:, None, None], "causal": True, "empty": "any"}
    plumbline.assert_attention(output, query, key, value, **given)
    # Padding that is off by one in the third row of the batch.
    shifted = torch.arange(6) < torch.tensor([0, 2, 3])[:, None]
    wrong = attend(query, key, value, attn_mask=~shifted[:, None, None] & torch.ones(6, 6, dtype=torch.bool).tril())
    report = plumbline.check_attention(wrong, query, key, value, **given)
    assert report.verdict == "outside" and report.worst.index[0] == 2


@pytest.mark.parametrize(("kind", "arithmetic"), [(torch.bfloat16, "bf16"), (torch.float16, "f16")])
def test_narrow_tensors(kind, arithmetic):
    query, key, value = (tensor.to(kind) for tensor in numbers(7, (2, 4, 3, 16), (2, 2, 9, 16), (2, 2, 9, 16)))
    mask = torch.rand(3, 9, generator=torch.Generator().manual_seed(8)) < 0.7
    mask[:, 0] = True
    output = attend(query, key, value, attn_mask=mask, enable_gqa=True)
    plumbline.assert_attention(output, query, key, value, mask=mask, arithmetic=arithmetic)
    sums = torch.logsumexp(
        (query.float() @ key.float().repeat_interleave(2, 1).mT / 4).masked_fill(~mask, float("-inf")), -1)
    # A query that a kernel scales first stays what it is, times a power of two.
    options = {"mask": mask, "arithmetic": arithmetic, "scale": 0.25}
    plumbline.assert_attention(output, query, key, value, log_sum_exp=sums, **options)
    sums[1, 2, 0] += 1e-4
    report = plumbline.check_attention(output, query, key, value, log_sum_exp=sums, **options)
    assert report.worst.index == (1, 2, 0) and "log_sum_exp" in str(report)


def test_a_function_with_a_mask_is_the_layer():
    query, key, value = numbers(9, (2, 4, 3, 8), (2, 4, 7, 8), (2, 4, 7, 8))
    mask = torch.rand(2, 1, 3, 7, generator=torch.Generator().manual_seed(10)) < 0.7
    mask[..., 2] = True
    output = attend(query, key, value, attn_mask=mask)
    plumbline.assert_within(attend, output, query=query, key=key, value=value, attn_mask=mask)
    plumbline.assert_within(attend, attend(query, key, value, is_causal=True), query=query, key=key, value=value, is_causal=True)
    output[1, 2, 0, 3] += 1
    report = plumbline.check(attend, output, query=query, key=key, value=value, attn_mask=mask)
    assert report.verdict == "outside" and report.worst.index == (1, 2, 0, 3)


def test_a_residual_and_its_norm_are_two_outputs():
    x, residual, weight = numbers(11, (2, 3, 16), (2, 3, 16), (16,))
    from plumbline.functions import rms_norm

    def fused(x, residual, weight):
        h = x + residual
        return {"residual": h, "norm": rms_norm(h, weight, epsilon=1e-6)}

    formulas = plumbline.formula(fused, x="batch tokens hidden", residual="batch tokens hidden", weight="hidden")
    h = x + residual
    output = {"residual": h, "norm": torch.nn.functional.rms_norm(h, (16,), weight, 1e-6)}
    plumbline.assert_within(formulas, output, x=x, residual=residual, weight=weight)
    output["residual"] = x.clone()
    with pytest.raises(AssertionError, match="residual: element"):
        plumbline.assert_within(formulas, output, x=x, residual=residual, weight=weight)
