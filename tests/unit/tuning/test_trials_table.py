"""The file of all trials of a study."""

import dataclasses

import pandas as pd
from composing import load
from csv_readers import rows_everywhere

from adverts.tuning.space import build_space
from adverts.tuning.table import TrialRow, write_table

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
