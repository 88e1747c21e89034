"""What is true of a made-up week, and what of it could be known, worked out by hand."""

from __future__ import annotations

import pytest
import week_ranges as r
from week_truth import Truth
from weeks_world import Campaign, Post, Stage, World, is_collected

SITE = ("aster", "ro")
AFTER_GAP = max(r.GAP) + 1


def truth(*times, cell=SITE, rate=4.0, looks=0, collected=True):
    """Return the truth of a world with one campaign that posts at some times."""
    posts = [
        Post(f"a-{i}", "a", time, cell, 0, int(time // 1) if collected else None, judged=True)
        for i, time in enumerate(times)
    ]
    stages = [Stage(times[0], 99, rate, (cell[0],)), Stage(98, 99, rate, (cell[0],), looks)]
    campaign = Campaign("a", "made", stages, (cell[1],), "PHONE:1", 1)
    return Truth(World({"a": campaign}, posts))


def test_the_plan_says_what_is_collected():
    assert is_collected("aster", 0) == is_collected("aster", -1) == 1
    assert all(is_collected(one, week) == 0 for one in r.PLATFORMS for week in r.GAP)
    assert is_collected("dahlia", r.STARTED["dahlia"] - 1) == 0 < is_collected("dahlia", 4)
    assert is_collected("aster", -r.HISTORY_WEEKS - 1) == 0


def test_a_campaign_is_new_in_the_week_of_its_first_advert_collected_or_not():
    for collected in (True, False):
        made = truth(2.1, 2.5, 3.5, collected=collected)
        assert [week for week in range(-1, 5) if made.is_new("a", week)] == [2]
        assert made.could_know_new("a", 2) is collected


def test_it_could_not_be_known_after_a_week_that_was_not_collected():
    for week in (AFTER_GAP, AFTER_GAP + 1):
        assert not truth(week + 0.1, week + 0.2).could_know_new("a", week)
    late = AFTER_GAP + 2
    assert truth(late + 0.1, late + 0.2).could_know_new("a", late)
    assert not truth(late + 0.1, late + 0.2, rate=1.0).could_know_new("a", late)
    assert not truth(late + 0.1).could_know_new("a", late)
    assert not truth(late + 0.1, late + 0.2, cell=("aster", "ka")).could_know_new("a", late)


@pytest.mark.parametrize(("last", "is_revived"), [(-6.1, True), (-5.5, False)])
def test_it_is_revived_after_eight_weeks(last, is_revived):
    made = truth(-9.0, last, 2.1, 2.2)
    assert made.is_revived("a", 2) is is_revived
    assert not made.is_revived("a", 3)
    assert made.could_know_revived("a", 2)
    assert not truth(-9.0, last, 2.1, 2.2, looks=1).could_know_revived("a", 2)


def test_a_contact_is_first_shown_where_its_campaign_had_not_posted():
    here = [Post("a-0", "a", -1.0, SITE, 0, -1, judged=True)]
    there = [
        Post(f"a-{i}", "a", time, ("birch", "ro"), 0, 2, judged=True)
        for i, time in enumerate((2.1, 2.2), 1)
    ]
    campaign = Campaign("a", "moved", [Stage(-1, 9, 4, ("aster",))], ("ro",), "PHONE:1", 1)
    made = Truth(World({"a": campaign}, [*here, *there]))
    assert made.first_platforms("a", 2) == {"birch"}
    assert made.first_platforms("a", 3) == made.first_platforms("a", -1) == frozenset()
