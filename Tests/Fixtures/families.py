"""Makes a tiny model of each family as a Hugging Face folder, and what transformers computes of it in Float64.

    python3 Tests/Fixtures/families.py [NAME …]

Written by transformers 5 and PyTorch 2. Everything is computed in Float64: where the classes name Float32 (norms, softmax, the
tables of the rotary embedding) they are given Float64. The tokens are more than the window. Every number of a configuration is a
Float32, so that none is rounded on the way.
"""
import copy
import json
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as functional
from safetensors.numpy import load_file as numpy_file
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM
from transformers.integrations.mxfp4 import convert_moe_packed_tensors
from transformers.models.bloom import modeling_bloom

TOKENS = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]
SIZES = dict(
    vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=128, rms_norm_eps=2**-17, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
    rope_parameters=dict(rope_type="default", rope_theta=10000.0))


def rope(kind, **members):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=10000.0, **members))


def family(kind, *without, **changes):
    """The family `kind` with `changes` to the sizes, `without` some of them."""
    return kind, {key: value for key, value in (SIZES | changes).items() if key not in without}


NO_DECODER = ("num_key_value_heads", "rms_norm_eps", "rope_parameters", "tie_word_embeddings")
GPT_OSS = dict(
    head_dim=16, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_local_experts=4, num_experts_per_tok=2, sliding_window=5,
    rms_norm_eps=float(numpy.float32(1e-5)), swiglu_alpha=float(numpy.float32(1.702)), **rope(
        "yarn", factor=4.0, original_max_position_embeddings=32, beta_fast=4.0, beta_slow=1.0, truncate=False))
LOW_RANK_SIZES = dict(
    num_key_value_heads=4, kv_lora_rank=12, qk_nope_head_dim=6, qk_rope_head_dim=8, v_head_dim=5, n_routed_experts=6,
    num_experts_per_tok=2, moe_intermediate_size=8, n_shared_experts=2)
LOW_RANK = LOW_RANK_SIZES | dict(first_k_dense_replace=1)


def deepseek_rope(mscale):
    return rope("yarn", factor=4.0, original_max_position_embeddings=8, beta_fast=1.0, beta_slow=2**-6, mscale=mscale,
        mscale_all_dim=mscale)


def falcon(**changes):
    return "falcon", dict(vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, layer_norm_epsilon=2**-17,
        max_position_embeddings=2048, bos_token_id=1, eos_token_id=2, rope_parameters=dict(rope_type="default", rope_theta=10000.0)
    ) | changes


ENCODERS = ("bert", "distilbert", "roberta", "xlm-roberta", "nomic_bert", "modernbert")
FAMILIES = {
    "mistral": family("mistral", head_dim=8, sliding_window=5),
    "qwen2": family("qwen2", use_sliding_window=True, sliding_window=4, max_window_layers=2),
    "qwen3": family("qwen3", head_dim=8),
    # Experts, of which few tokens are given to the same; all but one block of Qwen 2 have none.
    "mixtral": family("mixtral", num_local_experts=4, num_experts_per_tok=2, sliding_window=None),
    "qwen2moe": family("qwen2_moe", num_experts=5, num_experts_per_tok=2, moe_intermediate_size=8, shared_expert_intermediate_size=12,
        decoder_sparse_step=2, mlp_only_layers=[3], num_hidden_layers=4),
    "qwen3moe": family("qwen3_moe", head_dim=8, num_experts=6, num_experts_per_tok=3, moe_intermediate_size=8, norm_topk_prob=True),
    # Epsilon as llama.cpp's converter writes it, whatever the folder has.
    "olmoe": family("olmoe", num_experts=4, num_experts_per_tok=2, intermediate_size=8, rms_norm_eps=float(numpy.float32(1e-5))),
    # Scores near each other, which the biases put in another order.
    "glm4moe": family("glm4_moe", head_dim=8, n_routed_experts=6, num_experts_per_tok=2, moe_intermediate_size=8, n_shared_experts=2,
        first_k_dense_replace=1, routed_scaling_factor=1.5, use_qk_norm=True, attention_bias=True, num_mtp_layers=0,
        rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5)),
    # Low-rank attention: queries direct and by a latent row, values of another size than keys, more tokens than YaRN's original
    # context; experts in three groups, of which two are kept, by their greatest score, which more experts than groups tell from no
    # groups, and by the sum of two with biases. GLM has no groups and no scaling.
    "deepseekv2": family("deepseek_v2", **LOW_RANK | dict(num_experts_per_tok=3), q_lora_rank=None, n_group=3, topk_group=2, topk_method="group_limited_greedy",
        routed_scaling_factor=1.5, **deepseek_rope(0.75)),
    "deepseekv3": family("deepseek_v3", **LOW_RANK, q_lora_rank=6, n_group=3, topk_group=2, routed_scaling_factor=2.5,
        attention_bias=True, num_mtp_layers=0, **deepseek_rope(1.0)),
    "glm4lite": family("glm4_moe_lite", **LOW_RANK_SIZES, q_lora_rank=6, mlp_layer_types=["dense", "sparse", "sparse"],
        routed_scaling_factor=1.75),
    "granitemoe": family("granitemoe", num_local_experts=4, num_experts_per_tok=2, intermediate_size=8, tie_word_embeddings=True,
        attention_multiplier=0.375, embedding_multiplier=3.0, residual_multiplier=0.625, logits_scaling=1.5),
    # Sinks, a ramp of frequencies between two pairs, gates and ups beyond the limit of 7; the second has its experts in MXFP4.
    "gptoss": family("gpt_oss", **GPT_OSS),
    "gptossmx": family("gpt_oss", **GPT_OSS),
    # Eight pairs, of which some keep their frequency, some lie between and some are divided.
    "llama3": family("llama", head_dim=16, num_hidden_layers=2, **rope(
        "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)),
    "yarn": family("llama", head_dim=16, num_hidden_layers=2, **rope(
        "yarn", factor=4.0, original_max_position_embeddings=32, beta_fast=4.0)),
    "gemma": family("gemma", head_dim=8, tie_word_embeddings=True),
    "gemma2": family("gemma2", head_dim=8, tie_word_embeddings=True, sliding_window=5, query_pre_attn_scalar=12,
        attn_logit_softcapping=2.0, final_logit_softcapping=3.0),
    "gemma3": family("gemma3_text", head_dim=8, tie_word_embeddings=True, sliding_window=5, query_pre_attn_scalar=8,
        num_hidden_layers=6, intermediate_size=16, rope_parameters=dict(
            sliding_attention=dict(rope_type="default", rope_theta=100.0),
            full_attention=dict(rope_type="linear", rope_theta=10000.0, factor=8.0))),
    # Four elements of eight turned, by divisors of their own.
    "phi3": family("phi3", hidden_size=32, num_hidden_layers=2, pad_token_id=0, sliding_window=5, original_max_position_embeddings=16,
        max_position_embeddings=64, **rope("longrope", partial_rotary_factor=0.5, original_max_position_embeddings=16,
            short_factor=[1.0, 1.5], long_factor=[2.0, 8.0])),
    "granite": family("granite", tie_word_embeddings=True, attention_multiplier=0.375, embedding_multiplier=3.0,
        residual_multiplier=0.625, logits_scaling=1.5),
    "olmo": family("olmo", "rms_norm_eps"),
    # Many queries, keys and values beyond the limit, which lies behind the norms of experts' queries and keys.
    "olmoclip": family("olmo", "rms_norm_eps", num_hidden_layers=2, clip_qkv=0.75),
    "olmoeclip": family("olmoe", num_hidden_layers=2, num_experts=4, num_experts_per_tok=2, intermediate_size=8,
        rms_norm_eps=float(numpy.float32(1e-5)), clip_qkv=0.75),
    "olmo2": family("olmo2"),
    "olmo3": family("olmo3", num_hidden_layers=4, sliding_window=5, rope_parameters=dict(
        sliding_attention=dict(rope_type="default", rope_theta=100.0),
        full_attention=dict(rope_type="yarn", rope_theta=100.0, factor=4.0, original_max_position_embeddings=32, beta_fast=4.0))),
    "glm4": family("glm4", head_dim=8, pad_token_id=0, rope_parameters=dict(
        rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5)),
    "smollm3": family("smollm3", pad_token_id=0, num_hidden_layers=4, tie_word_embeddings=True),
    "cohere": family("cohere", "rms_norm_eps", layer_norm_eps=2**-17, logit_scale=0.375, tie_word_embeddings=True),
    "cohere2": family("cohere2", "rms_norm_eps", head_dim=4, layer_norm_eps=2**-17, logit_scale=0.375, sliding_window=5,
        num_hidden_layers=4, tie_word_embeddings=True),
    "starcoder2": family("starcoder2", "rms_norm_eps", norm_epsilon=2**-17, sliding_window=5, tie_word_embeddings=True),
    "stablelm": family("stablelm", "rms_norm_eps", hidden_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, layer_norm_eps=2**-17, use_qkv_bias=True, rope_parameters=dict(
        rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.25)),
    "gptneox": family("gpt_neox", "rms_norm_eps", "num_key_value_heads", hidden_size=32, num_hidden_layers=2, num_attention_heads=2, layer_norm_eps=2**-17,
        rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.25)),
    "phi": family("phi", "rms_norm_eps", "num_key_value_heads", num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, layer_norm_eps=2**-17, rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5)),
    "ministral3": family("ministral3", head_dim=16, num_hidden_layers=2, **rope(
        "yarn", factor=4.0, original_max_position_embeddings=32, beta_fast=4.0, mscale=1.0, mscale_all_dim=1.0,
        llama_4_scaling_beta=0.125)),
    # Encoders. Sentences have fewer positions than the model.
    "bert": family("bert", *NO_DECODER, hidden_act="gelu", layer_norm_eps=2**-17, type_vocab_size=2, pad_token_id=0),
    "distilbert": ("distilbert", dict(vocab_size=32, dim=16, hidden_dim=24, n_layers=3, n_heads=4, max_position_embeddings=128)),
    "roberta": family("roberta", *NO_DECODER, hidden_act="gelu", layer_norm_eps=2**-17, type_vocab_size=1, pad_token_id=5),
    "xlmroberta": family("xlm-roberta", *NO_DECODER, hidden_act="gelu", layer_norm_eps=2**-17, type_vocab_size=1, pad_token_id=0),
    "nomic": ("nomic_bert", dict({key: value for key, value in SIZES.items() if key not in NO_DECODER}, hidden_act="silu",
        layer_norm_eps=2**-17, type_vocab_size=2, pad_token_id=0, rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    # Blocks 1 and 2 see four tokens to each side.
    "modernbert": ("modernbert", dict({key: value for key, value in SIZES.items() if key not in NO_DECODER}, num_hidden_layers=4,
        norm_eps=2**-17, local_attention=8, pad_token_id=0, cls_token_id=1, sep_token_id=2, rope_parameters=dict(
            sliding_attention=dict(rope_type="default", rope_theta=100.0),
            full_attention=dict(rope_type="default", rope_theta=10000.0)))),
    # Gemma 3 that sees to both sides: all blocks but the last four tokens to each. Its rows go through two products.
    "embeddinggemma": family("gemma3_text", head_dim=8, num_hidden_layers=6, intermediate_size=16, sliding_window=8,
        query_pre_attn_scalar=8, tie_word_embeddings=True, use_bidirectional_attention=True, rope_parameters=dict(
            sliding_attention=dict(rope_type="default", rope_theta=100.0),
            full_attention=dict(rope_type="default", rope_theta=10000.0))),
    # One head of keys and values; groups of two and two norms; each head its own, with biases, one branch behind the other.
    "falcon": falcon(multi_query=True, num_kv_heads=1),
    "falcon40": falcon(new_decoder_architecture=True, num_kv_heads=2),
    "falconseq": falcon(multi_query=False, parallel_attn=False, bias=True),
    # Heads that are no power of two, whose last slopes are some of twice as many; Falcon scales what it adds to scores.
    "bloom": ("bloom", dict(vocab_size=32, hidden_size=24, n_layer=2, n_head=6, layer_norm_epsilon=2**-17, bos_token_id=1, eos_token_id=2)),
    "mpt": ("mpt", dict(vocab_size=32, d_model=24, n_layers=2, n_heads=6, max_seq_len=64, layer_norm_epsilon=float(numpy.float32(1e-5)),
        bos_token_id=1, eos_token_id=2, attn_config=dict(alibi=True, clip_qkv=0.75))),
    "falconrw": falcon(hidden_size=24, num_attention_heads=3, multi_query=False, parallel_attn=False, bias=True, alibi=True),
    "gpt2": ("gpt2", dict(vocab_size=32, n_embd=16, n_layer=3, n_head=4, n_positions=64, layer_norm_epsilon=2**-17,
        bos_token_id=1, eos_token_id=2)),
}


def packed(model):
    """The experts of `model` as random MXFP4, which they become, as a folder stores them."""
    tensors = {}
    for key, parameter in model.named_parameters():
        if not key.endswith("_proj") or "experts" not in key: continue
        experts, inputs, outputs = parameter.shape
        blocks = torch.randint(0, 256, (experts, outputs, inputs // 32, 16), dtype=torch.uint8)
        scales = torch.randint(123, 127, (experts, outputs, inputs // 32), dtype=torch.uint8)
        parameter.data = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
        tensors |= {key + "_blocks": blocks, key + "_scales": scales}
    return tensors


def save_packed(folder, tensors):
    """Puts `tensors` in place of the experts in `folder`."""
    file = folder / "model.safetensors"
    names = {key.rpartition("_")[0] for key in tensors}
    save_file({key: value for key, value in load_file(file).items() if key not in names} | tensors, file, metadata=dict(format="pt"))
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = dict(quant_method="mxfp4", modules_to_not_convert=[
        "model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"])
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def save_sentence(folder, members):
    """Puts the window into `folder` that the class made another of, and two products behind the mean, as sentence-transformers has them."""
    config = json.loads((folder / "config.json").read_text())
    config["sliding_window"] = members["sliding_window"]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    width = members["hidden_size"]
    modules = [("Transformer", ""), ("Pooling", "1_Pooling")]
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(dict(pooling_mode_mean_tokens=True), indent=1) + "\n")
    for place, (inputs, outputs) in enumerate([(width, 24), (24, width)], 2):
        modules.append(("Dense", f"{place}_Dense"))
        (folder / f"{place}_Dense").mkdir(exist_ok=True)
        (folder / f"{place}_Dense" / "config.json").write_text(json.dumps(dict(in_features=inputs, out_features=outputs, bias=False,
            activation_function="torch.nn.modules.linear.Identity"), indent=1) + "\n")
        weight = (torch.randn(outputs, inputs) * 1024).round() / 1024
        save_file({"linear.weight": weight}, folder / f"{place}_Dense" / "model.safetensors")
    modules.append(("Normalize", "4_Normalize"))
    (folder / "modules.json").write_text(json.dumps([dict(idx=index, name=str(index), path=path,
        type=f"sentence_transformers.models.{kind}") for index, (kind, path) in enumerate(modules)], indent=1) + "\n")


def save_cosines(folder, model):
    """The cosines of three texts, as numbers of tokens, behind the mean and the products."""
    texts = [TOKENS, TOKENS[3:8], TOKENS[::-1]]
    products = [torch.tensor(numpy_file(folder / f"{place}_Dense" / "model.safetensors")["linear.weight"].astype("float64"))
        for place in (2, 3)]
    rows = [products[1] @ (products[0] @ model(torch.tensor([text])).last_hidden_state[0].mean(0)) for text in texts]
    lines = [f"text\t{index}\t{' '.join(map(str, text))}" for index, text in enumerate(texts)]
    lines += [f"mean\t{a}\t{b}\t{float(functional.cosine_similarity(rows[a], rows[b], dim=0, eps=0))!r}"
        for b in range(3) for a in range(b)]
    (folder / "cosines.txt").write_text("# Cosines by PyTorch in Float64, from families.py.\n" + "\n".join(lines) + "\n")


class Float64:
    """Float32 is Float64 for a while, by whichever name it is called."""

    def __enter__(self):
        self.kept = (torch.float32, torch.float, torch.Tensor.float, torch.get_default_dtype())
        # Falcon keeps its slopes in bfloat16, and BLOOM the root of 2/π with eight digits.
        self.bfloat16, self.gelu = torch.Tensor.bfloat16, modeling_bloom.bloom_gelu_forward
        torch.Tensor.bfloat16 = torch.Tensor.double
        modeling_bloom.bloom_gelu_forward = lambda x: functional.gelu(x, approximate="tanh")
        self.norm = functional.layer_norm
        # A class may have its epsilon as a decimal number.
        functional.layer_norm = lambda *a, eps=None: self.norm(*a[:4], eps=float(numpy.float32(a[4] if eps is None else eps)))
        torch.set_default_dtype(torch.float64)
        torch.float32 = torch.float = torch.float64
        torch.Tensor.float = torch.Tensor.double

    def __exit__(self, *_):
        torch.float32, torch.float, torch.Tensor.float, kind = self.kept
        torch.set_default_dtype(kind)
        functional.layer_norm = self.norm
        torch.Tensor.bfloat16, modeling_bloom.bloom_gelu_forward = self.bfloat16, self.gelu


def main(names):
    for name in names or FAMILIES:
        kind, members = FAMILIES[name]
        torch.manual_seed(7)
        folder = pathlib.Path(__file__).parent / f"tiny-{name}"
        config = AutoConfig.for_model(kind, **copy.deepcopy(members))
        # The other class of Falcon's attention adds its bias twice.
        attention = "sdpa" if members.get("alibi") else "eager"
        config._attn_implementation = attention
        config._experts_implementation = "eager"
        isEncoder = kind in ENCODERS or members.get("use_bidirectional_attention", False)
        made = AutoModel if isEncoder else AutoModelForCausalLM
        model = made.from_config(config, attn_implementation=attention).eval()
        for key, parameter in model.named_parameters():
            # Scores far apart, and norms and biases that play a part; each number short in binary.
            size = 0.1 if key.endswith("bias") else 1.0 if key.endswith(("sinks", "gate_up_proj", "router.bias")) else 0.4
            parameter.data = torch.randn(parameter.shape) * size
            if ("norm" in key.lower() or "ln_" in key) and not key.endswith("bias") and not kind.startswith("gemma"):
                parameter.data = 1 + parameter.data
            parameter.data = (parameter.data * 1024).round() / 1024
        for key, buffer in model.named_buffers():
            if key.endswith("e_score_correction_bias"): buffer.data = (torch.randn(buffer.shape) * 0.3 * 1024).round() / 1024
        tensors = packed(model) if name.endswith("mx") else {}
        model.save_pretrained(folder)
        if tensors: save_packed(folder, tensors)
        if "use_bidirectional_attention" in members: save_sentence(folder, members)
        for extra in folder.glob("generation_config.json"):
            extra.unlink()
        state = {key: value.double() for key, value in model.state_dict().items()}
        with Float64(), torch.no_grad():
            exact = made.from_config(config, attn_implementation=attention, dtype=torch.float64).eval()
            exact.load_state_dict(state, strict=True)
            for module in exact.modules():
                # So may a norm.
                if hasattr(module, "variance_epsilon"): module.variance_epsilon = float(numpy.float32(module.variance_epsilon))
            output = exact(torch.tensor([TOKENS]), output_hidden_states=True)
            if (folder / "2_Dense").exists(): save_cosines(folder, exact)
        dump = {f"hidden_states.{index}": value[0] for index, value in enumerate(output.hidden_states)}
        if not isEncoder:
            dump["logits"] = output.logits[0]
        assert all(value.dtype == torch.float64 for value in dump.values())
        save_file({key: value.contiguous() for key, value in dump.items()}, folder / "float64.safetensors")
        print(name, sum(file.stat().st_size for file in folder.iterdir()), "bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
