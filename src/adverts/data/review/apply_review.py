"""Applies the labels of a review to the reviewed adverts and to their near-duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adverts.clusters.components import UnionFind
from adverts.clusters.links import TEXT_KINDS, Links
from adverts.data.mapping.label_cells import LabelPlan, Vote, Votes
from adverts.data.review.review_sheet import ReviewedCluster
from adverts.data.review.reviews import item_name


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Votes of adverts after a review.

    Attributes:
        votes: Maps the tasks of each advert to its votes; a task without a label is absent.
        propagated: Tasks whose label was spread to each advert.
        given: Maps each reviewed advert to the tasks whose label the review gave or took away.
        missing: Number of reviewed adverts that are not among them.
        held_back: Number of labels that were not spread, since reviewers disagree about the
            near-duplicates.
    """

    votes: tuple[Mapping[str, Votes], ...]
    propagated: tuple[tuple[str, ...], ...]
    given: Mapping[int, Collection[str]] = field(default_factory=dict)
    missing: int = 0
    held_back: int = 0

    @property
    def relabelled(self) -> int:
        """Number of reviewed adverts among the adverts."""
        return len(self.given)


def apply_review(
    votes: Sequence[Mapping[str, Votes]],
    sheet: Sequence[ReviewedCluster],
    links: Links,
    *,
    ids: Sequence[str],
    pictured: Sequence[bool],
    plans: Sequence[LabelPlan],
) -> Reviewed:
    """Give each reviewed advert its label, and its near-duplicates without one the same.

    A label spreads only over links between captions, and only between adverts that have the same
    pictures or none: an advert with the same number or picture may say something else. It never
    replaces a label that a person gave, and does not spread where such labels differ from it.

    Args:
        votes: Maps the tasks of each advert to its votes.
        sheet: The rows of the review sheet that were filled in. They name an advert by its id, or
            as sheets of samples do, see :func:`~adverts.data.review.reviews.item_name`.
        links: Links that join the adverts to clusters.
        ids: Id of each advert.
        pictured: Whether each advert has a picture.
        plans: How labels of tasks follow from one another.
    """
    places = _places(ids) if sheet else {}
    found = {places[one.example]: one for one in sheet if one.example in places}
    looked_at = {i: _votes(one, plans) for i, one in found.items()}
    labelled = [_relabelled(one, looked_at.get(i, {})) for i, one in enumerate(votes)]
    propagated: list[tuple[str, ...]] = [()] * len(votes)
    held_back = 0
    for part in _parts(links, pictured, wanted=looked_at):
        for name, vote in _given(part, looked_at).items():
            said = {labelled[i][name].chosen for i in part if name in labelled[i]}
            if vote is None or said != {vote.chosen}:
                held_back += len(part) > 1
                continue
            for i in part:
                if name not in labelled[i]:
                    labelled[i] = _relabelled(labelled[i], {name: vote})
                    propagated[i] += (name,)
    return Reviewed(
        tuple(labelled),
        tuple(propagated),
        given=looked_at,
        missing=len(sheet) - len(found),
        held_back=held_back,
    )


def _places(ids: Sequence[str]) -> dict[str, int]:
    names = {item_name(one): i for i, one in enumerate(ids)}
    return names | {one: i for i, one in enumerate(ids)}


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


def _relabelled(
    votes: Mapping[str, Votes], given: Mapping[str, Votes | None]
) -> Mapping[str, Votes]:
    return {name: vote for name, vote in {**votes, **given}.items() if vote}


def _parts(
    links: Links, pictured: Sequence[bool], *, wanted: Mapping[int, object]
) -> Iterator[list[int]]:
    """Yield the rows over which a label may spread, for each row that has one to spread."""
    pictures, sets = UnionFind(len(pictured)), UnionFind(len(pictured))
    for first, second in links.of_kinds("same_image", "near_image").pairs():
        pictures.union(first, second)
    for first, second in links.of_kinds(*TEXT_KINDS).pairs():
        if pictures.find(first) == pictures.find(second) or not (
            pictured[first] or pictured[second]
        ):
            sets.union(first, second)
    members: dict[int, list[int]] = defaultdict(list)
    roots = {sets.find(row) for row in wanted}
    for row in range(len(pictured)):
        if sets.find(row) in roots:
            members[sets.find(row)].append(row)
    yield from members.values()
