"""Gradients of a clamped gate by PyTorch, step by step: python3 Tests/Fixtures/clamped_gate_steps.py > Tests/Fixtures/clamped-gate-steps.txt

The gate is written as `GptOssExperts` of transformers has it, and each step is a tensor of its own. A line is the format, the gate, what
it lets through, the gradient, PyTorch's gradients of both, and what the gate's would be if s * (1 - s) of the sigmoid s were stored,
which no step of PyTorch's does. Beside what the derivative as a whole gives, the first half of a format's lines are those in which
PyTorch's number lies farther away than that of steps that it does not take, the second those in which the last number of the line does.
The first comment says which PyTorch it was; no gate is at its limit.
"""
import torch

ALPHA, LIMIT, KEPT = 1.702, 7.0, 12

print("# PyTorch", torch.__version__, "on a processor")
torch.manual_seed(31)
for name, kind in [("bf16", torch.bfloat16), ("f16", torch.float16)]:
    gate, up, gradient = ((scale * torch.randn(4_000_000)).to(kind) for scale in (4, 4, 1))
    gate, up = (torch.where(x.abs() == LIMIT, 0, x).requires_grad_() for x in (gate, up))
    opening, inner = gate.clamp(min=None, max=LIMIT), up.clamp(min=-LIMIT, max=LIMIT)
    sigmoid = torch.sigmoid(opening * ALPHA)
    ((inner + 1) * (opening * sigmoid)).backward(gradient)

    def stored(x):
        return x.to(kind).float()

    g, s = opening.detach().float(), sigmoid.detach().float()
    incoming = stored(gradient.float() * stored(inner.detach().float() + 1))
    outer = stored(incoming * g)

    def result(around):
        whole = stored(stored(incoming * s) + stored(stored(around) * torch.tensor(ALPHA)))
        return torch.where(gate.detach() > LIMIT, 0, whole)

    whole = stored(incoming * (s * (1 + stored(g * torch.tensor(ALPHA)) * (1 - s))))
    one, three = result(outer * (1 - s) * s), result(stored(outer * stored(1 - s)) * s)
    other = result(outer * stored(s * (1 - s)))
    taken, left = {"bf16": (one, three), "f16": (three, one)}[name]
    assert torch.equal(gate.grad.float(), taken)
    away = [(x - whole).abs() for x in (taken, left, other)]
    unit = torch.where(taken == 0, torch.inf, taken.abs())
    for farther in (away[0] - away[1]) / unit, (away[2] - torch.maximum(away[0], away[1])) / unit:
        for index in farther.topk(KEPT).indices.tolist():
            numbers = gate, up, gradient, gate.grad, up.grad, other
            print(name, *(float(x[index].detach()).hex() for x in numbers))
