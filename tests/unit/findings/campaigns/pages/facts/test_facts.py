"""What is counted from adverts: the last week, pictures, and by what each hangs on."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from shown_bank import advert, at, bank, digits, edge, identity, phone, two_campaigns

from adverts_findings.campaigns.pages.campaign_rows import rows_of
from adverts_findings.campaigns.pages.fact_words import elsewhere
from adverts_findings.campaigns.pages.facts.joined_to import joined_to
from adverts_findings.campaigns.pages.facts.last_week import last_week_of
from adverts_findings.campaigns.pages.facts.not_known import not_known
from adverts_findings.campaigns.pages.facts.pictures import MOST_PICTURES, pictures_of
from adverts_findings.campaigns.pages.facts.weak_sides import weak_sides
from adverts_findings.campaigns.pages.shown_values import shortened


def rows(adverts, **more):
    [found] = rows_of(bank(adverts=adverts, **more), ["c000001"])
    return found


def test_the_last_week_says_what_is_new_in_it_and_what_was_before():
    found = rows(
        [
            advert("a", "c000001", day=0, picture_sha256=[b"one"]),
            advert("b", "c000001", day=7, platform=None, picture_sha256=[b"one"]),
            advert("c", "c000001", day=14, template="t000009", picture_sha256=[b"one", b"two"]),
            advert("d", "c000001", day=15, platform="other", picture_sha256=[b"two"]),
            advert("e", "c000001", day=None),
        ],
        identities=[
            identity("i000001", "c000001"),
            identity("i000002", "c000001", value=phone("new"), first_seen=at(15)),
            identity("i000003", "c000001", platform="other", first_seen=at(15)),
            identity("i000004", "c000001", platform=None, first_seen=at(15)),
            identity("i000005", "c000001", first_seen=at(14)),
            identity("i000006", "c000001", first_seen=None),
        ],
    )
    last = last_week_of(found.adverts, found.identities)
    assert last is not None
    assert (last.week, last.adverts, last.before) == ("2026-W04", 2, 1)
    assert last.platforms == {"": (0, 1), "other": (1, 0), "site": (1, 0)}
    assert (last.identities, last.identity_count) == (("i000002",), 1)
    assert [(one.identity, elsewhere(one)) for one in last.known_elsewhere] == [
        ("i000003", "on other, where it was not seen before"),
        ("i000004", "on a platform that is not known"),
        ("i000005", "again on site after a silence"),
    ]
    assert (last.templates, last.template_count) == (("t000009",), 1)
    assert last.pictures == 1


def test_without_a_time_there_is_no_last_week():
    found = rows([advert("a", "c000001", day=None)])
    assert last_week_of(found.adverts, found.identities) is None


def test_a_picture_is_counted_once_an_advert_and_those_of_most_adverts_come_first():
    adverts = [
        advert(f"a{i}", "c000001", day=i, picture_sha256=[b"often", bytes([i]), b"often"])
        for i in range(MOST_PICTURES + 5)
    ]
    found = pictures_of(rows([*adverts, advert("none", "c000001")]).adverts)
    assert (found.number, found.adverts) == (MOST_PICTURES + 6, MOST_PICTURES + 5)
    assert len(found.shown) == MOST_PICTURES
    assert (found.shown[0].picture, found.shown[0].adverts) == (b"often".hex(), 105)


def test_each_advert_hangs_on_one_and_the_earliest_on_none():
    [found] = rows_of(bank(**two_campaigns()), ["c000001"])
    hangs = joined_to(found.adverts, [one for one in found.inside if one["status"] == "joins"])
    assert {one: to.advert for one, to in hangs.items()} == {"a2": "a1", "a3": "a2", "a4": "a3"}


def test_the_path_takes_the_surest_edges():
    adverts = [advert(one, "c000001", day=i) for i, one in enumerate("abc")]
    edges = [
        edge("a", "c", "c000001", probability=0.55),
        edge("a", "b", "c000001", probability=0.9),
        edge("b", "c", "c000001", probability=0.8),
    ]
    found = rows(adverts, edges=edges)
    hangs = joined_to(found.adverts, found.inside)
    assert (hangs["c"].advert, hangs["c"].edge["probability"]) == ("b", 0.8)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 12), st.integers(0, 30), st.integers(0, 2**32))
def test_every_path_ends_and_as_many_hang_as_edges_can_connect(count, links, seed):
    rng = random.Random(seed)
    ids = [f"a{i:02d}" for i in range(count)]
    pairs = [tuple(sorted(rng.sample(ids, 2))) for _ in range(links)] if count > 1 else []
    edges = [
        edge(*pair, "c000001", value=f"PHONE:{i:032x}", probability=rng.random())
        for i, pair in enumerate(pairs)
    ]
    found = rows([advert(one, "c000001", day=i) for i, one in enumerate(ids)], edges=edges)
    hangs = joined_to(found.adverts, found.inside)
    parts = {one: one for one in ids}
    for first, second in pairs:
        old = parts[second]
        parts = {one: parts[first] if root == old else root for one, root in parts.items()}
    assert len(hangs) == count - len(set(parts.values()))
    for one in ids:
        seen = [one]
        while seen[-1] in hangs:
            seen.append(hangs[seen[-1]].advert)
            assert len(seen) <= count
        assert parts[seen[-1]] == parts[one]


def test_a_picture_names_its_adverts_and_the_other_campaigns_that_show_it():
    found = rows(
        [
            advert("a1", "c000001", picture_sha256=[b"one"]),
            advert("a2", "c000001"),
            advert("b1", "c000002", picture_sha256=[b"one", b"two"]),
            advert("b2", "c000002", picture_sha256=[b"one"]),
            advert("alone", None, picture_sha256=[b"one"]),
        ]
    )
    pictures = pictures_of(found.adverts, found.pictures_elsewhere)
    [shown] = pictures.shown
    assert (shown.ids, shown.others, shown.other_count) == (("a1",), ("c000002",), 1)
    assert pictures.without == ("a2",)


def test_what_is_not_known_names_its_adverts():
    found = not_known(
        rows([advert(f"a{i:02d}", "c000001", platform=None) for i in range(12)]).adverts
    )
    assert list(found) == ["platform"]
    assert (found["platform"].adverts, found["platform"].ids[-1]) == (12, "a09")


def test_both_sides_of_a_weakest_place_are_named_with_who_is_on_them():
    [found] = rows_of(bank(**two_campaigns()), ["c000001"])
    joins = [one for one in found.inside if one["status"] == "joins"]
    [(one, other)] = weak_sides(found.adverts, joins, found.bridges, listed=frozenset())
    assert (one.end, one.ids, other.end, other.ids) == ("a2", ("a1", "a2"), "a3", ("a3", "a4"))
    account = digits("account of c000001")[:8]
    assert one.accounts == (account,)
    assert set(other.accounts) == {account, digits("second")[:8]}
    assert one.contacts == other.contacts == (shortened(phone("c000001")),)
    assert (one.last_seen, other.first_seen) == ("2026-01-08T09:30:00Z", "2026-02-14T09:30:00Z")


def test_a_listed_contact_is_on_no_side():
    [found] = rows_of(bank(**two_campaigns()), ["c000001"])
    joins = [one for one in found.inside if one["status"] == "joins"]
    listed = frozenset([phone("c000001")])
    [(one, _)] = weak_sides(found.adverts, joins, found.bridges, listed=listed)
    assert (one.contacts, one.contact_count) == ((), 0)


def test_a_place_that_something_else_holds_together_has_no_sides():
    rows_ = two_campaigns()
    rows_["edges"] = [*rows_["edges"], edge("a1", "a4", "c000001")]
    [found] = rows_of(bank(**rows_), ["c000001"])
    joins = [one for one in found.inside if one["status"] == "joins"]
    assert weak_sides(found.adverts, joins, found.bridges, listed=frozenset()) == [()]
