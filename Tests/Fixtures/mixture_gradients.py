"""Writes the gradients of tiny mixtures of experts by PyTorch, as `Tests/Recipes/transformers_gradients.py` dumps them.

    python3 Tests/Fixtures/mixture_gradients.py    # needs transformers and PyTorch

`tiny-NAME/gradient-dump.safetensors` are right; two more have a bug that is planted in the backward pass alone: in
`tiny-mixtral/gradient-dump-detached.safetensors` the router's weights are constants, in `tiny-gptoss/gradient-dump-sigmoid.safetensors`
the sigmoid of the clamped gate is one.
"""
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
RECIPE = FOLDER.parent / "Recipes" / "transformers_gradients.py"
TOKENS = "1,7,4,20,13,9,3,25,17,30,2,11"

DETACHED = """
from transformers.models.mixtral import modeling_mixtral as module
right = module.MixtralTopKRouter.forward
def wrong(self, x):
    logits, scores, indices = right(self, x)
    return logits, scores.detach() + 0 * scores, indices
module.MixtralTopKRouter.forward = wrong
"""
SIGMOID = """
import torch
from transformers.models.gpt_oss import modeling_gpt_oss as module
def wrong(self, gate_up):
    gate, up = gate_up[..., ::2], gate_up[..., 1::2]
    gate, up = gate.clamp(min=None, max=self.limit), up.clamp(min=-self.limit, max=self.limit)
    return (up + 1) * (gate * torch.sigmoid(gate * self.alpha).detach())
module.GptOssExperts._apply_gate = wrong
"""

for name, ending, bug in [
    ("mixtral", "", ""), ("qwen3moe", "", ""), ("gptoss", "", ""), ("mixtral", "-detached", DETACHED),
    ("gptoss", "-sigmoid", SIGMOID),
]:
    folder = FOLDER / f"tiny-{name}"
    arguments = [str(RECIPE), str(folder), TOKENS, str(folder / f"gradient-dump{ending}.safetensors")]
    program = f"{bug}\nimport runpy, sys\nsys.argv = {arguments!r}\nrunpy.run_path({str(RECIPE)!r})"
    subprocess.run([sys.executable, "-c", program], check=True)
