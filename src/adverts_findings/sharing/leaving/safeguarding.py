"""Signs of danger to a person that reviewers saw in an advert, until somebody closes them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adverts.data.mapping.taxonomy import safeguarding_signals
from adverts.data.review.people import person
from adverts.data.review.reviews import SAFEGUARDING, UNSURE, Review
from adverts.moments import is_later

CLOSED, NONE = "closed", "none"
"""Labels of this task: the signal was dealt with; the reviewer sees none."""
UNKNOWN = "unknown signal"
_BETWEEN = re.compile(r"[\s,;|]+")


def open_signals(reviews: Sequence[Review]) -> tuple[str, ...]:
    """Return the signals of one advert that nobody has closed, sorted.

    Every label of the task ``safeguarding`` opens one, also ``unsure`` and labels that are not
    known, and so does a signal of the family in any other task. ``closed`` by anybody closes those
    before it, ``none`` those of the same reviewer. A word is before another one only if it was both
    said and recorded before: a signal that was recorded late has been seen by nobody who closed an
    earlier one.

    Args:
        reviews: What people said of the advert, in the order in which it was recorded.
    """
    signals: list[tuple[Review, str]] = []
    for word in reviews:
        if word.task == SAFEGUARDING and word.label in (CLOSED, NONE):
            signals = [one for one in signals if not _closes(word, one[0])]
        else:
            signals += [(word, name) for name in _signals(word)]
    return tuple(sorted({name for _, name in signals}))


def _closes(word: Review, signal: Review) -> bool:
    is_heard = word.label == CLOSED or person(word.reviewer) == person(signal.reviewer)
    return is_heard and is_later(word.reviewed_at, signal.reviewed_at)


def _signals(word: Review) -> list[str]:
    names = [name for name in _BETWEEN.split(word.label) if name]
    known = safeguarding_signals()
    if word.task != SAFEGUARDING:
        return [name for name in names if name in known]
    return [name if name in (*known, UNSURE) else UNKNOWN for name in names or [""]]
