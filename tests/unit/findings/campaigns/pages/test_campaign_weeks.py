"""Adverts of campaigns by week: as the calendar counts, up to the last week of the bank."""

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from shown_bank import FIRST_DAY, advert, at, bank, build

from adverts_findings.campaigns.pages.campaign_weeks import (
    MOST_WEEKS,
    recent_weeks,
    weeks_by_campaign,
)


def weeks(*days, built=400, campaign="c000001"):
    adverts = [advert(f"a{i}", campaign, day=day) for i, day in enumerate(days)]
    return weeks_by_campaign(bank(adverts=adverts, builds=[build(built_at=at(built))]))


def test_the_last_four_weeks_stand_beside_the_four_before():
    found = weeks(0, 30, 35, 50, 56, 56.9)
    assert (found.recent("c000001"), found.before("c000001")) == (4, 1)
    assert (found.recent("nobody"), found.before("nobody")) == (0, 0)


def test_a_time_after_the_build_is_an_error_and_not_the_last_week():
    found = weeks(0, 1, 900, built=10)
    assert found.recent("c000001") == 2
    tables = bank(adverts=[advert("a", None, day=900)], builds=[build(built_at=at(10))])
    assert recent_weeks(tables) is None


def test_the_last_week_is_that_of_all_adverts_of_the_bank():
    adverts = [advert("a", "c000001", day=0), advert("lone", None, day=70)]
    found = weeks_by_campaign(bank(adverts=adverts, builds=[build(built_at=at(90))]))
    assert found.recent("c000001") == 0


def test_without_a_time_there_are_no_weeks():
    tables = bank(adverts=[advert("a", "c000001", day=None)])
    assert weeks_by_campaign(tables).named("c000001") == {}
    assert recent_weeks(tables) is None
    assert recent_weeks(bank()) is None


def test_only_the_last_weeks_are_named():
    found = weeks(*(7 * i for i in range(80)), built=900).named("c000001")
    assert len(found) == MOST_WEEKS
    assert list(found) == sorted(found)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-30_000, 2_000), min_size=1, max_size=8))
def test_a_week_is_that_of_the_calendar_before_1970_too(days):
    found = weeks(*days, built=3_000).named("c000001")
    told = {}
    for day in days:
        year, week, _ = (FIRST_DAY + datetime.timedelta(days=day)).isocalendar()
        name = f"{year:04d}-W{week:02d}"
        told[name] = told.get(name, 0) + 1
    assert found == told
