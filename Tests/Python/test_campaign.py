"""Campaigns on a local cluster of Ray: several nodes, one of which is killed."""

import json
import pathlib

import pytest

import plumbline
from plumbline import _fuzz, campaign

KERNELS = '''
import numpy as np

def softmax(x):
    with np.errstate(over="ignore"):
        powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)

def faulty(x):
    return softmax(x) if x.shape[-1] < 5 else softmax(x)[:, ::-1]
'''
# Twelve pieces, each of which one shard has.
OPTIONS = {"cases": 6_000, "seed": 3, "strategy": "random", "shape": {"rows": 1, "columns": 6}, "shrinkingTime": 0}
# The keys that do not depend on how long a run took.
SAME = ("cases", "failed", "outsideDomain", "margins", "failures", "greatest", "worstUlps", "furthest")


@pytest.fixture
def name(tmp_path):
    path = tmp_path / "kernels.py"
    path.write_text(KERNELS)
    return f"{path}:faulty"


def whole(name):
    return json.loads(_fuzz.run("softmax", campaign.kernel(name), **OPTIONS))


def test_shards_are_one_run(name, tmp_path):
    expected = whole(name)
    folder = tmp_path / "run"
    folder.mkdir()
    for index in range(6):
        (folder / f"shard-{index:06}.json").write_text(campaign.shard("softmax", name, KERNELS, OPTIONS, index, 6))
    found = campaign.report(folder)
    assert all(found.data[key] == expected[key] for key in SAME) and found.failed > 0
    (folder / "shard-000002.json").unlink()
    with pytest.raises(ValueError, match="shard 2/6 is missing"):
        campaign.report(folder)


def test_a_killed_node_changes_nothing(name, tmp_path):
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    expected = whole(name)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(3)]
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        folder, killed = tmp_path / "run", False
        for done, count in campaign.shards("softmax", name, folder, 12, OPTIONS):
            if done == 4 and not killed:
                cluster.remove_node(nodes[0], allow_graceful=False)
                killed = True
        assert killed and done == count == 12
        found = campaign.report(folder)
        assert all(found.data[key] == expected[key] for key in SAME) and found.failed > 0
        # Shards that are there are not decided again.
        (folder / "shard-000005.json").unlink()
        assert list(campaign.shards("softmax", name, folder, 12, OPTIONS)) == [(11, 12), (12, 12)]
        with pytest.raises(ValueError, match="another campaign"):
            list(campaign.shards("softmax", name, folder, 13, OPTIONS))
    finally:
        ray.shutdown()
        cluster.shutdown()


RANGE = {"range": "1...1.25", "isa": "portable"}


def test_ranges_are_one_walk(tmp_path):
    expected = json.loads(campaign.walk("gelu", RANGE, 0, 1))
    for index in range(5):
        (tmp_path / f"shard-{index:06}.json").write_text(campaign.walk("gelu", RANGE, index, 5))
    found = json.loads(campaign.joined(tmp_path))
    assert found["inputs"] == 2097153 and len(found["shards"]) == 5
    assert all(found[key] == expected[key] for key in found if key not in ("seconds", "shards"))
    (tmp_path / "shard-000003.json").unlink()
    with pytest.raises(ValueError, match="shard 3/5 is missing"):
        campaign.joined(tmp_path)


def test_prompts_of_a_file(tmp_path):
    lines, texts = tmp_path / "a.txt", tmp_path / "a.jsonl"
    lines.write_text("one\n\n two \n")
    texts.write_text('"a\\nb"\n[1, 2]\n')
    assert campaign.prompts(lines) == ["one", " two "] and campaign.prompts(texts) == ["a\nb", [1, 2]]
    for wrong, said in [("3", "neither a text"), ("[1.5]", "neither a text"), ("", "no prompt"), ("{", "Expecting")]:
        texts.write_text(wrong)
        with pytest.raises(ValueError, match=said):
            campaign.prompts(texts)


def test_prompts_and_ranges_on_a_cluster(tmp_path, capsys):
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        (tmp_path / "prompts.jsonl").write_text('"the "\n[1, 2, 3]\n"Plumb"\n"a\\nb"\n')
        words = ["certify", "seeded", str(tmp_path / "prompts.jsonl"), "--folder", str(tmp_path / "run"), "--digits", "9"]
        original = campaign.parts

        def losing_a_node(*arguments, **options):
            for done, count in original(*arguments, **options):
                if done == 1 and len(nodes) == 2:
                    cluster.remove_node(nodes.pop(), allow_graceful=False)
                yield done, count

        campaign.parts = losing_a_node
        try:
            assert campaign.main(words) == 0 and len(nodes) == 1
        finally:
            campaign.parts = original
        assert capsys.readouterr().out.count("engine's choice proved") == 4
        found = json.loads((tmp_path / "run/report.json").read_text())
        for data, prompt in zip(found, ["the ", [1, 2, 3], "Plumb", "a\nb"], strict=True):
            direct = plumbline.certify("seeded", prompt, digits=9)
            assert {key: data[key] for key in direct.data} == direct.data
        folder = str(tmp_path / "walk")
        assert campaign.main(["exhaust", "silu", "--range", "1...1.25", "--shards", "6", "--folder", folder]) == 0
        assert "2097153 inputs, 0 outside" in capsys.readouterr().out
        (tmp_path / "prompts.jsonl").write_text("[70000]\n")
        assert campaign.main(words[:4] + [str(tmp_path / "other")]) == 2
        assert "the prompt [70000]: token 70000" in capsys.readouterr().err
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    pytest.importorskip("ray")
    folder = str(tmp_path / "run")
    for words, said in [
        (["softmx", "numpy:exp"], "did you mean 'softmax'"), (["softmax", "numpy"], "module:function"),
        (["softmax", "numpy:none"], "none"), (["softmax", f"{tmp_path}/none.py:f"], "none.py"),
        (["rms-norm", "numpy:exp"], "takes no 'x'"), (["certify", "shipped", "none.txt"], "none.txt"),
        (["certify", "none.gguf", __file__], "none.gguf"), (["exhaust", "sulu"], "there is no function 'sulu'"),
        (["exhaust", "silu", "--range", "2...1"], "option 'range'"),
    ]:
        assert campaign.main([*words, "--folder", folder]) == 2
        assert said in capsys.readouterr().err
    assert not pathlib.Path(folder).exists()
