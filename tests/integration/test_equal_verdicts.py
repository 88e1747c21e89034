"""Equal inputs give equal verdicts: only times of day and of the clock differ."""

import json
import os
import subprocess
import sys

import pytest
from composing import load

from adverts.errors import CannotJudgeError
from adverts.evaluate import evaluate

pytestmark = pytest.mark.promise


@pytest.fixture(scope="module")
def run(tiny_prepared, tmp_path_factory):
    from adverts.train import train

    folder = tmp_path_factory.mktemp("runs") / "tfidf"
    places = [f"prepared={tiny_prepared}", f"run_dir={folder}", "tracking=none"]
    train(load("train", *places, "model=tfidf"))
    return folder


def words(run, prepared, folder):
    return [
        f"candidate={run}",
        f"champion={run}",
        f"prepared={prepared}",
        f"run_dir={folder}",
        "gate=release",
        "robustness=quick",
        "robustness.adverts=20",
        "bootstrap_resamples=100",
        "tracking=none",
    ]


def verdict(folder):
    """Return what a gate wrote, without time of day, clock and whether there was a look before."""
    record = json.loads((folder / "gate.json").read_text())
    assert record.pop("created")
    [timed] = [one for one in record["results"] if one["kind"] == "latency"]
    assert timed["outcome"] == "reported"
    timed.update(found="", message="")
    [kept] = [one for one in record["results"] if one["kind"] == "kept"]
    assert kept["found"] in ("no earlier look", "0 of 60 (0.00%)")
    kept.update(found="")
    return record


@pytest.mark.slow
def test_an_evaluation_made_again_gives_the_same_verdict(run, tiny_prepared, tmp_path):
    for name in ("one", "two"):
        with pytest.raises(CannotJudgeError):
            evaluate(load("evaluate", *words(run, tiny_prepared, tmp_path / name)))
    assert verdict(tmp_path / "one") == verdict(tmp_path / "two")


@pytest.mark.slow
def test_the_seed_of_hashes_changes_no_verdict(run, tiny_prepared, tmp_path):
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "adverts.evaluate"]
        command += words(run, tiny_prepared, tmp_path / seed)
        surroundings = {**os.environ, "PYTHONHASHSEED": seed}
        assert subprocess.run(command, env=surroundings, check=False).returncode == 3
    assert verdict(tmp_path / "1") == verdict(tmp_path / "2")
