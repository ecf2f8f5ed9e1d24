"""Runs of many cases on a cluster that exists, by Ray.

    python -m plumbline.campaign softmax my_kernels.py:softmax --cases 1000000 --shards 1000 --folder softmax-run

Each shard of the run is a task of Ray, on the cluster that RAY_ADDRESS or --address names, or on this machine. A task whose worker
or node dies is tried again elsewhere. The report of each shard is kept in the folder as soon as it is there, so that a
campaign that was stopped goes on where it was, and `report.json` is what one process would have found: case for case the same.

The package must be installed on every node, and the kernel's file is sent to them.
"""

import argparse
import importlib
import json
import os
import pathlib
import sys
import tempfile
import types
from collections.abc import Callable, Iterator
from typing import Any

from . import _fuzz, _library, _report
from ._layers import find


def kernel(name: str, source: str | None = None) -> Callable:
    """The function that `module:name` or `file.py:name` names; `source` is the text of the file, where it was read elsewhere."""
    place, _, function = name.rpartition(":")
    if not place:
        raise ValueError(f"{name!r} is not module:function or file.py:function")
    if not place.endswith(".py"):
        return getattr(importlib.import_module(place), function)
    module = types.ModuleType(pathlib.Path(place).stem)
    module.__file__ = place
    text = pathlib.Path(place).read_text() if source is None else source
    exec(compile(text, place, "exec"), module.__dict__)
    return getattr(module, function)


def shard(layer: str, name: str, source: str | None, options: dict[str, Any], index: int, count: int) -> str:
    """The JSON of the report on one shard."""
    return _fuzz.run(layer, kernel(name, source), shard={"index": index, "count": count}, **options)


def _write(path: pathlib.Path, text: str) -> None:
    """Writes a file whole or not at all."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as file:
        file.write(text)
    os.replace(file.name, path)


def _ask(folder: pathlib.Path, plan: dict[str, Any]) -> None:
    """Keeps the plan of the campaign in its folder; raises ValueError where the folder is another's."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "campaign.json"
    if path.exists() and json.loads(path.read_text()) != plan:
        raise ValueError(f"{folder} holds another campaign, {path.read_text()}; name another folder")
    _write(path, json.dumps(plan))


def shards(
    layer: str, name: str, folder: pathlib.Path, count: int, options: dict[str, Any], *, attempts: int = 10
) -> Iterator[tuple[int, int]]:
    """Decides those of `count` shards that the folder lacks, by Ray; yields how many are there, and of how many, as they come."""
    import ray

    source = pathlib.Path(name.rpartition(":")[0]).read_text() if name.rpartition(":")[0].endswith(".py") else None
    _ask(folder, {"layer": layer, "kernel": name, "source": source, "shards": count, "options": options})
    # Errors of the kernel are failures of cases; what a task raises comes again, but what its node does may not.
    task = ray.remote(max_retries=attempts, retry_exceptions=False)(shard)
    left = [index for index in range(count) if not (folder / f"shard-{index:06}.json").exists()]
    done = count - len(left)
    yield done, count
    running: dict[Any, int] = {}
    # No more than the cluster soon has room for: each task holds memory of the driver.
    while left or running:
        room = max(2, 2 * int(ray.cluster_resources().get("CPU", 1)))
        while left and len(running) < room:
            index = left.pop(0)
            running[task.remote(layer, name, source, options, index, count)] = index
        ready, _ = ray.wait(list(running), num_returns=1)
        for reference in ready:
            _write(folder / f"shard-{running.pop(reference):06}.json", ray.get(reference))
            done += 1
            yield done, count


def report(folder: pathlib.Path) -> _report.FuzzReport:
    """The report of all shards in the folder; raises ValueError where one is missing."""
    texts = [path.read_text() for path in sorted(folder.glob("shard-*.json"))]
    text = _library.call("merge", f"[{','.join(texts)}]".encode())
    _write(folder / "report.json", text)
    return _report.fuzz_report(text)


def whole_number(text: str) -> int:
    """The number that `text` writes, decimal or hexadecimal."""
    return int(text, 16 if text.lower().startswith("0x") else 10)


def main(arguments: list[str] | None = None) -> int:
    """Runs a campaign; 0 where no case is outside, 1 where one is or nothing is claimed of any, 2 for bad input."""
    parser = argparse.ArgumentParser("python -m plumbline.campaign", description=__doc__.splitlines()[0])
    parser.add_argument("layer")
    parser.add_argument("kernel", help="module:function or file.py:function")
    parser.add_argument("--cases", type=int, default=100_000, help="how many in all (default: 100000)")
    parser.add_argument("--shards", type=int, default=100, help="the number of tasks (default: 100)")
    parser.add_argument("--seed", type=whole_number, default=0, help="decimal, or hexadecimal such as 0xC0FFEE")
    parser.add_argument("--arithmetic", default="f32")
    parser.add_argument("--strategy", default="all")
    parser.add_argument("--shape", default="{}", help='extents that every case has, such as {"columns": 64}')
    parser.add_argument("--shrinking-time", type=float, default=30, help="seconds for the failures of a shard (default: 30)")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where the reports of shards are kept")
    parser.add_argument("--address", help="the cluster (default: RAY_ADDRESS, or this machine)")
    chosen = parser.parse_args(arguments)
    import ray

    try:
        options = {
            "cases": chosen.cases, "seed": chosen.seed, "arithmetic": chosen.arithmetic, "strategy": chosen.strategy,
            "shape": json.loads(chosen.shape) or None, "shrinkingTime": chosen.shrinking_time,
        }
        layer = find(chosen.layer).name
        # Bad input is refused before a task is started.
        _fuzz.Caller(kernel(chosen.kernel), layer, None)
        ray.init(address=chosen.address, log_to_driver=False, logging_level="error", ignore_reinit_error=True)
        for done, count in shards(layer, chosen.kernel, chosen.folder, chosen.shards, options):
            print(f"\r{done} of {count} shards", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        found = report(chosen.folder)
    except (ValueError, TypeError, OSError, AttributeError, ImportError) as error:
        print(f"plumbline.campaign: {error}", file=sys.stderr)
        return 2
    print(found)
    return 0 if found.has_passed else 1


if __name__ == "__main__":
    sys.exit(main())
