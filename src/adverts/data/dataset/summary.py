"""The counts of a prepared dataset as a table for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from adverts.data.dataset.assignments import ASSIGNMENTS
from adverts.data.dataset.contact_file import UNLINKED_CONTACTS
from adverts.data.dataset.manifest import DatasetManifest, Making, SplitCounts
from adverts.data.sources.bad_rows import FILE_NAME as BAD_ROWS

_MAX_COLUMNS = 4
_MAX_LANGUAGES = 6


def summary_lines(manifest: DatasetManifest) -> list[str]:
    """Return one line for each split: adverts, clusters, pictures, headline labels, languages."""
    task = manifest.label_schema.task(manifest.label_schema.headline)
    few = len(task.labels) <= _MAX_COLUMNS
    heads = (
        [*task.labels, "unlabelled"] if few else [f"{task.name} (adverts a label)", "unlabelled"]
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
    """Return what a person should know of a dataset before training on it, a line for each."""
    made, counts, headline = manifest.made, manifest.counts, manifest.label_schema.headline
    lines = _set_aside(made)
    if made.relabelled_rows or made.unmatched_reviews:
        lines.append(
            f"the review gave {made.relabelled_rows} adverts their label, and "
            f"{made.propagated_rows} near-duplicates the same; {made.undecided_reviews} labels "
            f"spread to nobody, since people disagree, and {made.unmatched_reviews} rows name "
            "adverts that are not here"
        )
    unread = sum((Counter(split.unread_lines) for split in counts.values()), Counter[str]())
    if unread:
        lines.append(f"lines found in pictures but not read: {_languages(unread)}")
    for split, number in made.split_overlap.items():
        of_all = counts[split].adverts
        lines.append(
            f"{number} of {of_all} {split} adverts have a copy or near-duplicate in an earlier "
            "split, and no report counts them; data.split.leakage=drop takes such adverts out of "
            "train where the source brings its split, and a new folder, prepared=, deals all anew "
            "where splits are made here"
        )
    if made.refused_links:
        lines.append(
            f"{made.refused_links} pairs of near-duplicates were kept in two clusters: a chain of "
            "them would join adverts that have nothing in common; splits made here keep both sides "
            "together"
        )
    for split in _one_sided(counts, headline):
        lines.append(f"{split} has one label of {headline} only: it can neither teach nor judge it")
    return lines


def _set_aside(made: Making) -> list[str]:
    """Say what was left out, and which contacts join nothing."""
    told = {
        f"bad rows were set aside; {BAD_ROWS} in the folder lists them": made.bad_rows,
        "adverts have a picture that could not be read; its text is missing": made.unread_rows,
        "adverts were left out: their label is too rare": made.rare_label_rows,
        "rows of the source were left out: they were erased": made.erased_rows,
        "adverts were left out: they have a copy or near-duplicate in a split that is judged on": (
            made.leaking_rows
        ),
        f"adverts were set aside as bridge: they join clusters of two splits; {ASSIGNMENTS} in "
        "the folder lists them": made.bridge_rows,
        f"contacts join nothing, being public or shown by too many accounts; {UNLINKED_CONTACTS} "
        "in the folder lists them": made.unlinked_contacts,
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
