from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from made_bank import FIRST_DAY, advert, build_row, tables

from adverts.errors import InputError, IntegrityError
from adverts_findings.campaigns.bank.as_of import (
    ERASURES,
    Erasure,
    erased_since,
    judgements_until,
    known_on,
    read_erasures,
    record_erasure,
)
from adverts_findings.campaigns.judgements.judgements import Judgement

pytestmark = pytest.mark.promise

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


def _known(day):
    return known_on(_bank(), day)["id"].to_pylist()


def test_only_what_was_collected_and_had_entered_by_then_is_known():
    assert _known(MARCH_5) == ["a", "b", "c", "f"]
    assert _known(MARCH_1) == ["a", "b"]
    assert len(_known(MARCH_9)) == 6


def test_a_day_lasts_until_midnight_in_utc():
    assert _known(MARCH_5 - timedelta(days=1)) == ["a", "b"]
    assert "f" in _known(MARCH_5)


def test_before_the_first_build_nothing_is_known():
    assert _known(MARCH_1 - timedelta(days=1)) == []


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


def test_a_judgement_counts_from_when_it_was_recorded_whatever_time_a_person_writes():
    late, early = "2026-03-06T08:00:00+00:00", "2026-03-01T08:00:00+00:00"
    backdated = Judgement("same", "a", "b", (), "me", early, "why", recorded_at=late)
    ahead = Judgement("same", "a", "b", (), "me", late, "why", recorded_at=early)
    assert judgements_until([backdated, ahead], MARCH_5) == (ahead,)


def _without(bank, *ids):
    left = pc.invert(pc.is_in(bank["adverts"]["id"], pa.array(ids)))
    linked = pc.or_(*(pc.is_in(bank["edges"][end], pa.array(ids)) for end in ("first", "second")))
    return bank | {
        "adverts": bank["adverts"].filter(left),
        "edges": bank["edges"].filter(pc.invert(linked)),
    }


def test_how_many_of_the_adverts_of_a_day_were_erased_since_is_counted(tmp_path):
    bank = _bank()
    fewer = _without(bank, "a", "c", "d")
    record_erasure(tmp_path, bank, fewer, build=4, on=MARCH_9, why="erasure")
    fewest = _without(fewer, "b")
    record_erasure(tmp_path, fewer, fewest, build=5, on=MARCH_9 + timedelta(days=5), why="expiry")
    erasures = read_erasures(tmp_path, 5)
    assert [erased_since(erasures, day) for day in (MARCH_1, MARCH_5, MARCH_9)] == [2, 3, 1]
    assert erased_since(erasures, MARCH_9 + timedelta(days=5)) == 0


def _recorded(folder, before, after):
    return record_erasure(folder, before, after, build=4, on=MARCH_9, why="expiry")


def test_what_is_restricted_was_not_erased_and_is_counted_when_it_leaves(tmp_path):
    bank = _bank()
    held = _without(bank, "a", "c") | {"restricted": tables(restricted=[{"id": "a"}])["restricted"]}
    assert _recorded(tmp_path, bank, held).entered == {"2026-03-05": 1}
    released = held | {"restricted": bank["restricted"]}
    last = _recorded(tmp_path, held, released)
    assert (last.adverts, last.entered) == (1, {"": 1})
    assert erased_since([last], MARCH_1) == 1


def test_a_candidate_that_became_an_advert_was_not_erased(tmp_path):
    bank = _bank()
    judged = tables(adverts=[*bank["adverts"].to_pylist(), advert("w")])["adverts"]
    after = bank | {"adverts": judged, "candidates": bank["candidates"].slice(2)}
    assert _recorded(tmp_path, bank, after).candidates == 1


def test_only_what_ended_with_an_erased_advert_is_counted(tmp_path):
    bank = _bank()
    ended = [
        {"level": level, "old": old, "new": new, "build": 4, "how": how}
        for level, old, new, how in (
            ("campaign", "c000003", "", "closed"),
            ("campaign", "c000004", "c000005", "split"),
            ("identity", "i000001", "", "closed"),
            ("identity", "i000002", "", "closed"),
            ("template", "t000001", "", "closed"),
        )
    ]
    replaced = tables(replaced=[*bank["replaced"].to_pylist(), *ended])["replaced"]
    after = _without(bank, "d") | {"edges": bank["edges"].slice(0, 0), "replaced": replaced}
    erasure = _recorded(tmp_path, bank, after)
    assert (erasure.edges, erasure.identities, erasure.campaigns) == (1, 2, 1)
    assert _recorded(tmp_path, after, _without(after, "e")).campaigns == 0


def test_an_erasure_of_nothing_is_not_recorded(tmp_path):
    record_erasure(tmp_path, _bank(), _bank(), build=4, on=MARCH_9, why="erasure")
    assert read_erasures(tmp_path, 5) == ()
    assert list(tmp_path.iterdir()) == []


def test_an_erasure_counts_once_its_build_is_there_and_never_twice(tmp_path):
    bank = _bank()
    record_erasure(tmp_path, bank, _without(bank, "a", "c"), build=4, on=MARCH_9, why="erasure")
    assert read_erasures(tmp_path, 3) == ()  # the process was killed before it wrote the build
    record_erasure(tmp_path, bank, _without(bank, "a"), build=4, on=MARCH_9, why="erasure")
    [again] = read_erasures(tmp_path, 4)
    assert again.adverts == 1
    record_erasure(tmp_path, bank, bank, build=4, on=MARCH_9, why="expiry")
    assert [one.adverts for one in read_erasures(tmp_path, 4)] == [0]


def test_an_erasure_that_an_earlier_release_recorded_counts(tmp_path):
    bank = _bank()
    record_erasure(tmp_path, bank, _without(bank, "a"), build=0, on=MARCH_9, why="erasure")
    record_erasure(tmp_path, bank, _without(bank, "b"), build=0, on=MARCH_9, why="erasure")
    assert '"build"' not in (tmp_path / ERASURES).read_text()
    assert len(read_erasures(tmp_path, 1)) == 2


def test_what_is_recorded_of_an_erasure_is_dates_and_counts_alone(tmp_path):
    bank = _bank()
    record_erasure(tmp_path, bank, _without(bank, "a"), build=4, on=MARCH_9, why="erasure")
    [line] = (tmp_path / ERASURES).read_text().splitlines()
    assert line.startswith(
        '{"schema_version": 1, "on": "2026-03-09", "why": "erasure", "adverts": 1, '
        '"candidates": 0, "edges": 2, "identities": 0, "campaigns": 0, '
        '"entered": {"2026-03-01": 1}, "build": 4, "number": 1, '
    )
    assert set(json.loads(line)) - {one.name for one in dataclasses.fields(Erasure)} == {
        "schema_version"
    }


def test_a_damaged_count_of_erasures_is_named(tmp_path):
    (tmp_path / ERASURES).write_text('{"schema_version": 1}\n\n')
    with pytest.raises(IntegrityError, match=f"{ERASURES}, line 1"):
        read_erasures(tmp_path, 5)


def test_counts_of_erasures_that_cannot_be_read_or_written_are_one_line(tmp_path):
    (tmp_path / ERASURES).mkdir()
    with pytest.raises(InputError, match=f"{ERASURES} is a folder, not a file"):
        read_erasures(tmp_path, 5)
    with pytest.raises(InputError, match=f"{ERASURES} is a folder, not a file"):
        _recorded(tmp_path, _bank(), _without(_bank(), "a"))


def test_counts_of_erasures_that_were_edited_or_removed_are_refused(tmp_path):
    bank = _bank()
    record_erasure(tmp_path, bank, _without(bank, "a"), build=4, on=MARCH_9, why="erasure")
    path = tmp_path / ERASURES
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(IntegrityError, match="its end was cut off"):
        read_erasures(tmp_path, 5)
    path.write_bytes(kept.replace(b'"adverts": 1', b'"adverts": 0'))
    with pytest.raises(IntegrityError, match="line 1"):
        read_erasures(tmp_path, 5)
