"""The ready-made CI workflow: its own commands, run on the committed sample."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from composing import load

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "evaluate.yml"
JOB = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["evaluate"]
STEPS = {step["id"]: step for step in JOB["steps"] if "id" in step}
READS_HALF = "~gate.conditions.answers_enough"  # a text model, where half are pictures alone
NOBODY_CAN_JUDGE = (  # by four positive clusters: what is counted is left
    "ranks_well",
    "ranks_well_everywhere",
    "ranks_well_in_service",
    "better_than_nothing",
    "as_good_as_tfidf",
    "calibrated",
    "promises_kept",
    "precision_promised",
    "spares_look_alikes",
)
PASSES = " ".join(
    [
        "bootstrap_resamples=100",
        READS_HALF,
        *(f"~gate.conditions.{name}" for name in NOBODY_CAN_JUDGE),
    ]
)
SLOW = pytest.mark.timeout(900)  # each command starts Python anew


def test_no_command_takes_an_input_as_code():
    assert [step for step in JOB["steps"] if "${{" in step.get("run", "")] == []


def test_what_leaves_the_machine_holds_no_advert():
    kept = {Path(line).name for line in STEPS["keep"]["with"]["path"].splitlines()}
    assert kept == {
        "report.html",
        "report.md",
        "report.json",
        "gate.json",
        "gate.md",
        "gate.xml",
    }


def test_the_verdict_is_shown_and_kept_when_it_is_bad():
    assert all("always()" in STEPS[name]["if"] for name in ("summary", "comment", "keep"))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A tf-idf model of the committed sample, exported."""
    from adverts.export import export
    from adverts.prepare import prepare
    from adverts.train import train

    folder = tmp_path_factory.mktemp("sample")
    prepared, run = folder / "prepared", folder / "run"
    prepare(load("prepare", "data=sample", f"prepared={prepared}"))
    train(load("train", f"prepared={prepared}", f"run_dir={run}", "model=tfidf", "tracking=none"))
    export(
        load(
            "export",
            f"checkpoint={run}",
            f"prepared={prepared}",
            f"bundle_dir={folder / 'bundle'}",
            "tracking=none",
        )
    )
    return folder / "bundle", prepared


@pytest.fixture
def run_step(bundle, tmp_path):
    """Run the command of a step as the runner does, in a workspace with the tool installed."""
    tool = tmp_path / ".venv" / "bin" / "adverts"
    tool.parent.mkdir(parents=True)
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m adverts.command "$@"\n')
    tool.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "BUNDLE": str(bundle[0]),
        "PREPARED": str(bundle[1]),
        "GATE": "first",
        "REPORT": str(tmp_path / "report"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }

    def call(step, overrides=PASSES):
        return subprocess.run(
            ["bash", "-e", "-c", STEPS[step]["run"]],
            cwd=tmp_path,
            env={**environment, "OVERRIDES": overrides},
            capture_output=True,
            text=True,
            check=False,
        )

    return call


@pytest.mark.slow
@SLOW
def test_the_commands_judge_the_sample_and_show_the_verdict(run_step, tmp_path):
    judged = run_step("judge")
    assert judged.returncode == 0, judged.stderr
    assert re.search(r"gate first, changed \(.+\): passed", judged.stdout)  # by its overrides
    assert (tmp_path / "report" / "gate.xml").is_file()
    assert run_step("summary").returncode == 0
    assert (tmp_path / "summary.md").read_text() == (tmp_path / "report" / "gate.md").read_text()


@pytest.mark.slow
@SLOW
def test_a_sample_too_small_to_judge_stops_the_merge_and_is_shown(run_step, tmp_path):
    judged = run_step("judge", f"bootstrap_resamples=100 {READS_HALF}")
    assert judged.returncode == 3, judged.stderr
    assert "could not judge" in judged.stderr
    assert run_step("summary").returncode == 0
    assert "Could not judge" in (tmp_path / "summary.md").read_text()


@pytest.mark.slow
@SLOW
def test_a_run_without_a_verdict_says_so(run_step, tmp_path):
    assert run_step("judge", "gate=nothing").returncode == 2
    assert run_step("summary").returncode == 0
    assert "No verdict" in (tmp_path / "summary.md").read_text()
