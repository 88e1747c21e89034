"""New, revived and grown are claimed only of what was collected before at comparable volume."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bank import build_row, rows
from made_weeks import SINCE, SITE, bank, collected, moment, posts, steady

from adverts.errors import InputError
from adverts_findings.campaigns.news.describe_news import news_record
from adverts_findings.campaigns.news.read_week import read_week

OTHER = ("other", "en")


def said(adverts, volumes, **more):
    """Return what is said of each campaign: new, or new? where nothing is claimed."""
    record = news_record(bank(adverts, volumes, **more), SINCE)
    return {one.campaign: one.what + "?" * (not one.comparable) for one in record.campaigns}


def why(adverts, volumes, **more):
    record = news_record(bank(adverts, volumes, **more), SINCE)
    return {one.campaign: one.why for one in record.campaigns}


def everywhere(count=100):
    return collected({SITE: steady(count), OTHER: steady(count)})


def test_a_campaign_whose_first_advert_was_posted_since_is_new():
    assert said(posts("c1", [0, 0.1]), everywhere()) == {"c1": "new"}


def test_a_campaign_that_was_posted_before_is_not_new_whenever_it_entered_the_bank():
    late = posts("c1", [-1, 0], entered_build=3, collected_at=moment(0.2))
    assert said(late, everywhere()) == {}


def test_an_advert_without_time_of_posting_counts_from_its_collection():
    adverts = posts("c1", [0, 0.1], posted_at=None)
    assert said(adverts, everywhere()) == {"c1": "new"}


def test_nothing_is_claimed_without_any_counts():
    assert said(posts("c1", [0, 0.1]), []) == {"c1": "new?"}
    assert (
        why(posts("c1", [0, 0]), [])["c1"] == "how much was collected in these weeks is not known"
    )


@pytest.mark.parametrize(
    ("weeks", "reason"),
    [
        ({-1: 0}, "was not collected in 2026-W43"),
        ({-2: 0}, "was not collected in 2026-W42"),
        ({-1: 0, -2: 0}, "was not collected in 2026-W4"),
        ({-1: 49}, "holds 49 adverts in 2026-W43, less than half of the usual 100"),
        ({-2: 9}, "holds 9 adverts in 2026-W42, too few to compare"),
        ({0: 201}, "less than half of the usual 201"),
    ],
)
def test_a_seemingly_new_campaign_is_not_comparable_after_weeks_without_enough(weeks, reason):
    volumes = collected({SITE: steady() | weeks})
    assert said(posts("c1", [0, 0.1, 0.2]), volumes) == {"c1": "new?"}
    assert reason in why(posts("c1", [0, 0.1, 0.2]), volumes)["c1"]


@pytest.mark.parametrize("weeks", [{-3: 0, -4: 0}, {-1: 50}, {-2: 51}, {0: 200}, {0: 5}, {0: 3}])
def test_a_new_campaign_is_claimed_where_the_weeks_right_before_are_comparable(weeks):
    volumes = collected({SITE: steady() | weeks}, judged=dict.fromkeys(range(-8, 1), 10))
    assert said(posts("c1", [0, 0.1, 0.2]), volumes) == {"c1": "new"}


def test_a_campaign_that_posts_seldom_needs_more_weeks_before():
    volumes = collected({SITE: steady(weeks=range(-8, 4)) | {-4: 0}})
    often, seldom = posts("c1", [0, 0, 0.1, 0.2]), posts("c2", [0, 2])
    assert said(often + seldom, volumes, built=moment(2.5)) == {"c1": "new", "c2": "new?"}


def test_a_platform_that_has_just_been_begun_compares_nothing():
    begun = collected({SITE: steady(), OTHER: {-1: 100, 0: 100}})
    assert said(posts("c1", [0, 0.1], cell=OTHER), begun) == {"c1": "new?"}
    begun = collected({SITE: steady(), OTHER: {-2: 100, -1: 100, 0: 100}})
    assert said(posts("c1", [0, 0.1], cell=OTHER), begun) == {"c1": "new"}


def test_a_platform_that_was_never_counted_compares_nothing():
    assert said(posts("c1", [0, 0.1], cell=("nowhere", "en")), everywhere()) == {"c1": "new?"}
    assert said(posts("c1", [0, 0.1], cell=("site", None)), everywhere()) == {"c1": "new?"}


def test_an_unknown_cell_is_comparable_with_itself():
    volumes = collected({(None, None): steady()})
    assert said(posts("c1", [0, 0.1], cell=(None, None)), volumes) == {"c1": "new"}


def test_a_tenth_of_the_adverts_may_lie_where_nothing_can_be_compared_and_no_more():
    stray = posts("c1", [0] * 9) + posts("c1", [0], cell=("nowhere", "en"))
    assert said(stray, everywhere()) == {"c1": "new"}
    stray = posts("c1", [0] * 8) + posts("c1", [0], cell=("nowhere", "en"))
    assert said(stray, everywhere()) == {"c1": "new?"}
    two = posts("c1", [0] * 18)
    two += posts("c1", [0], cell=("a", "en")) + posts("c1", [0, 0], cell=("b", "en"))
    assert said(two, everywhere()) == {"c1": "new?"}


def test_people_must_have_judged_the_weeks_before_too():
    nobody = collected({SITE: steady()}, judged={0: 20})
    assert said(posts("c1", [0, 0.1]), nobody) == {"c1": "new?"}
    assert (
        "people judged 0.0 adverts a week before, and 20.0 since"
        in why(posts("c1", [0, 0.1]), nobody)["c1"]
    )
    half = collected({SITE: steady()}, judged={0: 20, -1: 10, -2: 10})
    assert said(posts("c1", [0, 0.1]), half) == {"c1": "new"}


def test_an_advert_of_unknown_time_may_have_been_there_before():
    assert said(posts("c1", [0, 0.1, None]), everywhere()) == {"c1": "new?"}
    assert said(posts("c1", [-20, 0, 0.1, None]), everywhere()) == {"c1": "revived?"}


def test_a_time_after_the_build_is_no_time():
    assert said(posts("c1", [500, 600]), everywhere()) == {}
    assert said(posts("c1", [0, 0.1, 600]), everywhere()) == {"c1": "new?"}


def test_a_new_campaign_with_what_was_seen_before_may_be_an_old_one():
    new = posts("c1", [0, 0.1], contacts=["PHONE:" + "1" * 32])
    old = posts("c2", [-11, -10], contacts=["PHONE:" + "1" * 32])
    assert said(new + old, everywhere()) == {"c1": "new?"}
    assert why(new + old, everywhere())["c1"] == (
        "a contact or account of it was seen before, last on 2026-08-19 in c2: it may be the same "
        "advertiser"
    )
    lone = posts(None, [-10], account="the same")
    assert said(posts("c1", [0, 0.1], account="the same") + lone, everywhere()) == {"c1": "new?"}
    public = {"public_contacts": ["PHONE:" + "1" * 32]}
    assert said([{**one, **public} for one in new + old], everywhere()) == {"c1": "new"}


def test_a_campaign_that_an_earlier_build_knew_is_not_new_when_its_adverts_were_erased():
    made = bank(posts("c1", [0, 0.1]), everywhere())
    made["builds"] = rows(
        "builds",
        [build_row(1) | {"built_at": moment(-5)}, build_row(3) | {"built_at": moment(0.6)}],
    )
    for opened, what in ((1, False), (3, True)):
        made["campaigns"] = rows("campaigns", [{"campaign": "c1", "opened_build": opened}])
        [found] = news_record(made, SINCE).campaigns
        assert found.comparable is what
    assert not found.why


def test_a_week_long_before_the_build_is_refused():
    for week in (SINCE - datetime.timedelta(weeks=105), read_week("0001-01-01")):
        with pytest.raises(InputError, match="is more than 104 weeks before the last build"):
            news_record(bank([], []), week)


def test_a_campaign_that_posts_again_after_eight_weeks_is_revived():
    assert said(posts("c1", [-9, -8, 0, 0.1]), everywhere()) == {"c1": "revived"}
    assert said(posts("c1", [-9, -7.9, 0, 0.1]), everywhere()) == {}


def test_one_advert_alone_revives_nothing():
    assert said(posts("c1", [-20, 0]), everywhere()) == {"c1": "revived?"}
    assert why(posts("c1", [-20, 0]), everywhere())["c1"] == "one advert alone is too few"


@pytest.mark.parametrize("week", range(-8, 0))
def test_a_silence_that_was_not_collected_is_none(week):
    volumes = collected({SITE: steady() | {week: 0}})
    assert said(posts("c1", [-20, 0, 0.1]), volumes) == {"c1": "revived?"}


def test_a_silence_counts_where_the_campaign_posted_before_too():
    moved = posts("c1", [-20, -19]) + posts("c1", [0, 0.1], cell=OTHER)
    assert said(moved, everywhere()) == {"c1": "revived"}
    gone = collected({SITE: {}, OTHER: steady()})
    assert said(moved, gone) == {"c1": "revived?"}
    begun = collected({SITE: steady(), OTHER: {0: 100}})
    assert said(moved, begun) == {"c1": "revived?"}


def test_weeks_since_that_were_not_collected_may_have_broken_the_silence():
    adverts = posts("c1", [-5.5, 3, 3.1])
    all_weeks = steady(weeks=range(-8, 4))
    assert said(adverts, collected({SITE: all_weeks}), built=moment(3.5)) == {"c1": "revived"}
    gap = collected({SITE: all_weeks | {1: 0}})
    assert said(adverts, gap, built=moment(3.5)) == {"c1": "revived?"}


def test_a_campaign_that_posts_far_more_has_grown():
    few = posts("c1", [-4, -3, -2, -1] * 2)
    assert said(few + posts("c1", [0] * 16), everywhere()) == {"c1": "grown"}
    assert said(few + posts("c1", [0] * 4), everywhere()) == {}
    assert said(posts("c1", [-4, -3, -2, -1, 0, 0, 0]), everywhere()) == {}  # chance does that


def test_growth_of_what_is_collected_is_no_growth_of_a_campaign():
    adverts = posts("c1", [-4, -3, -2, -1] * 4 + [0] * 16)
    assert said(adverts, everywhere()) == {"c1": "grown"}
    assert said(adverts, collected({SITE: steady() | {0: 190}})) == {}
    assert said(adverts, collected({SITE: steady() | {0: 400}})) == {"c1": "grown?"}
    more_judged = collected({SITE: steady()}, judged=dict.fromkeys(range(-8, 0), 10) | {0: 19})
    assert said(adverts, more_judged) == {}


def test_growth_needs_each_of_the_weeks_and_the_week_itself():
    adverts = posts("c1", [-4, -3, -2, -1] + [0] * 16)
    for week in (-4, -3, -2, -1, 0):
        lacking = collected({SITE: steady() | {week: 0}}, judged=dict.fromkeys(range(-8, 1), 10))
        assert said(adverts, lacking) == {"c1": "grown?"}
    assert said(adverts, collected({SITE: steady() | {-5: 0}})) == {"c1": "grown"}


def test_a_campaign_that_has_just_begun_is_compared_from_its_first_week():
    assert said(posts("c1", [-1] * 8 + [0] * 10), everywhere()) == {}


def test_a_last_week_that_is_not_over_is_left_out_of_growth():
    adverts = posts("c1", [-4, -3, -2, -1] + [0] * 16)
    volumes = collected({SITE: steady(weeks=range(-8, 1)) | {1: 1}})
    assert said(adverts, volumes, built=moment(0.8)) == {"c1": "grown"}


def test_lone_adverts_are_no_campaign():
    assert said(posts(None, [0, 0]), everywhere()) == {}


def test_a_week_is_read_from_its_name_or_a_day():
    assert read_week("2026-W44") == read_week("2026-10-26") == read_week("2026-11-01") == SINCE
    assert read_week("2026-W01") == datetime.date(2025, 12, 29)
    assert read_week("2026-W53") == datetime.date(2026, 12, 28)


@pytest.mark.parametrize(
    "text",
    ["2026-W54", "2025-W53", "2026-W00", "2026W44", "W44", "yesterday", "2026-44", "\x1b[2J", ""],
)
def test_what_is_no_week_is_refused(text):
    with pytest.raises(InputError, match="is no week; give one such as 2026-W44"):
        read_week(text)


def test_a_week_after_the_build_is_refused():
    with pytest.raises(InputError, match="begins after the last build"):
        news_record(bank([], []), SINCE + datetime.timedelta(weeks=1))


WEEKS = st.lists(st.integers(-12, 0), min_size=1, max_size=8)


@settings(deadline=None, max_examples=20)
@given(WEEKS, st.dictionaries(st.integers(-9, 0), st.integers(0, 120), max_size=9))
@pytest.mark.slow
def test_no_claim_without_two_comparable_weeks_right_before(weeks, volumes):
    judged = dict.fromkeys(range(-9, 1), 10)
    found = said(posts("c1", weeks), collected({SITE: volumes}, judged=judged))
    least = max(10, volumes.get(0, 0) / 2)
    if "new" in found.values() or "revived" in found.values():
        assert min(volumes.get(-1, 0), volumes.get(-2, 0)) >= least
    unlimited = said(posts("c1", weeks), everywhere(1_000))
    assert {one.rstrip("?") for one in found.values()} - {"grown"} == {
        one.rstrip("?") for one in unlimited.values()
    } - {"grown"}
