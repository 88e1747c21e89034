"""Search the thresholds of one label for the one that keeps a promise, and pay for the search.

Every threshold lies midway between two neighbouring scores. A precision is tried from a strict
threshold on towards lenient ones, and the search ends at the first that fails: an order that is
fixed before the negatives are looked at costs no confidence, however many thresholds are tried. It
begins where the positives alone say that a single false alarm would still be allowed. A recall
bound falls with the threshold, so the highest that passes needs no such care.

Recall and false-positive rate are both bounded at the whole confidence: on a logarithmic scale the
two widths add up to at least the width of a bound of their quotient, however they hang together.
Experiment 0012 holds this against fresh adverts.

Source: Angelopoulos, Bates, Candès, Jordan, Lei, "Learn then test", 2021, section 2 (testing in a
fixed sequence).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.bounds import (
    effective_number,
    lower_bound,
    number_without_event,
    precision_at,
    upper_bound,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 40  # of recall; more of them would fail at dips that mean nothing
_ROUNDING = 1e-9
_MOST_TIMES_MORE = 64.0


@dataclass(frozen=True, slots=True)
class Found:
    """A threshold and what was seen at it.

    Attributes:
        value: Scores from it on are flagged.
        recall: Share of the positives at or above it.
        recall_low: Lower bound.
        false_positive_rate: Share of the others at or above it.
        false_positive_rate_high: Upper bound.
    """

    value: float
    recall: float
    recall_low: float
    false_positive_rate: float
    false_positive_rate_high: float


class Search:
    """Scores of one label against the rest, ready to be cut anywhere.

    Attributes:
        positives: Independent adverts that the positives are worth.
        negatives: The same of the others.
        prevalence: Share of the positives among the adverts.
        positive_clusters: Clusters that hold a positive.
        negative_clusters: Clusters that hold another.
    """

    def __init__(
        self,
        scores: Floats,
        positive: NDArray[np.bool_],
        clusters: Sequence[str],
        confidence: float,
    ) -> None:
        """Sort the adverts.

        Args:
            scores: Probability of the label, ``(N,)``.
            positive: Do they hold it? ``(N,)``; both kinds occur.
            clusters: Cluster of each, ``N`` names.
            confidence: Of every bound.

        Raises:
            ValueError: The positives or the others are missing.
        """
        if positive.all() or not positive.any():
            raise ValueError("a threshold needs both positives and others")
        names = np.asarray(clusters, dtype=object)
        self.positives = effective_number(names[positive])
        self.negatives = effective_number(names[~positive])
        self.positive_clusters = len(set(names[positive]))
        self.negative_clusters = len(set(names[~positive]))
        self.prevalence = float(positive.mean())
        self._confidence = confidence
        order = np.argsort(-scores, kind="stable")
        in_order = scores[order]
        ends_run = np.append(in_order[1:] != in_order[:-1], True)
        self._tops = in_order[ends_run]
        self._cuts = _between(self._tops)
        self._recall = np.cumsum(positive[order])[ends_run] / positive.sum()
        self._false = np.cumsum(~positive[order])[ends_run] / (~positive).sum()
        self._low = lower_bound(self._recall, self.positives, confidence)
        self._high = upper_bound(self._false, self.negatives, confidence)

    def for_precision(self, promised: float, prevalence: float) -> Found | None:
        """Return the threshold of highest recall that keeps a precision; None where none does."""
        steps = self._steps(promised, prevalence)
        kept = precision_at(self._low[steps], self._high[steps], prevalence) >= promised
        passed = steps[np.cumprod(kept).astype(bool)]
        return self._found(int(passed[-1])) if len(passed) else None

    def for_recall(self, promised: float) -> Found | None:
        """Return the highest threshold that keeps a recall; None where none does."""
        kept = np.flatnonzero(self._low >= promised)
        return self._found(int(kept[0])) if len(kept) else None

    def at_lowest_positive(self) -> Found:
        """Return the highest threshold that flags every positive."""
        return self._found(int(np.searchsorted(self._recall, 1.0 - _ROUNDING)))

    def at(self, value: float) -> Found:
        """Return what is seen at any threshold above the lowest score."""
        return replace(self._found(int((self._tops >= value).sum()) - 1), value=value)

    def lack_of_precision(self, promised: float, prevalence: float) -> str:
        """Say what stands between these adverts and a precision that no threshold keeps."""
        allowed = _allowed_false_positive_rate(float(self._low[-1]), promised, prevalence)
        wanted = number_without_event(allowed, self._confidence)
        if self.negatives < wanted:
            more = _more(wanted, self.negatives, self.negative_clusters)
            return (
                f"the others are worth {self.negatives:.0f} independent adverts, and a precision "
                f"of {promised:g} at a prevalence of {prevalence:.3g} takes {wanted:,} without a "
                f"false alarm: about {more:,} more negative clusters are needed"
            )
        times = self._times_more(promised, prevalence)
        if times is None:
            return (
                f"false alarms are too many at every threshold for a precision of {promised:g} at "
                f"a prevalence of {prevalence:.3g}; more adverts would not mend that"
            )
        negatives = round((times - 1) * self.negative_clusters)
        positives = round((times - 1) * self.positive_clusters)
        return (
            f"false alarms leave a precision of {promised:g} at a prevalence of {prevalence:.3g} "
            f"open: about {negatives:,} more negative and {positives:,} more positive clusters "
            "would show it, if the model fares on them as on these"
        )

    def lack_of_recall(self, promised: float) -> str:
        """Say how many more positives it takes to show a recall that no threshold keeps."""
        wanted = number_without_event(1 - promised, self._confidence)
        more = _more(wanted, self.positives, self.positive_clusters)
        return (
            f"the positives are worth {self.positives:.0f} independent adverts, and a recall of "
            f"{promised:g} takes {wanted:,} without a miss: about {more:,} more positive clusters "
            "are needed"
        )

    def _steps(self, promised: float, prevalence: float) -> Ints:
        """Return the cuts to try, strictest first; what they are depends on no negative's score."""
        for alarms in (1, 0):
            share = min(1.0, alarms / self.negatives)
            high = upper_bound(share, self.negatives, self._confidence)
            suffices = precision_at(self._low, high, prevalence) >= promised
            if suffices.any():
                first = self._recall[int(suffices.argmax())]
                wanted = np.linspace(first, 1.0, STEPS) - _ROUNDING
                return np.unique(np.searchsorted(self._recall, wanted))
        return np.zeros(0, dtype=np.int64)

    def _times_more(self, promised: float, prevalence: float) -> float | None:
        """Return how many times these adverts would do, if all rates stayed; None where none."""
        times = 1.0
        while times <= _MOST_TIMES_MORE:
            low = lower_bound(self._recall, times * self.positives, self._confidence)
            high = upper_bound(self._false, times * self.negatives, self._confidence)
            if times > 1 and (precision_at(low, high, prevalence) >= promised).any():
                return times
            times *= 1.1
        return None

    def _found(self, cut: int) -> Found:
        return Found(
            value=float(self._cuts[cut]),
            recall=float(self._recall[cut]),
            recall_low=float(self._low[cut]),
            false_positive_rate=float(self._false[cut]),
            false_positive_rate_high=float(self._high[cut]),
        )


def _allowed_false_positive_rate(recall: float, promised: float, prevalence: float) -> float:
    """Return the false-positive rate at which a precision is just kept."""
    return recall * prevalence * (1 - promised) / ((1 - prevalence) * promised)


def _more(wanted: int, worth: float, clusters: int) -> int:
    """Return the clusters that are missing, if the new ones are worth as much as these."""
    return max(1, int(np.ceil((wanted - worth) * clusters / worth)))


def _between(distinct: Floats) -> Floats:
    """Return, for falling scores, what lies midway between each and the next; the last meets 0.

    Two neighbouring floats have nothing between them: the cut is then the higher one itself.
    """
    below = np.append(distinct[1:], 0.0)
    middle = (distinct + below) / 2
    return np.where(middle > below, middle, distinct)
