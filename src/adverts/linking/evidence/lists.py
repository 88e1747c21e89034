"""Adverts that list the contacts of many advertisers, and are of none of them."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Ints
from adverts.linking.evidence.drafts import Drafts, components, cut, draft
from adverts.linking.evidence.joining import find_joins
from adverts.linking.evidence.second_kinds import find_items
from adverts.linking.evidence.shared_by_many import CAMPAIGN
from adverts.linking.evidence.shown import CONTACT, TARGET, Shown, distinct
from adverts.linking.evidence.spells import find_spells
from adverts.linking.rules import LinkingRules


def leave_out_lists(shown: Shown, ignored: Bools, rules: LinkingRules) -> tuple[Shown, Drafts]:
    """Return what adverts show but for contacts and link targets in lists, and rejected edges.

    An advert is a list if at least ``rules.many_owners`` components of five or more adverts, which
    share nothing without such adverts, show something of it: a directory, or somebody who names
    competitors. Otherwise one such advert would make one campaign of all of them. What it
    lists is kept as an edge to the nearest advert that shows it.

    Args:
        shown: What adverts show.
        ignored: Values that join nothing, ``(V,)``.
        rules: What may join adverts.
    """
    lines = np.flatnonzero(np.isin(shown.kinds[shown.value], (CONTACT, TARGET)))
    lines = lines[~ignored[shown.value[lines]]]
    many = np.bincount(shown.place[lines], minlength=len(shown)) >= rules.many_owners
    lines = lines[many[shown.place[lines]]]
    if not len(lines):
        return shown, _rejected(shown, lines, shown, {})
    without = shown.without(lines)
    places, owners = _owners(shown, lines, without, _large_groups(without, ignored, rules))
    lists = {
        place: count
        for place, count in zip(places.tolist(), owners.tolist(), strict=True)
        if count >= rules.many_owners
    }
    left_out = lines[np.isin(shown.place[lines], list(lists))]
    left = shown.without(left_out)
    return left, _rejected(shown, left_out, left, lists)


def _owners(shown: Shown, lines: Ints, without: Shown, groups: Ints) -> tuple[Ints, Ints]:
    """Return the places of some lines, and how many large groups show something of each."""
    width = len(shown) + 1
    shows = groups[without.place]
    pairs = distinct((without.value * width + shows)[shows >= 0])
    starts = np.searchsorted(pairs, np.arange(len(shown.names) + 1) * width)
    owner, lies = cut(starts, shown.value[lines])
    seen = distinct(shown.place[lines][owner] * width + pairs[lies] % width)
    return np.unique(seen // width, return_counts=True)


def _large_groups(shown: Shown, ignored: Bools, rules: LinkingRules) -> Ints:
    """Return the component of each advert; -1 where it has too few adverts to say anything."""
    spells = find_spells(shown, ignored, silent_days=7 * rules.silent_weeks)
    joins = find_joins(shown, spells, find_items(shown, ignored)).edges
    found = components(joins.first, joins.second, len(shown))
    return np.where(np.bincount(found)[found] >= CAMPAIGN, found, -1)


def _rejected(shown: Shown, lines: Ints, left: Shown, lists: dict[int, int]) -> Drafts:
    """Return an edge from each list to the nearest advert that shows what it lists."""
    ends: list[tuple[int, int, int]] = []
    for value, place in zip(shown.value[lines].tolist(), shown.place[lines].tolist(), strict=True):
        shows = left.places_of(value)
        if len(shows):
            after = int(np.searchsorted(shows, place))
            near = shows[max(after - 1, 0) : after + 1]
            gaps = np.nan_to_num(np.abs(shown.days[near] - shown.days[place]), nan=np.inf)
            ends.append((value, place, int(near[np.argmin(gaps)])))
    value, one, other = np.array(ends, np.int64).reshape(-1, 3).T
    silence = np.abs(shown.days[one] - shown.days[other])
    reasons = [f"in a list of {lists[place]} advertisers" for place in one.tolist()]
    return draft((one, other), value, silence, "rejected", reasons)
