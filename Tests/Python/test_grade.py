"""Grades of dumps."""

import json
import pathlib
import signal
import threading

import pytest

import plumbline

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
TOKENS = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]
QWEN3 = FIXTURES / "tiny-qwen3"


def test_what_transformers_computed_in_float64_is_within():
    lines = []
    report = plumbline.grade(QWEN3, QWEN3 / "float64.safetensors", TOKENS, names="hf", progress=lines.append)
    assert report.is_within and report.first_cause is None and report.arithmetic == "f32"
    assert "all within" in str(report) and report.page.startswith("<!DOCTYPE html>") and "srcdoc" in report._repr_html_()
    assert json.loads(report.to_json())["tokens"] == TOKENS
    assert any("local drift" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((QWEN3, QWEN3 / "float64.safetensors", []), "prompt is empty"),
        ((QWEN3, QWEN3 / "float64.safetensors", [32]), "token 32 is not in the model's vocabulary of 0 to 31"),
        ((FIXTURES / "no-such", QWEN3 / "float64.safetensors", TOKENS), "no-such"),
        ((QWEN3, QWEN3 / "no-such", TOKENS), "no-such"),
        ((QWEN3, QWEN3 / "config.json", TOKENS), "config.json"),
    ],
)
def test_what_cannot_be_graded_is_said(arguments, part):
    with pytest.raises(ValueError, match=part):
        plumbline.grade(*arguments)


def test_options_are_checked():
    dump = QWEN3 / "float64.safetensors"
    with pytest.raises(ValueError, match="there is no arithmetic 'f33'"):
        plumbline.grade(QWEN3, dump, TOKENS, arithmetic="f33")
    with pytest.raises(ValueError, match="steps=stored"):
        plumbline.grade(QWEN3, dump, TOKENS, arithmetic="bf16,steps=stored")
    with pytest.raises(ValueError, match="which is no activation"):
        plumbline.grade(QWEN3, dump, TOKENS, names={"x": "no activation"})


def test_an_interruption_ends_it():
    # A shell that starts the tests behind '&' has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    heard = []

    def interrupt(line: str) -> None:
        heard.append(line)
        if len(heard) == 1:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        plumbline.grade(QWEN3, QWEN3 / "float64.safetensors", TOKENS, progress=interrupt)


def test_what_the_listener_raises_comes_back():
    def fail(_: str) -> None:
        raise RuntimeError("told")

    with pytest.raises(RuntimeError, match="told"):
        plumbline.grade(QWEN3, QWEN3 / "float64.safetensors", TOKENS, progress=fail)
