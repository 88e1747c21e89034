"""Run folders, their records and logs, and the labels a run refuses."""

import dataclasses
import json
import math

import numpy as np
import pytest
import torch

from adverts.advert import Task
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.predictions.model_facts import Selection
from adverts.training.curve_journal import CurveJournal, DivergedError
from adverts.training.learnable_labels import check_labels
from adverts.training.loop import Step
from adverts.training.runs import run_folder
from adverts.training.runs.run_folder import begin_run, resume_run, withdrawn_if_refused
from adverts.training.runs.run_record import (
    RunOutcome,
    RunRecord,
    find_provenance,
    read_run,
    utc_now,
    write_run,
)
from adverts.training.runs.run_summary import best_first, summary_lines

CONFIG = {
    "seed": 0,
    "prepared": "p",
    "run_dir": "r",
    "resume": None,
    "augment": {"share": 0.0, "disguises": []},
    "trainer": {"method": "fine_tune", "epochs": 2, "threads": 1},
    "tracking": {"uri": None},
}


def record():
    return RunRecord("text", "tiny", "ab" * 32, find_provenance(), utc_now())


def outcome(baseline=None):
    return RunOutcome(
        seconds=2.0,
        steps=40,
        train_adverts=280,
        validation_adverts=60,
        selected_on=Selection("validation", "average_precision", 0.5, 20),
        validation={"average_precision": 0.5, "macro_f1": 0.6, "loss": 0.7},
        baseline=baseline,
        weights_sha256="cd" * 32,
    )


def test_a_run_with_a_link_in_it_is_not_gone_on_with(tmp_path):
    folder, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "checkpoints").symlink_to(elsewhere)
    with pytest.raises(IntegrityError, match="checkpoints is a link"):
        resume_run(folder, CONFIG, "ab" * 32)


def changed(**values):
    return {**CONFIG, **values}


@pytest.mark.parametrize("content", [b"seed: [", b"[1]", b"", b"\xff"])
def test_a_damaged_config_is_refused(tmp_path, content):
    run = begin_run(tmp_path / "run", CONFIG, record())
    run.config.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"config\.yaml is damaged; train again"):
        resume_run(run.path, CONFIG, "ab" * 32)


def refuse(run, *, new=True):
    with pytest.raises(InputError), withdrawn_if_refused(run, new=new):
        raise InputError("no such weights")


def test_a_new_run_that_breaks_at_once_leaves_nothing(tmp_path):
    run = begin_run(tmp_path / "run", CONFIG, record())
    with pytest.raises(ZeroDivisionError), withdrawn_if_refused(run, new=True):
        raise ZeroDivisionError
    assert not run.path.exists()


def test_a_new_run_that_is_refused_leaves_nothing(tmp_path):
    run = begin_run(tmp_path / "run", CONFIG, record())
    refuse(run, new=False)
    assert run.record.is_file()
    refuse(run)
    assert not run.path.exists()


@pytest.mark.parametrize("kept", ["log", "last", "best", "spool"])
def test_a_refused_run_keeps_what_it_has_learnt_or_recorded(tmp_path, kept):
    run = begin_run(tmp_path / "run", CONFIG, record())
    getattr(run, kept).touch()
    refuse(run)
    assert run.record.is_file()


def test_a_new_run_holds_its_config_and_its_record(tmp_path):
    run = begin_run(tmp_path / "run", CONFIG, record())
    assert read_run(run.path).data_hash == "ab" * 32
    assert sorted(path.name for path in run.path.iterdir()) == [
        "checkpoints",
        "config.yaml",
        "run.json",
    ]


def test_a_folder_that_holds_something_is_refused(tmp_path):
    begin_run(tmp_path / "run", CONFIG, record())
    with pytest.raises(InputError, match=r"resume=.*continues it"):
        begin_run(tmp_path / "run", CONFIG, record())
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(InputError, match="not empty; choose another"):
        begin_run(tmp_path / "other", CONFIG, record())


def test_a_run_goes_on_elsewhere_with_the_same_config(tmp_path):
    begin_run(tmp_path / "run", CONFIG, record())
    config = changed(
        run_dir="elsewhere",
        prepared="q",
        resume="run",
        trainer={"method": "fine_tune", "epochs": 2, "threads": 8},
    )
    _, resumed = resume_run(tmp_path / "run", config, "ab" * 32)
    assert len(resumed.resumed) == 1
    assert read_run(tmp_path / "run") == resumed


def test_another_config_or_other_data_do_not_go_on_and_every_difference_is_named(tmp_path):
    begin_run(tmp_path / "run", CONFIG, record())
    config = changed(seed=3, trainer={"method": "fine_tune", "epochs": 5, "threads": 1})
    with pytest.raises(InputError) as caught:
        resume_run(tmp_path / "run", config, "cd" * 32)
    message = str(caught.value)
    assert "seed=3 here, 0 there" in message
    assert "trainer.epochs=5 here, 2 there" in message
    assert "data_hash=cdcd" in message
    assert "its data has been prepared again since, so train in another run_dir" in message
    assert "\n" not in message


def test_what_is_no_run_cannot_be_resumed(tmp_path):
    with pytest.raises(InputError, match="not the folder of a run"):
        resume_run(tmp_path, CONFIG, "ab" * 32)


def test_a_damaged_record_is_refused(tmp_path):
    begin_run(tmp_path / "run", CONFIG, record())
    (tmp_path / "run" / "run.json").write_text('{"model": 3}')
    with pytest.raises(IntegrityError, match="damaged"):
        read_run(tmp_path / "run")


def test_a_figure_that_nothing_decides_survives_the_record(tmp_path):
    run = begin_run(tmp_path / "run", CONFIG, record())
    undecided = dataclasses.replace(outcome(), validation={"average_precision": float("nan")})
    write_run(run.path, dataclasses.replace(record(), outcome=undecided))
    assert math.isnan(read_run(run.path).outcome.validation["average_precision"])


def test_provenance_names_versions_and_no_environment(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "do-not-log-this")
    made = find_provenance()
    assert {"torch", "datasets", "pyarrow", "scipy", "Pillow", "onnxruntime"} <= set(made.versions)
    assert "do-not-log-this" not in repr(made)


def step(index, loss=1.0, grad_norm=2.0):
    return Step(
        index=index,
        adverts=10,
        loss=torch.tensor(loss),
        grad_norm=torch.tensor(grad_norm),
        learning_rate=0.1,
        tokens=90,
        padded_tokens=100,
    )


def journal(path, done=0, every=2):
    return CurveJournal(path, done=done, total=10, epochs=2, every=every)


def test_a_line_holds_the_means_since_the_line_before(tmp_path):
    with journal(tmp_path / "log.jsonl") as log:
        assert log.add(step(0, loss=1.0)) is None
        line = log.add(step(1, loss=3.0))
    assert (line.step, line.loss, line.epoch) == (2, 2.0, 0.4)
    assert line.padding == pytest.approx(0.1)
    written = json.loads((tmp_path / "log.jsonl").read_text())
    assert written["train/loss"] == 2.0
    assert written["step"] == 2


def test_a_figure_that_is_no_number_is_null_in_the_log(tmp_path):
    with journal(tmp_path / "log.jsonl") as log:
        log.validated(3, {"average_precision": float("nan"), "loss": 0.5})
    assert (tmp_path / "log.jsonl").read_text() == (
        '{"step": 3, "validation/average_precision": null, "validation/loss": 0.5}\n'
    )


def test_a_diverged_run_stops_with_advice(tmp_path):
    with journal(tmp_path / "log.jsonl", every=1) as log:
        with pytest.raises(DivergedError, match="learning_rate"):
            log.add(step(0, loss=float("nan")))
        with pytest.raises(DivergedError, match="diverged"):
            log.add(step(1, grad_norm=float("inf")))


def test_a_resumed_log_forgets_what_will_be_done_again(tmp_path):
    path = tmp_path / "log.jsonl"
    with journal(path) as log:
        for i in range(6):
            log.add(step(i))
        log.validated(6, {"loss": 0.5})
    with path.open("a") as file:
        file.write('{"step": 7, "tra')
    with journal(path, done=5):
        pass
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [2, 4]


def test_a_name_in_a_line_of_the_journal_moves_no_cursor(tmp_path, capsys):
    with journal(tmp_path / "log.jsonl") as log:
        log.validated(1, {"refer\x1b[2J/loss": 0.5})
    said = capsys.readouterr().err
    assert "refer\\x1b[2J/loss" in said
    assert "\x1b[2J" not in said


def test_a_helping_process_writes_no_log(tmp_path):
    with journal(None, every=1) as log:
        assert log.add(step(0)).step == 1
    assert list(tmp_path.iterdir()) == []


SINGLE = Task("refer", "single", ("no", "yes"), "yes")
MULTI = Task("signals", "multi", ("s", "t"))


@pytest.mark.parametrize(
    ("task", "targets", "message"),
    [
        (SINGLE, [[np.nan, np.nan]] * 3, "no advert that the model reads and that has a label"),
        (
            SINGLE,
            [[1, 0], [1, 0], [np.nan, np.nan]],
            "2 labelled adverts, but by majority all have",
        ),
        (SINGLE, [[0.7, 0.3], [0.6, 0.4]], "2 labelled adverts, but by majority all have"),
        (SINGLE, [[1, 0], [0.5, 0.5]], "2 labelled adverts, but by majority all have"),
        (MULTI, [[1, 0], [1, 0]], "both present and absent"),
        (MULTI, [[1, 0.2], [0.6, 0.4]], "both present and absent"),
    ],
)
def test_labels_that_teach_nothing_are_refused_in_one_line(task, targets, message):
    with pytest.raises(InputError, match=message) as caught:
        check_labels(task, np.array(targets, np.float32), "train")
    assert "\n" not in str(caught.value)


def test_two_labels_are_enough():
    check_labels(SINGLE, np.array([[1, 0], [0, 1]], np.float32), "train")
    check_labels(MULTI, np.array([[1, 0], [0, np.nan]], np.float32), "train")


def test_the_summary_says_where_tfidf_wins(tmp_path):
    run = begin_run(tmp_path / "run", CONFIG, record())
    better = {"average_precision": 0.9, "macro_f1": 0.1, "loss": 0.1}
    worse = {**better, "average_precision": 0.4}
    won = "\n".join(summary_lines(run, record(), outcome(better)))
    assert "tf-idf beats text here: average_precision 0.9000 against 0.5000" in won
    assert "beats" not in "\n".join(summary_lines(run, record(), outcome(worse)))
    assert "beats" not in "\n".join(summary_lines(run, record(), outcome()))


def test_a_run_that_was_killed_before_its_record_begins_anew(tmp_path):
    folder = tmp_path / "run"
    (folder / "checkpoints").mkdir(parents=True)
    assert run_folder._is_beginning(folder)
    (folder / "checkpoints" / "last").mkdir()
    assert not run_folder._is_beginning(folder)


def test_the_best_run_of_a_sweep_is_told_of_one_run_too():
    lone = [(None, dataclasses.replace(record(), outcome=outcome()))]
    assert [one.validation["loss"] for _, one in best_first(lone)] == [0.7]
    assert best_first([]) == []
