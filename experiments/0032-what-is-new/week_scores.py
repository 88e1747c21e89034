"""How many claims were made, how many are right, and how many should have been made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Score:
    """What was claimed of one kind, and what should have been.

    Attributes:
        claimed: Number of claims.
        right: Number of them that are true in what the collection reaches.
        right_whole: Number of them that are true of all that was posted.
        known: Number of truths that could be known.
        found: Number of these that were claimed.
        true: Number of truths of weeks that were collected, of all that was posted.
        true_found: Number of these that were claimed.
        doubtful: Number of times that something seemed so and was not claimed.
        doubtful_true: Number of these that were true.
        wrong: Kinds of the campaigns of wrong claims.
        missed: Kinds of the campaigns of truths that could be known and were not claimed.
    """

    claimed: int = 0
    right: int = 0
    right_whole: int = 0
    known: int = 0
    found: int = 0
    true: int = 0
    true_found: int = 0
    doubtful: int = 0
    doubtful_true: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def add(
        self,
        claimed: Mapping[object, str],
        doubtful: Mapping[object, str],
        true: Mapping[object, str],
        known: frozenset[object],
        whole: frozenset[object],
    ) -> None:
        """Count one week; each thing comes with the kind of its campaign."""
        self.claimed += len(claimed)
        self.right += len(claimed.keys() & true.keys())
        self.right_whole += len(claimed.keys() & whole)
        self.known += len(known)
        self.found += len(known & claimed.keys())
        both = true.keys() & whole
        self.true += len(both)
        self.true_found += len(both & claimed.keys())
        self.doubtful += len(doubtful)
        self.doubtful_true += len(doubtful.keys() & true.keys())
        self.wrong.update(claimed[one] for one in claimed.keys() - true.keys())
        self.missed.update(true[one] for one in known - claimed.keys())


def share(part: int, whole: int) -> float | None:
    """Return a share; None of nothing."""
    return None if not whole else part / whole


def arm(what: str, several: Sequence[Score]) -> dict[str, object]:
    """Return the figures of one claim, one value for each world."""
    values: dict[str, list[float | None]] = {
        "claimed": [float(one.claimed) for one in several],
        "precision": [share(one.right, one.claimed) for one in several],
        "precision_whole": [share(one.right_whole, one.claimed) for one in several],
        "known": [float(one.known) for one in several],
        "recall": [share(one.found, one.known) for one in several],
        "true": [float(one.true) for one in several],
        "recall_of_all": [share(one.true_found, one.true) for one in several],
        "not_comparable": [float(one.doubtful) for one in several],
    }
    kept = {name: [one for one in found if one is not None] for name, found in values.items()}
    return {
        "name": what,
        "values": {name: found for name, found in kept.items() if found},
        "wrong": dict(sum((one.wrong for one in several), Counter[str]())),
        "missed": dict(sum((one.missed for one in several), Counter[str]())),
    }


METRICS = {
    "claimed": "claimed",
    "precision": "precision",
    "precision_whole": "of all that was posted",
    "known": "could be known",
    "recall": "recall of these",
    "true": "true in weeks collected",
    "recall_of_all": "recall of all these",
    "not_comparable": "not comparable",
}
