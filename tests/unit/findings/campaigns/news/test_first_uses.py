"""A contact or picture is first seen on a platform only where it could have been seen before."""

from __future__ import annotations

import hashlib

import pytest
from made_bank import token
from made_weeks import SINCE, SITE, bank, collected, moment, posts, steady

from adverts.clusters.picture_hash import PictureHash
from adverts_findings.campaigns.news.describe_news import news_record

OTHER = ("other", "en")
PHONE = token("a phone")


def uses(adverts, volumes=None, **more):
    volumes = collected({SITE: steady(), OTHER: steady()}) if volumes is None else volumes
    return news_record(bank(adverts, volumes, **more), SINCE).uses


def moved(contact=PHONE, **more):
    """Return adverts that show a contact on one platform, and on another one since."""
    shown = {"contacts": [contact]} | more
    return posts("c1", [-6, -2, -1.5, -1], **shown) + posts("c1", [0, 0.1], cell=OTHER, **shown)


def test_a_contact_that_is_first_seen_on_another_platform_is_told():
    [found] = uses(moved())
    assert (found.kind, found.platform, found.elsewhere) == ("contact", "other", ("site",))
    assert (found.adverts, found.campaigns, found.comparable) == (2, ("c1",), True)
    assert found.value == "PHONE:" + PHONE[6:14]
    [found] = uses(moved(token("a page", "LINK")))
    assert found.kind == "link_target"


@pytest.mark.parametrize("week", [-1, -2])
def test_it_is_not_comparable_where_the_platform_was_not_collected(week):
    volumes = collected({SITE: steady(), OTHER: steady() | {week: 0}})
    [found] = uses(moved(), volumes)
    assert not found.comparable
    assert "other, en was not collected in 2026-W4" in found.why


def test_one_use_alone_needs_three_weeks():
    adverts = moved()[:-1]
    assert uses(adverts)[0].comparable
    volumes = collected({SITE: steady(), OTHER: steady() | {-3: 0}})
    assert not uses(adverts, volumes)[0].comparable
    assert uses(moved(), volumes)[0].comparable


def test_what_is_seen_on_two_platforms_for_the_first_time_is_no_first_use():
    shown = {"contacts": [PHONE]}
    assert uses(posts("c1", [0], **shown) + posts("c1", [0.1], cell=OTHER, **shown)) == ()


def test_what_was_there_before_is_no_first_use_however_long_ago():
    assert uses(moved() + posts("c1", [-90], cell=OTHER, contacts=[PHONE])) == ()


def test_an_advert_of_unknown_time_or_platform_may_have_been_there():
    [found] = uses(moved() + posts("c1", [None], cell=OTHER, contacts=[PHONE]))
    assert not found.comparable
    [found] = uses(moved() + posts("c1", [-3], cell=(None, "en"), contacts=[PHONE]))
    assert not found.comparable
    assert "platform of 1 advert" in found.why
    assert uses(posts("c1", [-3], contacts=[PHONE]) + posts("c1", [0], cell=(None, None))) == ()


def test_what_was_not_in_use_in_the_weeks_compared_may_have_been_there_before():
    shown = {"contacts": [PHONE]}
    back = posts("c1", [0, 0.1], cell=OTHER, **shown)
    [found] = uses(posts("c1", [-6, -3], **shown) + back)
    assert (found.comparable, found.why) == (False, "it was shown nowhere in the 2 weeks before")
    [found] = uses(posts("c1", [-6, -2, -1], **shown) + back)
    assert found.why == "it was shown only 2 times in the 2 weeks before"


def test_helplines_and_what_joins_nothing_are_left_out():
    assert uses(moved(public_contacts=[PHONE])) == ()
    listed = [{"kind": "contact", "value": PHONE, "reason": "shown by many", "adverts": 9}]
    assert uses(moved(), listed=listed) == ()


def picture(name, flip=0):
    """Return the sha256 and the hashes of a made-up picture, some bits of which are flipped."""
    bits = bytearray(hashlib.sha256(name.encode()).digest())
    bits[0] ^= flip
    look = PictureHash(bytes(bits), 100, bytes(bits), bytes(bits), 255, False)
    sha = hashlib.sha256(f"{name} {flip}".encode()).digest()
    return {"picture_sha256": [sha], "picture_hashes": [look.to_bytes()]}


def test_a_picture_that_was_saved_again_is_the_same_picture():
    before = posts("c1", [-6, -2, -1.5, -1], **picture("room"))
    [found] = uses(before + posts("c1", [0], cell=OTHER, **picture("room", flip=3)))
    assert (found.kind, found.platform, found.comparable) == ("picture", "other", True)
    assert found.value.startswith(("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", *"abcdef"))
    assert uses(before + posts("c1", [0], cell=OTHER, **picture("garden"))) == ()


def test_a_picture_without_hashes_is_compared_by_its_file():
    one = {"picture_sha256": [b"1" * 32, b"2" * 32], "picture_hashes": None}
    two = {"picture_sha256": [b"2" * 32], "picture_hashes": [b"no hash of this release"]}
    [found] = uses(posts("c1", [-2], **one) + posts("c1", [0], cell=OTHER, **two))
    assert found.value == (b"2" * 32).hex()[:8]


def test_the_campaigns_are_those_that_show_it_there():
    adverts = posts("c1", [-2], contacts=[PHONE])
    adverts += posts("c2", [0], cell=OTHER, contacts=[PHONE])
    adverts += posts(None, [0.1], cell=OTHER, contacts=[PHONE])
    [found] = uses(adverts)
    assert (found.campaigns, found.adverts) == (("c2",), 2)
    assert found.first_seen == moment(0)
