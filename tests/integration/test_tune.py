"""The verb `tune`: what it chooses, what it refuses, and what a kill leaves."""

import csv
import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import Mock

import pytest
from calling import call
from composing import load

from adverts.config import TrainConfig
from adverts.errors import CannotJudgeError, InputError, IntegrityError, silence
from adverts.evaluation.predictions.look_ledger import ledger_beside, read_ledger
from adverts.files.file_hash import file_sha256
from adverts.train import train
from adverts.training.runs.checkpoint import read_checkpoint
from adverts.training.runs.run_record import read_run, write_run
from adverts.tune import tune
from adverts.tuning.record import begin_or_continue
from adverts.tuning.run_trial import _watch
from adverts.tuning.space import build_space
from adverts.tuning.study import TrialQueue

pytestmark = pytest.mark.usefixtures("two_folds", "no_picture_of_the_study")
TFIDF = ["model=tfidf", "tune=tfidf", "tracking=none", "trainer.threads=1"]


DRAWN = ("test_a_trial_says_one_line", "test_trials_are_listed_below_their_study_in_mlflow")


@pytest.fixture
def no_picture_of_the_study(request, monkeypatch):
    """Only tests that look for the picture of a study draw it: that takes as long as a trial."""
    if request.node.name not in DRAWN:
        monkeypatch.setattr("adverts.tuning.write_results.write_plot", Mock())


@pytest.fixture
def prepared(tiny_prepared, tmp_path, monkeypatch):
    monkeypatch.setenv("ADVERTS_LEDGER", str(tmp_path / "looks.jsonl"))
    return shutil.copytree(tiny_prepared, tmp_path / "prepared" / "tiny")


@pytest.fixture
def network(tiny_encoder, tmp_path):
    """The overrides of a study of a tiny network, with a search space of its own."""
    space = tmp_path / "conf" / "tune" / "tiny.yaml"
    space.parent.mkdir(parents=True)
    space.write_text(
        "fixed: {trainer.method: fine_tune}\n"
        "space:\n"
        "  optimizer.learning_rate: {kind: float, low: 0.0001, high: 0.02, log: true}\n"
        "  model.head_dropout: {kind: float, low: 0.0, high: 0.5}\n"
        "  augment: {kind: choice, choices: [none, disguises]}\n"
    )
    return [
        *("tune=tiny", "model=text", "tracking=none", "model.ngrams=null"),
        *("trainer=debug", "trainer.epochs=4", "model.encoder.max_tokens=32"),
        *("model.encoder.prefix=''", "model.encoder.freeze_word_table=false"),
        f"model.encoder.weights='path:{tiny_encoder}'",
    ]


def study(prepared, folder, *overrides, conf=None):
    places = [f"prepared={prepared}", f"study_dir={folder}"]
    return load("tune", *places, *overrides, **({"directory": conf} if conf else {}))


def rows_of(folder):
    with (folder / "trials.csv").open(newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: int(row["trial"]))


def settings_of(folder):
    return [
        {key: value for key, value in row.items() if "." in key and key != "reason"}
        for row in rows_of(folder)
    ]


def test_the_best_trial_is_the_best_on_validation_and_can_be_trained_as_written(prepared, tmp_path):
    done = tune(study(prepared, tmp_path / "s", "trials=3", *TFIDF))
    values = [row.value for row in done.rows]
    assert len(values) == 3
    assert values[0] == max(values)
    run = load("train", directory=tmp_path / "s", name="best")
    assert isinstance(run, TrainConfig)
    assert run.run_dir == tmp_path / "s" / "best"
    assert read_run(done.checkpoint).outcome.selected_on.value == values[0]
    assert run.model.inverse_regularisation == pytest.approx(
        done.rows[0].params["model.inverse_regularisation"]
    )


def test_the_settings_as_given_are_tried_first(prepared, tmp_path, capsys):
    done = tune(study(prepared, tmp_path / "s", "trials=3", *TFIDF))
    given = {
        "model.inverse_regularisation": 10.0,
        "model.num_features_log2": 18,
        "model.word_ngrams": "[1, 2]",
        "model.char_ngrams": "[2, 5]",
    }
    first = next(row for row in done.rows if row.number == 0)
    assert first.params == given
    assert done.rows[0].value >= first.value
    said = capsys.readouterr().out
    assert "trial 0 has the settings as given" in said
    better = done.rows[0].number != 0
    assert ("the settings as given reach" in said) == better
    assert ("no trial is better than the settings as given, trial 0" in said) != better


def test_settings_as_given_are_kept_by_a_kill_while_they_are_handed_out(prepared, tmp_path):
    config = study(prepared, tmp_path / "s", "trials=3", *TFIDF)
    space = build_space(config)
    queue = TrialQueue(config, space)
    queue._ask().suggest_float("model.inverse_regularisation", 0.1, 100.0, log=True)  # killed here
    assert queue.settle(dead=True) == 1
    with queue.take() as taken:
        assert (taken.place, taken.params) == (0, space.whole_as_given())


def test_the_settings_as_given_are_never_stopped(prepared, network, tmp_path):
    config = study(prepared, tmp_path / "s", *network, conf=tmp_path / "conf")
    worst = Mock(**{"trial.should_prune.return_value": True})
    figures = {config.trainer.select_by: 0.1}
    assert not _watch(config, worst, may_stop=False)(1, figures)
    assert _watch(config, worst, may_stop=True)(1, figures)
    worst.trial.report.assert_called_with(0.1, 1)


def test_a_whole_number_is_as_given_only_if_it_was(prepared, network, tmp_path):
    space = tmp_path / "conf" / "tune" / "tiny.yaml"
    space.write_text("fixed: {}\nspace: {optimizer.weight_decay: {kind: int, low: 0, high: 9}}\n")
    words = [*network, "optimizer.weight_decay=0.5"]
    config = study(prepared, tmp_path / "s", *words, conf=tmp_path / "conf")
    assert build_space(config).whole_as_given() is None


@pytest.mark.slow
def test_a_damaged_file_that_a_kill_left_behind_is_not_shared(prepared, dropouts, tmp_path):
    words = [*dropouts, "trials=1"]
    tune(study(prepared, tmp_path / "s", *words, conf=tmp_path / "conf"))
    [whole] = (tmp_path / "s").rglob("frozen.safetensors")
    left = tmp_path / "s" / "frozen"
    left.mkdir()
    (left / file_sha256(whole)).touch()
    words = [*dropouts, "trials=2"]
    found = tune(study(prepared, tmp_path / "s", *words, conf=tmp_path / "conf"))
    assert len(found.rows) == 2
    for row in found.rows:
        read_checkpoint(tmp_path / "s" / "trials" / f"{row.number:04}")


def test_settings_outside_the_space_are_named_and_not_tried(prepared, network, tmp_path, capsys):
    words = [*network, "optimizer.learning_rate=0.5"]
    space = tmp_path / "conf" / "tune" / "tiny.yaml"
    space.write_text(
        "fixed: {trainer.method: fine_tune}\n"
        "space: {optimizer.learning_rate: {kind: float, low: 0.0001, high: 0.02}}\n"
    )
    done = tune(study(prepared, tmp_path / "s", "trials=1", *words, conf=tmp_path / "conf"))
    assert done.rows[0].params["optimizer.learning_rate"] <= 0.02
    said = capsys.readouterr().out
    assert "as given are not tried: outside the space is optimizer.learning_rate" in said


@pytest.mark.parametrize(
    ("words", "searched"),
    [
        (["model=tfidf"], "model.inverse_regularisation"),
        (["model=text"], "optimizer.learning_rate"),
        (["model=text", "trainer=frozen"], "model.encoder.read_layers"),
        (["model=text", "trainer.method=frozen"], "model.encoder.read_layers"),
    ],
)
def test_without_tune_the_space_is_the_one_for_the_model(prepared, tmp_path, words, searched):
    from adverts import tune as module
    from adverts.compose import compose
    from adverts.config import TuneConfig

    places = [f"prepared={prepared}", f"study_dir={tmp_path / 's'}"]
    found = compose("tune", TuneConfig, [*places, *words], settle=module.settle)
    assert searched in found.tune.space
    given = compose("tune", TuneConfig, [*places, *words, "tune=tfidf"], settle=module.settle)
    assert "model.num_features_log2" in given.tune.space


def test_a_space_that_is_not_for_the_model_names_the_one_that_is(prepared, tmp_path):
    with pytest.raises(InputError, match="choose tune=tfidf, which is for model=tfidf, or a model"):
        tune(study(prepared, tmp_path / "s", "tune=fine_tune", "model=tfidf", "tracking=none"))
    with pytest.raises(InputError, match="choose tune=fine_tune, which is for model=text, or a"):
        tune(study(prepared, tmp_path / "s", "tune=tfidf", "model=text", "tracking=none"))
    assert not (tmp_path / "s").exists()


def test_every_trial_counts_as_a_model_that_was_compared(prepared, tmp_path):
    done = tune(study(prepared, tmp_path / "s", "trials=2", *TFIDF))
    assert done.models_compared == 2
    ledger = read_ledger(ledger_beside(prepared.absolute()))
    assert len({one.training for one in ledger.looks}) == 2
    assert {one.split for one in ledger.looks} == {"validation"}


@pytest.mark.slow
def test_a_study_of_one_process_is_repeated_by_its_seed(prepared, tmp_path):
    for name in ("a", "b"):
        tune(study(prepared, tmp_path / name, "trials=3", "startup_trials=1", *TFIDF))
    assert settings_of(tmp_path / "a") == settings_of(tmp_path / "b")
    tune(study(prepared, tmp_path / "c", "trials=2", "startup_trials=1", "seed=1", *TFIDF))
    assert settings_of(tmp_path / "a")[:2] != settings_of(tmp_path / "c")


def test_the_same_folder_alone_goes_on_further(prepared, tmp_path, monkeypatch, capsys):
    tune(study(prepared, tmp_path / "s", "trials=2", *TFIDF))
    before = settings_of(tmp_path / "s")
    assert (
        call(monkeypatch, "tune", f"study_dir={tmp_path / 's'}", "trials=3", "tracking=none") == 0
    )
    assert "of which 2 are done" in capsys.readouterr().out
    assert settings_of(tmp_path / "s")[:2] == before
    assert len(rows_of(tmp_path / "s")) == 3


@pytest.mark.parametrize("place", ["trials/0000", "trials/0001", "journal.log"])
def test_a_study_with_a_link_in_it_changes_nothing_elsewhere(tmp_path, prepared, place):
    folder, elsewhere = tmp_path / "s", tmp_path / "elsewhere"
    (folder / "trials").mkdir(parents=True)
    (folder / "study.json").write_text("{}")
    (elsewhere / "checkpoints").mkdir(parents=True)
    (elsewhere / "checkpoints" / "precious").write_text("mine")
    (folder / place).symlink_to(elsewhere)
    with pytest.raises(IntegrityError, match=f"{place} is a link"):
        tune(study(prepared, folder, "trials=2", *TFIDF))
    assert [one.name for one in elsewhere.rglob("*")] == ["checkpoints", "precious"]


def test_a_study_that_goes_on_is_tracked_as_it_was_begun(prepared, tmp_path, monkeypatch):
    folder = tmp_path / "s"
    monkeypatch.chdir(tmp_path)
    tune(study(prepared, folder, "trials=1", *TFIDF))
    assert call(monkeypatch, "tune", f"study_dir={folder}", "trials=2") == 0
    assert not (tmp_path / "runs" / "mlflow").exists()
    assert read_run(folder / "trials" / "0001").mlflow_run_id is None


def test_an_address_whose_password_was_not_recorded_is_not_used(prepared, tmp_path, monkeypatch):
    from adverts import tune as module
    from adverts.compose import SweepJob
    from adverts.tracking import plain_config

    folder = tmp_path / "s"
    begun = study(prepared, folder, "trials=1", *TFIDF)
    uri = "https://me:hunter2@tracking.example"
    begun = begun.model_copy(
        update={"tracking": begun.tracking.model_copy(update={"kind": "mlflow", "uri": uri})}
    )
    folder.mkdir()
    begin_or_continue(folder, plain_config(begun), "ab" * 32)
    ours = {"kind": "mlflow", "uri": None}
    job = SweepJob((f"study_dir={folder}",), None)
    kept = module.settle({"study_dir": str(folder), "tracking": ours}, job)
    assert kept["tracking"] == ours


def test_other_settings_in_a_folder_are_refused_with_what_differs(prepared, tmp_path):
    tune(study(prepared, tmp_path / "s", "trials=1", *TFIDF))
    with pytest.raises(InputError, match=r"Different: sampler='random' here, 'tpe' there"):
        tune(study(prepared, tmp_path / "s", "trials=1", "sampler=random", *TFIDF))


def test_a_study_of_another_model_is_refused_in_a_line_that_can_be_read(
    prepared, network, tmp_path
):
    tune(study(prepared, tmp_path / "s", "trials=1", *TFIDF))
    with pytest.raises(InputError) as refused:
        tune(study(prepared, tmp_path / "s", "trials=1", *network, conf=tmp_path / "conf"))
    said = str(refused.value)
    assert "Different: model.name='text' here, 'tfidf' there;" in said
    assert re.search(r"; and \d+ others$", said)
    assert len(said) < 600


def test_only_the_checkpoint_of_the_best_trial_is_kept(prepared, tmp_path):
    done = tune(study(prepared, tmp_path / "s", "trials=2", *TFIDF))
    kept = sorted(path.parent for path in (tmp_path / "s" / "trials").glob("*/checkpoints"))
    assert kept == [done.checkpoint]
    assert all(read_run(path).finished for path in (tmp_path / "s" / "trials").iterdir())


def test_poor_trials_are_stopped_while_they_train(prepared, network, tmp_path):
    done = tune(study(prepared, tmp_path / "s", "trials=6", *network, conf=tmp_path / "conf"))
    states = [row.state for row in done.rows]
    assert states.count("pruned") >= 2
    assert done.rows[0].state == "whole"
    assert done.models_compared == 6
    pruned = next(row for row in done.rows if row.state == "pruned")
    record = read_run(tmp_path / "s" / "trials" / f"{pruned.number:04}")
    assert record.finished
    assert record.outcome.pruned
    assert pruned.epochs < 4


def test_a_run_that_was_killed_while_it_was_handed_in_tells_its_validations_again(
    prepared, network, tmp_path
):
    config = study(prepared, tmp_path / "s", *network, conf=tmp_path / "conf")
    space, seen = build_space(config), []
    trial = space.config({}).model_copy(update={"run_dir": tmp_path / "run"})

    def watch(step, figures):
        seen.append((step, round(figures["loss"], 6)))
        return len(seen) == 2

    run, record = train(trial, watch=watch)
    assert record.outcome.pruned
    write_run(run.path, dataclasses.replace(record, handed_in=False))
    first, seen[:] = list(seen), []
    _, again = train(trial.model_copy(update={"resume": run.path}), watch=watch)
    assert seen == first
    assert again.outcome.weights_sha256 == record.outcome.weights_sha256
    assert again.outcome.pruned


@pytest.mark.slow
def test_without_a_pruner_every_trial_is_trained_whole(prepared, network, tmp_path):
    words = [*network, "trials=2", "pruner=none", "trainer.epochs=2"]
    done = tune(study(prepared, tmp_path / "s", *words, conf=tmp_path / "conf"))
    assert [(row.state, row.epochs) for row in done.rows] == [("whole", 2.0)] * 2


def test_trials_that_fail_alike_stop_the_study_with_their_reason(prepared, network, tmp_path):
    space = tmp_path / "conf" / "tune" / "tiny.yaml"
    space.write_text(space.read_text().replace("high: 0.02", "high: 0.03"))
    layers = "fixed: {trainer.method: fine_tune, model.encoder.freeze_layers: 9}"
    space.write_text(space.read_text().replace("fixed: {trainer.method: fine_tune}", layers))
    with pytest.raises(InputError, match="the last 3 trials failed in the same way: .*layers"):
        tune(study(prepared, tmp_path / "s", "trials=6", *network, conf=tmp_path / "conf"))


def test_failures_alone_are_no_result(prepared, network, tmp_path):
    space = tmp_path / "conf" / "tune" / "tiny.yaml"
    layers = "fixed: {trainer.method: fine_tune, model.encoder.freeze_layers: 9}"
    space.write_text(space.read_text().replace("fixed: {trainer.method: fine_tune}", layers))
    with pytest.raises(CannotJudgeError, match="none of 2 trials was trained to its end"):
        tune(study(prepared, tmp_path / "s", "trials=2", *network, conf=tmp_path / "conf"))


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            "optimizer.learning_rat: {kind: float, low: 0.1, high: 0.2}",
            "tune.space: optimizer.learning_rat: no such key; nearest key: learning_rate",
        ),
        (
            "optimizer.learning_rate: {kind: float, low: 0.1, high: 2.0}",
            "tune.space: optimizer.learning_rate: found 2.0; wanted: less than 1",
        ),
        (
            "augment: {kind: choice, choices: [none, disguise]}",
            "tune.space: augment: found 'disguise'; legal: disguises, none",
        ),
        ("seed: {kind: int, low: 0, high: 9}", "cannot be searched"),
        ("trainer.select_by: {kind: choice, choices: [loss, macro_f1]}", "cannot be searched"),
        (
            "model.inverse_regularisation: {kind: float, low: 0.1, high: 2.0}",
            "the chosen model has no such key",
        ),
    ],
)
def test_a_wrong_space_is_one_line_before_anything_runs(
    prepared, network, tmp_path, space, message
):
    (tmp_path / "conf" / "tune" / "tiny.yaml").write_text(f"fixed: {{}}\nspace:\n  {space}\n")
    with pytest.raises(InputError) as refused:
        tune(study(prepared, tmp_path / "s", *network, conf=tmp_path / "conf"))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    "searched",
    [
        "loss.label_smoothing: {kind: float, low: 0.0, high: 0.2}",
        "loss: {kind: choice, choices: [default, balanced]}",
    ],
)
def test_losses_of_unlike_meaning_choose_no_trial(prepared, network, tmp_path, searched):
    (tmp_path / "conf" / "tune" / "tiny.yaml").write_text(f"fixed: {{}}\nspace:\n  {searched}\n")
    words = [*network, "trainer.select_by=loss"]
    with pytest.raises(InputError, match="changes what a loss means"):
        tune(study(prepared, tmp_path / "s", *words, conf=tmp_path / "conf"))
    assert not (tmp_path / "s").exists()


def test_a_setting_that_is_searched_cannot_be_given(prepared, tmp_path, monkeypatch, capsys):
    words = [f"prepared={prepared}", f"study_dir={tmp_path / 's'}", *TFIDF]
    assert call(monkeypatch, "tune", *words, "model.num_features_log2=18") == 2
    assert "model.num_features_log2: is searched by the search space" in capsys.readouterr().err


def test_a_folder_of_other_content_is_refused_and_left_as_it_was(prepared, tmp_path):
    other = tmp_path / "s"
    other.mkdir()
    (other / "best.yaml").write_text("mine")
    with pytest.raises(InputError, match=r"is not empty and has no study \(best.yaml is in it\)"):
        tune(study(prepared, other, "trials=1", *TFIDF))
    assert [path.name for path in other.iterdir()] == ["best.yaml"]


def test_trials_that_failed_alike_do_not_hide_what_an_ended_study_found(
    prepared, tmp_path, monkeypatch
):
    from adverts import tune as module

    folder = tmp_path / "s"
    tune(study(prepared, folder, "trials=1", *TFIDF))

    def fail(*given, **more):
        raise InputError("the disk is full")

    with monkeypatch.context() as failing:
        failing.setattr(module, "train", fail)
        done = tune(study(prepared, folder, "trials=4", *TFIDF))
    assert [row.state for row in done.rows] == ["whole", "failed", "failed", "failed"]
    again = tune(study(prepared, folder, "trials=4", "processes=2", *TFIDF))
    assert again.checkpoint == done.checkpoint


@pytest.mark.slow
def test_processes_that_die_before_a_trial_end_the_study(prepared, tmp_path, monkeypatch):
    from adverts.tuning import trial_processes

    monkeypatch.setattr(trial_processes, "_work_apart", sys.exit)  # its arguments are the status
    with pytest.raises(InputError, match="3 processes in a row ended .* without a trial"):
        tune(study(prepared, tmp_path / "s", "trials=4", "processes=2", *TFIDF))


@pytest.mark.slow
def test_a_program_without_a_guard_is_not_run_again_by_its_processes(prepared, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from adverts import api\n"
        "print('begun', flush=True)\n"
        f"done = api.tune({str(prepared)!r}, study_dir={str(tmp_path / 's')!r}, model='tfidf',\n"
        "    overrides=['tracking=none', 'trainer.threads=1', 'processes=2'], trials=3)\n"
        "print(len(done.trials), 'trials')\n"
    )
    ended = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("begun") == 1
    assert "3 trials" in ended.stdout


def test_a_trial_says_one_line(prepared, tmp_path, capsys):
    tune(study(prepared, tmp_path / "s", "trials=1", *TFIDF))
    said = capsys.readouterr()
    assert said.err == ""
    assert sum(line.startswith("trial 0:") for line in said.out.splitlines()) == 1


@pytest.mark.slow
def test_a_study_that_is_silent_is_silent_in_every_process(prepared, tmp_path, capfd):
    with silence():
        tune(study(prepared, tmp_path / "s", "trials=2", "processes=2", *TFIDF))
    assert capfd.readouterr() == ("", "")


def test_no_trials_are_refused(prepared, tmp_path, monkeypatch, capsys):
    words = [f"prepared={prepared}", f"study_dir={tmp_path / 's'}", *TFIDF]
    assert call(monkeypatch, "tune", *words, "trials=0") == 2
    assert "trials: found 0" in capsys.readouterr().err


def killed_after(folder, words, seconds):
    """Run a study in a process group of its own and kill it all; return whether it had ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "adverts.tune", *words],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    return True


def finished_runs(folder):
    return {
        path.name: read_run(path).started
        for path in (folder / "trials").glob("*")
        if (path / "run.json").is_file() and read_run(path).outcome is not None
    }


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("processes", [1, 2])
def test_kills_lose_and_double_no_finished_trial(prepared, network, tmp_path, processes):
    words = [
        *(f"prepared={prepared}", "-cd", str(tmp_path / "conf"), *network),
        *("trials=8", f"processes={processes}"),
    ]
    unkilled, killed = tmp_path / "unkilled", tmp_path / "killed"
    began = time.monotonic()
    assert killed_after(unkilled, [*words, f"study_dir={unkilled}"], 900)
    whole = time.monotonic() - began
    kills, known = 0, {}
    while kills < 3:
        if killed_after(killed, [*words, f"study_dir={killed}"], whole * (0.4 + 0.1 * kills)):
            break
        kills += 1
        found = finished_runs(killed)
        assert known.items() <= found.items(), "a finished trial was trained again or lost"
        known = found
    assert killed_after(killed, [f"study_dir={killed}", "tracking=none"], 900)
    assert kills >= 1
    assert known.items() <= finished_runs(killed).items()
    assert [row["trial"] for row in rows_of(killed)] == [str(number) for number in range(8)]
    assert {row["state"] for row in rows_of(killed)} <= {"whole", "pruned"}
    looks = read_ledger(ledger_beside(prepared.absolute())).looks
    assert len({one.training for one in looks}) <= 16
    if processes == 1:
        for one, other in zip(rows_of(unkilled), rows_of(killed), strict=True):
            timed = ("seconds", "processor_seconds")
            assert {k: v for k, v in one.items() if k not in timed} == {
                k: v for k, v in other.items() if k not in timed
            }


@pytest.fixture
def dropouts(network, tmp_path):
    """The overrides of a study in which n-grams, features and frozen weights are all the same."""
    space = tmp_path / "conf" / "tune" / "tiny.yaml"
    space.write_text(
        "fixed: {trainer.method: fine_tune}\n"
        "space: {model.head_dropout: {kind: float, low: 0.0, high: 0.5}}\n"
    )
    left_out = ("model.ngrams=null", "model.encoder.freeze_word_table=false")
    words = [word for word in network if word not in left_out]
    return ["trials=3", "pruner=none", "keep=all", "trainer.epochs=1", *words]


@pytest.mark.slow
def test_what_no_setting_changes_is_done_once(prepared, dropouts, tmp_path, monkeypatch):
    from adverts.training import standardisation
    from adverts.training.building import build_trainer
    from adverts.training.runs import checkpoint

    done = []
    for place, name in (
        (build_trainer, "fitted_ngrams"),
        (standardisation, "fit_standardisation"),
        (checkpoint, "file_sha256"),
    ):
        original = getattr(place, name)

        def count(*given, original=original, name=name, **more):
            done.append((name, *(one.name for one in given if isinstance(one, Path))))
            return original(*given, **more)

        monkeypatch.setattr(place, name, count)
    found = tune(study(prepared, tmp_path / "s", *dropouts, conf=tmp_path / "conf"))
    assert [row.state for row in found.rows] == ["whole"] * 3
    assert done.count(("fitted_ngrams",)) == 1
    assert done.count(("fit_standardisation",)) == 1
    assert done.count(("file_sha256", "frozen.safetensors")) == 1
    frozen = list((tmp_path / "s").rglob("frozen.safetensors"))
    assert len(frozen) == 3
    assert len({path.stat().st_ino for path in frozen}) == 1
    assert not (tmp_path / "s" / "frozen").exists()


@pytest.mark.slow
@pytest.mark.parametrize("can_link", [True, False])
def test_a_trial_trained_alone_is_the_same(prepared, dropouts, tmp_path, monkeypatch, can_link):
    if not can_link:
        monkeypatch.setattr(os, "link", Mock(side_effect=OSError("no links on this disk")))
    config = study(prepared, tmp_path / "s", *dropouts, "trials=2", conf=tmp_path / "conf")
    found = tune(config)
    for row in found.rows:
        of_study = tmp_path / "s" / "trials" / f"{row.number:04}"
        alone = build_space(config).config(row.params)
        run, record = train(alone.model_copy(update={"run_dir": tmp_path / f"{row.number}"}))
        assert record.outcome.weights_sha256 == read_run(of_study).outcome.weights_sha256
        ours, theirs = read_checkpoint(run.path), read_checkpoint(of_study)
        assert ours.record.files == theirs.record.files


@pytest.mark.slow
def test_a_checkpoint_outlives_the_trials_that_shared_its_frozen_weights(
    prepared, dropouts, tmp_path
):
    found = tune(study(prepared, tmp_path / "s", *dropouts, "keep=best", conf=tmp_path / "conf"))
    assert len(list((tmp_path / "s").rglob("frozen.safetensors"))) == 1
    read_checkpoint(found.checkpoint)


@pytest.mark.slow
def test_trials_are_listed_below_their_study_in_mlflow(prepared, network, tmp_path):
    from mlflow import MlflowClient

    words = [word for word in network if word != "tracking=none"]
    store = tmp_path / "mlflow"
    done = tune(
        study(
            prepared,
            tmp_path / "s",
            *("trials=4", f"tracking.store={store}", "tracking.log_checkpoint=false", *words),
            conf=tmp_path / "conf",
        )
    )
    client = MlflowClient(f"sqlite:///{store / 'mlflow.db'}")
    [experiment] = [one for one in client.search_experiments() if one.name == "adverts"]
    runs = client.search_runs([experiment.experiment_id])
    [parent] = [run for run in runs if run.data.tags.get("kind") == "study"]
    children = [run for run in runs if run is not parent]
    assert len(children) == 4
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    pruned = {run.info.run_name for run in children if run.data.tags.get("pruned") == "true"}
    assert pruned == {f"{row.number:04}" for row in done.rows if row.state == "pruned"}
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert parent.data.tags["best.trial"] == str(done.rows[0].number)
    files = {one.path for one in client.list_artifacts(parent.info.run_id)}
    assert files == {"study.png", "trials.csv", "best.yaml"}
    again = tune(
        study(
            prepared,
            tmp_path / "s",
            *("trials=5", f"tracking.store={store}", "tracking.log_checkpoint=false", *words),
            conf=tmp_path / "conf",
        )
    )
    assert len(again.rows) == 5
    runs = client.search_runs([experiment.experiment_id])
    assert sum(run.data.tags.get("kind") == "study" for run in runs) == 1
    assert len(runs) == 6
