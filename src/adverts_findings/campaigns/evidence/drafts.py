"""Edges while they are being found: between places in time, and in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.edges import EDGE_STATUSES, EdgeStatus


@dataclass(frozen=True, slots=True, eq=False)
class Drafts:
    """``E`` edges between adverts, which are named by their place in time.

    Attributes:
        first: Place of the earlier advert, ``(E,)``.
        second: Place of the later advert, ``(E,)``.
        value: What they share, ``(E,)``.
        silence: Days of silence between the two sides; NaN where it is not known, ``(E,)``.
        status: Index into ``EDGE_STATUSES``, ``(E,)``.
        reason: Why it does not join; empty where it does.
    """

    first: Ints
    second: Ints
    value: Ints
    silence: Floats
    status: Ints
    reason: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.first)

    def chosen(self, which: Bools | Ints) -> Drafts:
        """Return the edges that a mask or an index selects, in its order."""
        places = np.flatnonzero(which) if which.dtype == np.bool_ else which
        return Drafts(
            self.first[places],
            self.second[places],
            self.value[places],
            self.silence[places],
            self.status[places],
            tuple(self.reason[place] for place in places.tolist()),
        )


def draft(
    ends: tuple[Ints, Ints],
    value: Ints,
    silence: Floats,
    status: EdgeStatus,
    reason: Sequence[str] | None = None,
) -> Drafts:
    """Return edges of one status, each from its earlier to its later end.

    Args:
        ends: Places of both ends, in any order.
        value: What they share.
        silence: Days of silence.
        status: Status of all of them.
        reason: Why each does not join; None for those that join.
    """
    return Drafts(
        np.minimum(*ends),
        np.maximum(*ends),
        value,
        silence,
        np.full(len(value), EDGE_STATUSES.index(status), np.int64),
        ("",) * len(value) if reason is None else tuple(reason),
    )


def join_drafts(parts: Sequence[Drafts]) -> Drafts:
    """Return all edges of several parts, in their order."""
    return Drafts(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.silence for part in parts]),
        np.concatenate([part.status for part in parts]),
        tuple(reason for part in parts for reason in part.reason),
    )


def components(one: Ints, other: Ints, count: int) -> Ints:
    """Return the number of the connected component of each of ``count`` things, ``(count,)``."""
    links = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(count, count))
    _, found = connected_components(links, directed=False)
    return np.asarray(found, np.int64)


def cut(starts: Ints, which: Ints) -> tuple[Ints, Ints]:
    """Return where the things of some groups lie, one group after another.

    Args:
        starts: Where each group begins, and where the last one ends.
        which: Groups, each as often as wanted.

    Returns:
        For each thing the place in ``which`` that it belongs to, and where it lies.
    """
    sizes = starts[which + 1] - starts[which]
    owner = np.repeat(np.arange(len(which)), sizes)
    begins = np.cumsum(sizes) - sizes
    return owner, np.arange(len(owner)) - begins[owner] + starts[which][owner]
