"""Applies the labels of a review to the reviewed adverts and to their near-duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from adverts.clusters.components import UnionFind
from adverts.clusters.links import TEXT_KINDS, Links
from adverts.data.mapping.label_cells import LabelPlan, Vote, Votes
from adverts.data.mapping.map_rows import MappedRow
from adverts.data.review.review_sheet import ReviewedCluster


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Rows with the labels of a review.

    Attributes:
        rows: The rows, in the same order.
        propagated: Tasks whose label was spread to each row.
        relabelled: Number of reviewed adverts among the rows.
        missing: Number of reviewed adverts that are not among the rows.
        held_back: Number of labels that were not spread, since reviewers disagree about the
            near-duplicates.
    """

    rows: tuple[MappedRow, ...]
    propagated: tuple[tuple[str, ...], ...]
    relabelled: int = 0
    missing: int = 0
    held_back: int = 0


def apply_review(
    rows: Sequence[MappedRow],
    sheet: Sequence[ReviewedCluster],
    links: Links,
    plans: Sequence[LabelPlan],
) -> Reviewed:
    """Give each reviewed advert its label, and its near-duplicates without one the same.

    A label spreads only over links between captions, and only between adverts that have the same
    pictures or none: an advert with the same number or picture may say something else. It never
    replaces a label that a person gave, and does not spread where such labels differ from it.

    Args:
        rows: Adverts.
        sheet: The rows of the review sheet that were filled in.
        links: Links that join the rows to clusters.
        plans: How labels of tasks follow from one another.
    """
    places = {row.id: i for i, row in enumerate(rows)}
    found = {places[one.example]: one for one in sheet if one.example in places}
    looked_at = {i: _votes(one, plans) for i, one in found.items()}
    labelled = [_relabelled(row, looked_at.get(i, {})) for i, row in enumerate(rows)]
    propagated: list[tuple[str, ...]] = [()] * len(rows)
    held_back = 0
    for part in _parts(rows, links, wanted=looked_at):
        for name, vote in _given(part, looked_at).items():
            said = {labelled[i].votes[name].chosen for i in part if name in labelled[i].votes}
            if vote is None or said != {vote.chosen}:
                held_back += len(part) > 1
                continue
            for i in part:
                if name not in labelled[i].votes:
                    labelled[i] = _relabelled(labelled[i], {name: vote})
                    propagated[i] += (name,)
    return Reviewed(
        tuple(labelled),
        tuple(propagated),
        relabelled=len(found),
        missing=len(sheet) - len(found),
        held_back=held_back,
    )


def _given(
    part: Sequence[int], looked_at: Mapping[int, Mapping[str, Votes | None]]
) -> dict[str, Votes | None]:
    """Return the vote of a part by task; None if a reviewer said that the advert has no label."""
    given: dict[str, Votes | None] = {}
    for row in part:
        for name, vote in looked_at.get(row, {}).items():
            given[name] = vote if given.get(name, vote) is not None else None
    return given


def _votes(reviewed: ReviewedCluster, plans: Sequence[LabelPlan]) -> dict[str, Votes | None]:
    """Return the vote by task, with those that follow from it; None if it counts as no label."""
    columns = {plan.task.name: plan.column for plan in plans if not plan.translate}
    votes: dict[str, Votes | None] = {}
    for name, labels in reviewed.labels.items():
        for plan in plans:
            if plan.translate and plan.column == columns.get(name):
                translated = plan.translate.get(labels[0])
                votes[plan.task.name] = _vote((translated,)) if translated is not None else None
    return votes | {name: _vote(labels) for name, labels in reviewed.labels.items()}


def _vote(labels: Vote) -> Votes:
    return Votes((labels,), (" ".join(labels),))


def _relabelled(row: MappedRow, votes: Mapping[str, Votes | None]) -> MappedRow:
    if not votes:
        return row
    kept = {name: vote for name, vote in row.votes.items() if name not in votes}
    return replace(row, votes=kept | {name: vote for name, vote in votes.items() if vote})


def _parts(
    rows: Sequence[MappedRow], links: Links, *, wanted: Mapping[int, object]
) -> Iterator[list[int]]:
    """Yield the rows over which a label may spread, for each row that has one to spread."""
    pictures = _same_pictures(rows, links)
    sets = UnionFind(len(rows))
    for first, second in links.of_kinds(*TEXT_KINDS).pairs():
        if pictures.find(first) == pictures.find(second) or not (
            rows[first].images or rows[second].images
        ):
            sets.union(first, second)
    members: dict[int, list[int]] = defaultdict(list)
    roots = {sets.find(row) for row in wanted}
    for row in range(len(rows)):
        if sets.find(row) in roots:
            members[sets.find(row)].append(row)
    yield from members.values()


def _same_pictures(rows: Sequence[MappedRow], links: Links) -> UnionFind:
    sets = UnionFind(len(rows))
    for first, second in links.of_kinds("same_image", "near_image").pairs():
        sets.union(first, second)
    return sets
