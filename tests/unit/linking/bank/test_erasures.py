from __future__ import annotations

from datetime import timedelta

import pytest
from made_bank import FIRST_DAY, advert, build_row, tables, token

from adverts.errors import IntegrityError
from adverts.linking.bank.erasures import (
    ERASURES,
    erased_since,
    erasure_between,
    read_erasures,
    record_erasure,
)
from adverts.linking.bank.keeping import erase

MARCH_1, MARCH_5, MARCH_9 = (FIRST_DAY.date() + timedelta(days=days) for days in (0, 4, 8))


def _bank():
    return tables(
        builds=[build_row(1), build_row(2, day=4), build_row(3, day=8)],
        adverts=[
            advert("a", contacts=[token("one")], campaign="c000001"),
            advert("b", campaign="c000001"),
            advert("c", entered_build=2),
            advert("d", entered_build=3),
            advert("e", entered_build=None),
        ],
        edges=[
            {"edge": "e1", "first": "a", "second": "b"},
            {"edge": "e2", "first": "c", "second": "a"},
            {"edge": "e3", "first": "c", "second": "d"},
        ],
        candidates=[{"id": "w", "source": "s"}, {"id": "x", "source": "s"}],
        identities=[
            {
                "identity": "i000001",
                "kind": "contact",
                "value": token("one"),
                "platform": "site",
                "first_seen": FIRST_DAY,
                "last_seen": FIRST_DAY,
            }
        ],
        campaigns=[{"campaign": "c000001", "opened_build": 1, "adverts": 2}],
        replaced=[{"level": "campaign", "old": "c000009", "new": "", "how": "closed", "build": 1}],
    )


def _erased(bank, ids, *, on=MARCH_9, why="erasure"):
    after = erase(bank, ids, on, held={}, build=4).tables
    return after, erasure_between(bank, after, on=on, why=why)


def test_what_left_is_counted_at_every_level():
    _, erasure = _erased(_bank(), ["a", "w"])
    assert (erasure.adverts, erasure.candidates, erasure.edges) == (1, 1, 2)
    assert (erasure.identities, erasure.campaigns) == (1, 1)


def test_the_days_of_entry_of_the_erased_are_counted_also_where_none_is_known():
    _, erasure = _erased(_bank(), ["a", "c", "d", "e"])
    assert erasure.entered == {"": 1, "2026-03-01": 1, "2026-03-05": 1, "2026-03-09": 1}


def test_a_candidate_that_became_an_advert_did_not_leave():
    before, after = _bank(), _bank()
    after["adverts"] = tables(adverts=[*before["adverts"].to_pylist(), advert("w")])["adverts"]
    after["candidates"] = after["candidates"].slice(1)
    erasure = erasure_between(before, after, on=MARCH_9, why="expiry")
    assert (erasure.adverts, erasure.candidates) == (0, 0)


def test_between_equal_tables_nothing_left():
    erasure = erasure_between(_bank(), _bank(), on=MARCH_9, why="expiry")
    counts = (erasure.adverts, erasure.candidates, erasure.edges, erasure.identities)
    assert counts == (0, 0, 0, 0)
    assert (erasure.campaigns, erasure.entered) == (0, {})


def test_how_many_of_the_adverts_of_a_day_were_erased_since_is_counted(tmp_path):
    after, erasure = _erased(_bank(), ["a", "c", "d"])
    record_erasure(tmp_path, erasure)
    _, more = _erased(after, ["b"], on=MARCH_9 + timedelta(days=5), why="expiry")
    record_erasure(tmp_path, more)
    erasures = read_erasures(tmp_path)
    assert erasures == (erasure, more)
    assert [erased_since(erasures, day) for day in (MARCH_1, MARCH_5, MARCH_9)] == [2, 3, 1]
    assert erased_since(erasures, MARCH_9 + timedelta(days=5)) == 0


def test_an_erasure_of_nothing_is_not_recorded(tmp_path):
    _, erasure = _erased(_bank(), ["nobody"])
    record_erasure(tmp_path, erasure)
    assert read_erasures(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_what_is_recorded_of_an_erasure_is_dates_and_counts_alone(tmp_path):
    _, erasure = _erased(_bank(), ["a"])
    record_erasure(tmp_path, erasure)
    assert (tmp_path / ERASURES).read_text() == (
        '{"schema_version": 1, "on": "2026-03-09", "why": "erasure", "adverts": 1, '
        '"candidates": 0, "edges": 2, "identities": 1, "campaigns": 1, '
        '"entered": {"2026-03-01": 1}}\n'
    )


def test_a_damaged_count_of_erasures_is_named(tmp_path):
    (tmp_path / ERASURES).write_text('{"schema_version": 1}\n\n')
    with pytest.raises(IntegrityError, match=f"{ERASURES}, line 1"):
        read_erasures(tmp_path)
