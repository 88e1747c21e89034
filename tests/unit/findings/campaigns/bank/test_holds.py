from __future__ import annotations

import json
import stat
from datetime import date

import pytest
from made_bank import advert, tables

from adverts.errors import InputError, IntegrityError
from adverts_findings.campaigns.bank.holds import (
    HOLDS,
    Hold,
    add_hold,
    held_adverts,
    read_holds,
)

pytestmark = pytest.mark.promise

TODAY = date(2026, 6, 1)


def _hold(id="a", level="advert", *, until="2026-12-31", by="the court", why="case 7"):
    return Hold(level, id, by, until, why, "2026-05-01T00:00:00+00:00")


def test_holds_come_back_in_the_order_in_which_they_were_said(tmp_path):
    holds = (_hold("b"), _hold("a"), _hold("c000001", "campaign"))
    for hold in holds:
        add_hold(tmp_path, hold)
    assert read_holds(tmp_path) == holds
    assert stat.S_IMODE((tmp_path / HOLDS).stat().st_mode) == 0o600


def test_a_bank_without_holds_has_none(tmp_path):
    assert read_holds(tmp_path) == ()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"by": " "}, "a hold needs by"),
        ({"why": ""}, "a hold needs why"),
        ({"id": ""}, "a hold needs id"),
        ({"until": "soon"}, "needs days such as 2026-12-31"),
        ({"until": "9999-12-31"}, "too long; at most 3,660 days"),
    ],
)
def test_a_hold_without_a_name_a_reason_or_an_end_is_refused(tmp_path, wrong, message):
    with pytest.raises(InputError, match=message):
        add_hold(tmp_path, _hold(**wrong))
    assert read_holds(tmp_path) == ()


def test_a_damaged_hold_is_named(tmp_path):
    add_hold(tmp_path, _hold())
    add_hold(tmp_path, _hold())
    path = tmp_path / HOLDS
    path.write_bytes(path.read_bytes().replace(b'"level"', b'"lever"', 1))
    with pytest.raises(IntegrityError, match=f"{HOLDS}, line 1"):
        read_holds(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"2026-12-31", b"2026-05-02"), (b'"id": "a"', b'"id": "b"'), (b'"advert"', b'"campaign"')],
)
def test_a_hold_that_was_edited_is_refused(tmp_path, old, new):
    add_hold(tmp_path, _hold())
    path = tmp_path / HOLDS
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    for act in (lambda: read_holds(tmp_path), lambda: add_hold(tmp_path, _hold())):
        with pytest.raises(IntegrityError, match=f"{HOLDS}, line 1: it is not what was written"):
            act()


def test_holds_of_an_earlier_release_get_a_chain_once(tmp_path, capsys):
    plain = {"schema_version": 1, "level": "advert", "id": "a", "by": "the court"}
    plain |= {"until": "2026-12-31", "why": "case 7", "at": "2026-05-01T00:00:00+00:00"}
    (tmp_path / HOLDS).write_text(json.dumps(plain) + "\n")
    assert read_holds(tmp_path) == (_hold(),)
    assert "have a chain of hashes from now on" in capsys.readouterr().out
    assert read_holds(tmp_path) == (_hold(),)
    assert "chain" not in capsys.readouterr().out


def test_a_hold_lasts_through_its_last_day():
    held = [held_adverts(tables(), [_hold(until="2026-06-01")], day) for day in (TODAY, LATER)]
    assert [sorted(one) for one in held] == [["a"], []]


LATER = date(2026, 6, 2)


def test_the_last_word_on_an_advert_counts_whether_it_ends_or_prolongs_the_hold():
    ended = [_hold(until="2026-12-31"), _hold(until="2026-05-01")]
    assert held_adverts(tables(), ended, TODAY) == {}
    prolonged = [_hold(until="2026-05-02"), _hold(until="2027-01-01")]
    assert held_adverts(tables(), prolonged, TODAY)["a"].until == "2027-01-01"


def test_of_two_holds_on_an_advert_the_one_that_ends_last_is_named():
    given = tables(adverts=[advert("a", campaign="c000001")])
    holds = [_hold("c000001", "campaign", until="2026-07-01"), _hold(until="2026-12-31")]
    for order in (holds, holds[::-1]):
        assert held_adverts(given, order, TODAY)["a"].level == "advert"


def test_a_held_campaign_holds_its_adverts_of_now_under_whatever_id():
    given = tables(
        adverts=[
            advert("a", campaign="c000001"),
            advert("b", campaign="c000004"),
            advert("c", campaign="c000005"),
            advert("d", campaign="c000009"),
            advert("e", campaign=None),
        ],
        replaced=[
            {"level": "campaign", "old": "c000001", "new": "c000003", "how": "merged", "build": 2},
            {"level": "campaign", "old": "c000003", "new": "c000004", "how": "split", "build": 3},
            {"level": "campaign", "old": "c000003", "new": "c000005", "how": "split", "build": 3},
            {"level": "campaign", "old": "c000004", "new": "c000001", "how": "merged", "build": 4},
            {"level": "campaign", "old": "c000005", "new": "", "how": "closed", "build": 4},
            {"level": "template", "old": "c000001", "new": "c000009", "how": "merged", "build": 4},
        ],
    )
    assert sorted(held_adverts(given, [_hold("c000001", "campaign")], TODAY)) == ["a", "b", "c"]


def test_a_held_campaign_that_is_not_there_holds_nothing():
    given = tables(adverts=[advert("a", campaign=None)])
    assert held_adverts(given, [_hold("", "campaign")], TODAY) == {}


def test_holds_that_cannot_be_read_or_written_are_one_line(tmp_path):
    (tmp_path / HOLDS).mkdir()
    with pytest.raises(InputError, match=f"{HOLDS} is a folder, not a file"):
        read_holds(tmp_path)
    with pytest.raises(InputError, match=f"{HOLDS} is a folder, not a file"):
        add_hold(tmp_path, _hold())
