"""Adverts by week and platform: every advert is counted once, and gaps are there."""

import datetime
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from shown_bank import at

from adverts_findings.campaigns.pages.timeline import (
    MOST_WEEKS,
    OTHERS,
    Timeline,
    scale,
    silences_of,
    strip,
    timeline_of,
)

TIMES = st.one_of(
    st.none(),
    st.datetimes(
        datetime.datetime(1, 1, 2),
        datetime.datetime(9999, 12, 30),
        timezones=st.just(datetime.UTC),
    ),
)
PLATFORMS = st.one_of(st.none(), st.sampled_from([f"platform {i}" for i in range(9)]))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(TIMES, PLATFORMS), max_size=30))
def test_every_advert_is_in_exactly_one_place(postings):
    found = timeline_of(postings)
    drawn = sum(map(sum, found.rows.values()))
    assert drawn + found.earlier + found.without_time == len(postings)
    assert len(found.weeks) <= MOST_WEEKS
    assert len(found.rows) <= 6
    assert all(len(row) == len(found.weeks) for row in found.rows.values())


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(TIMES, PLATFORMS), max_size=30))
def test_silences_are_the_longest_gaps_between_postings(postings):
    times = sorted(time for time, _ in postings if time is not None)
    gaps = [(b - a).total_seconds() / 86_400 for a, b in zip(times, times[1:], strict=False)]
    expected = sorted((round(one, 1) for one in gaps if one >= 14), reverse=True)[:3]
    assert [one.days for one in silences_of(postings)] == expected


def test_a_week_without_adverts_is_there():
    found = timeline_of([(at(0), "site"), (at(20), "site")])
    assert found.weeks == ("2026-W02", "2026-W03", "2026-W04")
    assert found.rows == {"site": (1, 0, 1)}


def test_platforms_beyond_the_sixth_are_counted_together():
    postings = [(at(0), f"platform {i}") for i in range(8)] + [(at(0), "platform 0")]
    found = timeline_of(postings)
    assert list(found.rows) == [f"platform {i}" for i in range(5)] + [OTHERS]
    assert found.rows[OTHERS] == (3,)


def test_a_week_begins_on_monday_in_utc():
    west = datetime.timezone(datetime.timedelta(hours=-8))
    late = datetime.datetime(2026, 1, 4, 20, tzinfo=west)
    assert timeline_of([(late, "site")]).weeks == ("2026-W02",)


def test_nothing_gives_an_empty_timeline():
    assert timeline_of([]) == Timeline((), {}, 0, 0)
    assert timeline_of([]).largest == 1
    assert silences_of([(None, "site"), (at(0), None)]) == ()


def test_a_gap_has_no_bar_and_a_small_number_can_be_seen():
    drawn = strip((1, 0, 1_000_000), 1_000_000)
    heights = [float(one) for one in re.findall(r'height="([\d.]+)"', drawn)]
    assert len(heights) == 2
    assert min(heights) >= 1.5


def test_the_scale_names_its_ends_and_holds_weeks_alone():
    drawn = scale(timeline_of([(at(0), "site"), (at(700), "<b>")]).weeks)
    assert re.findall(r">([^<]+)</text>", drawn) == ["2026-W02", "2027", "2027-W49"]
    assert scale(()).count("<text") == 0
