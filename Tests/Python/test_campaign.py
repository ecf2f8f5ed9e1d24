"""Campaigns on a local cluster of Ray: several nodes, one of which is killed."""

import json
import pathlib

import pytest

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


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    pytest.importorskip("ray")
    folder = str(tmp_path / "run")
    for words, said in [
        (["softmx", "numpy:exp"], "did you mean 'softmax'"), (["softmax", "numpy"], "module:function"),
        (["softmax", "numpy:none"], "none"), (["softmax", f"{tmp_path}/none.py:f"], "none.py"),
        (["rms-norm", "numpy:exp"], "takes no 'x'"),
    ]:
        assert campaign.main([*words, "--folder", folder]) == 2
        assert said in capsys.readouterr().err
    assert not pathlib.Path(folder).exists()
