"""A table of bugs, and a model of transformers with one of them, dumped by plain forward hooks."""
import dataclasses
import pathlib
import sys
import types
from collections.abc import Callable

import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoModelForCausalLM

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
TOKENS = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]
ENCODERS = ("bert", "roberta")


@dataclasses.dataclass
class Bug:
    """A wrong detail of a model of `family`.

    `where` is the first tensor of a dump of plain hooks that it changes, `cause` what is wrong in the field's words, `source` where it
    was seen, and `named` a pattern that the right name has, written down before any was read.
    """
    name: str
    family: str
    where: str
    cause: str
    source: str
    named: str
    plant: Callable


BUGS: dict[str, Bug] = {}


def bug(name, family, where, cause, source, named):
    """Puts the function below into the table: it is given the model, the functions of its file, and a `Patch`."""
    def put(plant):
        assert name not in BUGS
        BUGS[name] = Bug(name, family, where, cause, source, named, plant)
        return plant
    return put


class Patch:
    """Attributes that are changed, and put back at the end."""

    def __init__(self): self.kept = []

    def __call__(self, owner, name, value):
        self.kept.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    def undo(self):
        for owner, name, value in reversed(self.kept): setattr(owner, name, value)


def wrapped(patch, owner, name, change):
    """Calls `change(original, …)` in place of the function `name` of `owner`."""
    original = getattr(owner, name)
    patch(owner, name, lambda *inputs, **options: change(original, *inputs, **options))


def attending(patch, code, change):
    """Gives attention the queries, keys, values and mask that `change(module, q, k, v, mask)` makes, heads before tokens."""
    def attend(original, module, query, key, value, mask, *inputs, **options):
        return original(module, *change(module, query, key, value, mask), *inputs, **options)
    wrapped(patch, code, "eager_attention_forward", attend)


def modules(model, ending):
    """The modules whose names end so, in their order."""
    return [module for name, module in model.named_modules() if name.endswith(ending)]


def mask_of(shown, like):
    """A mask that is added to scores: 0 where `shown`, `[queries, keys]`, and the least number elsewhere."""
    return torch.zeros_like(like).masked_fill(~shown, torch.finfo(like.dtype).min)


def places(like):
    """The positions of queries as a column, and of keys as a row."""
    return torch.arange(like.shape[-2])[:, None], torch.arange(like.shape[-1])[None, :]


def load(family):
    made = AutoModel if family in ENCODERS else AutoModelForCausalLM
    model = made.from_pretrained(FIXTURES / f"tiny-{family}", dtype=torch.float32, attn_implementation="eager")
    model.config._experts_implementation = "eager"
    return model.eval()


def dump(family, plant, path):
    """Runs the model with the bug that `plant` makes, and keeps what each of its modules gives first, as a user's hooks do."""
    kept, patch = {}, Patch()
    keep = lambda name, x: kept.setdefault(name, x.detach().clone(memory_format=torch.contiguous_format))

    def hook(name, _, __, output):
        outputs = output if isinstance(output, tuple) else (output,)
        if not torch.is_tensor(outputs[0]): return
        keep(name, outputs[0])
        if len(outputs) == 3 and all(map(torch.is_tensor, outputs)) and not outputs[2].is_floating_point():
            # A router: the weight of each expert, 0 for those that were not chosen.
            logits, weights, experts = outputs
            keep(name.rpartition(".")[0] + ".router_weights", torch.zeros_like(logits).scatter(-1, experts, weights))

    with torch.no_grad():
        model = load(family)
        code = sys.modules[type(model).__module__]
        try:
            plant(model, code, patch)
            for name, module in model.named_modules():
                if name and "rotary" not in name and "drop" not in name.lower():
                    module.register_forward_hook(lambda *call, name=name: hook(name, *call))
            model(torch.tensor([TOKENS]))
        finally:
            patch.undo()
    save_file(kept, path)


def method(function, module):
    """`function` as the forward method of one module."""
    return types.MethodType(function, module)
