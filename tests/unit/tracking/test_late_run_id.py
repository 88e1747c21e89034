"""A run that is named late is named everywhere but where it must not be."""

import json

from adverts.tracking import remember_run_id


def write(path, run_id):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mlflow_run_id": run_id}), encoding="utf-8")


def run_id(path):
    return json.loads(path.read_text(encoding="utf-8"))["mlflow_run_id"]


def test_run_and_checkpoints_get_the_id_and_the_baseline_stays_without(tmp_path):
    run = tmp_path / "run.json"
    best = tmp_path / "checkpoints" / "best" / "checkpoint.json"
    baseline = tmp_path / "baseline" / "checkpoint.json"
    for path in (run, best, baseline):
        write(path, None)
    remember_run_id(tmp_path, "late")
    assert [run_id(path) for path in (run, best, baseline)] == ["late", "late", None]


def test_the_trials_of_a_study_do_not_get_the_id_of_the_study(tmp_path):
    study = tmp_path / "study.json"
    trial = tmp_path / "trials" / "0003" / "checkpoints" / "best" / "checkpoint.json"
    for path in (study, trial):
        write(path, None)
    remember_run_id(tmp_path, "study")
    assert [run_id(path) for path in (study, trial)] == ["study", None]
    remember_run_id(tmp_path / "trials" / "0003", "trial")
    assert run_id(trial) == "trial"


def test_an_id_that_stands_is_never_replaced(tmp_path):
    write(tmp_path / "run.json", "first")
    remember_run_id(tmp_path, "late")
    assert run_id(tmp_path / "run.json") == "first"
