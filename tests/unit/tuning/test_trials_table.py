"""The file of all trials of a study."""

import dataclasses

import optuna
import pandas as pd
import pytest
from composing import load
from csv_readers import rows_everywhere

from adverts.tuning.space import build_space
from adverts.tuning.table import (
    ENOUGH,
    TrialRow,
    best_first,
    importance,
    importance_lines,
    write_table,
)

PLAIN = TrialRow(0, "whole", 0.75, 2.0, 1.5, 3.0, {"optimizer.learning_rate": 1e-05}, "")


def test_whatever_made_a_trial_fail_each_trial_is_one_row_for_every_reader(tmp_path):
    space = build_space(load("tune", "prepared=p", "study_dir=s", "tune=tfidf", "model=tfidf"))
    failed = dataclasses.replace(PLAIN, number=1, state="failed", value=None, seconds=None)
    reasons = ["loss\rnot finite", 'no "room", left\r\n', "\ud800", "x\x85y"]
    trials = [PLAIN, *(dataclasses.replace(failed, reason=one) for one in reasons)]
    write_table(tmp_path / "trials.csv", trials, space, "average_precision")
    header, *rows = rows_everywhere(tmp_path / "trials.csv")
    assert header[:3] == ["trial", "average_precision", "state"]
    assert header[-1] == "reason"
    assert [row[-1] for row in rows] == ["", *reasons[:2], "?", reasons[3]]
    frame = pd.read_csv(tmp_path / "trials.csv")
    assert frame["average_precision"].tolist()[0] == 0.75
    assert frame["state"].tolist() == ["whole", *["failed"] * 4]


@pytest.mark.parametrize(("larger", "order"), [(True, [2, 1, 0]), (False, [0, 1, 2])])
def test_the_best_trial_comes_first_and_one_without_a_figure_last(larger, order):
    values = [0.25, 0.5, 0.75]
    rows = [dataclasses.replace(PLAIN, number=i, value=value) for i, value in enumerate(values)]
    rows += [dataclasses.replace(PLAIN, number=9, state="failed", value=None)]
    rows += [dataclasses.replace(PLAIN, number=8, state="pruned", value=0.9)]
    found = best_first(rows, larger_is_better=larger)
    assert [row.number for row in found] == [*order, 8, 9]


def test_what_mattered_is_one_line_or_none():
    assert importance_lines({}) == []
    (line,) = importance_lines({"optimizer.learning_rate": 0.75, "model.head_dropout": 0.25})
    assert line == "what mattered, of 1: learning_rate 0.75 · head_dropout 0.25"


@pytest.mark.parametrize(("count", "values"), [(ENOUGH, 2), (ENOUGH, 1), (ENOUGH - 1, 2)])
def test_what_mattered_is_known_of_enough_trials_with_two_values(count, values):
    study = optuna.create_study(direction="maximize")
    uniform = {name: optuna.distributions.FloatDistribution(0, 1) for name in ("told", "chance")}
    for place in range(count):
        given = {"told": place % values * 0.9, "chance": place / count}
        value = float(place % values)
        study.add_trial(optuna.trial.create_trial(params=given, distributions=uniform, value=value))
    rows = [dataclasses.replace(PLAIN, value=one.value) for one in study.trials]
    found = importance(study, rows)
    assert [*found] == (["told", "chance"] if count == ENOUGH and values == 2 else [])
