from __future__ import annotations

from datetime import timedelta

import pytest
from made_bank import FIRST_DAY, advert, build_row, tables

from adverts.errors import IntegrityError
from adverts.linking.bank.as_of import (
    ERASURES,
    as_of,
    erased_since,
    judgements_until,
    read_erasures,
    record_erasure,
)
from adverts.linking.bank.keeping import erase
from adverts.linking.bank_tables import TABLES
from adverts.linking.judgements.judgements import Judgement

MARCH_1, MARCH_5, MARCH_9 = (FIRST_DAY.date() + timedelta(days=days) for days in (0, 4, 8))


def _bank():
    return tables(
        builds=[build_row(1), build_row(2, day=4), build_row(3, day=8)],
        adverts=[
            advert("a", campaign="c000001", template="t000001"),
            advert("b", campaign="c000001"),
            advert("c", entered_build=2, day=2),
            advert("d", entered_build=3, day=1),
            advert("e", entered_build=1, day=7),
            advert("f", entered_build=2, collected_at=None),
        ],
        edges=[
            {"edge": "e1", "first": "a", "second": "b", "status": "joins", "campaign": "c000001"},
            {"edge": "e2", "first": "a", "second": "c", "status": "rejected", "reason": "busy"},
            {"edge": "e3", "first": "c", "second": "d", "status": "rejected"},
        ],
        candidates=[
            {"id": "w", "source": "s", "flagged_at": FIRST_DAY},
            {"id": "x", "source": "s", "flagged_at": FIRST_DAY + timedelta(days=6)},
            {"id": "y", "source": "s"},
        ],
        campaigns=[
            {"campaign": "c000001", "opened_build": 1, "closed_build": 3, "adverts": 9},
            {"campaign": "c000002", "opened_build": 3, "adverts": 9},
        ],
        replaced=[
            {"level": "template", "old": "t1", "new": "t2", "build": 2, "how": "merged"},
            {"level": "template", "old": "t3", "new": "t4", "build": 3, "how": "merged"},
        ],
        identities=[{"identity": "i000001"}],
        bridges=[{"campaign": "c000001", "edge": "e1"}],
        judged=[{"judgement": "j1", "holds": True}],
    )


def test_only_what_was_collected_and_had_entered_by_then_is_known():
    assert as_of(_bank(), MARCH_5)["adverts"]["id"].to_pylist() == ["a", "b", "c", "f"]
    assert as_of(_bank(), MARCH_1)["adverts"]["id"].to_pylist() == ["a", "b"]
    assert len(as_of(_bank(), MARCH_9)["adverts"]) == 6


def test_a_day_lasts_until_midnight_in_utc():
    early = MARCH_5 - timedelta(days=1)
    assert as_of(_bank(), early)["builds"]["build"].to_pylist() == [1]
    assert as_of(_bank(), MARCH_5)["builds"]["build"].to_pylist() == [1, 2]


def test_before_the_first_build_nothing_is_known():
    known = as_of(_bank(), MARCH_1 - timedelta(days=1))
    assert {name: len(table) for name, table in known.items()} == dict.fromkeys(TABLES, 0)


def test_links_between_known_adverts_stay_and_the_rejected_ones_too():
    edges = as_of(_bank(), MARCH_5)["edges"].to_pylist()
    assert [(one["edge"], one["status"]) for one in edges] == [("e1", "joins"), ("e2", "rejected")]
    assert edges[1]["reason"] == "busy"


def test_nothing_that_depends_on_later_builds_is_said_of_an_earlier_day():
    known = as_of(_bank(), MARCH_5)
    assert set(known["adverts"]["campaign"].to_pylist()) == {None}
    assert set(known["adverts"]["template"].to_pylist()) == {None}
    assert set(known["edges"]["campaign"].to_pylist()) == {None}
    for name in ("identities", "bridges", "judged", "listed"):
        assert len(known[name]) == 0
    (campaign,) = known["campaigns"].to_pylist()
    assert (campaign["campaign"], campaign["opened_build"]) == ("c000001", 1)
    assert (campaign["closed_build"], campaign["adverts"]) == (None, None)
    assert known["replaced"]["old"].to_pylist() == ["t1"]
    assert known["candidates"]["id"].to_pylist() == ["w"]


def test_tables_of_an_earlier_day_have_the_columns_of_the_bank():
    for name, table in as_of(_bank(), MARCH_5).items():
        assert table.schema.equals(TABLES[name]), name


def test_judgements_count_until_the_end_of_the_day_in_utc():
    told = [
        Judgement("same", "a", "b", (), "me", at, "why")
        for at in (
            "2026-03-05T23:59:59+00:00",
            "2026-03-06T00:30:00+01:00",
            "2026-03-06T00:00:00+00:00",
            "2026-03-05T23:30:00-02:00",
        )
    ]
    assert judgements_until(told, MARCH_5) == tuple(told[:2])


def test_how_many_of_the_adverts_of_a_day_were_erased_since_is_counted(tmp_path):
    kept = erase(_bank(), ["a", "c", "d"], MARCH_9, held={}, build=4)
    record_erasure(tmp_path, kept, on=MARCH_9, why="erasure")
    more = erase(kept.tables, ["b"], MARCH_9, held={}, build=5)
    record_erasure(tmp_path, more, on=MARCH_9 + timedelta(days=5), why="expiry")
    erasures = read_erasures(tmp_path)
    assert [erased_since(erasures, day) for day in (MARCH_1, MARCH_5, MARCH_9)] == [2, 3, 1]
    assert erased_since(erasures, MARCH_9 + timedelta(days=5)) == 0


def test_an_erasure_of_nothing_is_not_recorded(tmp_path):
    kept = erase(_bank(), ["nobody"], MARCH_9, held={}, build=4)
    record_erasure(tmp_path, kept, on=MARCH_9, why="erasure")
    assert read_erasures(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_what_is_recorded_of_an_erasure_is_dates_and_counts_alone(tmp_path):
    kept = erase(_bank(), ["a"], MARCH_9, held={}, build=4)
    record_erasure(tmp_path, kept, on=MARCH_9, why="erasure")
    assert (tmp_path / ERASURES).read_text() == (
        '{"schema_version": 1, "on": "2026-03-09", "why": "erasure", "adverts": 1, '
        '"candidates": 0, "edges": 2, "identities": 0, "campaigns": 0, '
        '"entered": {"2026-03-01": 1}}\n'
    )


def test_a_damaged_count_of_erasures_is_named(tmp_path):
    (tmp_path / ERASURES).write_text('{"schema_version": 1}\n\n')
    with pytest.raises(IntegrityError, match=f"{ERASURES}, line 1"):
        read_erasures(tmp_path)
