"""Bugs of norms, activations, products, residuals and experts."""
import torch
from torch import nn
from torch.nn import functional

from planting import TOKENS, bug, method, modules, wrapped


@bug("epsilon-of-bert", "bert", "embeddings.LayerNorm", "Epsilon of every norm is 1e-12, whatever the configuration says.",
     "keras-team/keras-hub#642", r"epsilon|\beps\b")
def _(model, code, patch):
    for norm in modules(model, "LayerNorm"): norm.eps = 1e-12


@bug("weight-without-one", "gemma", "model.layers.0.input_layernorm", "The norms' weights lack the 1 that Gemma adds.",
     "linkedin/Liger-Kernel#74", r"plus[- ]?(1|one)|\+ ?1|(lack|without|no|forgot|missing|minus).*\b(1|one)\b|\b(1|one)\b.*(lack|forgot|missing|left out|not added)")
def _(model, code, patch):
    for norm in modules(model, "norm"): norm.forward = method(lambda self, x: self._norm(x) * self.weight, norm)


@bug("mean-kept", "gptneox", "gpt_neox.layers.0.input_layernorm", "Layer norm does not subtract the mean.",
     "ARCHITECTURES section 7, kind of norm", r"mean|cent(er|re)|rms")
def _(model, code, patch):
    def forward(self, x): return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight + self.bias
    for norm in modules(model, "norm"): norm.forward = method(forward, norm)


@bug("unbiased-variance", "gpt2", "transformer.h.0.ln_1", "The variance of layer norm is divided by n - 1.",
     "harvardnlp/annotated-transformer#119", r"unbiased|n ?[-−] ?1|bessel|variance")
def _(model, code, patch):
    def forward(self, x):
        return (x - x.mean(-1, keepdim=True)) * torch.rsqrt(x.var(-1, keepdim=True) + self.eps) * self.weight + self.bias
    for name in ("ln_1", "ln_2", "ln_f"):
        for norm in modules(model, name): norm.forward = method(forward, norm)


@bug("norm-behind-rotation", "qwen3", "model.layers.0.self_attn.q_norm", "Norms of queries and keys stand behind the rotation.",
     "vllm-project/vllm-metal#660", r"(norm|rotat).*(before|behind|after|order|exchang).*|order|already rotated|rotated")
def _(model, code, patch):
    rotate = code.apply_rotary_pos_emb
    cos, sin = model.model.rotary_emb(torch.zeros(1), torch.arange(len(TOKENS))[None])
    def forward(self, x):
        turned, _ = rotate(x, x, cos, sin, unsqueeze_dim=2)
        return self.weight * (turned * torch.rsqrt(turned.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))
    for norm in modules(model, "q_norm") + modules(model, "k_norm"): norm.forward = method(forward, norm)
    patch(code, "apply_rotary_pos_emb", lambda q, k, *_, **__: (q, k))


@bug("norm-of-each-head", "olmo2", "model.layers.0.self_attn.q_norm", "Norms of queries and keys are taken of each head, not of the row.",
     "vllm-project/vllm-metal#660", r"(each|per|own|single|one).*head|head")
def _(model, code, patch):
    def forward(self, x):
        heads = x.unflatten(-1, (-1, 4))
        return self.weight * (heads * torch.rsqrt(heads.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)).flatten(-2)
    for norm in modules(model, "q_norm") + modules(model, "k_norm"): norm.forward = method(forward, norm)


@bug("gelu-of-tanh", "bert", "encoder.layer.0.intermediate.intermediate_act_fn", "GELU is taken by its formula of tanh.",
     "Blaizzy/mlx-embeddings#81", r"tanh")
def _(model, code, patch):
    for activation in modules(model, "intermediate_act_fn"):
        activation.forward = method(lambda self, x: functional.gelu(x, approximate="tanh"), activation)


@bug("gate-and-up-exchanged", "phi3", "model.layers.0.mlp.activation_fn", "The halves of the fused product are taken as up and gate.",
     "ml-explore/mlx-lm#767", r"gate|up\b|halves|exchang|swap")
def _(model, code, patch):
    def forward(self, x):
        up, gate = self.gate_up_proj(x).chunk(2, -1)
        return self.down_proj(up * self.activation_fn(gate))
    for block in modules(model, "mlp"): block.forward = method(forward, block)


@bug("gate-clamped", "llama", "model.layers.0.mlp.act_fn", "SiLU's argument is clamped to 1 at the most.",
     "issue 32: SiLU's argument clamped", r"clamp|clip|limit|satur|bounded|at (the )?most")
def _(model, code, patch):
    for block in modules(model, "mlp"): block.act_fn = Clamped()


class Clamped(nn.Module):
    def forward(self, x): return functional.silu(x.clamp(max=1.0))


class Inaccurate(nn.Module):
    """SiLU by a power of two of which the fraction is a polynomial of degree 4, as fast kernels have it."""

    def forward(self, x):
        y = -x * 1.4426950408889634
        whole, rest = y.floor(), y - y.floor()
        power = 1 + rest * (0.69304347 + rest * (0.24124989 + rest * (0.05235266 + rest * 0.01334164)))
        return x / (1 + power * torch.exp2(whole))


@bug("exponential-inaccurate", "qwen2", "model.layers.0.mlp.act_fn", "SiLU's exponential is a polynomial with a relative error of 6e-6.",
     "sgl-project/sglang#29382", r"exponential|\bexp\b|relative error|accura|approx")
def _(model, code, patch):
    for block in modules(model, "mlp"): block.act_fn = Inaccurate()


@bug("branches-unscaled", "granite", "model.layers.0.post_attention_layernorm", "The residual multiplier is left out.",
     "vllm-project/vllm#52158", r"residual|branch|multiplier|scale")
def _(model, code, patch):
    for block in model.model.layers: block.residual_multiplier = 1.0


@bug("residual-twice", "qwen3", "model.layers.1.post_attention_layernorm", "The block's input is added twice behind the second attention.",
     "issue 32: residual twice", r"twice|double|two times|residual")
def _(model, code, patch):
    kept, block = [], model.model.layers[1]
    block.input_layernorm.register_forward_pre_hook(lambda module, inputs: kept.append(inputs[0]))
    # The sum is made before the norm, and stays the residual of the feed-forward.
    block.post_attention_layernorm.register_forward_pre_hook(lambda module, inputs: (inputs[0] + kept[-1],))
    wrapped(patch, block, "forward", lambda f, *inputs, **options: f(*inputs, **options) + kept[-1])


@bug("tail-of-inputs-dropped", "llama", "model.layers.0.mlp.down_proj", "The last 4 of 24 inputs of the product down are dropped.",
     "1bit-MONSTER/1bit-MONSTER#301", r"drop|tail|last|inputs?.*(left out|missing|ignored|lost|skipped|not read)")
def _(model, code, patch):
    for product in modules(model, "down_proj"):
        product.forward = method(lambda self, x: functional.linear(x[..., :-4], self.weight[:, :-4]), product)


@bug("sums-in-bf16", "cohere", "model.layers.0.mlp.gate_proj", "Partial sums of 8 products are kept in bfloat16.",
     "tenstorrent/tt-lang#490", r"(sum|accumul|partial).*(bf16|bfloat)|(bf16|bfloat).*(sum|accumul|partial)")
def _(model, code, patch):
    def forward(self, x):
        total = 0
        for part, weight in zip(x.split(8, -1), self.weight.split(8, -1)):
            total = (total + functional.linear(part, weight)).bfloat16().float()
        return total
    for product in modules(model, "gate_proj"): product.forward = method(forward, product)


@bug("weights-not-renormalised", "mixtral", "model.layers.0.mlp.router_weights", "The weights of the chosen experts are not divided by their sum.",
     "lablup/mlxcel#391", r"renormali|normali|divided|sum")
def _(model, code, patch):
    def forward(self, x):
        logits = functional.linear(x.reshape(-1, self.hidden_dim), self.weight)
        weights, experts = torch.topk(logits.softmax(-1), self.top_k, dim=-1)
        return logits, weights, experts
    for router in modules(model, "mlp.gate"): router.forward = method(forward, router)


@bug("gates-not-clamped", "gptoss", "model.layers.0.mlp.experts", "Gates and ups of the experts are not clamped to 7.",
     "huggingface/transformers#40197", r"clamp|limit|clip")
def _(model, code, patch):
    for experts in modules(model, "experts"): experts.limit = float("inf")
