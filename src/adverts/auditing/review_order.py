"""Choose the parts of a dataset that people should review, the most important first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Ints
from adverts.auditing.audited_adverts import AuditedAdverts, members
from adverts.auditing.findings import Findings
from adverts.data.review.review_sheet import REASONS, PartToReview, Reason
from adverts.evaluation.truth import NOT_JUDGED

_LARGE = 5


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A part that may need a review; ``rank`` is the position of its task."""

    part: str
    reason: Reason
    example: str | None = None
    rank: int = 0
    task: str = ""
    likelier: str = ""
    confidence: float | None = None


def parts_to_review(
    subject: AuditedAdverts, findings: Findings, *, max_rows: int
) -> tuple[PartToReview, ...]:
    """Return one row for each part that is in conflict, likely mislabelled, unlabelled or large.

    A part is listed once, for the first of these reasons that applies. Conflicts and likely errors
    of the headline task come before those of other ``single`` tasks. Within them, the part in most
    doubt comes first, then the part with the most adverts, since its label counts most.

    Args:
        subject: The audited adverts.
        findings: Findings of the audit.
        max_rows: Largest number of rows.
    """
    rows_of = members(subject.parts)
    number = {name: i for i, name in enumerate(subject.part_names)}
    found: dict[str, _Candidate] = {}
    for candidate in _candidates(subject, findings, rows_of):
        found.setdefault(candidate.part, candidate)
    kept = sorted(
        found.values(),
        key=lambda one: (
            REASONS.index(one.reason),
            one.rank,
            -(one.confidence or 0.0),
            -len(rows_of[number[one.part]]),
            one.part,
        ),
    )
    return tuple(_row(subject, rows_of[number[one.part]], one) for one in kept[:max_rows])


def _candidates(
    subject: AuditedAdverts, findings: Findings, rows_of: list[Ints]
) -> Iterator[_Candidate]:
    """Yield parts with an example advert, the surest reason first; a part may come twice."""
    asked = [task.name for task in subject.schema.tasks if task.kind == "single"]
    asked.sort(key=lambda name: name != subject.headline.name)
    for rank, name in enumerate(asked):
        for one in findings.conflicts_of(name).conflicts:
            example = next(iter(one.minority_ids), None)
            others = max(one.labels, key=lambda label: one.labels[label])
            yield _Candidate(one.part, "conflict", example, rank, name, others)
    for rank, name in enumerate(asked):
        for error in findings.errors_of(name).errors:
            yield _Candidate(
                error.part,
                "likely error",
                error.id,
                rank,
                name,
                error.likely,
                1 - error.quality,
            )
    for part in _unlabelled(subject, rows_of):
        yield _Candidate(subject.part_names[part], "unlabelled")
    for part, rows in enumerate(rows_of):
        if len(rows) >= _LARGE:
            yield _Candidate(subject.part_names[part], "large")


def _unlabelled(subject: AuditedAdverts, rows_of: list[Ints]) -> list[int]:
    """Return the parts in which no advert has a label of the headline task."""
    task = subject.headline
    if task.kind == "multi":
        labelled = np.asarray(~np.isnan(subject.table.targets[task.name]).all(axis=1))
    else:
        labelled = subject.labels(task) != NOT_JUDGED
    return [part for part, rows in enumerate(rows_of) if not labelled[rows].any()]


def _row(subject: AuditedAdverts, rows: Ints, candidate: _Candidate) -> PartToReview:
    ids = dict(zip(subject.ids(rows.tolist()), rows.tolist(), strict=True))
    example = candidate.example or min(ids)
    return PartToReview(
        part=candidate.part,
        cluster=subject.table.clusters[rows[0]],
        example=example,
        adverts=len(rows),
        reason=candidate.reason,
        current=_label(subject, candidate.task or subject.headline.name, ids[example]),
        likelier=candidate.likelier,
        confidence=candidate.confidence,
        split=subject.table.splits[ids[example]],
    )


def _label(subject: AuditedAdverts, name: str, row: int) -> str:
    """Return the label of an advert for a task; empty where it has none."""
    task = subject.schema.task(name)
    if task.kind == "multi":
        return ""
    label = int(subject.labels(task)[row])
    return "" if label == NOT_JUDGED else task.labels[label]
