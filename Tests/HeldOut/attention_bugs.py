"""Bugs of masks, of caches, of heads and of softmax."""
import torch

from planting import attending, bug, mask_of, places, wrapped

OUT = "model.layers.0.self_attn.o_proj"


@bug("window-one-more", "mistral", OUT, "The window shows a token more than it should.",
     "NVIDIA-NeMo/Megatron-Bridge#2656", r"window|mask")
def _(model, code, patch):
    def change(module, q, k, v, mask):
        row, column = places(mask)
        return q, k, v, mask_of((column <= row) & (row - column < model.config.sliding_window + 1), mask)
    attending(patch, code, change)


@bug("next-token-seen", "llama", OUT, "Each token sees the one behind it, too.",
     "issue 32: a mask one too long", r"mask|future|next token|ahead|causal")
def _(model, code, patch):
    def change(module, q, k, v, mask):
        row, column = places(mask)
        return q, k, v, mask_of(column <= row + 1, mask)
    attending(patch, code, change)


@bug("window-in-other-blocks", "gemma2", OUT, "The blocks with a window and those without are exchanged.",
     "ARCHITECTURES section 7, window layers shifted by one", r"window|mask")
def _(model, code, patch):
    def change(module, q, k, v, mask):
        row, column = places(mask)
        reach = 5 if module.layer_idx % 2 else len(row)
        return q, k, v, mask_of((column <= row) & (row - column < reach), mask)
    attending(patch, code, change)


@bug("chunks-for-window", "gemma3", OUT, "Tokens see their own chunk of five only, in place of a window of five.",
     "mit-han-lab/duo-attention#3", r"chunk|window|mask")
def _(model, code, patch):
    def change(module, q, k, v, mask):
        row, column = places(mask)
        is_local = module.layer_type == "sliding_attention"
        return q, k, v, mask_of((column <= row) & (row // 5 == column // 5), mask) if is_local else mask
    attending(patch, code, change)


@bug("heads-tiled", "qwen3", OUT, "Query head h reads key head h mod 2 and not h div 2.",
     "onnx/onnx#7274", r"tile|head.*(group|mod|order|share|spread|of another)|group|kv[- ]head")
def _(model, code, patch):
    patch(code, "repeat_kv", lambda x, count: x.repeat(1, count, 1, 1))


@bug("stale-value-row", "llama", OUT, "The cache has the value of token 4 where that of token 5 should be.",
     "EricLBuehler/mistral.rs#300", r"stale|row|cache|repeat|(of|from) (the )?(token|position)")
def _(model, code, patch):
    def change(module, q, k, v, mask):
        v = v.clone()
        v[:, :, 5] = v[:, :, 4]
        return q, k, v, mask
    attending(patch, code, change)


@bug("values-cached-in-f16", "granite", OUT, "The cache keeps values as binary16.",
     "ohdearquant/lattice#307", r"f16|binary16|half")
def _(model, code, patch):
    attending(patch, code, lambda module, q, k, v, mask: (q, k, v.half().float(), mask))


@bug("soft-cap-missing", "gemma2", OUT, "Scores have no soft cap.",
     "vllm-project/vllm-metal#665", r"cap")
def _(model, code, patch):
    wrapped(patch, code, "eager_attention_forward", lambda f, *inputs, softcap=None, **o: f(*inputs, softcap=None, **o))


@bug("scale-of-head-size", "gemma2", OUT, "Scores are scaled by the size of a head and not by query_pre_attn_scalar.",
     "ml-explore/mlx-swift-examples#99", r"scale")
def _(model, code, patch):
    wrapped(patch, code, "eager_attention_forward", lambda f, *inputs, scaling, **o: f(*inputs, scaling=8**-0.5, **o))


@bug("sum-in-f16", "mistral", OUT, "Softmax's sum is kept in binary16.",
     "sonos/tract#2586", r"(sum|denominator|total).*(f16|binary16|half)|(f16|binary16|half).*(sum|denominator|total)")
def _(model, code, patch):
    def attend(original, module, q, k, v, mask, scaling, **options):
        k, v = code.repeat_kv(k, module.num_key_value_groups), code.repeat_kv(v, module.num_key_value_groups)
        scores = q @ k.transpose(2, 3) * scaling + mask
        powers = (scores - scores.amax(-1, keepdim=True)).exp()
        total = torch.zeros_like(powers[..., 0])
        for index in range(powers.shape[-1]): total = (total + powers[..., index]).half().float()
        weights = powers / total[..., None]
        return (weights @ v).transpose(1, 2).contiguous(), weights
    wrapped(patch, code, "eager_attention_forward", attend)


@bug("sinks-ignored", "gptoss", OUT, "Attention's sinks are left out of softmax's sum.",
     "vllm-project/vllm-metal#550", r"sink")
def _(model, code, patch):
    for block in model.model.layers: block.self_attn.sinks.fill_(-1e30)


@bug("fused-rows-by-kind", "gptneox", "gpt_neox.layers.0.attention.dense",
     "The rows of the fused product are taken as all queries, all keys, all values, and not head by head.",
     "lablup/mlxcel#928", r"fused|qkv|(rows|order|head).*(kind|split|exchang|mix)|split")
def _(model, code, patch):
    # Heads as [q0 k0 v0 q1 k1 v1] are read as [q0 q1 k0 k1 v0 v1], behind the module whose output is dumped.
    size, current = model.gpt_neox.layers[0].attention.head_size, []

    def heads(module):
        fused = module.query_key_value.seen
        return fused.view(*fused.shape[:2], 6, size).transpose(1, 2)

    def rotate(original, q, k, cos, sin, **options):
        return original(heads(current[-1])[:, 0:2], heads(current[-1])[:, 2:4], cos, sin, **options)

    for block in model.gpt_neox.layers:
        block.attention.register_forward_pre_hook(lambda module, *_: current.append(module))
        block.attention.query_key_value.register_forward_hook(lambda module, _, output: setattr(module, "seen", output))
    wrapped(patch, code, "apply_rotary_pos_emb", rotate)
    attending(patch, code, lambda module, q, k, v, mask: (q, k, heads(module)[:, 4:6], mask))
