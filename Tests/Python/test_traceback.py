"""What pytest shows of a failure: the line of the test and the report, and no line of plumbline."""

import os
import pathlib
import subprocess
import sys

import pytest

import plumbline

FAILING = {
    "assert_within": 'plumbline.assert_within("relu", x + 1, x=x)',
    "assert_attention": "plumbline.assert_attention(x, query=x, key=x, value=x)",
    "fuzz": 'plumbline.fuzz("relu", lambda x: x, cases=20)',
}


def shown(folder, lines):
    """What pytest prints of a test of `lines`, which must fail."""
    test = folder / "test_kernel.py"
    test.write_text("import numpy as np\nimport plumbline\n\n\ndef test_kernel():\n" + "".join(f"    {line}\n" for line in lines))
    environment = os.environ | {"PYTHONPATH": str(pathlib.Path(plumbline.__file__).parent.parent)}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)],
        capture_output=True, text=True, cwd=folder, env=environment)
    assert run.returncode == 1, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("call", FAILING.values(), ids=FAILING)
def test_a_failure_is_the_line_of_the_test(tmp_path, call):
    text = shown(tmp_path, ["x = np.linspace(-3, 3, 24, dtype=np.float32).reshape(1, 2, 3, 4)", call])
    assert f">       {call}" in text and "outside" in text and "test_kernel.py:7: " in text
    assert not [line for line in text.split("\n") if f"plumbline{os.sep}_" in line or "__tracebackhide__" in line], text


def test_a_wrong_call_keeps_its_traceback(tmp_path):
    text = shown(tmp_path, ["plumbline.assert_within('relu', [0.0], y=[0.0])"])
    assert "takes no 'y'" in text and f"plumbline{os.sep}_" in text
