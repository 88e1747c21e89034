"""Facts of the adverts that a bundle was judged on: aggregated, and strictly read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from adverts.errors import IntegrityError
from adverts.runtime.rules.seen_facts import (
    SeenFact,
    SeenFacts,
    effective_number,
    seen_names,
    seen_numbers,
)

FACTS = SeenFacts(
    "validation",
    100,
    80.0,
    (
        SeenFact("score", (0.1, 0.5), {"0": 60, "1": 30, "2": 10}),
        SeenFact("language", (), {"en": 90, "(other)": 10}),
    ),
)


def test_facts_are_read_as_they_were_written():
    assert SeenFacts.from_json(FACTS.to_json()) == FACTS


def test_rare_names_are_pooled_until_none_stands_for_fewer_than_five():
    fact = seen_names("language", ["en"] * 50 + ["so"] * 6 + ["am"] * 4 + [None] * 2)
    assert fact.counts == {"en": 50, "so": 6, "(other)": 6}
    fact = seen_names("language", ["en"] * 50 + ["so"] * 6 + ["am"])
    assert fact.counts == {"en": 50, "(other)": 7}
    assert seen_names("language", ["en", "so", "am"]).counts == {"(other)": 3}


def test_any_number_of_names_stays_small():
    fact = seen_names("language", [f"x{number // 5}" for number in range(5_000)])
    assert len(fact.counts) == 200
    assert sum(fact.counts.values()) == 5_000
    assert min(fact.counts.values()) >= 5


@pytest.mark.parametrize("number", [1, 4, 5, 9, 30, 99, 500, 3_000])
@pytest.mark.parametrize("kind", ["spread", "equal", "two", "steep"])
def test_no_group_of_numbers_stands_for_fewer_than_five(number, kind):
    rng = np.random.default_rng(number)
    values = {
        "spread": rng.random(number),
        "equal": np.full(number, 0.5),
        "two": rng.integers(0, 2, number) * 1.0,
        "steep": np.floor(rng.pareto(0.3, number)),
    }[kind]
    fact = seen_numbers("score", [*values.tolist(), None, None], effective=float(number))
    assert fact is not None
    assert sum(fact.counts.values()) == number + 2
    assert "(none)" not in fact.counts
    assert all(one >= 5 for one in fact.counts.values()) or len(fact.counts) == 1
    facts = SeenFacts("validation", number + 2, 1.0, (fact,))
    assert SeenFacts.from_json(facts.to_json()) == facts
    for value in values.tolist():
        assert fact.group_of(value) in fact.counts


def test_deciles_are_stored_where_there_is_evidence_for_them():
    values = np.random.default_rng(0).random(5_000).tolist()
    assert len(seen_numbers("score", values, effective=4_000.0).counts) == 10
    assert len(seen_numbers("score", values, effective=400.0).counts) == 5
    assert seen_numbers("score", [None] * 9, effective=9.0) is None


def test_copies_are_worth_less_than_adverts_of_their_own():
    assert effective_number(["a", "b", "c"]) == 3
    assert effective_number(["a"] * 50) == 1
    assert effective_number(["a"] * 2 + ["b"] * 2) == 2
    assert effective_number([]) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"split": "test"},
        {"split": 3},
        {"adverts": -1},
        {"adverts": 1.5},
        {"adverts": 101},
        {"effective": 0},
        {"effective": 101},
        {"effective": True},
        {"facts": {}},
        {"facts": [3]},
        {"facts": [{"name": "text", "edges": [], "counts": {"en": 100}}]},
        {"facts": [{"name": "language", "edges": [], "counts": {"en": 99}}]},
        {"facts": [{"name": "language", "edges": [], "counts": {}}]},
        {"facts": [{"name": "language", "edges": [1], "counts": {"0": 50, "1": 50}}]},
        {"facts": [{"name": "language", "edges": [], "counts": {"e\x1bn": 100}}]},
        {"facts": [{"name": "language", "edges": [], "counts": {"e" * 41: 100}}]},
        {"facts": [{"name": "language", "edges": [], "counts": {"en": 100}}] * 2},
        {"facts": [{"name": "score", "edges": [2, 1], "counts": {"0": 100}}]},
        {"facts": [{"name": "score", "edges": [1, 1], "counts": {"0": 100}}]},
        {"facts": [{"name": "score", "edges": [0.5], "counts": {"2": 100}}]},
        {"facts": [{"name": "score", "edges": [], "counts": {"low": 100}}]},
        {"facts": [{"name": "score", "edges": [*range(21)], "counts": {"0": 100}}]},
        {"facts": [{"name": "score", "edges": [], "counts": {"0": -1, "(none)": 101}}]},
        {"facts": [{"name": "score", "edges": [], "counts": {"0": 100}, "text": "x"}]},
        {"more": 1},
    ],
)
def test_facts_that_are_none_are_refused_by_name(change):
    raw = {**json.loads(FACTS.to_json()), **change}
    with pytest.raises(IntegrityError, match=r"seen\.json is not valid"):
        SeenFacts.from_json(json.dumps(raw))


@pytest.mark.parametrize("text", ["", "[]", "null", "{" * 10_000, '{"adverts": NaN}', b"\xff"])
def test_what_is_no_json_object_is_refused(text):
    with pytest.raises(IntegrityError, match=r"seen\.json is not valid"):
        SeenFacts.from_json(text)
