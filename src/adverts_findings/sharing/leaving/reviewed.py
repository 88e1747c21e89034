"""What people said of adverts: the group and class by their last words, and open signals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from adverts.data.mapping.taxonomy import CLASS_TASK, Group, read_taxonomy
from adverts.data.review.final_labels import deciding_words
from adverts.data.review.people import person
from adverts.data.review.reviews import UNSURE, Review, last_words
from adverts.moments import moment
from adverts_findings.campaigns.entering.words import Counted
from adverts_findings.sharing.leaving.item import AnyGroup, Reviewed
from adverts_findings.sharing.leaving.safeguarding import open_signals

NOT_REVIEWED = Reviewed(group="?", label="", reviewers=(), at="")
"""What people said of an advert that no review names."""


def reviewed_of(reviews: Sequence[Review], counted: Counted) -> Mapping[str, Reviewed]:
    """Return what people said of each advert, by its name in reviews.

    An advert is of group V only if every task that is counted says so. A class of group A, N or U
    decides whatever other tasks say; otherwise tasks that contradict each other are a disagreement.

    Args:
        reviews: What people said, in the order in which it was recorded.
        counted: Says of task and label whether such an advert counts, see
            :func:`~adverts.data.review.counted_labels.counted_labels`.
    """
    of_item: dict[str, list[Review]] = defaultdict(list)
    for one in reviews:
        of_item[one.item].append(one)
    return {item: _reviewed(several, counted) for item, several in of_item.items()}


def _reviewed(reviews: Sequence[Review], counted: Counted) -> Reviewed:
    tasks = {task for task, _ in counted} | {CLASS_TASK}
    words: dict[str, list[Review]] = defaultdict(list)
    for one in last_words(reviews):
        if one.task in tasks:
            words[one.task].append(one)
    deciding = {task: deciding_words(several) for task, several in words.items()}
    labels = {task: {one.label for one in several} for task, several in deciding.items()}
    groups = {task: _group_of(task, several, counted) for task, several in labels.items()}
    return Reviewed(
        group=_group(groups),
        label=_class(labels.get(CLASS_TASK, set())),
        reviewers=_people(one.reviewer for one in reviews),
        at=_last(one.reviewed_at for several in deciding.values() for one in several),
        accounts=frozenset(one.account for one in reviews if one.account),
        safeguarding=open_signals(reviews),
    )


def _group_of(task: str, labels: set[str], counted: Counted) -> AnyGroup | None:
    """Return the group that a task gives by its deciding labels; None if it says nothing of it."""
    if len(labels) > 1:
        return "?"
    [label] = labels
    counts = counted.get((task, label))
    group = _groups().get(label) if task == CLASS_TASK else None
    if label == UNSURE:
        return "U"
    if group is None:
        return "U" if counts is None else "V" if counts else "N"
    if group != "V":
        return group
    if (task, label) not in counted:
        return None
    return "V" if counts else "?"


def _group(groups: Mapping[str, AnyGroup | None]) -> AnyGroup:
    of_class = groups.get(CLASS_TASK)
    if of_class in ("A", "N", "U"):
        return of_class
    said = {one for one in groups.values() if one is not None}
    return said.pop() if len(said) == 1 else "?"


def _class(labels: set[str]) -> str:
    known = labels & _groups().keys()
    return known.pop() if len(labels) == len(known) == 1 else ""


@cache
def _groups() -> Mapping[str, Group]:
    return {one.id: one.group for one in read_taxonomy().classes}


def _people(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of people, each person once."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(person(name), name)
    return tuple(first[one] for one in sorted(first) if one)


def _last(times: Iterable[str]) -> str:
    """Return the last of some times, ISO 8601 in UTC; empty if there is none."""
    known = [one for one in map(moment, times) if one is not None]
    return max(known).isoformat(timespec="seconds") if known else ""
