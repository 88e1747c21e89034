"""How often harmless look-alike adverts are flagged: news, charities, lawful travel, family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Bools, Ints
from adverts.evaluation.statistics.bounds import exact_interval

Kind = Literal["look_alike", "ambiguous"]


@dataclass(frozen=True, slots=True, eq=False)
class LookAlikes:
    """The true class of each advert, by the classes of the taxonomy.

    Attributes:
        classes: ``(N,)`` class of each advert, in the order of the predictions; None where it has
            no label, or annotators are evenly split.
        harmless: Maps each class that must not be flagged to its look-alike group.
        ambiguous: Classes that only the context decides; flags are counted, never called false.
    """

    classes: NDArray[np.object_]
    harmless: Mapping[str, str]
    ambiguous: tuple[str, ...]

    def of(self, rows: Ints) -> LookAlikes:
        """Return the classes of the adverts of these rows, in this order."""
        return LookAlikes(self.classes[rows], self.harmless, self.ambiguous)

    def groups(self) -> dict[str, Ints]:
        """Return the rows of each look-alike group, in the order of ``harmless``."""
        members: dict[str, list[str]] = {}
        for name, group in self.harmless.items():
            members.setdefault(group, []).append(name)
        return {group: self._rows(names) for group, names in members.items()}

    def uncertain(self) -> dict[str, Ints]:
        """Return the rows of each ambiguous class."""
        return {name: self._rows([name]) for name in self.ambiguous}

    def _rows(self, names: Sequence[str]) -> Ints:
        return np.flatnonzero([one in names for one in self.classes])


@dataclass(frozen=True, slots=True)
class GroupRate:
    """How much of one group is at or above a threshold, by post and by cluster.

    Copies of an advert are flagged together. Posts are therefore not independent trials, and an
    exact interval over posts would be too narrow. The rate and its interval count clusters. One is
    flagged as soon as any of its posts of this group is, so the rate is rather too high.

    Attributes:
        group: Name of the group.
        kind: ``look_alike``: each flag is a false alarm; ``ambiguous``: the rate is only a share.
        adverts: Number of adverts of the group.
        clusters: Number of clusters of these adverts.
        flagged: Number of adverts at or above the threshold.
        rate: Share of the clusters that are flagged; None without an advert.
        low: Lower end of the rate's exact binomial 95 % interval; None without an advert.
        high: Upper end of that interval; None without an advert.
        flagged_clusters: Clusters with an advert of this group at or above the threshold.
    """

    group: str
    kind: Kind
    adverts: int
    clusters: int
    flagged: int
    rate: float | None
    low: float | None
    high: float | None
    flagged_clusters: int = 0


def group_rates(
    flagged_N: Bools, clusters: Sequence[str], look_alikes: LookAlikes, rows: Ints
) -> tuple[GroupRate, ...]:
    """Return how often each look-alike group and each ambiguous class is flagged.

    A group without an advert is included with counts of 0, so that untested groups are visible.

    Args:
        flagged_N: Which adverts are at or above the threshold, ``(N,)``.
        clusters: Cluster of each advert, ``N`` names.
        look_alikes: True classes of the same ``N`` adverts.
        rows: Indices of the adverts that count.

    Raises:
        ValueError: Flags, clusters and classes differ in length.
    """
    lengths = {len(flagged_N), len(clusters), len(look_alikes.classes)}
    if len(lengths) > 1:
        raise ValueError(f"flags, clusters and classes must be of one length, got {lengths}")
    names = np.asarray(clusters, dtype=object)
    parts: tuple[tuple[Kind, Mapping[str, Ints]], ...] = (
        ("look_alike", look_alikes.groups()),
        ("ambiguous", look_alikes.uncertain()),
    )
    return tuple(
        _rate(group, kind, flagged_N, names, rows=np.intersect1d(members, rows))
        for kind, found in parts
        for group, members in found.items()
    )


def _rate(
    group: str, kind: Kind, flagged_N: Bools, clusters: NDArray[np.object_], *, rows: Ints
) -> GroupRate:
    flagged = rows[flagged_N[rows]]
    total, hits = len(set(clusters[rows])), len(set(clusters[flagged]))
    low, high = exact_interval(hits, total)
    return GroupRate(
        group=group,
        kind=kind,
        adverts=len(rows),
        clusters=total,
        flagged=len(flagged),
        rate=hits / total if total else None,
        low=low if total else None,
        high=high if total else None,
        flagged_clusters=hits,
    )
