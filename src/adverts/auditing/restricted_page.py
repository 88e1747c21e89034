"""The restricted page of an audit, which shows texts of adverts and blurred pictures."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adverts.arrays import Ints
from adverts.auditing.audit_pages import render
from adverts.auditing.audited_adverts import AuditedAdverts, members
from adverts.auditing.duplicates import ClusterFacts, describe_clusters
from adverts.auditing.findings import Findings
from adverts.data.review.review_sheet import PartToReview
from adverts.errors import InputError
from adverts.evaluation.report.blurred import blurred_png
from adverts.evaluation.report.filtered_list import facets_of, own_script
from adverts.evaluation.truth import NOT_JUDGED
from adverts.files.staging import open_private

PAGE = "clusters.html"
FACETS = {
    "kind": "Why it is here",
    "label": "Label",
    "language": "Language",
    "platform": "Platform",
}
"""What clusters and rows are filtered by, with the words of the page."""
_MEMBERS = 8
_PICTURES = 2


@dataclass(frozen=True, slots=True)
class Member:
    """One advert of a cluster with the content that a person may see.

    Attributes:
        id: Id of the advert.
        part: Name of its part.
        split: Split of the advert.
        language: Language of the advert; empty if unknown.
        platform: Platform of the advert; empty if unknown.
        text: Text of the advert, contacts masked.
        picture_text: Text that was read on its pictures, contacts masked.
        labels: Maps each task that is not ``multi`` and has a label to the label.
        pictures: Blurred pictures as data URLs.
    """

    id: str
    part: str
    split: str
    language: str
    platform: str
    text: str
    picture_text: str
    labels: dict[str, str]
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownCluster:
    """A cluster with some of its members.

    Attributes:
        facts: Counts of the cluster.
        conflict: Whether labels of the headline task differ within a part of it.
        members: Some of its adverts, of each part and label in turn.
    """

    facts: ClusterFacts
    conflict: bool
    members: tuple[Member, ...]


def write_restricted(
    folder: Path,
    subject: AuditedAdverts,
    findings: Findings,
    *,
    clusters: int,
    review: Sequence[PartToReview],
) -> None:
    """Write ``clusters.html`` into a new folder that only its owner can read.

    Args:
        folder: Folder to make; it must not exist.
        subject: The audited adverts.
        findings: Findings of the audit.
        clusters: Number of the most conflicted clusters to show, and of the largest ones.
        review: Rows of the review sheet, whose examples are shown one by one.
    """
    headline = subject.headline.name
    values = {
        "script": own_script(),
        "clusters": shown_clusters(subject, findings, clusters=clusters),
        "headline": headline,
        "facets": FACETS,
        "facets_of_cluster": lambda one: _facets(_kind_of(one), one.members, headline),
        "facets_of_row": lambda part, member: _facets(f"row: {part.reason}", [member], headline),
        "asked": list(zip(review, _examples(subject, review), strict=True)),
    }
    page = render("clusters.html.j2", values)
    folder.mkdir(mode=0o700)
    with open_private(folder / PAGE) as file:
        file.write(page.encode())


def shown_clusters(
    subject: AuditedAdverts, findings: Findings, *, clusters: int
) -> tuple[ShownCluster, ...]:
    """Return the most conflicted clusters, then the largest clusters not among them."""
    conflicts = findings.conflicts_of(subject.headline.name).conflicts
    in_conflict = list(dict.fromkeys(conflict.cluster for conflict in conflicts))
    groups = members(subject.clusters, at_least=2)
    by_name = {subject.table.clusters[rows[0]]: rows for rows in groups}
    largest = sorted(by_name, key=lambda name: (-len(by_name[name]), name))
    names = list(dict.fromkeys([*in_conflict[:clusters], *largest[:clusters]]))
    facts = describe_clusters(subject, [by_name[name] for name in names])
    labels, platforms = _labels(subject), subject.table.values("platform")
    return tuple(
        ShownCluster(
            facts=one,
            conflict=one.cluster in in_conflict,
            members=tuple(
                _member(subject, row, labels, platforms)
                for row in _some(subject, by_name[one.cluster])
            ),
        )
        for one in facts
    )


def _kind_of(cluster: ShownCluster) -> str:
    return "cluster in conflict" if cluster.conflict else "large cluster"


def _facets(kind: str, members: Sequence[Member], headline: str) -> str:
    """Return what an item is filtered by: a cluster has every value of the adverts shown of it."""
    return facets_of(
        kind=[kind],
        label=[one.labels.get(headline) for one in members],
        language=[one.language for one in members],
        platform=[one.platform for one in members],
    )


def _examples(subject: AuditedAdverts, review: Sequence[PartToReview]) -> list[Member]:
    """Return the example advert of each row of the review sheet."""
    row_of = {name: row for row, name in enumerate(subject.table.ids)}
    labels, platforms = _labels(subject), subject.table.values("platform")
    return [_member(subject, row_of[part.example], labels, platforms) for part in review]


def _labels(subject: AuditedAdverts) -> dict[str, Ints]:
    return {
        task.name: subject.labels(task) for task in subject.schema.tasks if task.kind != "multi"
    }


def _some(subject: AuditedAdverts, rows: Ints) -> list[int]:
    """Return a few adverts, of each part and headline label in turn."""
    task = subject.headline
    labels = np.zeros(len(rows), int) if task.kind == "multi" else subject.labels(task)[rows]
    waiting: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, label in sorted(
        zip(rows.tolist(), labels.tolist(), strict=True),
        key=lambda pair: subject.table.ids[pair[0]],
    ):
        waiting[int(subject.parts[row]), label].append(row)
    turns = [
        (turn, place, row)
        for place, group in enumerate(waiting.values())
        for turn, row in enumerate(group)
    ]
    return [row for _, _, row in sorted(turns)[:_MEMBERS]]


def _member(
    subject: AuditedAdverts, row: int, labels: dict[str, Ints], platforms: Sequence[object]
) -> Member:
    table = subject.table
    found = {name: int(values[row]) for name, values in labels.items()}
    return Member(
        id=table.ids[row],
        part=subject.part_names[subject.parts[row]],
        split=table.splits[row],
        language=table.langs[row] or "",
        platform=str(platforms[row] or ""),
        text=table.texts[row],
        picture_text=table.ocr_texts[row] or "",
        labels={
            name: subject.schema.task(name).labels[label]
            for name, label in found.items()
            if label != NOT_JUDGED
        },
        pictures=_blurred(table.images(row)),
    )


def _blurred(pictures: Sequence[bytes]) -> tuple[str, ...]:
    """Return pictures as data URLs; one that cannot be decoded is left out."""
    found = []
    for data in pictures[:_PICTURES]:
        try:
            png = blurred_png(data)
        except InputError:
            continue
        found.append(f"data:image/png;base64,{base64.b64encode(png).decode()}")
    return tuple(found)
