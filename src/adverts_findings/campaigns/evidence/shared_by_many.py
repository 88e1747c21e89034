"""Values that join nothing: public, busy, or shown by many advertisers who share nothing else."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.clusters.components import UnionFind
from adverts_findings.campaigns.edges import EDGE_KINDS
from adverts_findings.campaigns.evidence.drafts import Drafts, components, cut
from adverts_findings.campaigns.evidence.joining import find_joins
from adverts_findings.campaigns.evidence.left_out import listing_lines
from adverts_findings.campaigns.evidence.second_kinds import find_items
from adverts_findings.campaigns.evidence.shown import (
    ACCOUNT,
    CONTACT,
    CONTENT,
    TARGET,
    Shown,
    distinct,
)
from adverts_findings.campaigns.evidence.spells import find_spells
from adverts_findings.campaigns.found import Listed
from adverts_findings.campaigns.rules import LinkingRules

CAMPAIGN = 5
"""Adverts from which a component says something of who shows a value, and who does not."""
_SMALL_SHARE = 0.2
"""Share of the adverts of a component up to which it shows a value by the way."""
_ITS_OWN = 0.8
"""Share of the adverts of a contact from which it is the own one of the component that has them."""
_MOST_OWN = 16
"""Contacts of a component, the most frequent ones, among which an own one is looked for."""
_NO_LINES: Ints = np.zeros(0, np.int64)
_MOST_OF_IT = 0.5
"""Share of the adverts of a value from which those who show it by the way are most of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """What many advertisers show.

    Attributes:
        ignored: Values that join nothing, ``(V,)``.
        listed: Those of them that several adverts show.
        pasted: Lines by which advertisers show, by the way, what is another one's.
        owners: How many advertisers do so with the value of each of these lines.
    """

    ignored: Bools
    listed: tuple[Listed, ...]
    pasted: Ints
    owners: Ints


def list_values(shown: Shown, rules: LinkingRules) -> Many:
    """Return which values join nothing, and which of those who show a value it does not join.

    A value is shown by many if, without it, at least ``rules.many_owners`` components show it by
    the way: they have another contact or link target that nobody else shows, and show that at
    least as often (which does not count against an account); or they have five or more adverts,
    and show the value in at most a fifth. The contact of an advertiser is most of what the
    advertiser shows; a contact that somebody added to the adverts of others is a part of each. So
    is an account that posts the adverts of others again. If these are at least half of all that
    show it, it joins nothing. Otherwise it has an owner, and joins all but them.
    """
    accounts = shown.account_counts()
    shared = np.isin(shown.kinds, (CONTACT, TARGET))
    many = np.where(shown.kinds == ACCOUNT, shown.adverts, _posters(shown, accounts))
    busy = shared & (accounts > rules.most_accounts) & ~shown.public
    reasons = dict.fromkeys(np.flatnonzero(shown.public).tolist(), "public")
    reasons |= {one: f"busy ({accounts[one]:,} accounts)" for one in np.flatnonzero(busy).tolist()}
    wide = (shown.kinds != CONTENT) & ~busy & ~shown.public & (many >= rules.many_owners)
    found, pasted = _strangers(shown, shown.public | busy, np.flatnonzero(wide), rules)
    reasons |= {value: f"shown by many ({owners})" for value, owners in found.items()}
    ignored = np.zeros(len(shown.names), np.bool_)
    ignored[list(reasons)] = True
    lines = [(line, some.count) for some in pasted.values() for line in some.lines.tolist()]
    return Many(
        ignored,
        tuple(_listed(shown, accounts, reasons)),
        np.array([line for line, _ in lines], np.int64),
        np.array([count for _, count in lines], np.int64),
    )


def _listed(shown: Shown, accounts: Ints, reasons: Mapping[int, str]) -> Iterator[Listed]:
    adverts = shown.adverts
    for value in sorted(reasons):
        if adverts[value] > 1:
            yield Listed(
                EDGE_KINDS[shown.kinds[value]],
                shown.names[value],
                reasons[value],
                int(adverts[value]),
                int(accounts[value]),
            )


def _posters(shown: Shown, accounts: Ints) -> Ints:
    """Return the number of accounts of each value; each advert without one counts as one more."""
    unknown = shown.accounts[shown.place] < 0
    return accounts + np.bincount(shown.value[unknown], minlength=len(shown.names))


@dataclass(frozen=True, slots=True, eq=False)
class _Strangers:
    """Components that show a value by the way: how many, by which lines, and what share is theirs.

    They are none if they are not many.
    """

    count: int
    lines: Ints
    share: float


def _strangers(
    shown: Shown, set_aside: Bools, wide: Ints, rules: LinkingRules
) -> tuple[dict[int, int], dict[int, _Strangers]]:
    """Return which values advertisers, who share nothing else, show by the way.

    The values are looked at one after another, first those that are shown beside the fewest
    others, as the contact of one advertiser is. What is not shown by many joins what shows it
    before the next one is looked at; what is left is looked at again after all of them.

    Args:
        shown: What adverts show.
        set_aside: Values that join nothing, ``(V,)``.
        wide: Values that may be shown by many.
        rules: What may join adverts.

    Returns:
        The number of advertisers by value where they are most of those who show it; and, where
        they are not, who they are.
    """
    if not len(wide):
        return {}, {}
    no_lists = shown.without(listing_lines(shown, set_aside, rules))
    groups = _Groups(shown, _joining(no_lists, set_aside, rules), wide)
    left = wide[np.argsort(_beside(shown, wide), kind="stable")].tolist()
    found: dict[int, _Strangers] = {}
    again = True
    while again:
        found = {value: groups.strangers(value, rules.many_owners) for value in left}
        found = {value: some for value, some in found.items() if some.count}
        again, left = len(found) < len(left), list(found)
    owned = {value: some for value, some in found.items() if some.share < _MOST_OF_IT}
    return {value: some.count for value, some in found.items() if value not in owned}, owned


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
    """Adverts that values join, of which some join them later than others.

    Values have a few adverts each, so lists are faster here than arrays.
    """

    def __init__(self, shown: Shown, edges: Drafts, later: Ints) -> None:
        now = ~np.isin(edges.value, later)
        start = components(edges.first[now], edges.second[now], len(shown))
        sizes = np.bincount(start)
        self._sizes: list[int] = sizes.tolist()
        self._sets = UnionFind(len(sizes))
        self._contacts = _contacts_of(shown, start)
        groups = start[shown.place] + len(sizes) * shown.value
        width = len(shown.names)
        self._most_groups: list[int] = np.bincount(
            distinct(groups) // len(sizes), minlength=width
        ).tolist()
        self._is_account: list[bool] = (shown.kinds == ACCOUNT).tolist()
        self._adverts: list[int] = shown.adverts.tolist()
        self._starts: list[int] = shown.starts.tolist()
        self._place: list[int] = shown.place.tolist()
        self._group: list[int] = start[shown.place].tolist()
        self._edge_starts: list[int] = np.searchsorted(edges.value, np.arange(width + 1)).tolist()
        self._ends: tuple[list[int], list[int]] = (edges.first.tolist(), edges.second.tolist())
        self._end_groups: tuple[list[int], list[int]] = (
            start[edges.first].tolist(),
            start[edges.second].tolist(),
        )

    def strangers(self, value: int, many: int) -> _Strangers:
        """Return who shows a value by the way, and join the others by it, if it has an owner."""
        if self._most_groups[value] < many:  # joining only makes groups fewer
            return self._owned(value)
        begin, end = self._starts[value : value + 2]
        groups = list(map(self._sets.find, self._group[begin:end]))
        shows = Counter(groups)
        if len(shows) < many:
            return self._owned(value)
        strange = {one for one, often in shows.items() if self._by_the_way(one, often, value)}
        if len(strange) < many:
            return self._owned(value)
        theirs = [line for line, group in enumerate(groups, begin) if group in strange]
        share = len(theirs) / len(groups)
        if share < _MOST_OF_IT:
            self._join(value, {self._place[line] for line in theirs})
        return _Strangers(len(strange), np.array(theirs, np.int64), share)

    def _owned(self, value: int) -> _Strangers:
        self._join(value, frozenset())
        return _Strangers(0, _NO_LINES, 0.0)

    def _by_the_way(self, group: int, often: int, value: int) -> bool:
        size = self._sizes[group]
        if size >= CAMPAIGN and often <= max(1, _SMALL_SHARE * size):
            return True
        # one advertiser may have a phone in each advert of an account
        return not self._is_account[value] and self._own(group, value) >= often

    def _own(self, group: int, value: int) -> int:
        """Return how often a component shows the contact that is most its own, beside a value."""
        counts: Mapping[int, int] = self._contacts.get(group, {})
        some: Iterable[tuple[int, int]] = counts.items()
        if len(counts) > _MOST_OWN:
            some = heapq.nlargest(_MOST_OWN, some, key=itemgetter(1))
        own = (
            often
            for one, often in some
            if one != value and often >= max(2, _ITS_OWN * self._adverts[one])
        )
        return max(own, default=0)

    def _join(self, value: int, but: Container[int]) -> None:
        """Join the adverts that a value joins, but for some of them."""
        some = slice(*self._edge_starts[value : value + 2])
        ends = zip(*(places[some] for places in self._ends), strict=True)
        groups = zip(*(numbers[some] for numbers in self._end_groups), strict=True)
        for (one, other), pair in zip(ends, groups, strict=True):
            if one not in but and other not in but:
                first, second = sorted(map(self._sets.find, pair))
                if first != second:
                    self._sizes[first] += self._sizes[second]
                    self._sets.union(first, second)
                    self._merge_contacts(first, second)

    def _merge_contacts(self, root: int, other: int) -> None:
        small = self._contacts.pop(other, None)
        large = self._contacts.get(root)
        if small is None:
            return
        if large is None or len(large) < len(small):
            large, small = small, large or {}
            self._contacts[root] = large
        for value, often in small.items():
            large[value] = large.get(value, 0) + often


def _contacts_of(shown: Shown, group: Ints) -> dict[int, dict[int, int]]:
    """Return how often each component shows each contact and link target that is not public."""
    useful = np.isin(shown.kinds, (CONTACT, TARGET)) & ~shown.public & (shown.adverts >= 2)
    lines = np.flatnonzero(useful[shown.value])
    width = len(shown.names)
    codes = group[shown.place[lines]] * width + shown.value[lines]
    pairs, counts = np.unique(codes, return_counts=True)
    found: dict[int, dict[int, int]] = {}
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        found.setdefault(pair // width, {})[pair % width] = count
    return found
