"""Figures of a queue at the prevalence in service, with bounds that allow for unseen false alarms.

A test set holds more positives than the stream it stands for. Where one advert in 200 is positive,
a false alarm among a thousand negatives halves the precision of a list. A set of a few thousand
negatives may hold none of them by chance, and resampling never draws what was not observed. So the
false-positive rate at each threshold is bounded exactly, with the effective number of independent
negatives.

Sources: Clopper, Pearson, 1934 (the bound); Hanley, Lippman-Hand, "If nothing goes wrong, is
everything all right?", JAMA 249, 1983 (three events may hide where none was seen).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Floats
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION_AT_PREVALENCE,
    RECALL_AT_PRECISION_AT_PREVALENCE,
)
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.bounds import (
    clusters_missing,
    effective_number,
    independent_by_events,
    negatives_needed,
    precision_at,
    upper_bound,
)
from adverts.evaluation.truth import Judged

CONFIDENCE = 0.95
SHARES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Shares of positives for which a queue is foretold where nobody states one."""
_UNSEEN = -float(np.log(1 - CONFIDENCE))  # 3.0: expected events that may stay unobserved
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """Two figures of a queue at the operating prevalence.

    Attributes:
        recall: Highest recall of a threshold that keeps the precision.
        average_precision: Average precision.
    """

    recall: float
    average_precision: float


@dataclass(frozen=True, slots=True)
class InService:
    """One model's queue at the operating prevalence, as far as the negatives can show it.

    Attributes:
        prevalence: Share of positives where the model will work.
        precision: The precision at which recall is measured.
        negatives: Effective number of independent negative adverts.
        negative_clusters: Number of clusters of the negatives.
        seen: The figures observed on these adverts.
        low: The figures if each threshold's false-positive rate were its 95 % upper bound.
        unseen: The figures with as many more false alarms as may stay unobserved.
    """

    prevalence: float
    precision: float
    negatives: float
    negative_clusters: int
    seen: QueueFigures
    low: QueueFigures
    unseen: QueueFigures

    def exact_lows(self) -> Mapping[str, float]:
        """Return the lower end of each figure in service that allows for unseen false alarms."""
        return {
            RECALL_AT_PRECISION_AT_PREVALENCE: self.low.recall,
            AVERAGE_PRECISION_AT_PREVALENCE: self.low.average_precision,
        }

    @property
    def times_as_many(self) -> float | None:
        """How many times as many negatives would show the recall; None if no number would."""
        wanted = self._negatives_wanted
        return None if wanted is None else wanted / self.negatives

    @property
    def _negatives_wanted(self) -> int | None:
        if self.seen.recall <= 0 or self.precision >= 1:
            return None
        return negatives_needed(self.seen.recall, self.precision, self.prevalence, CONFIDENCE)

    def lack(self) -> str | None:
        """Return why the negatives do not show the observed recall; None where they do."""
        where = (
            f"at a precision of {self.precision:g} where {100 * self.prevalence:.3g} % are positive"
        )
        if self.seen.recall <= 0:
            return f"no threshold finds anything {where}, so nothing can be compared there"
        wanted = self._negatives_wanted
        if wanted is None:
            return "no number of negatives shows that there is never a false alarm"
        if self.negatives >= wanted:
            return None
        more = clusters_missing(wanted, self.negatives, self.negative_clusters)
        return (
            f"the negatives are equivalent to {self.negatives:,.0f} independent adverts, and a "
            f"recall of {self.seen.recall:.3g} {where} takes {wanted:,} without a false alarm: "
            f"about {more:,} more negative clusters are missing here"
        )


def in_service(
    scores: Floats,
    positive: NDArray[np.bool_],
    clusters: Sequence[str],
    *,
    precision: float,
    prevalence: float,
) -> InService | None:
    """Return the figures of a queue at a prevalence; None without both positives and negatives.

    Equal scores are one threshold.

    Args:
        scores: Probability of the positive label, ``(N,)``.
        positive: Whether each advert has the positive label, ``(N,)``.
        clusters: Cluster of each advert, ``N`` names.
        precision: The precision at which recall is measured, in (0, 1).
        prevalence: Share of positives where the model will work, in (0, 1).
    """
    if positive.all() or not positive.any():
        return None
    names = np.asarray(clusters, dtype=object)
    number = effective_number(names[~positive])
    order = np.argsort(-scores, kind="stable")
    in_order, truth = scores[order], positive[order]
    ends = np.flatnonzero(np.append(in_order[1:] != in_order[:-1], True))
    found = np.cumsum(truth)[ends]
    gains = np.diff(found, prepend=0) > 0  # only there does a figure change for the better
    found, alarms = found[gains], (ends + 1 - np.cumsum(truth)[ends])[gains]
    raised = names[order][~truth].tolist()
    recall, false = found / found[-1], alarms / len(raised)
    worth = independent_by_events(raised, number)[alarms]

    def figures(rates: Floats) -> QueueFigures:
        kept = precision_at(recall, np.minimum(rates, 1.0), prevalence)
        return QueueFigures(
            recall=float(np.where(kept >= precision - _ROUNDING, recall, 0.0).max()),
            average_precision=float(np.diff(recall, prepend=0.0) @ kept),
        )

    return InService(
        prevalence=prevalence,
        precision=precision,
        negatives=number,
        negative_clusters=len(set(raised)),
        seen=figures(false),
        low=figures(upper_bound(false, worth, CONFIDENCE)),
        unseen=figures(false + _UNSEEN / number),
    )


def queue_in_service(
    judged: Judged,
    probabilities_NL: Floats,
    clusters: Sequence[str],
    *,
    precision: float,
    prevalence: float,
) -> InService | None:
    """Return :func:`in_service` for a task with a positive label; None for any other task.

    Args:
        judged: True labels of the adverts.
        probabilities_NL: Predicted probabilities, ``(N, L)``.
        clusters: Cluster of each advert, ``N`` names.
        precision: The precision at which recall is measured.
        prevalence: Share of positives where the model will work.
    """
    label = judged.task.positive_index
    if judged.task.kind != "single" or label is None:
        return None
    rows = judged.rows
    return in_service(
        probabilities_NL[rows, label],
        judged.labels[rows] == label,
        [clusters[row] for row in rows.tolist()],
        precision=precision,
        prevalence=prevalence,
    )


def queues_by_share(
    judged: Judged,
    probabilities_NL: Floats,
    clusters: Sequence[str],
    shares: Sequence[float],
    *,
    precision: float,
) -> tuple[InService, ...]:
    """Return :func:`queue_in_service` for each share; empty for a task that has no queue."""
    each = (
        queue_in_service(judged, probabilities_NL, clusters, precision=precision, prevalence=share)
        for share in shares
    )
    return tuple(one for one in each if one is not None)


def no_higher(found: Estimate, low: float) -> Estimate:
    """Return a figure in service with an interval that reaches down to the exact bound ``low``.

    Resamples of a set without a false alarm have none either, and would rule false alarms out.
    """
    if found.low is None or low >= found.low:
        return found
    reason = "the lower end is exact: it allows for false alarms that so few negatives cannot show"
    return Estimate(found.value, low, found.high, reason)
