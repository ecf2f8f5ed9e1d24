"""Bugs of rotary embedding and of positions."""
import torch

from planting import bug, modules, wrapped

OUT = "model.layers.0.self_attn.o_proj"


@bug("pairs-adjacent", "llama", OUT, "Rotary pairs are neighbours where they should be the two halves of a head.",
     "vllm-project/vllm-ascend#12780", r"adjacent|interleav|neighbou?r|pairing|pairs")
def _(model, code, patch):
    turn = lambda x: torch.stack((-x[..., 1::2], x[..., ::2]), -1).flatten(-2)
    spread = lambda x: x[..., : x.shape[-1] // 2].repeat_interleave(2, -1)
    patch(code, "rotate_half", turn)
    wrapped(patch, code, "apply_rotary_pos_emb", lambda f, q, k, cos, sin, **o: f(q, k, spread(cos), spread(sin), **o))


@bug("pairs-halves", "cohere", OUT, "Rotary pairs are the two halves of a head where they should be neighbours.",
     "ARCHITECTURES section 7, rotary.pairing", r"halves|half|adjacent|interleav|neighbou?r|pairing|pairs")
def _(model, code, patch):
    def turn(x):
        first, second = x.chunk(2, -1)
        return torch.cat((-second, first), -1)
    halves = lambda x: torch.cat((x[..., ::2], x[..., ::2]), -1)
    patch(code, "rotate_half", turn)
    wrapped(patch, code, "apply_rotary_pos_emb", lambda f, q, k, cos, sin, **o: f(q, k, halves(cos), halves(sin), **o))


@bug("base-million", "qwen3", OUT, "The base of rotary embedding is 1,000,000 and not 10,000.",
     "vllm-project/vllm#29111", r"theta|base|frequenc")
def _(model, code, patch):
    rotary = model.model.rotary_emb
    size = 2 * rotary.inv_freq.numel()
    rotary.inv_freq = 1.0 / 1e6 ** (torch.arange(0, size, 2).float() / size)


@bug("llama3-unscaled", "llama3", OUT, "The frequencies are not scaled as Llama 3.1 has them.",
     "ggml-org/llama.cpp#8676", r"(un|not |no[- ]|ignor|without|forgot|plain).*(scal|stretch|frequenc)|(scal|stretch).*(forgot|ignor|left|not )|frequencies-plain|plain")
def _(model, code, patch):
    rotary = model.model.rotary_emb
    size = 2 * rotary.inv_freq.numel()
    rotary.inv_freq = 1.0 / 1e4 ** (torch.arange(0, size, 2).float() / size)


@bug("queries-a-position-behind", "qwen2", OUT, "Queries are rotated by a position that is one too small, keys are not.",
     "rajveer43/VeloxQuant-MLX#389", r"position|offset|shift|behind|late")
def _(model, code, patch):
    def rotate(original, q, k, cos, sin, **options):
        late = lambda x: torch.cat((x[:, :1], x[:, :-1]), 1)
        # The token 0 keeps its position, as a counter that begins late has it.
        return original(q, k, late(cos), late(sin), **options)[0], original(q, k, cos, sin, **options)[1]
    wrapped(patch, code, "apply_rotary_pos_emb", rotate)


@bug("whole-head-rotated", "gptneox", "gpt_neox.layers.0.attention.dense", "The whole head is rotated and not its first quarter.",
     "ml-explore/mlx-lm#1698", r"whole|partial|fraction|all of|(more|too many|every).*(element|pair|dimension)|rotated[- ]size|rotat.*head")
def _(model, code, patch):
    rotary, size = model.gpt_neox.rotary_emb, model.gpt_neox.layers[0].attention.head_size
    rotary.inv_freq = 1.0 / 1e4 ** (torch.arange(0, size, 2).float() / size)


@bug("attention-factor-dropped", "yarn", OUT, "YaRN's attention factor, by which sines and cosines are multiplied, is left out.",
     "ggml-org/llama.cpp#17945", r"factor|magnitude|mscale|amplitude|scale")
def _(model, code, patch):
    model.model.rotary_emb.attention_scaling = 1.0


@bug("yarn-truncated", "gptoss", OUT, "The bounds of YaRN's ramp are rounded to whole pairs, which truncate: false forbids.",
     "vllm-project/vllm#28244", r"trunc|whole pair|ramp|round.*(bound|ramp|range)")
def _(model, code, patch):
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
    model.config.rope_parameters["truncate"] = True
    model.model.rotary_emb.inv_freq = ROPE_INIT_FUNCTIONS["yarn"](model.config, "cpu")[0]


@bug("longrope-long", "phi3", OUT, "The divisors for long contexts are used for a short one.",
     "ggml-org/llama.cpp#24823", r"long|short|divisor|other (set|factors)")
def _(model, code, patch):
    rotary = model.model.rotary_emb
    rotary.original_inv_freq = rotary.original_inv_freq / torch.tensor(model.config.rope_parameters["long_factor"]) * torch.tensor(
        model.config.rope_parameters["short_factor"])


@bug("every-block-rotated", "smollm3", "model.layers.3.self_attn.o_proj", "Every block rotates, also the fourth, which should not.",
     "huggingface/transformers#43756", r"rotat|nope|position|rope")
def _(model, code, patch):
    for block in modules(model, "self_attn"): block.use_rope = True


@bug("keys-not-rotated", "olmo2", OUT, "Keys enter the cache before they are rotated; queries are rotated.",
     "ARCHITECTURES section 7, rotation of one side", r"keys? .*(not|un|without|before|never).*rotat|unrotated|not[- ]rotated|(rotation|rotary).*(left out|skipped|missing|only)|key.*rotat")
def _(model, code, patch):
    wrapped(patch, code, "apply_rotary_pos_emb", lambda f, q, k, *tables, **o: (f(q, k, *tables, **o)[0], k))


@bug("positions-from-0", "roberta", "embeddings", "Learned positions count from 0 and not from behind the padding's.",
     "huggingface/sentence-transformers#3879", r"position|offset|padding")
def _(model, code, patch):
    model.embeddings.create_position_ids_from_input_ids = lambda tokens, *_: torch.arange(tokens.shape[1])[None]
