"""What is true of a made-up week, whatever was collected, and what of it could be known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import week_ranges as r
from weeks_world import FIRST_WEEK, Campaign, Post, World, is_collected, shows_contact

SILENCE = 8.0
"""Weeks after which somebody who posts again is revived, as the question says."""
REALLY_GROWN = 1.5
"""Planted times as many adverts from which on a claim of growth is right."""
SEEN = 3.0
"""Adverts that a campaign would have shown; fewer may be missed by chance."""
MOST_WEEKS = 8
STRAY = 0.1
"""Share of adverts, such as those whose language is misread, that may lie elsewhere."""


class Truth:
    """The truth of one world.

    *In reach* is what was posted on a platform after its collection had begun, in whatever week and
    language, late and not judged among it. What nobody ever collected tells nothing of the rest.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.posts: Mapping[str, list[Post]] = defaultdict(list)
        self.reached: Mapping[str, list[Post]] = defaultdict(list)
        self.owners: Mapping[str, set[str]] = defaultdict(set)
        for one in world.posts:
            self.posts[one.campaign].append(one)
            if _week(one) >= max(FIRST_WEEK, r.STARTED.get(one.cell[0], FIRST_WEEK)):
                self.reached[one.campaign].append(one)
        for campaign in world.campaigns.values():
            self.owners[campaign.contact].add(campaign.name)

    def is_new(self, name: str, week: int, *, whole: bool = False) -> bool:
        """Return whether the first advert of a campaign is of a week, in reach or as a whole."""
        posts = (self.posts if whole else self.reached)[name]
        return bool(posts) and _week(posts[0]) == week

    def is_revived(self, name: str, week: int, *, whole: bool = False) -> bool:
        """Return whether a campaign posts in a week after eight weeks or more without an advert."""
        times = [one.time for one in (self.posts if whole else self.reached)[name]]
        first = next((place for place, time in enumerate(times) if time >= week), None)
        if not first or times[first] >= week + 1:
            return False
        return times[first] - times[first - 1] >= SILENCE

    def growth(self, name: str, week: int) -> float:
        """Return how many times as much a campaign is planted to post as in the weeks before."""
        campaign = self.world.campaigns[name]
        began = int(np.floor(campaign.stages[0].begin))
        weeks = min(4, week - began)
        if weeks < 1:
            return 0.0
        before = campaign.expected(week - weeks, week) / weeks
        now = campaign.expected(week, week + 1)
        return now / before if before else np.inf * now if now else 0.0

    def is_grown(self, name: str, week: int, *, whole: bool = False) -> bool:
        """Return whether a campaign is planted to post far more in a week, in reach or not."""
        del whole
        return self.growth(name, week) >= REALLY_GROWN

    def first_platforms(self, name: str, week: int, *, whole: bool = False) -> frozenset[str]:
        """Return the platforms on which the contact of a campaign is first shown in a week.

        Only what was shown elsewhere before that week counts. Who had the contact makes no
        difference.
        """
        owners = self.owners[self.world.campaigns[name].contact]
        posts = self.posts if whole else self.reached
        shown = [one for owner in owners for one in posts[owner] if shows_contact(self.world, one)]
        before = {one.cell[0] for one in shown if one.time < week}
        now = {one.cell[0] for one in shown if _week(one) == week}
        return frozenset(now - before) if before else frozenset()

    def in_bank(self, name: str, week: int) -> list[Post]:
        """Return the adverts of a week that are in the bank on the Monday after it."""
        return [
            one
            for one in self.posts[name]
            if _week(one) == week and one.collected == week and one.judged
        ]

    def could_know_new(self, name: str, week: int) -> bool:
        """Return whether it could be known that a campaign is new.

        At least two of its adverts, which show its contact, are in the bank, and nobody had the
        contact before. Wherever it posts, so many weeks directly before were collected, by the plan
        and in a language that is not thin, that three adverts would have been seen at its rate: at
        least two weeks, at most eight.
        """
        shown = self.in_bank(name, week)
        joined = sum(shows_contact(self.world, one) for one in shown)
        if joined < 2 or len(self.owners[self.world.campaigns[name].contact]) > 1:
            return False
        needed = int(
            np.clip(np.ceil(SEEN / _rate(self.world.campaigns[name], week)), 2, MOST_WEEKS)
        )
        return _were_collected(shown, range(week - needed, week))

    def could_know_revived(self, name: str, week: int) -> bool:
        """Return whether it could be known that a campaign is revived.

        At least two of its adverts, which show its contact, are in the bank, it came back with
        more than its contact, and the eight weeks before were collected wherever it posts and
        wherever it had posted.
        """
        shown = self.in_bank(name, week)
        campaign = self.world.campaigns[name]
        joined = sum(shows_contact(self.world, one) for one in shown)
        if joined < 2 or campaign.stages[-1].looks != campaign.stages[0].looks:
            return False
        before = [one for one in self.posts[name] if one.time < week and one.collected is not None]
        usual = [one for one in before if one.time >= FIRST_WEEK]
        weeks = range(week - MOST_WEEKS, week)
        return bool(usual) and all(_were_collected(one, weeks) for one in (shown, usual))

    def could_know_weeks(self, name: str, weeks: range) -> bool:
        """Return whether some weeks were collected wherever a campaign posts in the last of them.

        At least two of its adverts of that week are in the bank.
        """
        shown = self.in_bank(name, weeks[-1])
        return len(shown) > 1 and _were_collected(shown, weeks)

    def could_know_use(self, name: str, platform: str, week: int) -> bool:
        """Return whether it could be known that a contact is first shown on a platform in a week.

        Two adverts that show it there are in the bank, so many weeks before were collected there
        that three would have been seen at the present rate, and it was shown three times in them.
        """
        shown = [
            one
            for one in self.in_bank(name, week)
            if one.cell[0] == platform and shows_contact(self.world, one)
        ]
        if len(shown) < 2:
            return False
        needed = int(np.clip(np.ceil(SEEN / len(shown)), 2, MOST_WEEKS))
        in_use = [
            one
            for one in self.posts[name]
            if week - needed <= one.time < week and one.collected is not None and one.judged
        ]
        return len(in_use) >= SEEN and _were_collected(shown, range(week - needed, week))


def _rate(campaign: Campaign, week: int) -> float:
    return max(one.rate for one in campaign.stages if one.begin < week + 1)


def _were_collected(posts: Sequence[Post], weeks: range) -> bool:
    """Return whether some weeks were collected in all cells that hold more than a tenth."""
    cells = Counter(one.cell for one in posts)
    lacking = sum(
        count
        for (platform, language), count in cells.items()
        if language in r.THIN or any(is_collected(platform, week) <= 0.5 for week in weeks)
    )
    return lacking <= STRAY * len(posts)


def _week(post: Post) -> int:
    return int(np.floor(post.time))
