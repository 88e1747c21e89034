"""The counts of a prepared dataset, taken while its rows pass by."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from adverts.advert import SPLITS, LabelSchema
from adverts.data.dataset.manifest import SplitCounts
from adverts.data.dataset.records import PreparedRow
from adverts.errors import InputError


class Tally:
    """Counts rows on their way to disk, and refuses an id that comes twice."""

    def __init__(self, schema: LabelSchema) -> None:
        self._schema = schema
        self._ids: set[str] = set()
        self._clusters: dict[str, set[str]] = defaultdict(set)
        self._facts: dict[str, Counter[str]] = defaultdict(Counter)
        self._languages: dict[str, Counter[str]] = defaultdict(Counter)
        self._unread: dict[str, Counter[str]] = defaultdict(Counter)
        self._labels: dict[tuple[str, str], dict[str, float]] = {}

    def watch(self, rows: Iterable[PreparedRow]) -> Iterator[PreparedRow]:
        """Pass rows through and count them.

        Raises:
            InputError: An id stands twice.
        """
        for row in rows:
            if row.id in self._ids:
                raise InputError(f"id {row.id!r} stands twice; ids must differ")
            self._ids.add(row.id)
            self._count(row)
            yield row

    def counts(self) -> dict[str, SplitCounts]:
        """Return the counts of the rows so far, by split in the usual order."""
        return {
            split: SplitCounts(
                adverts=self._facts[split]["adverts"],
                clusters=len(self._clusters[split]),
                with_image=self._facts[split]["with_image"],
                unreviewed=self._facts[split]["unreviewed"],
                languages=dict(sorted(self._languages[split].items())),
                labels={
                    task.name: {k: round(v, 3) for k, v in self._labels[split, task.name].items()}
                    for task in self._schema.tasks
                },
                unread_lines=dict(sorted(self._unread[split].items())),
            )
            for split in SPLITS
            if split in self._facts
        }

    def _count(self, row: PreparedRow) -> None:
        facts = self._facts[row.split]
        facts["adverts"] += 1
        facts["with_image"] += bool(row.images)
        facts["unreviewed"] += not row.reviewed
        self._clusters[row.split].add(row.cluster)
        self._languages[row.split][row.lang or ""] += 1
        if row.ocr_quality is not None and row.ocr_quality.unread_lines:
            self._unread[row.split][row.lang or ""] += row.ocr_quality.unread_lines
        for task in self._schema.tasks:
            empty = dict.fromkeys((*task.labels, "unlabelled"), 0.0)
            sums = self._labels.setdefault((row.split, task.name), empty)
            weights = row.targets.get(task.name)
            if weights is None:
                sums["unlabelled"] += 1
            else:
                _add(sums, task.labels, weights)


def _add(sums: dict[str, float], labels: Sequence[str], weights: Sequence[float]) -> None:
    for label, weight in zip(labels, weights, strict=True):
        sums[label] += 0.0 if math.isnan(weight) else weight
