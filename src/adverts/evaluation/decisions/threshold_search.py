"""Search the thresholds of one label for one that keeps a promised precision or recall.

Every threshold lies midway between two neighbouring scores. For a precision, the search goes from
strict to lenient thresholds and ends at the first that fails. This order is fixed before the
negatives are used, so trying many thresholds costs no confidence. It starts where, by the positives
alone, a single false alarm would still be allowed. Where there are many negatives, a second search
starts at half of the false alarms that may be allowed at all; the two share the allowed error
probability. For a recall, the search goes from the most lenient threshold up to the first that
fails.

Recall and false-positive rate are both bounded at the whole confidence. On a logarithmic scale the
two widths add up to at least the width of a bound of their quotient, however they depend on each
other. Experiment 0012 tests this on fresh adverts.

Source: Angelopoulos, Bates, Candès, Jordan, Lei, "Learn then test", 2021, section 2 (testing in a
fixed sequence, with several starts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Floats, Ints
from adverts.evaluation.statistics.bounds import (
    allowed_false_positive_rate,
    clusters_missing,
    effective_number,
    independent_by_events,
    lower_bound,
    number_without_event,
    precision_at,
    upper_bound,
)
from adverts.runtime.rules.thresholds import Threshold

STEPS = 40  # of recall; more of them would fail at dips that mean nothing
MANY = 8.0  # false alarms that may be allowed at the most, from which on a second start pays
_ROUNDING = 1e-9
_MOST_TIMES_MORE = 64.0


class ThresholdSearch:
    """A search over the thresholds of one label against the rest.

    Attributes:
        positives: Effective number of independent positive adverts.
        negatives: Effective number of independent other adverts.
        prevalence: Share of the positives among the adverts.
        positive_clusters: Number of clusters with a positive advert.
        negative_clusters: Number of clusters with another advert.
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
            scores: Probability of the label, ``(N,)``; 0 for adverts that the model cannot read. No
                threshold flags these, since a threshold of 0 would flag everything.
            positive: Whether each advert has the label, ``(N,)``; both kinds occur.
            clusters: Cluster of each advert, ``N`` names.
            confidence: Confidence of every bound.

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
        self._scores, self._positive = scores, positive
        order = np.argsort(-scores, kind="stable")
        in_order, truth, ordered = scores[order], positive[order], names[order]
        ends_run = np.flatnonzero(np.append(in_order[1:] != in_order[:-1], True))
        found = np.cumsum(truth)[ends_run]
        gains = np.diff(found, prepend=0) > 0  # a cut that finds no more only adds false alarms
        every = int(found[-1])
        cuts = _between(in_order[ends_run])
        kept = gains & (cuts > 0) if (gains & (cuts > 0)).any() else gains
        found, ends_run, cuts = found[kept], ends_run[kept], cuts[kept]
        alarms = ends_run + 1 - found
        self._cuts, self._recall = cuts, found / every
        self._false = alarms / (~positive).sum()
        missed = ordered[truth][::-1].tolist()
        raised = ordered[~truth].tolist()
        self._missed_of = independent_by_events(missed, self.positives)[every - found]
        self._raised_of = independent_by_events(raised, self.negatives)[alarms]

    def keeping(self, asked: Threshold) -> Threshold | None:
        """Return the threshold that keeps what one promises, with its rates; None where none does.

        Of those that keep a precision it is the one of highest recall. Of those that keep a recall
        it is the highest; a threshold of 0, which flags everything, does not count.

        Args:
            asked: Purpose and promise of the threshold; of a precision, also its prevalence.
        """
        return self._for_recall(asked) if asked.purpose == "recall" else self._for_precision(asked)

    def _for_precision(self, asked: Threshold) -> Threshold | None:
        found, reached = None, -1.0
        promised, prevalence = asked.promised, _prevalence(asked)
        for alarms, share in self._starts(promised, prevalence):
            confidence = 1 - (1 - self._confidence) * share
            low, high = self._bounds(confidence)
            suffices = precision_at(low, self._with(alarms, confidence), prevalence) >= promised
            steps = self._steps(suffices)
            kept = precision_at(low[steps], high[steps], prevalence) >= promised
            passed = steps[np.cumprod(kept).astype(bool)]
            if len(passed) and self._recall[passed[-1]] > reached:
                reached = float(self._recall[passed[-1]])
                found = self._filled(asked, int(passed[-1]), low, high)
        return found

    def _for_recall(self, asked: Threshold) -> Threshold | None:
        if not self._reached:
            return None
        low, high = self._bounds(self._confidence)
        passed = np.cumprod(low[::-1] >= asked.promised).astype(bool)[::-1]
        return self._filled(asked, int(passed.argmax()), low, high) if passed.any() else None

    @property
    def _reached(self) -> float:
        """Share of the positives that have a probability above 0."""
        return float(self._recall[-1]) if self._cuts[-1] > 0 else 0.0

    def at_lowest_positive(self) -> float:
        """Return the highest threshold that flags every positive."""
        return float(self._cuts[-1])

    def at(self, asked: Threshold, value: float) -> Threshold:
        """Return a threshold with any value, and the rates observed there."""
        flagged = self._scores >= value
        recall, false = flagged[self._positive].mean(), flagged[~self._positive].mean()
        return replace(
            asked,
            value=value,
            recall=float(recall),
            recall_low=float(lower_bound(recall, self.positives, self._confidence)),
            false_positive_rate=float(false),
            false_positive_rate_high=float(upper_bound(false, self.negatives, self._confidence)),
        )

    def lack(self, asked: Threshold) -> str:
        """Return what these adverts lack to show a promise that no threshold keeps."""
        if asked.purpose == "recall":
            return self._lack_of_recall(asked.promised)
        return self._lack_of_precision(asked.promised, _prevalence(asked))

    def _lack_of_precision(self, promised: float, prevalence: float) -> str:
        low, _ = self._bounds(self._confidence)
        allowed = allowed_false_positive_rate(float(low[-1]), promised, prevalence)
        wanted = number_without_event(min(allowed, 0.5), self._confidence)
        if self.negatives < wanted:
            asked = f"precision of {promised:g} at a prevalence of {prevalence:.3g}"
            takes = f"a {asked} takes {wanted:,} without a false alarm"
            return _missing("negative", takes, wanted, self.negatives, self.negative_clusters)
        times = self._times_missing(promised, prevalence)
        if times is None:
            return (
                f"false alarms are too many at every threshold for a precision of {promised:g} at "
                f"a prevalence of {prevalence:.3g}; more adverts would not change that"
            )
        negatives = round((times - 1) * self.negative_clusters)
        positives = round((times - 1) * self.positive_clusters)
        return (
            "false alarms leave it open whether these adverts show a precision of "
            f"{promised:g} at a prevalence of {prevalence:.3g}: about {negatives:,} more negative "
            f"and {positives:,} more positive clusters would show it, if the model does as well on "
            "them"
        )

    def _lack_of_recall(self, promised: float) -> str:
        if self._reached < promised:
            return (
                f"no threshold finds more than {self._reached:.3g} of the positives: the rest "
                f"have the probability 0, as adverts do that the model cannot read; a recall of "
                f"{promised:g} needs a model that reads them"
            )
        wanted = number_without_event(1 - promised, self._confidence)
        takes = f"a recall of {promised:g} takes {wanted:,} without a miss"
        return _missing("positive", takes, wanted, self.positives, self.positive_clusters)

    def _starts(self, promised: float, prevalence: float) -> tuple[tuple[float, float], ...]:
        """Return the false alarms allowed at each start, and its share of the error probability.

        A strict start suits a model whose false alarms grow faster than its recall. A lenient one
        suits a model with look-alikes at the top, which look like chance among few adverts.
        """
        low, _ = self._bounds(self._confidence)
        most = allowed_false_positive_rate(float(low[-1]), promised, prevalence) * self.negatives
        one = float(self._with(1.0, self._confidence)) * self.negatives <= most
        if not one:
            return ((0.0, 1.0),)
        return ((1.0, 0.8), (most / 2, 0.2)) if most > MANY else ((1.0, 1.0),)

    def _with(self, alarms: float, confidence: float) -> Floats:
        """Return the upper bound of the false-positive rate for this number of false alarms."""
        return upper_bound(min(1.0, alarms / self.negatives), self.negatives, confidence)

    def _bounds(self, confidence: float, times: float = 1.0) -> tuple[Floats, Floats]:
        """Return the lower bound of recall and the upper one of false alarms at each cut.

        ``times`` multiplies the effective number of adverts.
        """
        low = lower_bound(self._recall, times * self._missed_of, confidence)
        return low, upper_bound(self._false, times * self._raised_of, confidence)

    def _steps(self, suffices: NDArray[np.bool_]) -> Ints:
        """Return the cuts to try, strictest first, from the first that suffices on."""
        if not suffices.any():
            return np.zeros(0, dtype=np.int64)
        first, last = self._recall[int(suffices.argmax())], self._recall[-1]
        wanted = np.linspace(first, last, STEPS) - _ROUNDING
        return np.unique(np.searchsorted(self._recall, wanted))

    def _times_missing(self, promised: float, prevalence: float) -> float | None:
        """Return how many times these adverts would suffice at the same rates; None where none."""
        times = 1.0
        while times <= _MOST_TIMES_MORE:
            low, high = self._bounds(self._confidence, times)
            if times > 1 and (precision_at(low, high, prevalence) >= promised).any():
                return times
            times *= 1.25
        return None

    def _filled(self, asked: Threshold, cut: int, low: Floats, high: Floats) -> Threshold:
        return replace(
            asked,
            value=float(self._cuts[cut]),
            recall=float(self._recall[cut]),
            recall_low=float(low[cut]),
            false_positive_rate=float(self._false[cut]),
            false_positive_rate_high=float(high[cut]),
        )


def _prevalence(asked: Threshold) -> float:
    assert asked.operating_prevalence is not None, "a precision is promised at a prevalence"
    return asked.operating_prevalence


def _between(distinct: Floats) -> Floats:
    """Return, for falling scores, the midpoint of each and the next one; the last one's next is 0.

    Two neighbouring floats have no value between them: the cut is then the higher one itself.
    """
    below = np.append(distinct[1:], 0.0)
    middle = (distinct + below) / 2
    return np.where(middle > below, middle, distinct)


def _missing(what: str, takes: str, wanted: int, worth: float, clusters: int) -> str:
    """Return how much evidence is missing, so that the reader can follow the sum."""
    each = worth / clusters
    share = "" if each > 0.995 else f" ({each:.2g} each, as some are much larger than others)"
    more = clusters_missing(wanted, worth, clusters)
    return (
        f"{clusters:,} {what} clusters are equivalent to {worth:.0f} independent adverts{share}, "
        f"and {takes}: for the {max(wanted - worth, 1):,.0f} that are missing, about {more:,} more "
        f"{what} clusters are needed in validation"
    )
