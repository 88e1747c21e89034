"""Counts the rows of a prepared dataset, and shows the counts as a table."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from adverts.advert import SPLITS, LabelSchema
from adverts.data.dataset.cluster_evidence import UNLINKED_CONTACTS
from adverts.data.dataset.dataset_manifest import DatasetManifest, Making, SplitCounts
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.data.dataset.split_assignments import ASSIGNMENTS
from adverts.data.sources.bad_rows import FILE_NAME as BAD_ROWS
from adverts.errors import InputError, plural

_MAX_COLUMNS = 4
_MAX_LANGUAGES = 6
FEW_CAMPAIGNS = 60
"""Campaigns below which intervals of figures at a threshold are too narrow, see experiment 0034."""


class Tally:
    """Counts the rows of a dataset, and refuses an id that occurs twice."""

    def __init__(self, schema: LabelSchema) -> None:
        self._schema = schema
        self._ids: set[str] = set()
        self._clusters: dict[str, set[str]] = defaultdict(set)
        self._campaigns: dict[str, set[str]] = defaultdict(set)
        self._facts: dict[str, Counter[str]] = defaultdict(Counter)
        self._languages: dict[str, Counter[str]] = defaultdict(Counter)
        self._unread: dict[str, Counter[str]] = defaultdict(Counter)
        self._labels: dict[tuple[str, str], dict[str, float]] = {}

    def add(self, row: PreparedRow) -> None:
        """Count one row.

        Raises:
            InputError: A row with the same id was counted before.
        """
        if row.id in self._ids:
            raise InputError(f"id {row.id!r} occurs twice; ids must differ")
        self._ids.add(row.id)
        self._count(row)

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
                campaigns=len(self._campaigns[split]),
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
        if row.campaign is not None:
            self._campaigns[row.split].add(row.campaign)
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


def summary_lines(manifest: DatasetManifest) -> list[str]:
    """Return a table with a line for each split: adverts, clusters, labels and languages."""
    task = manifest.label_schema.task(manifest.label_schema.headline)
    few = len(task.labels) <= _MAX_COLUMNS
    heads = (
        [*task.labels, "unlabelled"] if few else [f"{task.name} (adverts per label)", "unlabelled"]
    )
    rows = [["split", "adverts", "clusters", "pictures", *heads, "languages"]]
    for split, counts in manifest.counts.items():
        labels = counts.labels[task.name]
        cells = [_number(labels[label]) for label in task.labels]
        shown = cells if few else [_spread([labels[label] for label in task.labels])]
        rows.append(
            [
                split,
                str(counts.adverts),
                str(counts.clusters),
                str(counts.with_image),
                *shown,
                _number(labels["unlabelled"]),
                _languages(counts.languages),
            ]
        )
    return _aligned(rows)


def notes(manifest: DatasetManifest) -> list[str]:
    """Return what a user should know about a dataset before training on it, a line for each."""
    made, counts, headline = manifest.made, manifest.counts, manifest.label_schema.headline
    lines = _set_aside(made)
    if made.relabelled_rows or made.unmatched_reviews or made.undecided_reviews:
        lines.append(
            f"the review gave {made.relabelled_rows} adverts their label, and "
            f"{made.propagated_rows} near-duplicates the same label; {made.undecided_reviews} "
            "labels were not given or passed on, since people disagree; "
            f"{made.unmatched_reviews} rows name adverts that are not in this dataset"
        )
    unread = sum((Counter(split.unread_lines) for split in counts.values()), Counter[str]())
    if unread:
        lines.append(f"lines found in pictures but not read: {_languages(unread)}")
    for split, number in made.split_overlap.items():
        of_all = counts[split].adverts
        lines.append(
            f"{number} of {of_all} {split} adverts have a copy, near-duplicate or quote in an "
            f"earlier split{_or_campaign(counts)}; reports leave them out. If the source gives the "
            "splits, data.split.leakage=drop takes such adverts out of train. If the splits are "
            "made here, prepare into a new folder with prepared= to assign all adverts anew"
        )
    lines += _campaign_lines(made, counts)
    if made.refused_links:
        lines.append(
            f"{made.refused_links} pairs of near-duplicates were kept in two clusters: a chain of "
            "them would join unrelated adverts; splits that are made here keep both sides together"
        )
    for split in _one_sided(counts, headline):
        lines.append(
            f"{split} has only one label of {headline}: it can be used neither to train nor to "
            "evaluate this task"
        )
    return lines


def _or_campaign(counts: Mapping[str, SplitCounts]) -> str:
    return ", or an advert of their campaign" * any(one.campaigns for one in counts.values())


def _campaign_lines(made: Making, counts: Mapping[str, SplitCounts]) -> list[str]:
    """Return lines on the campaigns of a dataset, and on splits with too few to judge by."""
    if not any(one.campaigns for one in counts.values()):
        return []
    lines = []
    if made.campaigns is not None:
        taken = made.campaigns
        origin = "a CSV file" if taken.build is None else f"build {taken.build} of a bank"
        there = f"; {taken.elsewhere:,} more are in campaigns there, but not in this dataset"
        lines.append(
            f"{plural(taken.adverts, 'advert')} got a campaign from {origin}"
            + there * bool(taken.elsewhere)
        )
    told = ", ".join(f"{split} {one.campaigns:,}" for split, one in counts.items())
    lines.append(f"campaigns: {told}; intervals resample them, and other adverts by cluster")
    for split in ("validation", "test"):
        number = counts[split].campaigns if split in counts else FEW_CAMPAIGNS
        if not number:
            lines.append(f"{split} holds no advert of a campaign, so it says nothing on new ones")
        elif number < FEW_CAMPAIGNS:
            lines.append(
                f"{split} holds {plural(number, 'campaign')}: with fewer than {FEW_CAMPAIGNS}, "
                "intervals of figures at a threshold are too narrow, so read them as rough"
            )
    return lines


def _set_aside(made: Making) -> list[str]:
    """Return lines on what was left out, and on contacts that join nothing."""
    told = {
        f"bad rows were set aside; {BAD_ROWS} in the folder lists them": made.bad_rows,
        "adverts have a picture that could not be read; its text is missing": made.unread_rows,
        "adverts were left out: their label is too rare": made.rare_label_rows,
        "rows of the source were left out: they were erased": made.erased_rows,
        "adverts were left out: they have a copy or near-duplicate in a later split": (
            made.leaking_rows
        ),
        f"adverts were set aside as bridge: they join clusters of two splits; {ASSIGNMENTS} in "
        "the folder lists them": made.bridge_rows,
        f"contacts join no adverts, as they are public or shown by too many accounts; "
        f"{UNLINKED_CONTACTS} in the folder lists them": made.unlinked_contacts,
    }
    return [f"{number} {what}" for what, number in told.items() if number]


def _one_sided(counts: Mapping[str, SplitCounts], task: str) -> list[str]:
    """Return the splits that have labels of a task, but all of one kind."""
    one_sided = []
    for split, of_split in counts.items():
        sums = [value for label, value in of_split.labels[task].items() if label != "unlabelled"]
        if sum(value > 0 for value in sums) == 1:
            one_sided.append(split)
    return one_sided


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}"


def _spread(values: Sequence[float]) -> str:
    present = [value for value in values if value > 0]
    if not present:
        return f"0 of {len(values)} labels"
    span = f"{_number(min(present))} to {_number(max(present))}"
    return f"{len(present)} of {len(values)} labels ({span})"


def _languages(counts: Mapping[str, int]) -> str:
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name or 'unknown'} {number}" for name, number in common[:_MAX_LANGUAGES]]
    rest = len(common) - len(shown)
    return ", ".join(shown) + (f", {rest} more" if rest else "")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
