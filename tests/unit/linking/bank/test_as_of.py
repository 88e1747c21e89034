from __future__ import annotations

from datetime import timedelta

from made_bank import FIRST_DAY, advert, build_row, tables

from adverts.linking.bank.as_of import as_of, judgements_until
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
