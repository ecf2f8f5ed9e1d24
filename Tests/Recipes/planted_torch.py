"""Plants bugs in PyTorch's LlamaForCausalLM of a whole model and asks `plumb diagnose` where and what they are.
Usage: planted_torch.py PLUMB FOLDER [BUG ...], FOLDER as gguf_to_folder.py writes it; exits 1 where an answer is wrong."""

import json
import os
import runpy
import subprocess
import sys
import tempfile

import torch
from torch import nn
from transformers.models.llama import modeling_llama as llama

TOKENS = "504,10414,359,260,6364,1891,28,338"
HERE = os.path.dirname(os.path.abspath(__file__))


def weights_from(m, block, other, *path):
    for name in path: m.model.layers[block].get_submodule(name).weight = m.model.layers[other].get_submodule(name).weight


def wrap(module, change):
    forward = module.forward
    module.forward = lambda *inputs, **options: change(forward, *inputs, **options)


def swap_gate_and_up(m, block):
    mlp = m.model.layers[block].mlp
    mlp.gate_proj.weight, mlp.up_proj.weight = mlp.up_proj.weight, mlp.gate_proj.weight


def unmasked(forward, *inputs, attention_mask=None, **options):
    return forward(*inputs, attention_mask=torch.zeros_like(attention_mask), **options)


def rope_base(m, base):
    m.model.rotary_emb.inv_freq = 1.0 / base ** (torch.arange(0, 64, 2).float() / 64)


# Bug: what spoils the model, where it begins, and the names by which it goes, any of which is right.
BUGS = {
    "epsilon": (lambda m: setattr(m.model.layers[0].input_layernorm, "variance_epsilon", 1e-4),
                "blocks.0.attention-norm", "epsilon-tenfold"),
    "norm-weight-plus-1": (lambda m: m.model.layers[4].post_attention_layernorm.weight.data.add_(1),
                           "blocks.4.feed-forward-norm", "weight-plus-1"),
    "query-of-block-before": (lambda m: weights_from(m, 9, 8, "self_attn.q_proj"),
                              "blocks.9.query", "weights-of-block-before"),
    "value-in-bf16": (lambda m: m.model.layers[6].self_attn.v_proj.weight.data.copy_(
        m.model.layers[6].self_attn.v_proj.weight.bfloat16().float()), "blocks.6.value", "weight-in-bf16"),
    "rope-base": (lambda m: rope_base(m, 10000.0), "blocks.0.rotated-query", "theta-10000"),
    "scale": (lambda m: setattr(m.model.layers[11].self_attn, "scaling", 1 / 64),
              "blocks.11.attention-weights", "scale-1-over-d"),
    "no-mask": (lambda m: wrap(m.model.layers[2].self_attn, unmasked), "blocks.2.attention-weights", "no-mask",
                "mask-despite-none"),
    "gate-up-swapped": (lambda m: swap_gate_and_up(m, 3), "blocks.3.gate", "weights-of-up"),
    "gelu": (lambda m: setattr(m.model.layers[12].mlp, "act_fn", nn.GELU(approximate="tanh")),
             "blocks.12.activated-gate", "gelu-tanh"),
    "down-input-bf16": (lambda m: wrap(m.model.layers[20].mlp.down_proj, lambda f, x: f(x.bfloat16().float())),
                        "blocks.20.down", "input-in-bf16"),
    "output-relu": (lambda m: wrap(m.model.layers[15].self_attn.o_proj, lambda f, x: f(x).relu()),
                    "blocks.15.attention-output", "negative-cut-off"),
    "final-norm-skipped": (lambda m: wrap(m.model.norm, lambda f, x: x), "final-norm", "left-out"),
}


def dump(folder, path, spoil):
    original, rotate = llama.LlamaForCausalLM.from_pretrained, llama.apply_rotary_pos_emb

    def from_pretrained(*arguments, **options):
        model = original(*arguments, **options)
        with torch.no_grad(): spoil(model)
        return model

    llama.LlamaForCausalLM.from_pretrained = from_pretrained
    sys.argv = ["transformers_dump.py", folder, TOKENS, path]
    runpy.run_path(os.path.join(HERE, "transformers_dump.py"))
    llama.LlamaForCausalLM.from_pretrained, llama.apply_rotary_pos_emb = original, rotate


def main():
    plumb, folder, *chosen = sys.argv[1:]
    placed, named, bugs = 0, 0, [bug for bug in BUGS if not chosen or bug in chosen]
    for bug in bugs:
        spoil, place, *names = BUGS[bug]
        with tempfile.TemporaryDirectory() as scratch:
            path = os.path.join(scratch, "dump.safetensors")
            dump(folder, path, spoil)
            command = [plumb, "diagnose", folder, path, "--tokens", TOKENS, "--json"]
            result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode not in (0, 1): sys.exit(f"{command}: {result.stderr}")
        report = json.loads(result.stdout)
        cause = report["cause"]
        found, said = report["activation"] if cause else "none", [x["mutant"] for x in (cause or {}).get("explanations", [])]
        right, told = found == place, any(x.split(" ")[-1] in names for x in said)
        placed, named = placed + right, named + told
        print(f"{'ok ' if right else 'BAD'} {'ok ' if told else 'BAD'} {bug:24} {found:30} {said[:4]}", flush=True)
        if cause and not told: print("        ", cause["shape"], [(x["mutant"], x["margin"]) for x in cause["refuted"][:3]])
    print(f"{len(bugs)} bugs: first cause right {placed}, cause named {named}")
    sys.exit(0 if placed == len(bugs) and named >= 0.9 * len(bugs) else 1)


main()
