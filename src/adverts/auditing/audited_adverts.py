"""The audited adverts: their labels, clusters, and parts, which text links join."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.advert import SPLITS, LabelSchema, Task
from adverts.arrays import Ints
from adverts.clusters.links import TEXT_KINDS
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.cluster_evidence import StoredLinks
from adverts.data.dataset.linked_families import connected, find_families
from adverts.data.review.review_sheet import part_name
from adverts.evaluation.truth import true_labels

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AdvertCount:
    """A number of adverts, overall, by split and by language.

    Attributes:
        adverts: Number of adverts.
        by_split: Number of adverts in each split that has any.
        by_language: Number of adverts in each language; ``unknown`` if none is known.
    """

    adverts: int
    by_split: dict[str, int]
    by_language: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class AuditedAdverts:
    """The adverts of a dataset with their groups, as an audit needs them.

    Attributes:
        table: Table of every advert.
        links: Links between adverts.
        splits: Split of each advert, as an index into ``SPLITS``.
        clusters: Number of each advert's cluster.
        families: Number of each advert's family, see ``adverts.data.dataset.linked_families``.
        parts: Number of each advert's part: the adverts that text links join to it.
        part_names: Name of each part, see ``part_name``.
        of_labels: Names of columns that were made from labels, so that they are no shortcuts.
    """

    table: AdvertTable
    links: StoredLinks
    splits: Ints
    clusters: Ints
    families: Ints
    parts: Ints
    part_names: tuple[str, ...]
    of_labels: frozenset[str] = frozenset()

    @property
    def schema(self) -> LabelSchema:
        """The label schema of the dataset, with its tasks."""
        return self.table.schema

    @property
    def headline(self) -> Task:
        """The headline task of the dataset."""
        return self.schema.task(self.schema.headline)

    def labels(self, task: Task) -> Ints:
        """Return the label of each advert for a task that is not ``multi``; -1 where undecided."""
        return true_labels(task, self.table.targets[task.name])

    def languages(self) -> list[str]:
        """Return the language of each advert; ``unknown`` if none is known."""
        return [lang or UNKNOWN for lang in self.table.langs]

    def ids(self, rows: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of some rows, in their order."""
        return tuple(self.table.ids[row] for row in rows)

    def counted(self, rows: Sequence[int] | Ints) -> AdvertCount:
        """Count some rows by split and language."""
        chosen = [int(row) for row in rows]
        splits = Counter(self.table.splits[row] for row in chosen)
        return AdvertCount(
            adverts=len(chosen),
            by_split={split: splits[split] for split in SPLITS if splits[split]},
            by_language=ordered(Counter(self.table.langs[row] or UNKNOWN for row in chosen)),
        )


def open_subject(
    table: AdvertTable,
    links: StoredLinks,
    *,
    families: Ints | None = None,
    of_labels: Collection[str] = (),
) -> AuditedAdverts:
    """Return the audited adverts of a dataset, with numbered clusters and parts.

    Args:
        table: Table of every advert.
        links: Links between adverts.
        families: Number of each advert's family in the dataset; None: computed from ``links``.
        of_labels: Names of columns that were made from labels.
    """
    if families is None:
        families = numbered(find_families(table.clusters, [links]))
    parts = components(links, len(table), kinds=TEXT_KINDS)
    smallest: dict[int, str] = {}
    for name, part in zip((*table.ids, *links.others), parts.tolist(), strict=True):
        smallest[part] = min(name, smallest.get(part, name))
    kept, numbers = np.unique(parts[: len(table)], return_inverse=True)
    return AuditedAdverts(
        table=table,
        links=links,
        splits=np.array([SPLITS.index(split) for split in table.splits], np.int64),
        clusters=numbered(table.clusters),
        families=families,
        parts=numbers.astype(np.int64),
        part_names=tuple(part_name(smallest[part]) for part in kept.tolist()),
        of_labels=frozenset(of_labels),
    )


def components(links: StoredLinks, count: int, *, kinds: Collection[str]) -> Ints:
    """Return the number of the connected group of each advert, then of each of ``links.others``.

    Only joined links of ``kinds`` are followed.

    Args:
        links: Links between adverts.
        count: Number of adverts.
        kinds: Names of kinds of link; names that do not occur are ignored.
    """
    chosen = [i for i, kind in enumerate(links.kind_names) if kind in kinds]
    kept = links.joined & np.isin(links.kinds, chosen)
    return connected(links.first[kept], links.second[kept], count + len(links.others))


def numbered(names: Sequence[str]) -> Ints:
    """Return the number of each name, in sorted order of the distinct names."""
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def members(groups: Ints, *, at_least: int = 1) -> list[Ints]:
    """Return the rows of each group of at least ``at_least``, groups and rows ascending."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    return [rows for rows in np.split(order, starts[1:]) if len(rows) >= at_least]


def ordered(counts: Counter[str]) -> dict[str, int]:
    """Return counts with the largest first, and equal ones by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
