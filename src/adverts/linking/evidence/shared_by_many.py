"""Values that join nothing: public, busy, or shown by many advertisers who share nothing else."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.clusters.components import UnionFind
from adverts.linking.edges import EDGE_KINDS
from adverts.linking.evidence.drafts import Drafts, components, cut
from adverts.linking.evidence.joining import find_joins
from adverts.linking.evidence.second_kinds import find_items
from adverts.linking.evidence.shown import ACCOUNT, CONTACT, CONTENT, TARGET, Shown, distinct
from adverts.linking.evidence.spells import find_spells
from adverts.linking.found import Listed
from adverts.linking.rules import LinkingRules

_MANY_POSTERS = 10
"""Accounts above which a value may be one that many advertisers show; adverts of an account."""
CAMPAIGN = 5
"""Adverts from which a component says something of who shows a value, and who does not."""
_SMALL_SHARE = 0.2
"""Share of the adverts of a component up to which it shows a value by the way."""
_MOST_OF_IT = 0.5
"""Share of the adverts of a value from which those who show it by the way are most of it."""


def list_values(shown: Shown, rules: LinkingRules) -> tuple[Bools, tuple[Listed, ...]]:
    """Return which values join nothing, ``(V,)``, and a list of those that several adverts show.

    A value is shown by many if, without it, at least ``rules.many_owners`` components of five or
    more adverts show it in at most a fifth of theirs, and these are at least half of all that
    show it. The contact of an advertiser is most of what the advertiser shows; a contact that
    somebody added to the adverts of others is a small part of each. So is an account that posts
    the adverts of others again.
    """
    accounts = shown.account_counts()
    shared = np.isin(shown.kinds, (CONTACT, TARGET))
    many = np.where(shown.kinds == ACCOUNT, shown.adverts, _posters(shown, accounts))
    busy = shared & (accounts > rules.most_accounts) & ~shown.public
    reasons = dict.fromkeys(np.flatnonzero(shown.public).tolist(), "public")
    reasons |= {one: f"busy ({accounts[one]:,} accounts)" for one in np.flatnonzero(busy).tolist()}
    wide = (shown.kinds != CONTENT) & ~busy & ~shown.public & (many > _MANY_POSTERS)
    for value, owners in _strangers(
        shown, shown.public | busy, np.flatnonzero(wide), rules
    ).items():
        reasons[value] = f"shown by many ({owners})"
    ignored = np.zeros(len(shown.names), np.bool_)
    ignored[list(reasons)] = True
    adverts = shown.adverts
    listed = tuple(
        Listed(
            EDGE_KINDS[shown.kinds[value]],
            shown.names[value],
            reasons[value],
            int(adverts[value]),
            int(accounts[value]),
        )
        for value in sorted(reasons)
        if adverts[value] > 1
    )
    return ignored, listed


def _posters(shown: Shown, accounts: Ints) -> Ints:
    """Return the number of accounts of each value; each advert without one counts as one more."""
    unknown = shown.accounts[shown.place] < 0
    return accounts + np.bincount(shown.value[unknown], minlength=len(shown.names))


def _strangers(shown: Shown, set_aside: Bools, wide: Ints, rules: LinkingRules) -> dict[int, int]:
    """Return how many advertisers, who share nothing else, show some values by the way.

    The values are looked at one after another, first those that are shown beside the fewest
    others, as the contact of one advertiser is. What is not shown by many joins what shows it
    before the next one is looked at; what is left is looked at again after all of them.

    Args:
        shown: What adverts show.
        set_aside: Values that join nothing, ``(V,)``.
        wide: Values that may be shown by many.
        rules: What may join adverts.
    """
    if not len(wide):
        return {}
    groups = _Groups(shown, _joining(shown, set_aside, rules), wide)
    left = wide[np.argsort(_beside(shown, wide), kind="stable")].tolist()
    found: dict[int, int] = {}
    joined = True
    while joined:
        found = {}
        for value in left:
            owners = _owners(*groups.touched(shown.places_of(value)), rules.many_owners)
            if owners:
                found[value] = owners
            else:
                groups.join(value)
        joined, left = len(found) < len(left), list(found)
    return found


def _owners(sizes: Ints, shows: Ints, many: int) -> int:
    """Return how many groups show a value by the way; 0 if these are not many.

    Args:
        sizes: Number of adverts of each group that shows it.
        shows: Number of those that show it.
        many: Least number of groups.
    """
    by_the_way = (shows <= np.maximum(1, _SMALL_SHARE * sizes)) & (sizes >= CAMPAIGN)
    owners = int(by_the_way.sum())
    most = shows[by_the_way].sum() >= _MOST_OF_IT * shows.sum()
    return owners if owners >= many and most else 0


def _joining(shown: Shown, ignored: Bools, rules: LinkingRules) -> Drafts:
    """Return the edges that join when some values are left out, in the order of values."""
    spells = find_spells(shown, ignored, silent_days=7 * rules.silent_weeks)
    edges = find_joins(shown, spells, find_items(shown, ignored)).edges
    return edges.chosen(np.argsort(edges.value, kind="stable"))


def _beside(shown: Shown, wide: Ints) -> Floats:
    """Return the number of other values that are shown beside some values, by their adverts."""
    useful = (shown.kinds != CONTENT) & (shown.adverts >= 2) & ~shown.public
    held = find_items(shown, ~useful)
    lines = np.flatnonzero(np.isin(shown.value, wide))
    owner, lies = cut(held.starts, shown.place[lines])
    value, other = shown.value[lines[owner]], held.value[lies]
    width = len(shown.names)
    pairs = distinct((value * width + other)[value != other])
    return np.bincount(pairs // width, minlength=width)[wide] / shown.adverts[wide]


class _Groups:
    """Adverts that values join, of which some join them later than others."""

    def __init__(self, shown: Shown, edges: Drafts, later: Ints) -> None:
        now = ~np.isin(edges.value, later)
        self._edges = edges
        self._start = components(edges.first[now], edges.second[now], len(shown))
        self._sizes = np.bincount(self._start)
        self._sets = UnionFind(len(self._sizes))

    def join(self, value: int) -> None:
        """Join the adverts that a value joins."""
        begin, end = np.searchsorted(self._edges.value, (value, value + 1)).tolist()
        one = self._start[self._edges.first[begin:end]].tolist()
        for pair in zip(one, self._start[self._edges.second[begin:end]].tolist(), strict=True):
            first, second = sorted(map(self._sets.find, pair))
            if first != second:
                self._sizes[first] += self._sizes[second]
                self._sets.union(first, second)

    def touched(self, places: Ints) -> tuple[Ints, Ints]:
        """Return the size of each group that holds some of the places, and how many it holds."""
        found = [self._sets.find(group) for group in self._start[places].tolist()]
        groups, shows = np.unique(np.array(found, np.int64), return_counts=True)
        return self._sizes[groups], shows
