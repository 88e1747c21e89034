"""What both sides of an edge show beside the value that they share."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Ints
from adverts.linking.edges import EDGE_KINDS
from adverts.linking.evidence.drafts import Drafts, cut
from adverts.linking.evidence.second_kinds import Items
from adverts.linking.evidence.shown import CONTENT, Shown, distinct
from adverts.linking.evidence.spells import Spells

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
    width = max(len(shown.names), 1)
    one = _side(shown, spells, items, edges, edges.first, step=-1)
    other = _side(shown, spells, items, edges, edges.second, step=1)
    both = np.intersect1d(one, other, assume_unique=True)
    agree = _bits(shown, both, len(edges), width)
    shows_one, shows_other = (_bits(shown, side, len(edges), width) for side in (one, other))
    return agree, shows_one & shows_other & ~agree


def _bits(shown: Shown, keys: Ints, count: int, width: int) -> Ints:
    """Return the kinds of some values of each edge as bits."""
    edge, value = np.divmod(keys, width)
    found = np.zeros(count, np.int64)
    for kind in range(len(EDGE_KINDS)):
        found[edge[shown.kinds[value] == kind]] |= 1 << kind
    return found


def _side(
    shown: Shown, spells: Spells, items: Items, edges: Drafts, ends: Ints, *, step: int
) -> Ints:
    """Return what one side of each edge shows, as keys that ascend: edge times V plus value."""
    edge, place = _adverts(shown, spells, edges, ends, step=step)
    owner, lies = cut(items.starts, place)
    edge, item = edge[owner], items.value[lies]
    shared = edges.value[edge]
    by_content = (shown.kinds[shared] == CONTENT) & (shown.kinds[item] == CONTENT)
    beside = (item != shared) & ~by_content
    width = max(len(shown.names), 1)
    return distinct(edge[beside] * width + item[beside])


def _adverts(
    shown: Shown, spells: Spells, edges: Drafts, ends: Ints, *, step: int
) -> tuple[Ints, Ints]:
    """Return the adverts of one side of each edge: the edge, and the place of the advert."""
    lines, known = _lines_of(shown, spells, edges.value, ends)
    found = [(np.arange(len(edges)), ends)]
    for away in range(1, _NEAREST):
        near = lines + step * away
        inside = known & (near >= 0) & (near < len(spells.place))
        inside[inside] = spells.spell[near[inside]] == spells.spell[lines[inside]]
        found.append((np.flatnonzero(inside), spells.place[near[inside]]))
    return np.concatenate([edge for edge, _ in found]), np.concatenate([at for _, at in found])


def _lines_of(shown: Shown, spells: Spells, value: Ints, place: Ints) -> tuple[Ints, Bools]:
    """Return the line of the spells at which a value is shown at a place, and whether it is one."""
    count = max(len(shown), 1)
    keys = spells.value[spells.spell] * count + spells.place
    order = np.argsort(keys)
    wanted = value * count + place
    found = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    if not len(keys):
        return np.zeros(len(value), np.int64), np.zeros(len(value), np.bool_)
    lines = order[found]
    return lines, keys[lines] == wanted
