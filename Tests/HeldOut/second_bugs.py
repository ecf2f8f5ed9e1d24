"""Ten more bugs, written after the diagnosis was worked on and graded once: a check that it was not made for the first forty."""
import torch

from planting import attending, bug, mask_of, method, modules, places, wrapped

OUT = "model.layers.0.self_attn.o_proj"


@bug("up-offset-forgotten", "gptoss", "model.layers.0.mlp.experts", "The 1 that is added to the experts' ups is forgotten.",
     "AtomicBot-ai/atomic-llama-cpp-turboquant#67", r"offset|plus[- ]?(1|one)|\b(1|one)\b.*(forgot|not added|missing)|without.*\b(1|one)\b")
def _(model, code, patch):
    def apply(self, x):
        gate, up = x[..., ::2].clamp(max=self.limit), x[..., 1::2].clamp(-self.limit, self.limit)
        return up * gate * torch.sigmoid(gate * self.alpha)
    for experts in modules(model, "experts"): experts._apply_gate = method(apply, experts)


@bug("weight-in-e4m3", "qwen2", "model.layers.0.mlp.up_proj", "The weight of the product up is kept in E4M3, without a scale.",
     "ARITHMETIC section 3, formats of weights", r"weight.*(e4m3|fp8|8[- ]bit)|(e4m3|fp8).*(weight|factor)")
def _(model, code, patch):
    for product in modules(model, "up_proj"): product.weight.data = product.weight.data.to(torch.float8_e4m3fn).float()


@bug("first-key-head-for-all", "granite", OUT, "Every query head reads the first head of keys and values.",
     "onnx/onnx#7274", r"first (key )?head|first-key-head|every query head|head.*(first|one)")
def _(model, code, patch):
    patch(code, "repeat_kv", lambda x, count: x[:, :1].expand(-1, x.shape[1] * count, -1, -1))


@bug("output-norm-left-out", "gemma2", "model.layers.0.post_attention_layernorm", "The norm of what attention gives is left out.",
     "ARCHITECTURES section 7, norms", r"left out|left-out|skipped|forgot|missing|no norm")
def _(model, code, patch):
    for norm in modules(model, "post_attention_layernorm"): norm.forward = method(lambda self, x: x, norm)


@bug("scale-by-block", "gpt2", "transformer.h.1.attn.c_proj", "Scores are divided by the block's number, counted from 1.",
     "huggingface/transformers: scale_attn_by_inverse_layer_idx", r"scale|divided|factor")
def _(model, code, patch):
    def attend(original, module, query, *inputs, **options):
        return original(module, query / (module.layer_idx + 1), *inputs, **options)
    wrapped(patch, code, "eager_attention_forward", attend)


@bug("residual-in-sequence", "gptneox", "gpt_neox.layers.0.post_attention_layernorm", "The branches follow one another where they should stand side by side.",
     "ARCHITECTURES section 7, wiring", r"parallel|side by side|sequen|second branch|reads")
def _(model, code, patch):
    for layer in model.gpt_neox.layers: layer.use_parallel_residual = False


@bug("types-left-out", "bert", "embeddings", "The row of the tokens' type is not added.",
     "ARCHITECTURES section 7, embeddings", r"type")
def _(model, code, patch):
    model.embeddings.token_type_embeddings.weight.data.zero_()


@bug("first-token-always-seen", "mistral", OUT, "Token 0 is seen by all, also behind the window.",
     "mit-han-lab/streaming-llm: attention sinks", r"first (token|position)|position 0|token 0|window|mask|sink")
def _(model, code, patch):
    def change(module, q, k, v, mask):
        row, column = places(mask)
        shown = (column <= row) & ((row - column < model.config.sliding_window) | (column == 0))
        return q, k, v, mask_of(shown, mask)
    attending(patch, code, change)


@bug("heads-not-transposed", "qwen3", OUT, "Heads and tokens are not exchanged before the heads are joined.",
     "PrimeIntellect-ai/prime-rl#2681", r"transpos|order|axes|exchang.*(head|token)|(head|token).*exchang|as if|shape")
def _(model, code, patch):
    def attend(original, *inputs, **options):
        output, weights = original(*inputs, **options)
        return output.transpose(1, 2).contiguous(), weights
    wrapped(patch, code, "eager_attention_forward", attend)


@bug("keys-in-8-bits", "llama", OUT, "The cache keeps each key as 8-bit integers with one scale a head.",
     "ggml-org/llama.cpp: a cache of type q8_0", r"8[- ]?bit|int8|q8|quanti")
def _(model, code, patch):
    def quantised(x):
        scale = x.abs().amax(-1, keepdim=True) / 127
        return (x / scale).round() * scale
    attending(patch, code, lambda module, q, k, v, mask: (q, quantised(k), v, mask))
