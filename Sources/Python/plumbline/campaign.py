"""Work in parts on a cluster that exists, by Ray.

    python -m plumbline.campaign softmax my_kernels.py:softmax --cases 1000000 --shards 1000 --folder softmax-run
    python -m plumbline.campaign certify /models/smollm2.gguf prompts.txt --folder prompts-run
    python -m plumbline.campaign exhaust silu --shards 100 --folder silu-run

Each part is a task of Ray, on the cluster that RAY_ADDRESS or --address names, or on this machine: a shard of cases, one prompt, or
a range of numbers. A task whose worker or node dies is tried again elsewhere. The report of each part is kept in the folder as
soon as it is there, so that a campaign that was stopped goes on where it was, and `report.json` is what one process would have
found.

The package must be installed on every node. A kernel's file is sent to them; a model must be there under the same name.
"""

import argparse
import importlib
import json
import pathlib
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import _certify, _files, _fuzz, _library, _report
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


def _ask(folder: pathlib.Path, plan: dict[str, Any]) -> None:
    """Keeps the plan of the campaign in its folder; raises ValueError where the folder is another's."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "campaign.json"
    if path.exists() and json.loads(path.read_text()) != plan:
        raise ValueError(f"{folder} holds another campaign, {path.read_text()}; name another folder")
    _files.write(path, json.dumps(plan))


def parts(
    folder: pathlib.Path, plan: dict[str, Any], task: Callable[..., str], jobs: Sequence[tuple], *, attempts: int = 10
) -> Iterator[tuple[int, int]]:
    """Does those of `jobs`, the arguments of `task`, that the folder lacks, by Ray; yields how many are there, and of how many.

    `plan` is what decides the jobs: a folder holds the parts of one.
    """
    import ray

    _ask(folder, plan)
    # Errors of the kernel are failures of cases; what a task raises comes again, but what its node does may not.
    remote = ray.remote(max_retries=attempts, retry_exceptions=False)(task)
    count = len(jobs)
    left = [index for index in range(count) if not (folder / f"shard-{index:06}.json").exists()]
    done = count - len(left)
    yield done, count
    running: dict[Any, int] = {}
    # No more than the cluster soon has room for: each task holds memory of the driver.
    while left or running:
        room = max(2, 2 * int(ray.cluster_resources().get("CPU", 1)))
        while left and len(running) < room:
            index = left.pop(0)
            running[remote.remote(*jobs[index])] = index
        ready, _ = ray.wait(list(running), num_returns=1)
        for reference in ready:
            _files.write(folder / f"shard-{running.pop(reference):06}.json", ray.get(reference))
            done += 1
            yield done, count


def shards(
    layer: str, name: str, folder: pathlib.Path, count: int, options: dict[str, Any], *, attempts: int = 10
) -> Iterator[tuple[int, int]]:
    """Decides those of `count` shards of a run of cases that the folder lacks, as `parts` does."""
    source = pathlib.Path(name.rpartition(":")[0]).read_text() if name.rpartition(":")[0].endswith(".py") else None
    plan = {"layer": layer, "kernel": name, "source": source, "shards": count, "options": options}
    jobs = [(layer, name, source, options, index, count) for index in range(count)]
    return parts(folder, plan, shard, jobs, attempts=attempts)


def walk(function: str, options: dict[str, Any], index: int, count: int) -> str:
    """The JSON of the report on one shard of a walk through the numbers of a function."""
    known = json.dumps(options | {"shard": {"index": index, "count": count}})
    return _library.call("exhaust", function.encode(), known.encode(), _library.Listener(), None)


def certified(model: str, prompt: str | list[int], options: dict[str, Any]) -> str:
    """The JSON of the certification of one prompt."""
    try:
        return _library.call("certify", model.encode(), _certify.options(prompt, options), _library.Listener(), None)
    except ValueError as error:
        raise ValueError(f"the prompt {json.dumps(prompt)[:80]}: {error}") from None


def prompts(path: pathlib.Path) -> list[str | list[int]]:
    """The prompts of a file: a line each, or in a file *.jsonl a JSON text or a list of tokens each; empty lines are none."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = [json.loads(line) for line in lines] if path.suffix == ".jsonl" else lines
    for line, prompt in zip(lines, found):
        if not isinstance(prompt, str) and not (isinstance(prompt, list) and all(type(token) is int for token in prompt)):
            raise ValueError(f"{path}: {line[:80]} is neither a text nor a list of tokens")
    if not found:
        raise ValueError(f"{path} has no prompt")
    return found


def _texts(folder: pathlib.Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("shard-*.json"))]


def joined(folder: pathlib.Path) -> str:
    """The JSON of the report of all shards in the folder; raises ValueError where one is missing."""
    text = _library.call("merge", f"[{','.join(_texts(folder))}]".encode())
    _files.write(folder / "report.json", text)
    return text


def report(folder: pathlib.Path) -> _report.FuzzReport:
    """The report of all shards of a run of cases in the folder; raises ValueError where one is missing."""
    return _report.fuzz_report(joined(folder))


def whole_number(text: str) -> int:
    """The number that `text` writes, decimal or hexadecimal."""
    return int(text, 16 if text.lower().startswith("0x") else 10)


def _show(steps: Iterator[tuple[int, int]]) -> None:
    """Goes through the steps, and shows how far they are."""
    for done, count in steps:
        print(f"\r{done} of {count} parts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _fuzz_cases(chosen: argparse.Namespace, connect: Callable[[], None]) -> int:
    options = {
        "cases": chosen.cases, "seed": chosen.seed, "arithmetic": chosen.arithmetic, "strategy": chosen.strategy,
        "shape": json.loads(chosen.shape) or None, "shrinkingTime": chosen.shrinking_time,
    }
    layer = find(chosen.layer).name
    # Bad input is refused before a task is started.
    _fuzz.Caller(kernel(chosen.kernel), layer, None)
    connect()
    _show(shards(layer, chosen.kernel, chosen.folder, chosen.shards, options))
    found = report(chosen.folder)
    print(found)
    return 0 if found.has_passed else 1


def _certify_prompts(chosen: argparse.Namespace, connect: Callable[[], None]) -> int:
    options = {"digits": chosen.digits, "topK": chosen.top_k, "topP": chosen.top_p}
    all_prompts = prompts(chosen.prompts)
    model = chosen.model if chosen.model in ("shipped", "seeded") else str(pathlib.Path(chosen.model).resolve(strict=True))
    connect()
    plan = {"model": model, "prompts": all_prompts, "options": options}
    _show(parts(chosen.folder, plan, certified, [(model, prompt, options) for prompt in all_prompts]))
    texts = _texts(chosen.folder)
    _files.write(chosen.folder / "report.json", f"[{','.join(texts)}]")
    failed = 0
    for prompt, text in zip(all_prompts, texts):
        found = _certify.certification(text)
        choice = found.data["comparisons"][0]
        failed += choice["firstChoice"] == "refuted" or bool(choice["nonFinite"])
        best = found.next[0]
        print(f"{json.dumps(prompt)[:40]:40}  next {json.dumps(best.text):12}  {best.exact}  engine's choice {choice['firstChoice']}")
    return 1 if failed else 0


def _exhaust_function(chosen: argparse.Namespace, connect: Callable[[], None]) -> int:
    options = {key: value for key, value in (("isa", chosen.isa), ("range", chosen.range)) if value is not None}
    # Bad input is refused before a task is started: the first of so many parts has no number to walk through.
    walk(chosen.function, options, 0, 1 << 20)
    connect()
    plan = {"function": chosen.function, "shards": chosen.shards, "options": options}
    jobs = [(chosen.function, options, index, chosen.shards) for index in range(chosen.shards)]
    _show(parts(chosen.folder, plan, walk, jobs))
    found = json.loads(joined(chosen.folder))
    print(f"{found['function']}: {found['inputs']} inputs, {found['outside']} outside, "
          f"{found['monotonicityViolations']} against the order, {found['undecided']} undecided")
    return 1 if found["outside"] or found["monotonicityViolations"] or found["undecided"] else 0


def _parser(kind: str) -> argparse.ArgumentParser:
    """The options of a campaign of this kind."""
    parser = argparse.ArgumentParser(
        "python -m plumbline.campaign" + ("" if kind == "fuzz" else f" {kind}"), description=__doc__.splitlines()[0])
    if kind == "certify":
        parser.add_argument("model", help="a GGUF file or a folder, which all nodes have; 'shipped' is the model that comes along")
        parser.add_argument("prompts", type=pathlib.Path, help="a file with a prompt a line; in a *.jsonl a text or list of tokens")
        parser.add_argument("--digits", type=int, default=20)
        parser.add_argument("--top-k", type=int, default=40)
        parser.add_argument("--top-p", type=float, default=0.95)
        parser.set_defaults(run=_certify_prompts)
    elif kind == "exhaust":
        parser.add_argument("function")
        parser.add_argument("--isa", help="the instruction set, one that all nodes have")
        parser.add_argument("--range", metavar="LOW...HIGH", help="only these numbers (default: all)")
        parser.set_defaults(run=_exhaust_function)
    else:
        parser.add_argument("layer", help="a layer, or 'certify' or 'exhaust', which have a --help of their own")
        parser.add_argument("kernel", help="module:function or file.py:function")
        parser.add_argument("--cases", type=int, default=100_000, help="how many in all (default: 100000)")
        parser.add_argument("--seed", type=whole_number, default=0, help="decimal, or hexadecimal such as 0xC0FFEE")
        parser.add_argument("--arithmetic", default="f32")
        parser.add_argument("--strategy", default="all")
        parser.add_argument("--shape", default="{}", help='extents that every case has, such as {"columns": 64}')
        parser.add_argument(
            "--shrinking-time", type=float, default=30, help="seconds for the failures of a shard (default: 30)")
        parser.set_defaults(run=_fuzz_cases)
    if kind != "certify":
        parser.add_argument("--shards", type=int, default=100, help="the number of tasks (default: 100)")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where the reports of parts are kept")
    parser.add_argument("--address", help="the cluster (default: RAY_ADDRESS, or this machine)")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs a campaign; 0 where all is within, 1 where something is not or nothing is claimed, 2 for bad input."""
    words = sys.argv[1:] if arguments is None else arguments
    kind = words[0] if words[:1] in (["certify"], ["exhaust"]) else "fuzz"
    chosen = _parser(kind).parse_args(words if kind == "fuzz" else words[1:])
    import ray

    def connect() -> None:
        ray.init(address=chosen.address, log_to_driver=False, logging_level="error", ignore_reinit_error=True)

    try:
        return chosen.run(chosen, connect)
    except (ValueError, TypeError, OSError, AttributeError, ImportError) as error:
        # An error of a task comes with the lines of its process; the last one says what is wrong.
        said = str(getattr(error, "cause", None) or error).strip().splitlines()
        print(f"plumbline.campaign: {said[-1] if said else error!r}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
