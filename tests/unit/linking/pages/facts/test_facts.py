"""What is counted from adverts: the last week, pictures, and by what each hangs on."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from shown_bank import advert, bank, edge, identity, two_campaigns

from adverts.linking.pages.campaign_rows import rows_of
from adverts.linking.pages.facts.joined_to import joined_to
from adverts.linking.pages.facts.last_week import last_week_of
from adverts.linking.pages.facts.pictures import MOST_PICTURES, pictures_of


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
            identity("i000002", "c000001", first_seen=advert("x", None, day=15)["posted_at"]),
        ],
    )
    last = last_week_of(found.adverts, found.identities)
    assert last is not None
    assert (last.week, last.adverts, last.before) == ("2026-W04", 2, 1)
    assert last.platforms == {"": (0, 1), "other": (1, 0), "site": (1, 0)}
    assert (last.identities, last.identity_count) == (("i000002",), 1)
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
