"""Rotary embeddings with scaled frequencies, as transformers turns a head of 16 elements in Float32, in `rotary-scaling.txt`.

A line has a name, `forward` or `backward`, the case's attributes, and its numbers: position, then each x (or incoming gradient), then
each y (or gradient of x). Run with torch and transformers: python3 rotary_scaling.py > rotary-scaling.txt
"""
import torch
import transformers
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, rotate_half

SIZE, FIRST = 16, 3000
LLAMA3 = dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=8192)
YARN = dict(rope_type="yarn", rope_theta=150000.0, factor=32.0, beta_fast=32.0, beta_slow=1.0,
            original_max_position_embeddings=4096)
LONG = dict(rope_type="longrope", rope_theta=10000.0, factor=32.0, original_max_position_embeddings=4096,
            short_factor=[1.0, 1.05, 1.25, 2.0, 8.0, 33.5, 64.75, 0.9], long_factor=[1.0] * 8)
RULE = "contextFactor={factor} originalContext={original_max_position_embeddings}"
CASES = {
    "llama3": (LLAMA3, "scaling=llama3 lowTurns=1 highTurns=4 " + RULE),
    "yarn": (YARN | dict(truncate=True), "scaling=yarn lowTurns=1 highTurns=32 " + RULE),
    "yarn-untruncated": (YARN | dict(truncate=False), "scaling=yarn-untruncated lowTurns=1 highTurns=32 " + RULE),
    "divisors": (LONG, "divisors=" + ",".join(map(str, LONG["short_factor"]))),
}

print(f"# transformers {transformers.__version__}, PyTorch {torch.__version__} on a processor")
torch.manual_seed(7)
for name, (parameters, attributes) in CASES.items():
    config = LlamaConfig(hidden_size=2 * SIZE, num_attention_heads=2, head_dim=SIZE, max_position_embeddings=131072,
                         rope_parameters=parameters)
    rotary = LlamaRotaryEmbedding(config)
    x = torch.randn(1, 1, 2, SIZE, requires_grad=True)
    # Within the positions of training, so that the short context's divisors count.
    cosine, sine = rotary(x, torch.tensor([[FIRST, FIRST + 1]]))
    y = x * cosine[:, None] + rotate_half(x) * sine[:, None]
    incoming = torch.randn_like(y)
    gradient, = torch.autograd.grad(y, x, incoming)
    magnitude = torch.tensor(rotary.attention_scaling, dtype=torch.float32).item()
    words = attributes.format(**parameters) + f" theta={parameters['rope_theta']} magnitude={magnitude!r}"
    for way, given, result in [("forward", x, y), ("backward", incoming, gradient)]:
        numbers = [float(number).hex() for tensor in (given, result)
                   for number in tensor.detach().flatten()]
        print(name, way, "|", words, "|", FIRST, *numbers)
