"""Models of PyTorch that are watched."""

import pathlib

import pytest

import plumbline

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
TOKENS = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]


def made(family="tiny-qwen3", dtype="float32"):
    folder = str(FIXTURES / family)
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=getattr(torch, dtype), attn_implementation="eager").eval()


def recorded(model):
    with torch.no_grad(), plumbline.watch(model) as watched:
        model(torch.tensor([TOKENS]))
    return watched


@pytest.mark.parametrize(
    ("family", "dtype"),
    [
        ("tiny-qwen3", "float32"), ("tiny-qwen3", "bfloat16"), ("tiny-phi3", "bfloat16"), ("tiny-gptneox", "bfloat16"),
        # Of whose heads a part is rotated.
        ("tiny-stablelm", "float32"),
        # Of whose blocks every fourth rotates nothing.
        ("tiny-smollm3", "float32"),
        # Whose routers give the numbers of the experts beside their weights.
        ("tiny-mixtral", "float32"), ("tiny-qwen2moe", "bfloat16"), ("tiny-glm4moe", "float32"),
        # Whose heads are joined of parts, of which one is rotated, in either order of its pairs.
        ("tiny-deepseekv2", "bfloat16"), ("tiny-deepseekv3", "float32"), ("tiny-glm4lite", "bfloat16"),
        # Whose positions are a module beside the sum that they go into.
        ("tiny-gpt2", "float32"),
    ],
)
def test_models_of_transformers_are_within(family, dtype):
    report = recorded(made(family, dtype)).grade(local_only=True)
    assert report.is_within, report


def test_a_bug_is_found_where_it_is():
    model = made()
    model.model.layers[1].input_layernorm.variance_epsilon = 1e-2
    cause = recorded(model).grade(local_only=True).first_cause
    assert (cause.name, cause.layer, cause.block) == ("blocks.1.attention-norm", "rms-norm", 1)
    assert cause.margin > 1


def test_another_expert_is_a_finding():
    model = made("tiny-mixtral")
    router = model.model.layers[1].mlp.gate
    right = type(router).forward

    def wrong(hidden):
        logits, weights, experts = right(router, hidden)
        return logits, weights, (experts + 1) % 4

    router.forward = wrong
    report = recorded(model).grade(local_only=True)
    assert report.verdict == "another expert"
    assert (report.first_cause.name, report.first_cause.layer) == ("blocks.1.router-weights", "router")


def test_a_bug_is_named():
    model = made()
    mlp = model.model.layers[1].mlp
    mlp.gate_proj.weight, mlp.up_proj.weight = mlp.up_proj.weight, mlp.gate_proj.weight
    cause = recorded(model).grade(local_only=True).first_cause
    assert (cause.name, cause.layer) == ("blocks.1.gate", "linear")
    assert cause.explanations[0].mutant == "linear weights-of-up" and cause.explanations[0].proved


def test_nothing_stays_behind():
    model = made()
    place = transformers.models.qwen3.modeling_qwen3
    rotate = place.apply_rotary_pos_emb
    watched = recorded(model)
    assert place.apply_rotary_pos_emb is rotate
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    count = len(watched.tensors)
    recorded(model)
    assert len(watched.tensors) == count


def test_only_the_first_pass_is_recorded(tmp_path):
    model = made()
    with torch.no_grad(), plumbline.watch(model) as watched:
        model(input_ids=torch.tensor([TOKENS]))
        model(torch.tensor([TOKENS[:3]]))
    assert watched.tokens == TOKENS
    path = tmp_path / "dump.safetensors"
    watched.save(path)
    assert plumbline.grade(FIXTURES / "tiny-qwen3", path, TOKENS, local_only=True).is_within
    assert [child.name for child in tmp_path.iterdir()] == ["dump.safetensors"]


def test_a_pass_that_raised_is_forgotten():
    model = made()
    with torch.no_grad(), plumbline.watch(model) as watched:
        broken = model.model.layers[1].mlp.register_forward_pre_hook(lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            model(torch.tensor([TOKENS[:3]]))
        broken.remove()
        model(torch.tensor([TOKENS]))
    assert watched.tokens == TOKENS
    assert watched.grade(local_only=True).is_within


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"attention_mask": [[0] + [1] * 11]}, "hides tokens"), ({"position_ids": [list(range(1, 13))]}, "positions"),
    ],
)
def test_a_pass_that_is_not_the_plain_one_is_refused(options, part):
    model = made()
    given = {name: torch.tensor(value) for name, value in options.items()}
    with torch.no_grad(), plumbline.watch(model), pytest.raises(ValueError, match=part):
        model(torch.tensor([TOKENS]), **given)
    with torch.no_grad(), plumbline.watch(model) as watched:
        model(torch.tensor([TOKENS]), attention_mask=torch.ones(1, 12), position_ids=torch.arange(12)[None])
    assert watched.tokens == TOKENS


def test_what_cannot_be_watched_is_said():
    with pytest.raises(TypeError, match="no module of PyTorch"):
        plumbline.watch(len)
    model = made()
    with plumbline.watch(model) as watched:
        pass
    with pytest.raises(ValueError, match="nothing was recorded"):
        watched.grade()
    with plumbline.watch(model), pytest.raises(ValueError, match="2 rows of tokens"):
        model(torch.tensor([TOKENS, TOKENS]))
    model.config._name_or_path = ""
    with pytest.raises(ValueError, match="does not say which folder"):
        recorded(model).grade()


def backward(model):
    tokens = torch.tensor([TOKENS])
    with plumbline.watch(model) as watched:
        model(tokens, labels=tokens).loss.backward()
    return watched


@pytest.mark.parametrize(("family", "dtype"), [("tiny-qwen3", "float32"), ("tiny-phi3", "float32"), ("tiny-llama", "bfloat16")])
def test_a_backward_pass_is_within(family, dtype):
    report = backward(made(family, dtype)).grade(local_only=True)
    assert report.is_within and report.first_gradient_cause is None, report
    assert len(report.data["gradients"]) > 30


class Forgetful(torch.autograd.Function):
    """A normalisation whose gradient lacks the mean."""

    @staticmethod
    def forward(ctx, x, weight, epsilon):
        root = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon)
        ctx.save_for_backward(x, weight, root)
        return weight * (x * root)

    @staticmethod
    def backward(ctx, gradient):
        x, weight, root = ctx.saved_tensors
        return gradient * weight * root, (gradient * x * root).sum((0, 1)), None


def test_a_bug_of_the_backward_pass_is_found_where_it_is():
    model = made("tiny-llama")
    norm = model.model.layers[1].post_attention_layernorm
    norm.forward = lambda x: Forgetful.apply(x, norm.weight, norm.variance_epsilon)
    report = backward(model).grade(local_only=True)
    assert report.first_cause is None
    assert report.first_gradient_cause.name == "blocks.1.attention-residual.grad"
    assert "rms-norm-backward" in report.data["firstGradientCause"]["layers"]


def test_gradients_of_an_earlier_pass_are_refused():
    model = made("tiny-llama")
    backward(model)
    with pytest.raises(ValueError, match="zero_grad"):
        backward(model)
