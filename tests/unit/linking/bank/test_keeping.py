from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bank import FIRST_DAY, advert, tables, token

from adverts.linking.bank.holds import Hold, Restricted
from adverts.linking.bank.keeping import erase, expire
from adverts.linking.bank.write_bank import write_build

TODAY = date(2026, 6, 1)
YESTERDAY = TODAY - timedelta(days=1)
PHONE, OTHER, LINK = token("one"), token("two"), token("page", "LINK")


def _hold(id, level="advert"):
    return Hold(level, id, "the court", "2026-12-31", "case 7", "2026-05-01T00:00:00+00:00")


def _edge(name, first, second, **more):
    return {"edge": name, "first": first, "second": second, "status": "joins", **more}


def _identity(name, value, kind="contact", *, first=0, last=0, adverts=1, accounts=1, **more):
    plain = {
        "identity": name,
        "kind": kind,
        "value": value,
        "platform": "site",
        "first_seen": FIRST_DAY + timedelta(days=first),
        "last_seen": FIRST_DAY + timedelta(days=last),
        "adverts": adverts,
        "accounts": accounts,
        "standing": "unknown",
    }
    return plain | more


def _bank():
    """Two campaigns: c000001 of a, b and c by a phone, c000002 of d and e by another."""
    return tables(
        adverts=[
            advert("a", contacts=[PHONE, LINK], day=0, campaign="c000001", template="t000001"),
            advert("b", contacts=[PHONE], day=3, campaign="c000001", template="t000001"),
            advert("c", contacts=[PHONE], day=5, campaign="c000001", template="t000002"),
            advert("d", contacts=[OTHER], day=0, campaign="c000002", template="t000003"),
            advert("e", contacts=[OTHER], day=1, campaign="c000002", template="t000003"),
        ],
        candidates=[{"id": "w", "source": "scores/posts", "expires": TODAY}],
        identities=[
            _identity("i000001", PHONE, last=5, adverts=3, accounts=3, campaign="c000001"),
            _identity("i000002", LINK, "link_target", campaign="c000001"),
            _identity("i000003", OTHER, last=1, adverts=2, accounts=2, campaign="c000002"),
        ],
        edges=[
            _edge("e1", "a", "b", campaign="c000001"),
            _edge("e2", "b", "c", campaign="c000001"),
            _edge("e3", "d", "e", campaign="c000002"),
            _edge("e4", "a", "d", status="rejected", reason="shown by many"),
        ],
        campaigns=[
            _campaign("c000001", adverts=3, accounts=3, templates=2, identities=2, last=5),
            _campaign("c000002", adverts=2, accounts=2, templates=1, identities=1, last=1),
        ],
        bridges=[
            {"campaign": "c000001", "edge": "e1"},
            {"campaign": "c000001", "edge": "e2"},
            {"campaign": "c000002", "edge": "e3"},
        ],
        listed=[{"kind": "contact", "value": LINK, "reason": "busy", "adverts": 1, "accounts": 1}],
    )


def _campaign(name, *, adverts, accounts, templates, identities, last):
    return {
        "campaign": name,
        "opened_build": 1,
        "adverts": adverts,
        "accounts": accounts,
        "templates": templates,
        "identities": identities,
        "first_seen": FIRST_DAY,
        "last_seen": FIRST_DAY + timedelta(days=last),
    }


def _by(table, key):
    return {row[key]: row for row in table.to_pylist()}


def test_an_erased_advert_is_in_no_table_and_what_only_it_showed_is_gone():
    kept = erase(_bank(), ["a"], TODAY, held={}, build=2)
    for name, table in kept.tables.items():
        assert "'a'" not in str(table.to_pylist()), name
        assert LINK not in str(table.to_pylist()), name
    assert kept.erased == ("a",)
    assert (kept.edges, kept.identities, kept.campaigns) == (2, ("i000002",), ())


def test_what_is_left_of_a_campaign_and_an_identity_is_counted_again():
    kept = erase(_bank(), ["c", "a"], TODAY, held={}, build=2)
    assert kept.campaigns == ("c000001",)
    kept = erase(_bank(), ["a"], TODAY, held={}, build=2)
    campaign = _by(kept.tables["campaigns"], "campaign")["c000001"]
    assert (campaign["adverts"], campaign["accounts"]) == (2, 2)
    assert (campaign["templates"], campaign["identities"]) == (2, 1)
    assert campaign["first_seen"] == FIRST_DAY + timedelta(days=3)
    identity = _by(kept.tables["identities"], "identity")["i000001"]
    assert (identity["adverts"], identity["accounts"]) == (2, 2)
    assert identity["first_seen"] == FIRST_DAY + timedelta(days=3)
    assert identity["last_seen"] == FIRST_DAY + timedelta(days=5)


def test_a_campaign_of_fewer_than_two_adverts_closes_and_its_id_stays_used():
    kept = erase(_bank(), ["d"], TODAY, held={}, build=2)
    assert kept.campaigns == ("c000002",)
    campaign = _by(kept.tables["campaigns"], "campaign")["c000002"]
    assert (campaign["closed_build"], campaign["adverts"], campaign["last_seen"]) == (2, 0, None)
    assert _by(kept.tables["adverts"], "id")["e"]["campaign"] is None
    assert _by(kept.tables["identities"], "identity")["i000003"]["campaign"] is None
    assert kept.tables["replaced"].to_pylist() == [
        {"level": "campaign", "old": "c000002", "new": "", "build": 2, "how": "closed"}
    ]
    assert {row["campaign"] for row in kept.tables["bridges"].to_pylist()} == {"c000001"}


def test_templates_and_identities_without_an_advert_are_recorded_as_closed():
    kept = erase(_bank(), ["c", "a", "b"], TODAY, held={}, build=2)
    closed = {(row["level"], row["old"]) for row in kept.tables["replaced"].to_pylist()}
    assert closed == {
        ("template", "t000001"),
        ("template", "t000002"),
        ("identity", "i000001"),
        ("identity", "i000002"),
        ("campaign", "c000001"),
    }


def test_erasing_again_or_something_unknown_changes_nothing():
    once = erase(_bank(), ["a"], TODAY, held={}, build=2)
    twice = erase(once.tables, ["a", "nobody"], TODAY, held={}, build=3)
    assert (twice.erased, twice.edges, twice.identities) == ((), 0, ())
    for name, table in once.tables.items():
        assert twice.tables[name].to_pylist() == table.to_pylist()


def test_everything_can_be_erased_and_the_bank_still_be_written(tmp_path):
    kept = erase(_bank(), list("abcde"), TODAY, held={}, build=2)
    assert len(kept.tables["adverts"]) == len(kept.tables["edges"]) == 0
    assert len(kept.tables["identities"]) == len(kept.tables["bridges"]) == 0
    assert kept.campaigns == ("c000001", "c000002")
    write_build(tmp_path / "bank", kept.tables, expected=None)


def test_the_empty_bank_stays_empty():
    kept = erase(tables(), ["a"], TODAY, held={}, build=2)
    assert kept.erased == ()
    assert expire(tables(), TODAY, held={}, build=2).candidates == 0


def test_a_closed_campaign_stays_closed_as_it_was():
    bank = _bank()
    old = _campaign("c000009", adverts=4, accounts=1, templates=1, identities=1, last=0)
    given = tables(campaigns=[{**old, "closed_build": 1}], adverts=bank["adverts"].to_pylist())
    kept = erase(given, ["a"], TODAY, held={}, build=2)
    assert kept.tables["campaigns"].to_pylist() == given["campaigns"].to_pylist()


def test_an_advert_without_account_or_time_supports_the_last_spell_of_its_contact():
    plain = {"account": None, "posted_at": None}
    given = tables(
        adverts=[
            advert("a", contacts=[PHONE], day=0),
            advert("b", contacts=[PHONE], day=90),
            advert("x", contacts=[PHONE], **plain),
        ],
        identities=[
            _identity("i000001", PHONE),
            _identity("i000002", PHONE, first=90, last=90, adverts=2),
        ],
    )
    kept = erase(given, ["b"], TODAY, held={}, build=2)
    assert kept.identities == ()
    rows = _by(kept.tables["identities"], "identity")
    assert (rows["i000002"]["adverts"], rows["i000002"]["accounts"]) == (1, 0)
    assert rows["i000001"]["adverts"] == 1
    kept = erase(given, ["b", "x"], TODAY, held={}, build=2)
    assert kept.identities == ("i000002",)


def test_one_token_on_two_platforms_is_two_identities_and_only_its_own_is_touched():
    given = tables(
        adverts=[
            advert("a", contacts=[PHONE]),
            advert("b", contacts=[PHONE], platform="other"),
            advert("c", contacts=[PHONE], platform=None),
        ],
        identities=[
            _identity("i000001", PHONE),
            _identity("i000002", PHONE, platform="other"),
            _identity("i000003", PHONE, platform=None),
        ],
    )
    for id, gone in (("a", "i000001"), ("b", "i000002"), ("c", "i000003")):
        kept = erase(given, [id], TODAY, held={}, build=2)
        assert kept.identities == (gone,)


def test_an_account_that_is_spelt_like_a_contact_is_another_identity():
    given = tables(
        adverts=[advert("a", account="same"), advert("b", contacts=["same"])],
        identities=[_identity("i000001", "same", "account"), _identity("i000002", "same")],
    )
    assert erase(given, ["a"], TODAY, held={}, build=2).identities == ("i000001",)
    assert erase(given, ["b"], TODAY, held={}, build=2).identities == ("i000002",)


def test_adverts_leave_after_their_last_day_and_not_on_it():
    given = tables(
        adverts=[
            advert("on", retain_until=TODAY),
            advert("after", retain_until=YESTERDAY),
            advert("ever", retain_until=None),
        ]
    )
    kept = expire(given, TODAY, held={}, build=2)
    assert kept.erased == ("after",)
    assert kept.tables["adverts"]["id"].to_pylist() == ["on", "ever"]


def test_candidates_leave_after_their_last_day_and_not_on_it():
    given = tables(
        candidates=[
            {"id": "on", "source": "s", "expires": TODAY},
            {"id": "after", "source": "s", "expires": YESTERDAY},
        ]
    )
    kept = expire(given, TODAY, held={}, build=2)
    assert kept.candidates == 1
    assert kept.tables["candidates"]["id"].to_pylist() == ["on"]


def test_a_candidate_that_a_person_judged_meanwhile_expires_without_its_advert():
    given = tables(
        adverts=[advert("a", retain_until=None)],
        candidates=[{"id": "a", "source": "s", "expires": YESTERDAY}],
    )
    kept = expire(given, TODAY, held={}, build=2)
    assert (kept.candidates, kept.erased) == (1, ())


def test_an_erased_advert_leaves_the_candidates_too():
    given = tables(adverts=[advert("a")], candidates=[{"id": "a", "source": "s"}])
    assert erase(given, ["a"], TODAY, held={}, build=2).candidates == 1


@pytest.mark.parametrize("act", ["erase", "expire"])
def test_a_held_advert_is_restricted_and_not_erased_until_its_hold_is_over(act):
    given = tables(adverts=[advert("a", retain_until=YESTERDAY), advert("b", retain_until=TODAY)])

    def run(bank, today, held, restricted=()):
        if act == "erase":
            return erase(bank, ["a"], today, held=held, restricted=restricted, build=2)
        return expire(bank, today, held=held, restricted=restricted, build=2)

    kept = run(given, TODAY, {"a": _hold("a"), "b": _hold("b")})
    assert kept.erased == ()
    assert kept.restricted == (
        Restricted("a", TODAY.isoformat(), "the court", "2026-12-31", "case 7"),
    )
    later = TODAY + timedelta(days=30)
    again = expire(kept.tables, later, held={"a": _hold("a")}, restricted=kept.restricted, build=3)
    assert again.restricted[0].since == TODAY.isoformat()
    over = expire(again.tables, later, held={}, restricted=again.restricted, build=4)
    assert "a" in over.erased
    assert over.restricted == ()


def test_an_erasure_that_was_asked_for_is_done_when_the_hold_is_over_though_nobody_asks_again():
    given = tables(adverts=[advert("a", retain_until=None)])
    kept = erase(given, ["a"], TODAY, held={"a": _hold("a")}, build=2)
    over = expire(kept.tables, TODAY, held={}, restricted=kept.restricted, build=3)
    assert over.erased == ("a",)


def test_a_held_candidate_stays_and_is_restricted():
    given = tables(candidates=[{"id": "a", "source": "s", "expires": YESTERDAY}])
    kept = expire(given, TODAY, held={"a": _hold("a")}, build=2)
    assert (kept.candidates, [one.id for one in kept.restricted]) == (0, ["a"])


def test_a_hold_of_something_that_is_not_there_restricts_nothing():
    kept = erase(tables(), ["a"], TODAY, held={"a": _hold("a")}, build=2)
    assert kept.restricted == ()


IDS = "abcdefgh"


@st.composite
def _banks(draw):
    """A bank whose identities and campaigns are counted one by one from its adverts."""
    adverts = [
        advert(
            id,
            day=draw(st.sampled_from([0, 1, 90])),
            contacts=draw(st.lists(st.sampled_from([PHONE, OTHER]), unique=True)),
            account=draw(st.sampled_from(["A", "B", None])),
            platform=draw(st.sampled_from(["site", None])),
            campaign=draw(st.sampled_from(["c000001", "c000002", None])),
            template=draw(st.sampled_from(["t000001", "t000002"])),
        )
        for id in IDS
    ]
    return _counted(adverts, names={})


def _counted(adverts, names):
    spells, inside = {}, {}
    for one in adverts:
        late = one["posted_at"] > FIRST_DAY + timedelta(days=30)
        shown = [("contact", value) for value in one["contacts"]]
        shown += [("account", one["account"])] * (one["account"] is not None)
        for kind, value in shown:
            spells.setdefault((kind, value, one["platform"], late), []).append(one)
        if one["campaign"] is not None:
            inside.setdefault(one["campaign"], []).append(one)
    for key in sorted(spells, key=str):
        names.setdefault(key, f"i{len(names) + 1:06d}")
    inside = {name: members for name, members in inside.items() if len(members) > 1}
    return tables(
        adverts=[
            one | ({} if one["campaign"] in inside else {"campaign": None}) for one in adverts
        ],
        identities=sorted(
            (
                {
                    "identity": names[kind, value, platform, late],
                    **{"kind": kind, "value": value, "platform": platform},
                    **_counts(members),
                }
                for (kind, value, platform, late), members in spells.items()
            ),
            key=lambda row: row["identity"],
        ),
        campaigns=[
            {
                "campaign": name,
                "opened_build": 1,
                "templates": len({one["template"] for one in members}),
                "identities": sum(
                    any(one in members for one in shown) for shown in spells.values()
                ),
                **_counts(members),
            }
            for name, members in sorted(inside.items())
        ],
    ), names


def _counts(members):
    return {
        "adverts": len(members),
        "accounts": len({one["account"] for one in members} - {None}),
        "first_seen": min(one["posted_at"] for one in members),
        "last_seen": max(one["posted_at"] for one in members),
    }


@settings(deadline=None, max_examples=20)
@given(_banks(), st.sets(st.sampled_from(IDS)))
def test_what_is_left_is_counted_as_if_the_erased_had_never_been_there(made, ids):
    bank, names = made
    kept = erase(bank, ids, TODAY, held={}, build=2)
    rest = [row for row in bank["adverts"].to_pylist() if row["id"] not in ids]
    wanted, _ = _counted(rest, names)
    assert kept.tables["adverts"].to_pylist() == wanted["adverts"].to_pylist()
    assert kept.tables["identities"].to_pylist() == wanted["identities"].to_pylist()
    still_open = [
        row for row in kept.tables["campaigns"].to_pylist() if row["closed_build"] is None
    ]
    assert still_open == wanted["campaigns"].to_pylist()
    closed = set(bank["campaigns"]["campaign"].to_pylist())
    assert set(kept.campaigns) == closed - set(wanted["campaigns"]["campaign"].to_pylist())
