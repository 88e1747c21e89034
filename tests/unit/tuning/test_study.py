"""The trials of a study: what a kill at any moment leaves is settled once."""

import dataclasses
import multiprocessing
import os
import signal

import pytest
from composing import load

from adverts.evaluation.predictions.model_facts import Selection
from adverts.training.runs.run_record import (
    RunOutcome,
    RunRecord,
    find_provenance,
    utc_now,
    write_run,
)
from adverts.tuning.space import build_space
from adverts.tuning.study import MOST_DEATHS, Spent, TrialQueue

NONE = Spent(0.0, 0.0)
OUTCOME = RunOutcome(
    seconds=2.0,
    steps=40,
    train_adverts=280,
    validation_adverts=60,
    selected_on=Selection("validation", "average_precision", 0.5, 20),
    validation={"average_precision": 0.5, "macro_f1": 0.6, "loss": 0.7},
    baseline=None,
    weights_sha256="cd" * 32,
)


@pytest.fixture
def config(tmp_path):
    return load(
        "tune", "prepared=p", f"study_dir={tmp_path / 's'}", "trials=3", "tune=tfidf", "model=tfidf"
    )


@pytest.fixture
def queue(config):
    return TrialQueue(config, build_space(config))


def finish(folder, **changes):
    """Write the record of a run that is finished into the folder of a trial."""
    folder.mkdir(parents=True)
    record = RunRecord("tfidf", "tiny", "ab" * 32, find_provenance(), utc_now())
    outcome = dataclasses.replace(OUTCOME, **changes)
    write_run(folder, dataclasses.replace(record, outcome=outcome, handed_in=True))


def states(queue):
    return [one.state.name for one in queue.study.get_trials(deepcopy=False)]


def leave(queue):
    """Take a trial and forget it, as a killed process does; return it."""
    with queue.take() as taken:
        return taken


def test_a_killed_trial_is_failed_and_queued_again_once_with_its_settings(queue):
    killed = leave(queue)
    queue.settle(dead=False)
    queue.settle(dead=False)
    assert states(queue) == ["FAIL", "WAITING"]
    with queue.take() as again:
        assert (again.place, again.params, again.folder) == (0, killed.params, killed.folder)
        queue.complete(again, OUTCOME, NONE)
    assert states(queue) == ["FAIL", "COMPLETE"]
    assert [one.state.name for one in queue.trials()] == ["COMPLETE"]


def test_a_kill_between_queueing_again_and_failing_queues_nothing_twice(queue, monkeypatch):
    leave(queue)
    tell = queue.study.tell

    def die(*given, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(queue.study, "tell", die)
    with pytest.raises(KeyboardInterrupt):
        queue.settle(dead=False)
    assert states(queue) == ["RUNNING", "WAITING"]
    monkeypatch.setattr(queue.study, "tell", tell)
    queue.settle(dead=False)
    assert states(queue) == ["FAIL", "WAITING"]


def test_a_trial_whose_training_was_finished_is_told_and_not_trained_again(queue):
    killed = leave(queue)
    finish(killed.folder)
    queue.settle(dead=False)
    assert states(queue) == ["COMPLETE"]
    assert queue.best()[1].value == 0.5


def test_a_trial_that_was_pruned_before_the_kill_stays_pruned(queue):
    with queue.take() as taken:
        taken.trial.report(0.3, 1)
    finish(taken.folder, pruned=True)
    queue.settle(dead=False)
    assert states(queue) == ["PRUNED"]
    assert queue.best() is None


def test_a_trial_that_runs_is_left_alone(queue, config):
    other = TrialQueue(config, build_space(config))
    with queue.take():
        other.settle(dead=False)
        assert states(other) == ["RUNNING"]
        with other.take() as second:
            assert second.place == 1


def test_a_trial_that_kills_its_process_is_given_up(queue):
    for _ in range(MOST_DEATHS):
        assert leave(queue).place == 0
        queue.settle(dead=True)
    assert states(queue) == ["FAIL"] * MOST_DEATHS
    [given_up] = queue.trials()
    assert "its process died 3 times" in given_up.user_attrs["reason"]


def test_kills_of_the_study_itself_are_no_fault_of_a_trial(queue):
    for _ in range(MOST_DEATHS + 2):
        assert leave(queue).place == 0
        queue.settle(dead=False)
    assert states(queue)[-1] == "WAITING"


def test_no_more_trials_are_handed_out_than_asked_for(queue):
    for _ in range(3):
        with queue.take() as taken:
            queue.complete(taken, OUTCOME, NONE)
    with queue.take() as taken:
        assert taken is None


def test_places_and_settings_do_not_depend_on_kills(queue, config, tmp_path):
    leave(queue)
    leave(queue)
    unkilled = config.model_copy(update={"study_dir": tmp_path / "other"})
    other = TrialQueue(unkilled, build_space(unkilled))
    chosen = []
    for one in (queue, other):
        mine = []
        while (taken := _next(one)) is not None:
            mine.append((taken.place, taken.params))
        chosen.append(sorted(mine, key=lambda pair: pair[0]))
    assert chosen[0] == chosen[1]


def _next(queue):
    with queue.take() as taken:
        if taken is not None:
            queue.complete(taken, OUTCOME, NONE)
    return taken


def test_a_torn_last_line_of_the_journal_is_dropped(queue, config):
    leave(queue)
    journal = config.study_dir / "journal.log"
    with journal.open("a") as file:
        file.write('{"op_code":4,"worker')
    again = TrialQueue(config, build_space(config))
    again.settle(dead=False)
    assert states(again) == ["FAIL", "WAITING"]


def test_a_torn_line_of_a_process_that_died_is_dropped_by_those_that_live(queue, config):
    other = TrialQueue(config, build_space(config))
    leave(queue)
    journal = config.study_dir / "journal.log"
    with journal.open("a") as file:
        file.write('{"op_code":4,"worker')
    with other.take() as taken:
        other.complete(taken, OUTCOME, NONE)
    assert states(TrialQueue(config, build_space(config))) == ["FAIL", "COMPLETE"]


def test_a_trial_that_becomes_the_best_meanwhile_is_not_called_beaten(queue, monkeypatch):
    with queue.take() as taken:
        queue.complete(taken, OUTCOME, NONE)
    better = dataclasses.replace(OUTCOME.selected_on, value=0.9)
    trials, pending = queue.trials, [True]

    def meanwhile():
        found = trials()
        if pending:
            pending.clear()
            with queue.take() as second:
                queue.complete(second, dataclasses.replace(OUTCOME, selected_on=better), NONE)
        return found

    monkeypatch.setattr(queue, "trials", meanwhile)
    assert queue.beaten() == []
    assert queue.beaten() == [0]


def test_failures_without_a_figure_have_a_reason(queue):
    nothing = dataclasses.replace(OUTCOME.selected_on, value=float("nan"))
    for _ in range(3):
        with queue.take() as taken:
            queue.complete(taken, dataclasses.replace(OUTCOME, selected_on=nothing), NONE)
    assert queue.same_failures(3) == "its average_precision on validation is no number"
    assert not queue.is_any_left()


def _hold(config, ready):
    queue = TrialQueue(config, build_space(config))
    with queue.take():
        ready.set()
        signal.pause()


def test_a_sigkill_frees_the_trial_and_the_journal_at_once(config, queue):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(config, ready))
    process.start()
    assert ready.wait(60)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    queue.settle(dead=False)
    assert states(queue) == ["FAIL", "WAITING"]
