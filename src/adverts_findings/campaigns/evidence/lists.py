"""Adverts that list the contacts of many advertisers, and are of none of them."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Ints
from adverts_findings.campaigns.evidence.drafts import Drafts, components, cut
from adverts_findings.campaigns.evidence.joining import find_joins
from adverts_findings.campaigns.evidence.left_out import listing_lines, reject_lines
from adverts_findings.campaigns.evidence.second_kinds import find_items
from adverts_findings.campaigns.evidence.shared_by_many import CAMPAIGN
from adverts_findings.campaigns.evidence.shown import Shown, distinct
from adverts_findings.campaigns.evidence.spells import find_spells
from adverts_findings.campaigns.rules import LinkingRules


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
    lines = listing_lines(shown, ignored, rules)
    if not len(lines):
        return shown, reject_lines(shown, lines, shown, [])
    without = shown.without(lines)
    places, owners = _owners(shown, lines, without, _large_groups(without, ignored, rules))
    lists = dict(zip(places.tolist(), owners.tolist(), strict=True))
    lists = {place: count for place, count in lists.items() if count >= rules.many_owners}
    left_out = lines[np.isin(shown.place[lines], list(lists))]
    left = shown.without(left_out)
    owners_of = [lists[place] for place in shown.place[left_out].tolist()]
    reasons = [f"in a list of {count} advertisers" for count in owners_of]
    return left, reject_lines(shown, left_out, left, reasons)


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
