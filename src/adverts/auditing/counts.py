"""Count adverts of each kind, and find where there are too few to learn or judge from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.advert import SPLITS, Task
from adverts.arrays import Ints
from adverts.auditing.audited_adverts import UNKNOWN, AuditedAdverts, ordered
from adverts.evaluation.truth import NOT_JUDGED, true_signals

UNLABELLED = "unlabelled"
_PROPAGATED = "propagated"


@dataclass(frozen=True, slots=True)
class TinyCell:
    """A label that too few clusters carry in one split and language.

    Attributes:
        split: The split.
        language: The language.
        label: Label of the headline task.
        adverts: Number of adverts with the label; may be 0.
        clusters: Number of clusters of these adverts, which are the independent observations.
    """

    split: str
    language: str
    label: str
    adverts: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of adverts of each kind.

    Attributes:
        adverts: Number of adverts by split.
        by_dimension: Maps each dimension, such as ``language`` or ``label.refer``, to a map of
            value to split to number of adverts. The commonest value is first, except for labels,
            which are in index order.
        tiny_cells: Cells in which the headline has too little evidence, the smallest first.
        min_clusters: Number of clusters that a cell needs.
        untrained_languages: Maps each language of ``validation`` or ``test`` that ``train`` lacks
            to its number of adverts there.
    """

    adverts: dict[str, int]
    by_dimension: dict[str, dict[str, dict[str, int]]]
    tiny_cells: tuple[TinyCell, ...]
    min_clusters: int
    untrained_languages: dict[str, int]


def count_adverts(subject: AuditedAdverts, *, min_clusters: int) -> Counts:
    """Count the adverts of a dataset.

    Args:
        subject: The audited adverts.
        min_clusters: Number of clusters that a cell of split, language and label needs.
    """
    dimensions = {name: _by_split(subject, values) for name, values in _values(subject).items()}
    for task in subject.schema.tasks:
        dimensions[f"label.{task.name}"] = _labels_by_split(subject, task)
    by_split = Counter(subject.table.splits)
    languages = dimensions["language"]
    return Counts(
        adverts={split: by_split[split] for split in SPLITS if by_split[split]},
        by_dimension=dimensions,
        tiny_cells=_tiny_cells(subject, min_clusters),
        min_clusters=min_clusters,
        untrained_languages={
            name: sum(splits.values())
            for name, splits in languages.items()
            if "train" not in splits and name != UNKNOWN
        },
    )


def _values(subject: AuditedAdverts) -> dict[str, list[str]]:
    table = subject.table
    has_text = [bool(text.strip()) for text in table.texts]
    values = {
        "language": subject.languages(),
        "script": [script or UNKNOWN for script in table.scripts],
        "modality": [
            _modality(text, picture)
            for text, picture in zip(has_text, table.has_image.tolist(), strict=True)
        ],
        "reviewed": ["reviewed" if yes else "unreviewed" for yes in table.reviewed.tolist()],
    }
    platforms = table.values("platform")
    if any(platforms):
        values["platform"] = [str(name or UNKNOWN) for name in platforms]
    for name in table.column_names:
        if name.startswith(_PROPAGATED):
            told = table.values(name)
            values[name] = [_PROPAGATED if value else "by people" for value in told]
    return values


def _modality(has_text: bool, has_image: bool) -> str:  # noqa: FBT001 - two of a kind
    parts = [name for name, there in (("text", has_text), ("picture", has_image)) if there]
    return " and ".join(parts) or "nothing"


def _by_split(subject: AuditedAdverts, values: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the number of adverts by value and split, the commonest value first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for value, split in zip(values, subject.table.splits, strict=True):
        found[value][split] += 1
    totals = ordered(Counter({value: counts.total() for value, counts in found.items()}))
    return {value: {s: found[value][s] for s in SPLITS if found[value][s]} for value in totals}


def _labels_by_split(subject: AuditedAdverts, task: Task) -> dict[str, dict[str, int]]:
    """Return the number of adverts by label and split: labels in index order, then unlabelled."""
    labels = [*task.labels, UNLABELLED]
    if task.kind == "multi":
        signals = true_signals(subject.table.targets[task.name])
        carried = [np.flatnonzero(signals[:, i] == 1) for i in range(task.num_labels)]
        carried.append(np.flatnonzero((signals == NOT_JUDGED).all(axis=1)))
    else:
        found = subject.labels(task)
        carried = [np.flatnonzero(found == i) for i in (*range(task.num_labels), NOT_JUDGED)]
    counted = {}
    for label, rows in zip(labels, carried, strict=True):
        numbers = np.bincount(subject.splits[rows], minlength=len(SPLITS)).tolist()
        counted[label] = {str(s): n for s, n in zip(SPLITS, numbers, strict=True) if n}
    return counted


def _tiny_cells(subject: AuditedAdverts, min_clusters: int) -> tuple[TinyCell, ...]:
    task = subject.headline
    if task.kind == "multi":
        return ()
    labels, languages = subject.labels(task), np.array(subject.languages())
    cells = []
    for split in range(len(SPLITS)):
        in_split = subject.splits == split
        for language in np.unique(languages[in_split]).tolist():
            rows = np.flatnonzero(in_split & (languages == language))
            cells += _cells(subject, rows, labels[rows], split=SPLITS[split], language=language)
    tiny = [cell for cell in cells if cell.clusters < min_clusters]
    return tuple(sorted(tiny, key=lambda cell: (cell.clusters, cell.adverts)))


def _cells(
    subject: AuditedAdverts, rows: Ints, labels: Ints, *, split: str, language: str
) -> list[TinyCell]:
    cells = []
    for index, label in enumerate(subject.headline.labels):
        carried = rows[labels == index]
        clusters = len(np.unique(subject.clusters[carried]))
        cells.append(TinyCell(split, language, label, len(carried), clusters))
    return cells
