"""Gradients at the limits of clamped gates by PyTorch: python3 Tests/Fixtures/clamp_limits.py > Tests/Fixtures/clamp-limits.txt

A line of a gate is its format, 'gate', the gate, what it lets through, the gradient, PyTorch's gradients of both through `clamp`, and
those without any clamp, which are the derivatives from the side that is not clamped, as no number lies beyond its limit.

A line of a mixture is 'f32', 'experts', the gradient, PyTorch's gradient of the input of one expert whose products are its weights 7, 2
and -7 times the input 1, clamped at 7, and that without any clamp: gates at and below the limit let through numbers at -7, 7 and 1.
The first comment says which PyTorch it was.
"""
import torch

ALPHA, LIMIT = 1.702, 7.0


def opened(gate, up, is_clamped):
    if is_clamped:
        gate, up = gate.clamp(min=None, max=LIMIT), up.clamp(min=-LIMIT, max=LIMIT)
    return (up + 1) * (gate * torch.sigmoid(gate * ALPHA))


def gradients(inputs, gradient, function):
    leaves = [x.clone().requires_grad_() for x in inputs]
    function(*leaves).backward(gradient)
    return [x.grad for x in leaves]


print("# PyTorch", torch.__version__, "on a processor")
torch.manual_seed(29)
for name, kind in [("f32", torch.float32), ("bf16", torch.bfloat16)]:
    gate = torch.tensor([LIMIT, LIMIT, LIMIT, 2, -3, 6.96875], dtype=kind)
    up = torch.tensor([1, LIMIT, -LIMIT, LIMIT, -LIMIT, -LIMIT], dtype=kind)
    gradient = torch.randn(6).to(kind)
    sides = [gradients((gate, up), gradient, lambda g, u: opened(g, u, c)) for c in (True, False)]
    for numbers in zip(gate, up, gradient, *sides[0], *sides[1]):
        print(name, "gate", *(float(x).hex() for x in numbers))

gate, up = torch.tensor([7.0, 2, -7, 7]), torch.tensor([-7.0, 7, 1, 1])
down, gradient = torch.tensor([[0.5, -1.5, 0.75, 1]]), torch.tensor([1.25])
sides = [
    gradients((torch.ones(1),), gradient, lambda x: down @ opened(gate * x, up * x, c))[0] for c in (True, False)
]
print("f32 experts", *(float(x).hex() for x in (gradient, *sides)))
