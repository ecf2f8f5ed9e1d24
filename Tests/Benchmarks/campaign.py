"""The cost of a shard of a campaign on Ray, and its speed with one worker and with two.

    python3 Tests/Benchmarks/campaign.py [CASES]    # needs ray, NumPy and the package: PYTHONPATH=Sources/Python

Three runs of each in turns; prints the least wall time of each, and what follows from them for 1,000 workers.
"""
import json
import pathlib
import sys
import tempfile
import time

import numpy as np
import ray
from plumbline import campaign

KERNEL = '''
import numpy as np

def softmax(x):
    with np.errstate(over="ignore"):
        powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)
'''
cases = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
shape = {"rows": 1, "columns": 64}


def run(workers: int, shards: int, cases: int) -> float:
    """The seconds of a campaign, from workers that are there to the joined report."""
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        (folder / "kernels.py").write_text(KERNEL)
        ray.init(num_cpus=workers, log_to_driver=False, logging_level="error")
        ready = ray.remote(lambda: __import__("plumbline")._library.library() and time.sleep(0.5))
        ray.get([ready.remote() for _ in range(workers)])
        options = {"cases": cases, "seed": 1, "strategy": "random", "shape": shape, "shrinkingTime": 0}
        start = time.monotonic()
        for _ in campaign.shards("softmax", f"{folder}/kernels.py:softmax", folder / "run", shards, options):
            pass
        found = campaign.report(folder / "run")
        seconds = time.monotonic() - start
        ray.shutdown()
        assert found.data["cases"] == cases and found.failed == 0, json.dumps(found.data)[:200]
        return seconds


plans = {"one shard": (1, 1, cases), "64 shards": (1, 64, cases), "64 shards, two workers": (2, 64, cases), "64 of one piece": (1, 64, 32_768)}
best = dict.fromkeys(plans, np.inf)
for _ in range(3):
    for name, plan in plans.items():
        best[name] = min(best[name], run(*plan))
for name, seconds in best.items():
    print(f"{name:24} {seconds:8.2f} s")
start = (best["64 shards"] - best["one shard"]) / 63
rate = cases / best["one shard"]
print(f"a shard costs {start * 1e3:.0f} ms; two workers are {best['64 shards'] / best['64 shards, two workers']:.2f} times as fast as one")
print(f"one worker decides {rate:.0f} cases a second, so that 1,000 in 10,000 shards of 10⁶ cases need {10 * (1e6 / rate + start) / 60:.0f} minutes")
