"""Reads the labels that people gave, for a dataset: from an audit's sheet, or from reviews."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.advert import Task
from adverts.data.review.answer_sheet import is_answer_sheet, read_answer_sheet
from adverts.data.review.final_labels import final_labels
from adverts.data.review.review_sheet import (
    LABEL,
    ReviewedCluster,
    labels_of,
    nearest,
    read_review,
)
from adverts.data.review.reviews import UNSURE, Review, read_reviews
from adverts.errors import InputError, plural


@dataclass(frozen=True, slots=True)
class GivenLabels:
    """Labels that people gave to adverts.

    Attributes:
        rows: Adverts with a label, named by id or by
            :func:`~adverts.data.review.reviews.item_name`.
        undecided: Number of labels that are left out, since reviewers disagree and nobody decided.
        unsure: Number of labels that are left out, since reviewers could not tell.
    """

    rows: tuple[ReviewedCluster, ...] = ()
    undecided: int = 0
    unsure: int = 0

    def told(self) -> Iterator[str]:
        """Yield a line on each kind of labels that are left out."""
        if self.undecided:
            yield (
                f"{plural(self.undecided, 'label')} left out: reviewers disagree, and nobody has "
                "decided; a review of round 3 does"
            )
        if self.unsure:
            yield f"{plural(self.unsure, 'label')} left out: the reviewers could not tell"


def read_labels(path: Path, tasks: Sequence[Task]) -> GivenLabels:
    """Read the filled-in sheet of an audit or of a sample, or a file of reviews.

    Args:
        path: The file; what it is follows from its content.
        tasks: Tasks of the dataset.

    Raises:
        InputError: It is none of these, a row is at fault, or no label is of one of the tasks.
        IntegrityError: A line of a file of reviews was damaged.
    """
    with path.open("rb") as file:
        is_json = file.read(1) == b"{"
    if is_json:
        reviews = read_reviews(path)
        places = [f"{path}, {one.item}" for one in reviews]
    elif is_answer_sheet(path):
        answers = [one for one in read_answer_sheet(path) if one.label]
        # Here they only teach, and are compared with nothing: their own sample knows the rest.
        reviews = tuple(one.review(design="learn", codebook="", now="") for one in answers)
        places = [one.where for one in answers]
    else:
        return GivenLabels(read_review(path, tasks=tasks))
    return _given(path, _of_tasks(path, reviews, places, tasks), tasks)


def _of_tasks(
    path: Path, reviews: Sequence[Review], places: Sequence[str], tasks: Sequence[Task]
) -> list[Review]:
    """Return the reviews of these tasks, all with labels that the tasks have."""
    by_name = {task.name: task for task in tasks}
    found = []
    for one, place in zip(reviews, places, strict=True):
        task = by_name.get(one.task)
        if task is not None:
            found.append(one)
            if one.label != UNSURE:
                labels_of(place, one.label, column=LABEL + task.name, task=task)
    if reviews and not found:
        near = nearest(reviews[0].task, list(by_name))
        raise InputError(f"{path}: no such task {reviews[0].task[:100]!r}{near}")
    return found


def _given(path: Path, reviews: Sequence[Review], tasks: Sequence[Task]) -> GivenLabels:
    by_name = {task.name: task for task in tasks}
    given: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    left_out = {None: 0, UNSURE: 0}
    for (item, name), final in final_labels(reviews).items():
        if final.label is None or final.label == UNSURE:
            left_out[final.label] += 1
        else:
            given[item][name] = labels_of(
                str(path), final.label, column=LABEL + name, task=by_name[name]
            )
    rows = [
        ReviewedCluster(item, "", item, 1, "sampled", labels=labels)
        for item, labels in given.items()
    ]
    return GivenLabels(tuple(rows), undecided=left_out[None], unsure=left_out[UNSURE])
