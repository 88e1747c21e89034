"""The command line as a person meets it: statuses, one-line messages, start-up time of imports."""

import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "transformers",
    "mlflow",
    "sklearn",
    "pandas",
    "datasets",
    "onnxruntime",
    "easyocr",
)


def adverts(*arguments: str, module: str = "adverts.command") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_no_verb_prints_the_verbs():
    assert "evaluate" in adverts("--help").stdout


def test_an_unknown_verb_names_its_nearest_neighbour():
    result = adverts("trian")
    assert result.returncode == 2
    assert result.stderr.startswith("adverts: no verb 'trian'; nearest: train")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model=tfidf"], "adverts train: prepared: not set; give it as prepared=<value>"),
        (["prepared=p", "trainer.epoch=3"], "trainer.epoch: no such key; nearest key: epochs"),
        (
            ["prepared=p", "model=tex"],
            "adverts train: model: found 'tex'; legal: fusion, ocr_image",
        ),
        (["prepared=p", "seed=-1"], "adverts train: seed: found -1; wanted: greater than or equal"),
        (["prepared=p", "seed=["], "no viable alternative"),
    ],
)
def test_a_mistake_is_one_message_and_status_two(overrides, message):
    result = adverts("train", *overrides)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_module_and_command_are_the_same():
    assert adverts("train", "--cfg", "job", "prepared=p").stdout == (
        adverts("--cfg", "job", "prepared=p", module="adverts.train").stdout
    )


def test_every_job_of_a_sweep_runs_and_the_worst_status_is_returned(tmp_path):
    result = adverts("train", "-m", f"prepared={tmp_path}/none", "seed=-1,-2")
    assert result.returncode == 2
    assert result.stderr.count("wanted: greater than or equal to 0") == 2


@pytest.mark.parametrize("module", ["adverts.config", "adverts.train", "adverts.evaluate"])
def test_start_up_imports_nothing_heavy(module):
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
