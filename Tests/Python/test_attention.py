"""Attention in the shapes that kernels have, against kernels written by hand in NumPy, and their bugs."""

import math

import numpy as np
import pytest

import plumbline


def softmax_rows(scores):
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True, dtype=np.float32)


def one(query, key, value, seen):
    """Attention of one sequence `[tokens, heads, size]` in Float32, query by query; `seen` gives the keys of a token."""
    output = np.zeros((*query.shape[:2], value.shape[2]), np.float32)
    sums = np.full((query.shape[1], query.shape[0]), -np.inf, np.float32)
    group = query.shape[1] // key.shape[1]
    for token in range(len(query)):
        keys = seen(token)
        for head in range(query.shape[1]):
            if not len(keys):
                continue
            scores = key[keys, head // group] @ query[token, head] * np.float32(query.shape[2] ** -0.5)
            output[token, head] = softmax_rows(scores) @ value[keys, head // group]
            sums[head, token] = scores.max() + np.log(np.exp(scores - scores.max()).sum(dtype=np.float32))
    return output, sums


def draw(seed, *shapes):
    source = np.random.default_rng(seed)
    return [source.normal(size=shape).astype(np.float32) for shape in shapes]


def causal(tokens, keys, alignment):
    first = keys - tokens if alignment == "bottom-right" else 0
    return lambda token: np.arange(max(0, min(first + token + 1, keys)))


# Fewer queries than keys, as many, and more.
@pytest.mark.parametrize("alignment", ["top-left", "bottom-right"])
@pytest.mark.parametrize(("tokens", "keys"), [(3, 7), (5, 5), (7, 3)])
def test_either_alignment(alignment, tokens, keys):
    query, key, value = draw(1, (tokens, 4, 8), (keys, 2, 8), (keys, 2, 8))
    output, sums = one(query, key, value, causal(tokens, keys, alignment))
    plumbline.assert_attention(
        output, query, key, value, layout="tokens heads", causal=alignment, log_sum_exp=sums)
    other = {"top-left": "bottom-right", "bottom-right": "top-left"}[alignment]
    report = plumbline.check_attention(output, query, key, value, layout="tokens heads", causal=other)
    assert report.verdict == ("within" if tokens == keys else "outside")
    if tokens < keys:
        assert f"query {report.worst.index[0]} of the sequence, head {report.worst.index[1]}, sees key" in str(report)
        with pytest.raises(ValueError, match="3 queries and 7 keys: say 'top-left'"):
            plumbline.check_attention(output, query, key, value, layout="tokens heads", causal=True)
    if tokens == keys:
        plumbline.assert_attention(output, query, key, value, layout="tokens heads", causal=True)


def test_a_wrong_alignment_is_named_by_what_the_kernel_saw():
    query, key, value = draw(2, (2, 1, 4), (6, 1, 4), (6, 1, 4))
    output, _ = one(query, key, value, causal(2, 6, "top-left"))
    with pytest.raises(AssertionError) as raised:
        plumbline.assert_attention(output, query, key, value, layout="tokens heads", causal="bottom-right")
    said = str(raised.value)
    assert "query 1 of the sequence, head 0, sees keys 0 to 5\n  it is as if it saw keys 0 to 1" in said or (
        "query 0 of the sequence, head 0, sees keys 0 to 4\n  it is as if it saw key 0" in said)


def test_leading_axes_are_batches_and_an_index_is_the_users():
    query, key, value = draw(3, (2, 3, 4, 5, 8), (2, 3, 2, 6, 8), (2, 3, 2, 6, 8))
    output = np.empty_like(query)
    for place in np.ndindex(2, 3):
        found, _ = one(*(tensor[place].swapaxes(0, 1) for tensor in (query, key, value)), lambda token: np.arange(6))
        output[place] = found.swapaxes(0, 1)
    plumbline.assert_attention(output, query, key, value)
    output[1, 2, 3, 4, 5] += 1
    report = plumbline.check_attention(output, query, key, value)
    assert report.verdict == "outside" and report.worst.index == (1, 2, 3, 4, 5) and report.elements == output.size
    assert "element [1, 2, 3, 4, 5] is wrong" in str(report) and "query 4 of sequence [1, 2], head 3, sees keys 0 to 5" in str(report)


class Pages:
    """A cache in pages `[pages, page, heads, size]`, of which each sequence has some, and garbage in all others."""

    def __init__(self, lengths, size=4, heads=2, width=8, seed=5):
        self.lengths, self.size = np.array(lengths, np.int32), size
        counts = [-(-length // size) for length in lengths]
        source = np.random.default_rng(seed)
        order = source.permutation(sum(counts) + 2)
        self.table = np.full((len(lengths), max(counts) + 1), -1, np.int32)
        self.key, self.value = (np.full((sum(counts) + 2, size, heads, width), np.nan, np.float32) for _ in range(2))
        for sequence, count in enumerate(counts):
            self.table[sequence, :count], order = order[:count], order[count:]
            for place in range(lengths[sequence]):
                page = self.table[sequence, place // size]
                for cache in (self.key, self.value):
                    cache[page, place % size] = source.normal(size=(heads, width))

    def kernel(self, query, is_stale=False, forgets_last=False):
        """Decoding over the pages, one query a sequence, written as people write it."""
        output = np.empty_like(query)
        for sequence, length in enumerate(self.lengths):
            own = self.table[sequence, : -(-length // self.size)].copy()
            if is_stale and sequence == 2:
                # The last page is the one before, as where the table was not written in time.
                own[-1] = own[-2]
            if forgets_last and sequence == 1:
                length -= 1 + (length - 1) % self.size
            key, value = (cache[own].reshape(-1, *cache.shape[2:])[:length] for cache in (self.key, self.value))
            output[sequence], _ = one(query[sequence], key, value, lambda token: np.arange(length))
        return output


def test_pages_of_a_cache():
    pages = Pages([5, 9, 11, 4])
    (query,) = draw(6, (4, 1, 4, 8))
    options = {"page_table": pages.table, "key_lengths": pages.lengths, "causal": "bottom-right"}
    plumbline.assert_attention(pages.kernel(query), query, pages.key, pages.value, **options)
    report = plumbline.check_attention(pages.kernel(query, is_stale=True), query, pages.key, pages.value, **options)
    names = ", ".join(str(page) for page in pages.table[2, :3])
    assert report.worst.index[0] == 2
    assert f"query 0 of sequence [2], head {report.worst.index[2]}, sees keys 0 to 10, in pages {names}" in str(report)
    report = plumbline.check_attention(pages.kernel(query, forgets_last=True), query, pages.key, pages.value, **options)
    assert report.worst.index[0] == 1 and "it is as if it saw keys 0 to 7" in str(report)
    # Heads before the places of a page.
    turned = [cache.swapaxes(1, 2) for cache in (pages.key, pages.value)]
    output = pages.kernel(query).swapaxes(1, 2)
    plumbline.assert_attention(output, query.swapaxes(1, 2), *turned, layout="heads tokens", **options)


def test_packed_queries_read_pages():
    pages, starts = Pages([5, 9, 8], seed=8), [0, 2, 2, 5]
    (query,) = draw(9, (5, 4, 8))
    output = np.empty_like(query)
    for sequence in (0, 2):
        length, rows = pages.lengths[sequence], slice(starts[sequence], starts[sequence + 1])
        own = pages.table[sequence, : -(-length // 4)]
        key, value = (cache[own].reshape(-1, 2, 8)[:length] for cache in (pages.key, pages.value))
        output[rows], _ = one(query[rows], key, value, causal(rows.stop - rows.start, length, "bottom-right"))
    options = {
        "query_starts": np.array(starts, np.int32), "page_table": pages.table, "key_lengths": pages.lengths, "causal": "bottom-right"}
    plumbline.assert_attention(output, query, pages.key, pages.value, **options)
    output[3, 2, 1] += 1
    assert plumbline.check_attention(output, query, pages.key, pages.value, **options).worst.index == (3, 2, 1)


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_packed_sequences_and_a_boundary_that_is_off_by_one(shift):
    query_starts, key_starts = [0, 3, 4, 8], [0, 5, 6, 12]
    query, key, value = draw(10, (8, 4, 8), (12, 2, 8), (12, 2, 8))
    output, sums = np.empty_like(query), np.empty((4, 8), np.float32)
    for sequence in range(3):
        rows = slice(query_starts[sequence], query_starts[sequence + 1])
        last = key_starts[sequence + 1] + (shift if sequence == 0 else 0)
        own = slice(key_starts[sequence], last)
        output[rows], sums[:, rows] = one(
            query[rows], key[own], value[own], causal(rows.stop - rows.start, last - own.start, "bottom-right"))
    report = plumbline.check_attention(
        output, query, key, value, causal="bottom-right", query_starts=query_starts, key_starts=key_starts, log_sum_exp=sums)
    assert report.verdict == ("outside" if shift else "within")
    if shift:
        assert "of sequence 0, head" in str(report)
    alone = plumbline.check_attention(
        output, query, key, value, causal="bottom-right", query_starts=query_starts, key_starts=key_starts)
    if shift == 1:
        token = alone.worst.index[0]
        assert f"query {token} of sequence 0, head {alone.worst.index[1]}, sees keys 0 to {token + 2}" in str(alone)
        beyond = ", of which the last is another sequence's" if token == 2 else ""
        assert f"it is as if it saw keys 0 to {token + 3}{beyond}" in str(alone)


def test_a_mask_is_a_tensor_of_truth_or_of_numbers():
    query, key, value = draw(11, (2, 4, 5, 8), (2, 2, 7, 8), (2, 2, 7, 8))
    seen = np.random.default_rng(12).random((2, 1, 5, 7)) < 0.6
    seen[0, 0, 2] = False
    output = np.empty_like(query)
    for batch in range(2):
        found, _ = one(
            *(tensor[batch].swapaxes(0, 1) for tensor in (query, key, value)),
            lambda token: np.flatnonzero(seen[batch, 0, token]))
        output[batch] = found.swapaxes(0, 1)
    numbers = np.where(seen, np.float32(0), np.float32(-np.inf))
    for mask in (seen, seen.astype(np.int64), numbers):
        plumbline.assert_attention(output, query, key, value, mask=mask)
    # The most negative number hides, too; where it hides all, nothing is claimed.
    lowest = np.where(seen, np.float32(0), np.finfo(np.float32).min)
    report = plumbline.check_attention(output, query, key, value, mask=lowest)
    assert report.verdict == "outside the domain" and report.unclaimed == 4 * 8
    # A query that sees nothing is 0 here, and NaN in other kernels.
    output[0, :, 2] = np.nan
    report = plumbline.check_attention(output, query, key, value, mask=seen)
    assert report.verdict == "outside" and report.worst.index == (0, 0, 2, 0) and "query 2 of sequence [0], head 0, sees no key" in str(report)
    for empty in ("nan", "any"):
        plumbline.assert_attention(output, query, key, value, mask=seen, empty=empty)
    # One key too many, in one query of one head.
    key_of = int(np.flatnonzero(~seen[1, 0, 4])[-1])
    wrong, _ = one(
        *(tensor[1].swapaxes(0, 1) for tensor in (query, key, value)),
        lambda token: np.flatnonzero(seen[1, 0, token] | (np.arange(7) == key_of)))
    output[1, 3, 4] = wrong[4, 3]
    report = plumbline.check_attention(output, query, key, value, mask=seen, empty="any")
    assert report.verdict == "outside" and report.worst.index[:3] == (1, 3, 4)


def test_a_mask_for_each_head_and_positions():
    query, key, value = draw(13, (1, 4, 3, 8), (1, 4, 6, 8), (1, 4, 6, 8))
    query_positions, key_positions = np.array([[9, 3, 12]]), np.array([[3, 12, 5, 9, 1, 10]])
    seen = np.random.default_rng(14).random((4, 3, 6)) < 0.7
    seen[:, :, 4] = True
    both = seen & (key_positions[0] <= query_positions[0][:, np.newaxis])
    output = np.empty_like(query)
    for head in range(4):
        found, _ = one(
            *(tensor[0, head : head + 1].swapaxes(0, 1) for tensor in (query, key, value)),
            lambda token: np.flatnonzero(both[head, token]))
        output[0, head] = found[:, 0]
    options = {"mask": seen, "causal": True, "query_positions": query_positions, "key_positions": key_positions}
    plumbline.assert_attention(output, query, key, value, **options)
    plumbline.assert_attention(output, query, key, value, **options, arithmetic="f32,order=sequence")
    output[0, 2, 1, 7] += 1
    assert plumbline.check_attention(output, query, key, value, **options).worst.index == (0, 2, 1, 7)
    with pytest.raises(plumbline.NotProvedError, match="counts the places of keys"):
        plumbline.check_attention(output, query, key, value, **options, arithmetic="f32,order=4-lanes")


def test_a_window_and_the_layers_own_attributes():
    query, key, value = draw(15, (4, 2, 8), (9, 2, 8), (9, 2, 8))
    output, _ = one(query, key, value, lambda token: np.arange(max(0, 5 + token - 2), 5 + token + 1))
    options = {"layout": "tokens heads", "causal": "bottom-right"}
    plumbline.assert_attention(output, query, key, value, window=3, **options)
    assert plumbline.check_attention(output, query, key, value, window=4, **options).verdict == "outside"
    # The same by positions, whose cases are made row by row.
    plumbline.assert_attention(
        output, query, key, value, layout="tokens heads", causal=True, window=3, query_positions=np.arange(5, 9),
        key_positions=np.arange(9))


def test_a_wrong_log_sum_exp_is_named():
    query, key, value = draw(16, (2, 2, 3, 8), (2, 2, 5, 8), (2, 2, 5, 8))
    output, sums = np.empty_like(query), np.empty((2, 2, 3), np.float32)
    for batch in range(2):
        found, sums[batch] = one(
            *(tensor[batch].swapaxes(0, 1) for tensor in (query, key, value)), causal(3, 5, "bottom-right"))
        output[batch] = found.swapaxes(0, 1)
    plumbline.assert_attention(output, query, key, value, causal="bottom-right", log_sum_exp=sums)
    # The truth in Float64, of which each of 14 operations is off by less than 2⁻⁵² of numbers below 4.
    scores = key[1, 0, :4].astype(float) @ query[1, 0, 1].astype(float) / math.sqrt(8)
    truth = math.log(math.fsum(math.exp(score) for score in scores))
    sums[1, 0, 1] += np.float32(1e-4)
    report = plumbline.check_attention(output, query, key, value, causal="bottom-right", log_sum_exp=sums)
    assert report.worst.index == (1, 0, 1) and "log_sum_exp: element [1, 0, 1] is wrong" in str(report)
    slack = 14 * 4 * 2.0**-52
    assert report.worst.lower - slack <= truth <= report.worst.upper + slack
    # A kernel that forgets to add the greatest score back, and one of narrow tensors that gives its sums in Float32.
    narrow = [(tensor.view(np.uint32) & 0xFFFF0000).view(np.float32) for tensor in (query, key, value)]
    for batch in range(2):
        found, sums[batch] = one(*(tensor[batch].swapaxes(0, 1) for tensor in narrow), causal(3, 5, "bottom-right"))
        output[batch] = found.swapaxes(0, 1)
    # Nothing is rounded where a query is scaled first by a power of two; by 1/√8 it may be, to bfloat16.
    options = {"causal": "bottom-right", "arithmetic": "bf16"}
    plumbline.assert_attention(output, *narrow, log_sum_exp=sums, **options)
    assert plumbline.check_attention(output, *narrow, log_sum_exp=sums + np.float32(0.1), **options).verdict == "outside"


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("query_starts: falls from 3 to 2 at place 2", {"query_starts": [0, 3, 2, 4], "key_starts": [0, 1, 2, 4]}),
        ("query_starts: ends at row 3, and query has 4", {"query_starts": [0, 3], "key_starts": [0, 4]}),
        ("key_starts: has 1 sequences, and there are 2", {"query_starts": [0, 3, 4], "key_starts": [0, 4]}),
        ("layout is 'bhsd', expected", {"layout": "bhsd"}), ("causal is 'left'", {"causal": "left"}),
        ("give causal too", {"window": 3}), ("empty is 'none'", {"empty": "none"}),
        (r"mask: has shape \[3, 4\]", {"mask": np.ones((3, 4), bool), "layout": "tokens heads"}),
        ("whole numbers beside 0 and 1", {"mask": np.full((4, 4), 2), "layout": "tokens heads"}),
        (r"adds -1 to the score of the sequence, query 0, key 1", {"mask": np.triu(np.full((4, 4), -1.0, np.float32), 1), "layout": "tokens heads"}),
        ("do not go together", {"query_starts": [0, 4], "key_starts": [0, 4], "mask": np.ones((4, 4), bool)}),
        (r"query: has shape \[4, 2, 8\], expected \[pages", None),
    ],
)
def test_what_does_not_fit_is_refused(words, options):
    query, key, value = draw(17, (4, 2, 8), (4, 2, 8), (4, 2, 8))
    if options is None:
        options, words = {"page_table": [[0]], "key_lengths": [3]}, r"key: has shape \[4, 2, 8\], expected \[pages, page, heads, size\]"
    with pytest.raises(ValueError, match=words):
        plumbline.check_attention(query, query, key, value, **options)


def test_a_page_that_is_not_there_is_refused():
    pages = Pages([5, 9])
    (query,) = draw(18, (2, 1, 4, 8))
    pages.table[1, 2] = 90
    with pytest.raises(ValueError, match=r"page_table: is 90 at \[1, 2\], and there are 7 pages"):
        plumbline.check_attention(query, query, pages.key, pages.value, page_table=pages.table, key_lengths=pages.lengths)
    with pytest.raises(ValueError, match=r"key_lengths: is 99 at \[1\], and there is room for 16 keys"):
        plumbline.check_attention(query, query, pages.key, pages.value, page_table=pages.table, key_lengths=[1, 99])
    with pytest.raises(TypeError, match="needs key_lengths"):
        plumbline.check_attention(query, query, pages.key, pages.value, page_table=pages.table)


def test_the_greatest_elements_and_their_indices():
    (x,) = draw(20, (3, 4, 9))
    x[2, 3, 5] = x[2, 3].max()
    indices = np.argsort(-x, -1)[..., :3]
    probabilities = np.exp(x - x.max(-1, keepdims=True))
    probabilities = probabilities / probabilities.sum(-1, keepdims=True)
    values = np.take_along_axis(probabilities, indices, -1)
    assert plumbline.check_top("softmax", values, indices, x=x).is_within
    assert plumbline.check_top("x[rows,columns]: x", None, indices.reshape(12, 3), x=x.reshape(12, 9)).is_within
    # Equal elements: any of them.
    last = indices.copy()
    last[2, 3, 0] = np.flatnonzero(x[2, 3] == x[2, 3].max())[-1]
    assert plumbline.check_top("softmax", None, last[..., :1], x=x).is_within
    wrong = values.copy()
    wrong[1, 2, 1] *= np.float32(1.001)
    report = plumbline.check_top("softmax", wrong, indices, x=x)
    place = [1, 2, int(indices[1, 2, 1])]
    assert report.worst.index == (1, 2, 1) and f"value of element {place}: element [1, 2, 1] is wrong" in str(report)
    # The fourth in place of the second.
    other = indices.copy()
    other[0, 1, 1] = np.argsort(-x[0, 1])[3]
    report = plumbline.check_top("softmax", None, other, x=x)
    assert report.verdict == "outside" and report.worst.index == (0, 1, 1) and f"index [0, 1, 1] is wrong: yours {other[0, 1, 1]}" in str(report)
    assert f"that at {indices[0, 1, 1]}, which is not chosen" in str(report)
    for bad, words in ((9, "and the row has 9 elements"), (int(indices[0, 0, 0]), "which [0, 0, 0] is too")):
        other = indices.copy()
        other[0, 0, 2] = bad
        assert words in str(plumbline.check_top("softmax", values, other, x=x))
    with pytest.raises(ValueError, match="has 12 rows"):
        plumbline.check_top("softmax", values[0], indices[0], x=x)


def rotated(x, positions, theta=10000.0):
    """A rotary embedding in Float64, rounded once: pairs of the first and the second half."""
    half = x.shape[-1] // 2
    angles = positions[..., np.newaxis, np.newaxis] * theta ** (-2 * np.arange(half) / x.shape[-1])
    a, b = x[..., :half].astype(float), x[..., half:].astype(float)
    return np.concatenate([a * np.cos(angles) - b * np.sin(angles), a * np.sin(angles) + b * np.cos(angles)], -1).astype(np.float32)


def test_positions_are_a_tensor():
    (x,) = draw(21, (2, 5, 3, 8))
    positions = np.array([[0, 1, 2, 7, 8], [4, 3, 2, 90, 91]])
    output = rotated(x, positions)
    plumbline.assert_within("rotary-embedding", output, x=x, positions=positions, interleaved=False)
    one_less = rotated(x, np.where(positions == 90, 89, positions))
    report = plumbline.check("rotary-embedding", one_less, x=x, positions=positions, interleaved=False)
    assert report.verdict == "outside" and report.worst.index[:2] == (1, 3)
    plumbline.assert_within("rotary-embedding", rotated(x[0], positions[0]), x=x[0], positions=positions[0], interleaved=False)
    with pytest.raises(TypeError, match="takes no 'positions'"):
        plumbline.check("softmax", x, x=x, positions=positions)
    with pytest.raises(ValueError, match=r"positions: has shape \[4\]"):
        plumbline.check("rotary-embedding", output, x=x, positions=[0, 1, 2, 3])


def test_batches_of_layers_whose_rows_belong_together():
    x, y = draw(22, (2, 3, 4, 8), (2, 3, 5, 8))
    norms = [np.sqrt((tensor * tensor).sum(-1)) for tensor in (x, y)]
    output = x @ y.swapaxes(-1, -2) / (norms[0][..., np.newaxis] * norms[1][..., np.newaxis, :])
    plumbline.assert_within("cosine-similarity", output, x=x, y=y)
    output[1, 2, 3, 4] += np.float32(1e-3)
    assert plumbline.check("cosine-similarity", output, x=x, y=y).worst.index == (1, 2, 3, 4)
    # A formula's tensors, of which one is shared.
    formula = "x[rows,hidden],w[hidden]:x*w"
    output = x * y[0, 0, 0]
    plumbline.assert_within(formula, output, x=x, w=y[0, 0, 0])
    output[1, 0, 2, 7] = 9
    assert plumbline.check(formula, output, x=x, w=y[0, 0, 0]).worst.index == (1, 0, 2, 7)


def test_several_outputs_have_names():
    from plumbline.functions import rms_norm

    x, r, w = draw(23, (3, 16), (3, 16), (16,))
    several = plumbline.formula(lambda x, r, w: (x + r, rms_norm(x + r, w, epsilon=1e-6)), x="rows hidden", r="rows hidden", w="hidden")
    h = x + r
    norm = h / np.sqrt((h * h).mean(-1, keepdims=True, dtype=np.float32) + np.float32(1e-6)) * w
    plumbline.assert_within(several, (h, norm), x=x, r=r, w=w)
    # The norm of what was not added.
    wrong = x / np.sqrt((x * x).mean(-1, keepdims=True, dtype=np.float32) + np.float32(1e-6)) * w
    report = plumbline.check(several, (h, wrong), x=x, r=r, w=w)
    assert report.verdict == "outside" and "output 1: element" in str(report) and report.layer == "output 0, output 1"
    with pytest.raises(TypeError, match="'norm' is not there"):
        plumbline.check({"norm": "rms-norm"}, {"y": norm}, x=h, weight=w)
    plumbline.assert_within({"norm": "rms-norm"}, {"norm": norm}, x=h, weight=w, epsilon=1e-6)
