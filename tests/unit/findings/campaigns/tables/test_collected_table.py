"""What was collected stays, and nothing is counted twice."""

from __future__ import annotations

import datetime
import json

import pyarrow as pa
import pytest
from made_bank import build_row, rows

from adverts.data.dataset.tombstones import Tombstones
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.entering.gather import gather
from adverts_findings.campaigns.entering.inputs import Input, candidates_table, entrants_table
from adverts_findings.campaigns.entering.words import Words
from adverts_findings.campaigns.tables.collected_table import collected_table

MONDAY = datetime.date(2026, 10, 26)


def counts(source, adverts, platform="aster"):
    given = {"source": source, "week": MONDAY, "platform": platform, "language": "en"}
    return rows("collected", [given | {"adverts": adverts, "judged": 1}])


def grown(*steps):
    """Return the table after builds, each of which is given inputs: name, hash, adverts."""
    before = {}
    builds = []
    for step in steps:
        inputs = {name: {"hash": found} for name, found, _ in step}
        brought = pa.concat_tables(
            [TABLES["collected"].empty_table(), *(counts(name, n) for name, _, n in step)]
        )
        table = collected_table(brought, inputs, before)
        builds.append(build_row(len(builds) + 1) | {"inputs": json.dumps(inputs)})
        before = {"collected": table, "builds": rows("builds", builds)}
    return dict(zip(table["source"].to_pylist(), table["adverts"].to_pylist(), strict=True))


def test_an_input_that_is_given_again_replaces_its_own_counts():
    assert grown([("a", "1", 5)], [("a", "1", 5)]) == {"a": 5}
    assert grown([("a", "1", 5)], [("a", "2", 8)], [("a", "3", 9)]) == {"a": 9}


def test_what_earlier_inputs_held_stays():
    assert grown([("a", "1", 5)], [("b", "2", 7)], []) == {"a": 5, "b": 7}
    assert grown([("a", "1", 5), ("b", "2", 7)], [("b", "3", 8)]) == {"a": 5, "b": 8}


def test_the_same_content_under_another_name_is_counted_once():
    assert grown([("scores/a", "1", 5)], [("/home/scores/a", "1", 5)]) == {"/home/scores/a": 5}


def test_another_input_whose_content_an_old_one_once_had_replaces_nothing_that_changed_since():
    assert grown([("a", "1", 5)], [("a", "2", 8)], [("b", "1", 5)]) == {"a": 8, "b": 5}


def test_a_build_that_says_nothing_of_hashes_loses_nothing():
    inputs = {"x": {}}
    before = {
        "collected": counts("a", 5),
        "builds": rows("builds", [build_row(1) | {"inputs": json.dumps({"a": {}})}]),
    }
    assert len(collected_table(counts("x", 2), inputs, before)) == 2


@pytest.mark.parametrize(("one", "other"), [("a", "a"), ("a", "b")])
def test_an_input_that_is_given_twice_at_once_is_counted_once(one, other):
    inputs = [
        Input(
            name,
            "same",
            "key",
            entrants_table([]),
            candidates_table([]),
            frozenset(),
            3,
            counts(name, 3),
        )
        for name in (one, other)
    ]
    found = gather(inputs, None, Words(), erased=Tombstones(), today=MONDAY)
    assert found.collected["adverts"].to_pylist() == [3]
