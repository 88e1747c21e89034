"""The rehearsal on real comments thins, answers and counts as its page says."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parents[3] / "experiments" / "0028-rehearsal"
KINDS = ("known", "new")


@pytest.fixture
def load(monkeypatch):
    """Import files of the experiment, whose names other files have too, for one test."""
    own = [path.stem for path in HERE.glob("*.py")]
    others = {name: sys.modules.pop(name) for name in own if name in sys.modules}
    monkeypatch.syspath_prepend(str(HERE))
    yield importlib.import_module
    for name in own:
        sys.modules.pop(name, None)
    sys.modules.update(others)


def made_scores(adverts=4_000, promotions=240):
    """Made-up scores: promotions in pairs, each pair a cluster."""
    rng = np.random.default_rng(0)
    positive = np.arange(adverts) < promotions
    said = np.where(positive, rng.beta(8, 2, adverts), rng.beta(0.5, 20, adverts))
    rates = {"threshold": 0.4, "hits": 0.95, "alarms": 0.01}
    columns = {name: np.full(adverts, one) for name, one in rates.items()}
    columns["probability"] = said
    named = {f"{kind}_{name}": one for kind in KINDS for name, one in columns.items()}
    return {"positive": positive, "cluster": np.arange(adverts) // 2, **named}


def test_a_frame_keeps_whole_clusters_and_the_share_that_was_asked_for(load):
    scores = made_scores()
    hidden = load("frames").thinned(scores, "known", "as fitted", 3)
    kept = np.bincount(scores["cluster"][hidden.rows])
    assert set(kept.tolist()) == {0, 2}
    assert hidden.truth / len(hidden.rows) == pytest.approx(0.01, abs=1 / len(hidden.rows))
    assert (hidden.positive == scores["positive"][hidden.rows]).all()


def test_one_seed_gives_the_same_comments_whatever_the_scores(load):
    frames, scores = load("frames"), made_scores()
    first = frames.thinned(scores, "known", "as fitted", 5)
    second = frames.thinned(scores, "new", "re-calibrated", 5)
    other = frames.thinned(scores, "known", "as fitted", 6)
    assert first.rows.tolist() == second.rows.tolist()
    assert first.rows.tolist() != other.rows.tolist()


def test_recalibrated_probabilities_find_the_share_of_a_pure_shift(load):
    rng = np.random.default_rng(1)
    evidence = np.concatenate([rng.normal(3, 1, 400), rng.normal(0, 1, 39_600)])
    odds = 3 * evidence - 4.5  # of two normal distributions whose means are 3 apart
    said_at_a_half = 1 / (1 + np.exp(-odds))
    found = load("frames").recalibrated(said_at_a_half, 0.5)
    assert found.mean() == pytest.approx(0.01, abs=0.001)


def test_flags_are_corrected_by_their_error_rates(load):
    total, low, high = load("counts").corrected(
        300, np.full(10_000, 0.9), np.full(10_000, 0.02), made_scores()
    )
    assert total == pytest.approx((300 - 200) / 0.88)
    assert low < total < high


def test_rounds_remove_most_false_alarms_and_perfect_answers_are_the_truth(load):
    reviewing = load("reviewing")
    truth, nobody = np.arange(200_000) < 100_000, np.zeros(200_000, bool)
    alone = reviewing.answers(truth, nobody, "one reviewer", np.random.default_rng(0))
    rounds = reviewing.answers(truth, nobody, "rounds", np.random.default_rng(0))
    perfect = reviewing.answers(truth, nobody, "perfect", np.random.default_rng(0))
    assert (perfect == truth).all()
    assert alone[truth].mean() == pytest.approx(0.95, abs=0.005)
    assert alone[~truth].mean() == pytest.approx(0.005, abs=0.001)
    assert rounds[truth].mean() == pytest.approx(0.95 * (0.95 + 0.05 * 0.95), abs=0.005)
    assert rounds[~truth].mean() < 0.0003


@pytest.mark.parametrize("reviewers", ["perfect", "one reviewer", "rounds"])
def test_a_cell_counts_every_estimate_of_every_frame(load, reviewers):
    cell = ("known", "as fitted", reviewers, 200)
    row = load("rehearse").run_cell(made_scores(), cell, frames=2)
    assert {one["draws"] for name, one in row["estimates"].items() if "assum" not in name} == {2}
    assert {"by design", "assisted", "simple random"} <= set(row["estimates"])


def test_an_interval_that_misses_or_is_not_given_is_counted(load):
    rehearse = load("rehearse")
    tally = rehearse.Tally()
    tally.add(rehearse.Estimate(5.0, 1.0, 9.0), 10)
    tally.add(rehearse.Estimate(15.0, 11.0, 19.0), 10)
    tally.add(rehearse.Estimate(10.0, 8.0, 12.0), 10)
    tally.add(rehearse.Estimate(None, reason="cannot say"), 10)
    found = tally.record()
    assert (found["below"], found["above"], found["unsaid"], found["draws"]) == (1, 1, 1, 4)
    assert found["width"] == pytest.approx((8 + 8 + 4) / 30)
    assert found["bias"] == pytest.approx(0.0)


def test_cells_under_a_bar_are_printed(load):
    record = load("record")
    bad = {"draws": 200, "unsaid": 0, "below": 30, "above": 0, "width": 3.0, "bias": 0, "rmse": 0}
    fine = {**bad, "below": 0, "width": 1.0}
    cell = ["known", "as fitted", "perfect", 800]
    rows = [{"cell": cell, "frames": 200, "estimates": {"by design": bad, "simple random": fine}}]
    assert len(record.failures(rows)) == 2
    assert (
        record.failures([{**rows[0], "estimates": {"by design": fine, "simple random": fine}}])
        == []
    )
