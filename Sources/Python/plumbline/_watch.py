"""Activations of a model of PyTorch, recorded as it runs."""

import functools
import json
import os
import re
import shutil
import struct
import sys
import tempfile
from typing import Any

from . import _grade

# Modules that may rotate.
_ATTENTION = ("self_attn", "attention", "attn")
# Modules whose inputs are activations that no module gives.
_READ = ("o_proj", "down_proj", "layernorm", "c_proj", "dense", "out_proj", "fc2")
_TYPES = {"torch.float32": "F32", "torch.bfloat16": "BF16", "torch.float16": "F16", "torch.float64": "F64"}


class _Dump:
    """A safetensors file whose tensors are written as they come; their header, which stands before them, at the end."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.data = open(os.path.join(self.folder.name, "data"), "w+b")
        self.entries: dict[str, dict[str, Any]] = {}

    def add(self, name: str, tensor: Any) -> None:
        kind = _TYPES.get(str(tensor.dtype))
        if kind is None or name in self.entries:
            return
        start = self.data.tell()
        tensor = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
        words = tensor.cpu().contiguous().reshape(-1).view(sys.modules["torch"].uint8)
        self.data.write(words.numpy().data)
        self.entries[name] = {
            "dtype": kind, "shape": list(tensor.shape), "data_offsets": [start, self.data.tell()]}

    def save(self, path: str) -> None:
        """Writes the file beside `path` first, so that one that is there stays whole until this one is."""
        header = json.dumps(self.entries).encode()
        header += b" " * (-len(header) % 8)
        self.data.flush()
        self.data.seek(0)
        partial = f"{path}.partial"
        try:
            with open(partial, "wb") as file:
                file.write(struct.pack("<Q", len(header)) + header)
                shutil.copyfileobj(self.data, file, 1 << 20)
            os.replace(partial, path)
        except BaseException:
            if os.path.exists(partial):
                os.unlink(partial)
            raise
        finally:
            self.data.seek(0, os.SEEK_END)

    def close(self) -> None:
        self.data.close()
        self.folder.cleanup()


def _expect_plain(options: dict[str, Any], count: int) -> None:
    """Refuses a pass that is not the plain one over its tokens, which is what is graded."""
    mask, cache = options.get("attention_mask"), options.get("past_key_values")
    if mask is not None and hasattr(mask, "dtype") and not bool((mask == 1).all()):
        raise ValueError("the model is given a mask that hides tokens: watch a pass without padding")
    if cache is not None and (cache.get_seq_length() if hasattr(cache, "get_seq_length") else len(cache)):
        raise ValueError("the model is given keys and values of tokens before: watch the pass over the whole prompt")
    places, kinds = options.get("position_ids"), options.get("token_type_ids")
    if places is not None and places.detach().cpu().reshape(-1).tolist() != list(range(count)):
        raise ValueError("the model is given positions other than 0, 1, 2 …: watch a pass without them")
    if kinds is not None and bool((kinds != 0).any()):
        raise ValueError("the model is given token types other than 0: watch a pass without them")


class Watch:
    """A model of PyTorch of which the first pass is recorded: `with plumbline.watch(model) as watched: model(tokens)`."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.tokens: list[int] = []
        """The tokens of the pass."""
        self._dump = _Dump()
        self._hooks: list[Any] = []
        self._patched: list[tuple[Any, str, Any]] = []
        self._is_open = False
        self._has_gradients = False
        self._block: str | None = None
        self._is_joined = False

    def __enter__(self) -> "Watch":
        hooks = self._hooks
        hooks.append(self.model.register_forward_pre_hook(self._begin, with_kwargs=True))
        hooks.append(self.model.register_forward_hook(self._end))
        for name, module in self.model.named_modules():
            if name and "rotary" not in name:
                hooks.append(module.register_forward_hook(functools.partial(self._keep, name)))
            if name.endswith(_ATTENTION) and (block := re.search(r"\.(\d+)\.", name)):
                hooks.append(module.register_forward_pre_hook(functools.partial(self._enter, block[1])))
        # Rotations are functions, which no hook sees.
        for place in {sys.modules[type(module).__module__] for module in self.model.modules()}:
            rotate = getattr(place, "apply_rotary_pos_emb", None)
            if callable(rotate):
                self._patched.append((place, "apply_rotary_pos_emb", rotate))
                place.apply_rotary_pos_emb = self._rotating(rotate)
        # So is the attention to which low-rank heads are joined.
        for place in {sys.modules[type(module).__module__] for module in self.model.modules() if _turned(module)}:
            attend = getattr(place, "eager_attention_forward", None)
            if callable(attend):
                self._patched.append((place, "eager_attention_forward", attend))
                place.eager_attention_forward = self._attending(attend)
        return self

    def __exit__(self, error: object = None, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()
        for place, name, function in self._patched:
            setattr(place, name, function)
        self._hooks, self._patched, self._is_open = [], [], False
        if error is None and any(name.endswith(".grad") for name in self._dump.entries):
            if self._has_gradients:
                raise ValueError(
                    "the parameters had gradients before the pass, to which backward() adds: call zero_grad() before it")
            for name, parameter in self.model.named_parameters():
                if parameter.grad is not None:
                    self._dump.add(f"{name}.grad", parameter.grad)

    def _record(self, name: str, tensor: Any, view: Any = lambda tensor: tensor) -> None:
        """Keeps a tensor as `view` gives it, and its gradient when a backward pass reaches it."""
        self._dump.add(name, view(tensor))
        if tensor.requires_grad:
            dump = self._dump
            tensor.register_hook(lambda gradient: dump.add(f"{name}.grad", view(gradient)))

    @property
    def tensors(self) -> list[str]:
        """The names of the recorded tensors."""
        return list(self._dump.entries)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the recorded tensors as a safetensors file, which `plumb grade` reads."""
        self._dump.save(os.fspath(path))

    def grade(self, path: str | os.PathLike | None = None, **options: Any) -> _grade.GradeReport:
        """The grade of what was recorded; `path` has the weights, by default the folder that the model was read from.

        `options` are those of `plumbline.grade`. Raises ValueError where there was no pass, or it had several rows.
        """
        if not self.tokens:
            raise ValueError("nothing was recorded: run the model on tokens within the 'with'")
        if path is None:
            path = getattr(getattr(self.model, "config", None), "_name_or_path", None)
            if not path or not os.path.isdir(path):
                raise ValueError("the model does not say which folder it was read from: give its path, or that of a GGUF file")
        with tempfile.TemporaryDirectory() as folder:
            dump = os.path.join(folder, "watched.safetensors")
            self.save(dump)
            return _grade.grade(path, dump, self.tokens, **options)

    def _begin(self, _: Any, inputs: tuple, options: dict[str, Any]) -> None:
        if self._is_open:
            # The pass before raised an error: nothing of it stays.
            self._dump.close()
            self._dump, self.tokens = _Dump(), []
        if self.tokens:
            return
        tokens = options.get("input_ids", inputs[0] if inputs else None)
        if tokens is None:
            raise ValueError("the model is given no tokens, of which a pass is graded: give it 'input_ids'")
        rows = tokens.detach().cpu().tolist()
        if rows and isinstance(rows[0], list):
            if len(rows) != 1:
                raise ValueError(f"the model is given {len(rows)} rows of tokens: watch one at a time")
            rows = rows[0]
        _expect_plain(options, len(rows))
        self.tokens, self._is_open = rows, True
        self._has_gradients = any(parameter.grad is not None for parameter in self.model.parameters())

    def _enter(self, block: str, module: Any, *_: Any) -> None:
        self._block, self._is_joined = block, _turned(module) is not None

    def _end(self, _: Any, __: Any, output: Any) -> None:
        self._is_open = False

    def _keep(self, name: str, _: Any, inputs: tuple, output: Any) -> None:
        if not self._is_open:
            return
        outputs = output if isinstance(output, (tuple, list)) else [output]
        if outputs and hasattr(outputs[0], "dtype"):
            self._record(name, outputs[0])
        if name.endswith(_READ) and inputs and hasattr(inputs[0], "dtype"):
            self._record(f"{name}.input", inputs[0])
        if name.endswith("self_attn") and len(outputs) > 1 and hasattr(outputs[1], "dtype"):
            self._dump.add(f"{name}.attn_weights", outputs[1])
        if len(outputs) == 3 and all(hasattr(x, "dtype") for x in outputs) and not outputs[2].is_floating_point():
            # A router's logits, the weights of the chosen experts, and their numbers: the weight of each expert, 0 for the others.
            logits, weights, experts = outputs
            if weights.shape == experts.shape and logits.shape[:-1] == experts.shape[:-1]:
                dense = weights.new_zeros(logits.shape).scatter(-1, experts, weights)
                self._dump.add(f"{name.rpartition('.')[0]}.router_weights", dense)

    @property
    def _head_size(self) -> int | None:
        """The elements of a head, where the model says how many."""
        config = getattr(self.model, "config", None)
        if size := getattr(config, "head_dim", None):
            return size
        hidden, heads = getattr(config, "hidden_size", None), getattr(config, "num_attention_heads", None)
        return hidden // heads if hidden and heads else None

    def _rotating(self, rotate: Any) -> Any:
        @functools.wraps(rotate)
        def rotated(*inputs: Any, **options: Any) -> Any:
            outputs = rotate(*inputs, **options)
            # Heads stand before tokens; some models rotate a part of each head only.
            # Of low-rank attention the part that is rotated is none of a head yet.
            is_whole = self._block and not self._is_joined
            if self._is_open and is_whole and isinstance(outputs, tuple) and len(outputs) == 2:
                for word, tensor in zip(("query", "key"), outputs):
                    if self._head_size not in (None, tensor.shape[-1]):
                        continue
                    self._record(f"layers.{self._block}.self_attn.rotated_{word}", tensor, lambda x: x.transpose(1, 2))
            return outputs

        return rotated

    def _attending(self, attend: Any) -> Any:
        @functools.wraps(attend)
        def attended(module: Any, query: Any, key: Any, value: Any, *inputs: Any, **options: Any) -> Any:
            if self._is_open and self._block and self._is_joined:
                name, view = f"layers.{self._block}.self_attn", functools.partial(_pairs, module)
                self._record(f"{name}.rotated_query", query, view)
                self._record(f"{name}.rotated_key", key, view)
                self._record(f"{name}.value", value, lambda x: x.transpose(1, 2))
            return attend(module, query, key, value, *inputs, **options)

        return attended


def _turned(module: Any) -> int | None:
    """The number of elements that end a head of low-rank attention and are rotated; None for any other module."""
    return getattr(module, "qk_rope_head_dim", None)


def _pairs(module: Any, heads: Any) -> Any:
    """Heads before tokens as tokens before heads, whose pairs are neighbours where the weights have them so.

    Classes that rotate neighbours give the first elements of all pairs before the second ones.
    """
    heads = heads.transpose(1, 2)
    if not getattr(module.config, "rope_interleave", False):
        return heads
    own, rotated = heads.split([heads.shape[-1] - _turned(module), _turned(module)], -1)
    pairs = rotated.unflatten(-1, (2, -1)).transpose(-1, -2).flatten(-2)
    return sys.modules["torch"].cat([own, pairs], -1)


def watch(model: Any) -> Watch:
    """Records what a model of PyTorch computes in its first pass within `with`, for `grade`.

        with plumbline.watch(model) as watched:
            model(tokens)
        print(watched.grade())

    `model` is a `torch.nn.Module`, such as one of transformers: the outputs of its modules are recorded, the inputs of some,
    and rotations by `apply_rotary_pos_emb`. Attention's weights are where `attn_implementation="eager"` gives them; what a
    dump lacks is bridged. Tensors are written to a temporary file as they come. Names that no table of `plumb grade` has are
    mapped by its `names`.

    With `model(tokens, labels=tokens).loss.backward()` within the `with`, the gradients of all that is recorded and of the parameters
    are recorded, too. The loss must be the mean cross-entropy of the tokens behind the first.
    """
    if not hasattr(model, "register_forward_hook") or not hasattr(model, "named_modules"):
        raise TypeError(f"a {type(model).__name__} is no module of PyTorch: dump its activations, and give the file to 'grade'")
    return Watch(model)
