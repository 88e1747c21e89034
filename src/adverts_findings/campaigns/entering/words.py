"""What people's last words say of adverts: whether they may enter the bank."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from adverts.data.review.final_labels import final_labels
from adverts.data.review.reviews import UNSURE, Review, item_name

Counted = Mapping[tuple[str, str], bool | None]


@dataclass(frozen=True, slots=True)
class Words:
    """People's last words on adverts, by :func:`~adverts.data.review.reviews.item_name`.

    Attributes:
        entering: Adverts that they judged group V.
        barred: Adverts that they judged otherwise, could not judge, or disagree about.
    """

    entering: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()

    def of(self, advert_id: str) -> bool | None:
        """Return whether an advert may enter; None if nobody reviewed it."""
        name = item_name(advert_id)
        if name in self.barred:
            return False
        return True if name in self.entering else None


def merge_counted(several: Iterable[Counted]) -> Counted:
    """Return what labels count as, of several schemas; None where two of them disagree."""
    found: dict[tuple[str, str], bool | None] = {}
    for one in several:
        for asked, counts in one.items():
            if found.setdefault(asked, counts) != counts:
                found[asked] = None
    return found


def counted_of(builds: pa.Table) -> Counted:
    """Return what labels count as, of all inputs that a bank was built from so far.

    Args:
        builds: The table ``builds`` of the bank, with at least one row.
    """
    last = builds.sort_by("build")["parameters"].to_pylist()[-1]
    return {(task, label): counts for task, label, counts in json.loads(last)["counted"]}


def words_of(reviews: Sequence[Review], counted: Counted) -> Words:
    """Return what reviews say of adverts.

    An advert enters only if no person's last word bars it: group V in one task and another group in
    a second one is a disagreement. Answers of tasks that are not counted say nothing.

    Args:
        reviews: What people said.
        counted: Says of task and label whether such an advert counts, see
            :func:`~adverts.data.review.counted_labels.counted_labels`.
    """
    tasks = {task for task, _ in counted}
    entering: set[str] = set()
    barred: set[str] = set()
    for (item, task), final in final_labels(reviews).items():
        if task not in tasks:
            continue
        counts = None if final.label in (None, UNSURE) else counted.get((task, str(final.label)))
        (entering if counts else barred).add(item)
    return Words(frozenset(entering - barred), frozenset(barred))
