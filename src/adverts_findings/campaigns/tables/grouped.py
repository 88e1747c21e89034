"""Groups of numbered members as arrays, and which of them are as they were before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from adverts.arrays import Bools, Ints
from adverts_findings.campaigns.found import Identity


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """``G`` groups of ``M`` members in all, group after group.

    Attributes:
        members: Number of each member, ``(M,)``.
        sizes: Number of members of each group, ``(G,)``.
    """

    members: Ints
    sizes: Ints

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.sizes)

    @property
    def starts(self) -> Ints:
        """Place of the first member of each group, ``(G,)``."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def groups(self) -> Ints:
        """Group of each member, ``(M,)``."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def of(self, groups: Ints) -> list[list[int]]:
        """Return the members of some groups."""
        starts = self.starts[groups]
        bounds = zip(starts.tolist(), (starts + self.sizes[groups]).tolist(), strict=True)
        return [self.members[start:end].tolist() for start, end in bounds]


def group_by_code(members: Ints, codes: Ints, count: int) -> Grouped:
    """Return the members of each code, in their order.

    Args:
        members: Number of each member, ``(M,)``.
        codes: Group of each member, ``(M,)``; members of negative ones are left out.
        count: Number of groups.
    """
    inside = codes >= 0
    members, codes = members[inside], codes[inside]
    sizes = np.bincount(codes, minlength=count).astype(np.int64)
    return Grouped(members[np.argsort(codes, kind="stable")], sizes)


def identity_rows(identities: Sequence[Identity]) -> Grouped:
    """Return the rows of the adverts of each identity."""
    rows = [one.rows for one in identities]
    sizes = np.fromiter(map(len, rows), np.int64, len(rows))
    members = np.fromiter(chain.from_iterable(rows), np.int64, int(sizes.sum()))
    return Grouped(members, sizes)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """How groups compare with those before.

    Attributes:
        same: The group before that had exactly the members of each group; -1 if none had, ``(G,)``.
        is_new: Whether no member of the group was in any group before, ``(G,)``.
    """

    same: Ints
    is_new: Bools


def compare_groups(now: Grouped, before: Grouped) -> Compared:
    """Return which groups are exactly as before, and which have nothing of before.

    Where a member comes twice or a group is empty, no group is said to be as before, or new.
    """
    nothing = Compared(np.full(len(now), -1, np.int64), np.zeros(len(now), np.bool_))
    order = np.argsort(before.members, kind="stable")
    known = before.members[order]
    if not (_is_plain(now) and _is_plain(before)) or not len(now):
        return nothing
    if not len(known):
        return Compared(nothing.same, ~nothing.is_new)
    places = np.minimum(np.searchsorted(known, now.members), len(known) - 1)
    former = np.where(known[places] == now.members, before.groups[order][places], -1)
    least = np.minimum.reduceat(former, now.starts)
    most = np.maximum.reduceat(former, now.starts)
    is_same = (least == most) & (least >= 0) & (before.sizes[least] == now.sizes)
    return Compared(np.where(is_same, least, -1), most < 0)


def _is_plain(one: Grouped) -> bool:
    """Return whether each group has members, and each member one group."""
    ordered = np.sort(one.members)
    return bool((one.sizes > 0).all()) and not bool((ordered[1:] == ordered[:-1]).any())
