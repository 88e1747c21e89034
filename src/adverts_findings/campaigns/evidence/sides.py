"""What both sides of an edge show beside the value that they share."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Ints
from adverts_findings.campaigns.edges import EDGE_KINDS
from adverts_findings.campaigns.evidence.drafts import Drafts, cut
from adverts_findings.campaigns.evidence.second_kinds import Items
from adverts_findings.campaigns.evidence.shown import CONTENT, Shown, distinct
from adverts_findings.campaigns.evidence.spells import Spells

_AT_ONCE = 200_000
"""Edges that are compared at once."""
_NEAREST = 3
"""Adverts that speak for a side of an edge: its end, and those next to it in its identity."""


def compare_sides(shown: Shown, spells: Spells, items: Items, edges: Drafts) -> tuple[Ints, Ints]:
    """Return in which other kinds of evidence both sides agree, and in which they differ.

    A side is the advert at the end of the edge and, where what they share is a contact, an
    account or a link target, the two adverts next to it in its spell, away from the other end.
    Content is one kind. Of a kind that one side does not show, nothing is said.

    Args:
        shown: What adverts show.
        spells: Posting identities.
        items: Values that may be a second kind of evidence.
        edges: The edges.

    Returns:
        Bits of the kinds in which they agree, ``(E,)``; and of those in which both show something
        and have nothing in common, ``(E,)``.
    """
    also, against = np.zeros(len(edges), np.int64), np.zeros(len(edges), np.int64)
    one, other = (_lines_of(shown, spells, edges.value, end) for end in (edges.first, edges.second))
    for start in range(0, len(edges), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        ends = edges.first[part], edges.second[part]
        sides = [
            _side(shown, spells, items, edges.value[part], (line[part], end), step=step)
            for line, end, step in zip((one, other), ends, (-1, 1), strict=True)
        ]
        also[part], against[part] = _compare(shown, sides[0], sides[1], len(ends[0]))
    return also, against


def _compare(shown: Shown, one: Ints, other: Ints, count: int) -> tuple[Ints, Ints]:
    """Return in which kinds two sides of each edge agree, and in which they differ, as bits."""
    both = np.intersect1d(one, other, assume_unique=True)
    agree, shows_one, shows_other = (_bits(shown, keys, count) for keys in (both, one, other))
    return agree, shows_one & shows_other & ~agree


def _bits(shown: Shown, keys: Ints, count: int) -> Ints:
    """Return the kinds of some values of each edge as bits."""
    edge, value = np.divmod(keys, max(len(shown.names), 1))
    found = np.zeros(count, np.int64)
    for kind in range(len(EDGE_KINDS)):
        found[edge[shown.kinds[value] == kind]] |= 1 << kind
    return found


def _side(
    shown: Shown,
    spells: Spells,
    items: Items,
    shared: Ints,
    ends: tuple[Ints, Ints],
    *,
    step: int,
) -> Ints:
    """Return what one side of each edge shows, as keys that ascend: edge times V plus value.

    Args:
        shown: What adverts show.
        spells: Posting identities.
        items: Values that may be a second kind of evidence.
        shared: What each edge shares.
        ends: Line of the spells at which the end of each edge shows it, or -1; and its place.
        step: -1 for the adverts before the end, 1 for those after it.
    """
    edge, place = _adverts(spells, *ends, step=step)
    owner, lies = cut(items.starts, place)
    edge, item = edge[owner], items.value[lies]
    by_content = (shown.kinds[shared[edge]] == CONTENT) & (shown.kinds[item] == CONTENT)
    beside = (item != shared[edge]) & ~by_content
    return distinct(edge[beside] * max(len(shown.names), 1) + item[beside])


def _adverts(spells: Spells, lines: Ints, ends: Ints, *, step: int) -> tuple[Ints, Ints]:
    """Return the adverts of one side of each edge: the edge, and the place of the advert."""
    found = [(np.arange(len(ends)), ends)]
    for away in range(1, _NEAREST):
        near = lines + step * away
        inside = (lines >= 0) & (near >= 0) & (near < len(spells.place))
        inside[inside] = spells.spell[near[inside]] == spells.spell[lines[inside]]
        found.append((np.flatnonzero(inside), spells.place[near[inside]]))
    return np.concatenate([edge for edge, _ in found]), np.concatenate([at for _, at in found])


def _lines_of(shown: Shown, spells: Spells, value: Ints, place: Ints) -> Ints:
    """Return the line of the spells at which a value is shown at a place; -1 if there is none."""
    if not len(spells.place):
        return np.full(len(value), -1, np.int64)
    keys = spells.value[spells.spell] * len(shown) + spells.place
    order = np.argsort(keys)
    wanted = value * len(shown) + place
    lines = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
    return np.where(keys[lines] == wanted, lines, -1)
