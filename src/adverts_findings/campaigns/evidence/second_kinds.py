"""Which spells of one value a second, independent kind of evidence joins, and which it does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.evidence.drafts import Drafts, components, cut, draft
from adverts_findings.campaigns.evidence.shown import Shown
from adverts_findings.campaigns.evidence.spells import Spells

_MOST_ITEMS = 16
"""Most values of one advert that are a second kind of evidence."""
_FEW_BEFORE = 2
"""Spells on other platforms, before a spell in time, that it is held against."""


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What may be a second kind of evidence: values that at least two adverts show.

    Attributes:
        value: Values of the advert at each place, one place after another.
        starts: Where those of each place begin, ``(N + 1,)``.
    """

    value: Ints
    starts: Ints


def find_items(shown: Shown, ignored: Bools) -> Items:
    """Return what may be a second kind of evidence, but for some values.

    An account that posted once, a text of its own and the like say nothing of anything else. Of an
    advert that shows very many, the rarest are taken.
    """
    adverts = shown.adverts
    useful = (adverts >= 2) & ~ignored
    lines = np.flatnonzero(useful[shown.value])
    values, places = shown.value[lines], shown.place[lines]
    order = lines[np.lexsort((values, adverts[values], places))]
    begins = np.searchsorted(shown.place[order], shown.place[order])
    order = order[np.arange(len(order)) - begins < _MOST_ITEMS]
    starts = np.searchsorted(shown.place[order], np.arange(len(shown) + 1))
    return Items(shown.value[order], starts)


def chain_edges(shown: Shown, spells: Spells) -> Drafts:
    """Return the edges between adverts that follow each other within a spell."""
    one = np.flatnonzero(np.diff(spells.spell) == 0)
    ends = spells.place[one], spells.place[one + 1]
    value = spells.value[spells.spell[one]]
    return draft(ends, value, shown.days[ends[1]] - shown.days[ends[0]], "joins")


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Edges between spells of one value, with the spells that they join.

    Attributes:
        edges: The edges.
        one: Spell that began earlier, of each edge.
        other: Spell that began later.
    """

    edges: Drafts
    one: Ints
    other: Ints


def join_spells(shown: Shown, spells: Spells, items: Items) -> Joined:
    """Return the edges between spells of one value that show the same of another kind.

    Of all spells that show the same, each is joined with the next one in time. So their number
    grows with what is shown, not with its square. An edge is between adverts that show both the
    value and the second thing; of several between two spells the one of the strongest kind, and
    among those with the least time between, is taken.
    """
    several = np.bincount(spells.value, minlength=len(shown.names)) > 1
    lines = np.flatnonzero(several[spells.value[spells.spell]])
    owner, held = cut(items.starts, spells.place[lines])
    line, item = lines[owner], items.value[held]
    spell = spells.spell[line]
    other_thing = item != spells.value[spell]
    line, item, spell = line[other_thing], item[other_thing], spell[other_thing]
    place, value = spells.place[line], spells.value[spell]
    order = np.lexsort((place, item, value))
    line, item, spell, value = line[order], item[order], spell[order], value[order]
    near = np.flatnonzero((np.diff(value) == 0) & (np.diff(item) == 0) & (np.diff(spell) != 0))
    one, other = spells.place[line[near]], spells.place[line[near + 1]]
    begun, later = _by_begin(spells, spell[near], spell[near + 1])
    apart = shown.days[other] - shown.days[one]
    ranked = np.lexsort((one, other, apart, shown.kinds[item[near]], later, begun))
    begun, later = begun[ranked], later[ranked]
    fresh = np.ones(len(ranked), np.bool_)
    fresh[1:] = (np.diff(begun) != 0) | (np.diff(later) != 0)
    best, begun, later = ranked[fresh], begun[fresh], later[fresh]
    silence = spells.silence(shown.days, begun, later)
    edges = draft((one[best], other[best]), spells.value[begun], silence, "joins")
    return Joined(edges, begun, later)


def refuse_spells(shown: Shown, spells: Spells, joined: Joined) -> Drafts:
    """Return rejected edges between spells of one value that have nothing else in common.

    Each spell is held against the one before it on its platform, and against the last few that
    began before it on other platforms.
    """
    groups = components(joined.one, joined.other, len(spells))
    one, other = _neighbours(spells)
    apart = groups[one] != groups[other]
    one, other = one[apart], other[apart]
    silence = spells.silence(shown.days, one, other)
    platforms = spells.platform[one], spells.platform[other]
    ends = _last_before(spells, one, spells.first_place[other]), spells.first_place[other]
    return draft(ends, spells.value[one], silence, "rejected", _reasons(silence, *platforms))


def _by_begin(spells: Spells, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return pairs of spells, each with the one that began earlier first."""
    begins = spells.first_place
    turned = begins[one] > begins[other]
    return np.where(turned, other, one), np.where(turned, one, other)


def _neighbours(spells: Spells) -> tuple[Ints, Ints]:
    """Return pairs of spells of one value that are held against each other."""
    order = np.lexsort((spells.first_place, spells.value))
    pairs = [_same_platform(spells)]
    for steps in range(1, _FEW_BEFORE + 1):
        one, other = order[:-steps], order[steps:]
        close = spells.value[one] == spells.value[other]
        close &= spells.platform[one] != spells.platform[other]
        pairs.append((one[close], other[close]))
    return np.concatenate([one for one, _ in pairs]), np.concatenate([two for _, two in pairs])


def _same_platform(spells: Spells) -> tuple[Ints, Ints]:
    same = (np.diff(spells.value) == 0) & (np.diff(spells.platform) == 0)
    one = np.flatnonzero(same)
    return one, one + 1


def _last_before(spells: Spells, spell: Ints, place: Ints) -> Ints:
    """Return the last place of each spell before another place; its first one if there is none."""
    width = int(spells.place.max(initial=0)) + 1
    keys = spells.spell * width + spells.place
    found = np.searchsorted(keys, spell * width + place) - 1
    return spells.place[np.maximum(found, spells.starts[spell])]


def _reasons(silence: Floats, one: Ints, other: Ints) -> list[str]:
    """Return why nothing joins spells of one value, in words."""
    weeks = np.floor(np.nan_to_num(silence) / 7).astype(np.int64).tolist()
    unknown = np.isnan(silence).tolist()
    across, nowhere = (one != other).tolist(), ((one < 0) | (other < 0)).tolist()
    return [_reason(*told) for told in zip(weeks, unknown, across, nowhere, strict=True)]


def _reason(weeks: int, unknown: bool, across: bool, nowhere: bool) -> str:
    if across and nowhere:
        return "on a platform that is not known, and nothing else in common"
    if across:
        return "on another platform, and nothing else in common"
    if unknown:
        return "at an unknown time, and nothing else in common"
    return f"silent for {weeks} weeks, and nothing else in common"
