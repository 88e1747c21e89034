"""A sample of texts: the same whole in any order, bounded whatever a source holds."""

from __future__ import annotations

import json
import random

import pytest

from adverts.scoring import drift_sample
from adverts.scoring.drift_sample import DriftSample, kept_share
from adverts.work.units.plan import Plan


def merged(samples):
    """Return the sum of samples, in their order."""
    found = DriftSample()
    for one in samples:
        found.merge(DriftSample.of_plain(json.loads(json.dumps(one.plain())), 1))
    return found.settle()


def added(rows):
    """Return the sample of rows."""
    found = DriftSample()
    for row in rows:
        found.add(row)
    return found.settle()


@pytest.mark.parametrize("seed", range(20))
def test_units_in_any_order_give_the_sample_of_the_whole(monkeypatch, seed):
    monkeypatch.setattr(drift_sample, "MOST_ROWS", 7)
    draw = random.Random(seed)
    rows = [(draw.randrange(25), draw.choice("ab")) for _ in range(draw.randrange(1, 90))]
    whole = added(rows)
    units = [rows[start : start + 9] for start in range(0, len(rows), 9)]
    samples = [added(unit) for unit in units]
    for _ in range(5):
        draw.shuffle(samples)
        found = merged(samples)
        assert found.rows == whole.rows
        assert found.bound == whole.bound
        assert found.whole() == whole.whole()


def test_grouping_of_merges_changes_nothing(monkeypatch):
    monkeypatch.setattr(drift_sample, "MOST_ROWS", 5)
    samples = [added([(key, "a") for key in range(part, 40, 4)]) for part in range(4)]
    first = merged([merged(samples[:2]), merged(samples[2:])])
    assert first.rows == merged(samples).rows == {(key, "a"): 1 for key in range(5)}
    assert first.bound == (5, "a")


def test_a_kept_text_has_all_its_adverts(monkeypatch):
    monkeypatch.setattr(drift_sample, "MOST_ROWS", 10)
    rows = [(key % 50, "a") for key in range(5_000)]
    random.Random(0).shuffle(rows)
    assert added(rows).whole() == {(key, "a"): 100 for key in range(10)}


def test_a_source_of_unique_texts_cannot_exceed_the_cap():
    found = DriftSample()
    for key in random.Random(0).sample(range(10**6), 90_000):
        found.add((key, "a"))
        assert len(found.rows) <= 2 * drift_sample.MOST_ROWS
    assert len(found.settle().rows) == drift_sample.MOST_ROWS
    assert len(json.dumps(found.plain())) < 1_000_000


def test_one_text_with_any_number_of_facts_is_left_out_rather_than_counted_in_part(monkeypatch):
    monkeypatch.setattr(drift_sample, "MOST_ROWS", 10)
    found = added([(3, f"x{number}") for number in range(500)] + [(1, "a")])
    assert len(found.rows) == 10
    assert found.whole() == {(1, "a"): 1}


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"rows": [], "bound": 3},
        {"rows": None, "bound": None},
        {"rows": [[1, "a"]], "bound": None},
        {"rows": [[1, "a", 0]], "bound": None},
        {"rows": [[1, "a", -4]], "bound": None},
        {"rows": [[1, "a", True]], "bound": None},
        {"rows": [[1, "a", 1.5]], "bound": None},
        {"rows": [[1, "a", "b", 1]], "bound": None},
        {"rows": [[-1, "a", 1]], "bound": None},
        {"rows": [[2**53, "a", 1]], "bound": None},
        {"rows": [["1", "a", 1]], "bound": None},
        {"rows": [[1, 2, 1]], "bound": None},
        {"rows": [[1, "a" * 41, 1]], "bound": None},
        {"rows": [[1, "a", 1]], "bound": [1]},
        {"rows": [[number, "a", 1] for number in range(20_001)], "bound": None},
        "rows",
        None,
    ],
)
def test_a_damaged_sample_is_refused(raw):
    with pytest.raises((KeyError, TypeError, ValueError)):
        DriftSample.of_plain(raw, 1)


@pytest.mark.parametrize(
    ("units", "inputs", "share"),
    [
        ([{"file": "a", "rows": 1_000}], {}, 1.0),
        ([{"file": "a", "rows": 50_000}, {"file": "b", "rows": 50_000}], {}, 0.05),
        ([{"file": "a", "rows": None}], {"a": {"size": 25_000_000}}, 0.05),
        ([{"file": "a"}, {"file": "a"}], {"a": {"size": 25_000_000}}, 0.05),
        ([{"file": "a", "rows": 50_000}, {"file": "b"}], {"b": {"size": 12_500_000}}, 0.05),
        ([{"file": "a", "rows": None}], {"a": {"size": 0}}, 1.0),
        ([{"file": "a", "rows": None}], {"a": None}, 1.0),
        ([], {}, 1.0),
    ],
)
def test_about_five_thousand_texts_are_kept_by_rows_or_by_bytes(units, inputs, share):
    assert kept_share(Plan({}, inputs, tuple(units))) == pytest.approx(share)
