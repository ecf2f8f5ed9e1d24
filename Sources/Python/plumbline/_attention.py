"""Attention in the shapes that kernels have: batches, masks, alignments, packed sequences, pages of a cache."""

from typing import Any

from . import _joined, _report, _tensors
from ._attended import Attended
from ._library import NotProvedError
from ._seen import Rule
from ._sequences import Tensors

LAYOUTS = ("heads tokens", "tokens heads")
EMPTY = ("zero", "nan", "any")


def check_attention(
    output: Any, query: Any, key: Any, value: Any, *, layout: str | None = None, causal: str | bool | None = None,
    window: int = 0, mask: Any = None, query_positions: Any = None, key_positions: Any = None, scale: float | None = None,
    soft_cap: float = 0, sinks: Any = None, query_starts: Any = None, key_starts: Any = None, key_lengths: Any = None,
    page_table: Any = None, log_sum_exp: Any = None, empty: str = "zero", arithmetic: str = "f32",
) -> _report.Report:
    """The verdict on the output of an attention kernel, and on its log-sum-exp where that is given.

    `query` is [..., heads, tokens, size], as PyTorch has it, with `layout="tokens heads"` [..., tokens, heads, size]; `key` and
    `value` alike, perhaps with fewer heads. `causal` is "top-left" (PyTorch's is_causal), "bottom-right" (FlashAttention, a cache),
    or True where queries are as many as keys; `window` is how many positions a query sees up to its own. `mask` has the shape of
    the scores, [..., heads, tokens, keys], or one that goes with it: true where a key is seen, or numbers that are added, 0 or so
    low that they hide. Positions tell causal and window what is after what.

    Packed tensors [rows, heads, size] have `query_starts` and `key_starts`, the row where each sequence begins and where the last ends
    (cu_seqlens). `key_lengths` tells how many keys of each sequence there are; with `page_table` [sequences, pages] keys and values are
    [pages, page, heads, size], or in the layout "heads tokens" [pages, heads, page, size]. Packed and paged tensors are
    "tokens heads" unless `layout` says otherwise. `log_sum_exp` is [..., heads, tokens], or [heads, rows] of packed queries; in
    Float32 it is held to Float32's bounds.

    A query that sees no key is `empty`: "zero" (and a log-sum-exp of −∞), "nan", or "any" of these. Raises what `check` raises.
    """
    words = {"layout": (layout, (None, *LAYOUTS)), "empty": (empty, EMPTY)}
    for name, (given, known) in words.items():
        if given not in known:
            raise ValueError(f"{name} is {given!r}, expected {' or '.join(repr(word) for word in known if word)}")
    is_flat = query_starts is not None or key_starts is not None or page_table is not None
    held = {
        name: _tensors.array(tensor, name)
        for name, tensor in (("query", query), ("key", key), ("value", value), ("output", output), ("sinks", sinks), ("log_sum_exp", log_sum_exp))
        if tensor is not None
    }
    tensors = Tensors(
        *(held[name][0] for name in ("query", "key", "value", "output")), heads_first=(layout or LAYOUTS[is_flat]) == LAYOUTS[0],
        query_starts=query_starts, key_starts=key_starts, key_lengths=key_lengths, page_table=page_table)
    if query_starts is None and key_starts is not None:
        raise TypeError("key_starts needs query_starts, the rows where the queries of each sequence begin")
    attributes = {name: float(value) for name, value in (("scale", scale), ("softCap", soft_cap)) if value}
    rule = Rule(causal, window, mask, query_positions, key_positions)
    kinds = {name: kind for name, (_, kind) in held.items()}
    call = Attended(tensors, rule, attributes, kinds, held.get("sinks"), empty, arithmetic)
    sequences = tensors.sequences()
    parts = [part for sequence in sequences for part in call.reports(sequence)]
    if log_sum_exp is not None:
        if sinks is not None:
            raise NotProvedError("nothing is proved of a log-sum-exp with sinks: leave out 'log_sum_exp'")
        sums = tensors.sums(held["log_sum_exp"][0])
        parts += [part for sequence in sequences for part in call.sums(sequence, sums(sequence))]
    return _joined.joined("attention", arithmetic, parts)


def assert_attention(output: Any, query: Any, key: Any, value: Any, **options: Any) -> None:
    """Passes where every element is proved to be within its bound; the arguments are those of `check_attention`.

    Raises AssertionError otherwise, which names the element by its index in the output as it was given, its sequence, and the keys
    that it sees; also where nothing is claimed of an element.
    """
    __tracebackhide__ = True
    report = check_attention(output, query, key, value, **options)
    if not report.is_within:
        raise AssertionError(str(report))


# The parameters of PyTorch's function by the names that they have here; `None` for what changes no result.
_PARAMETERS = {
    "query": "query", "key": "key", "value": "value", "attn_mask": "mask", "is_causal": "causal", "scale": "scale", "enable_gqa": None,
    "dropout_p": None,
}


def is_function(layer: Any, inputs: dict[str, Any]) -> bool:
    """Whether `layer` is PyTorch's scaled_dot_product_attention with its own parameters."""
    return getattr(layer, "__name__", None) == "scaled_dot_product_attention" and set(inputs) <= set(_PARAMETERS)


def of_function(output: Any, *, arithmetic: str, dropout_p: float = 0, **inputs: Any) -> _report.Report:
    """The verdict on the output of scaled_dot_product_attention, whose causal mask begins at the first key."""
    if dropout_p != 0:
        raise ValueError(f"dropout_p is {dropout_p!r}: attention has only 0")
    if missing := next((name for name in ("query", "key", "value") if inputs.get(name) is None), None):
        raise TypeError(f"attention needs {missing!r}")
    options = {_PARAMETERS[name]: value for name, value in inputs.items() if _PARAMETERS[name]}
    if options.pop("causal", False):
        options["causal"] = "top-left"
    return check_attention(output, **options, empty="any", arithmetic=arithmetic)
