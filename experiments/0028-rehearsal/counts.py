"""What would be said of a frame without a label: counts of flags, sums of probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from frames import Hidden, Scores, recalibrated
from scipy.stats import beta

from adverts.arrays import Floats

WIDE = 1.959964
ROWS = {
    "flags, probability of a half": "half",
    "flags, threshold of the other folds": "best",
    "sum of probabilities, as fitted": "sum",
    "sum of probabilities, re-calibrated (Saerens)": "saerens",
    "flags corrected by error rates of the other folds (ACC)": "corrected",
}
Found = tuple[float, float, float]
"""A total and the ends of the interval that its user would believe."""


def counts(scores: Scores, hidden: Hidden, kind: str) -> Iterator[tuple[str, Found]]:
    """Yield each count of a frame whose probabilities are as fitted."""
    of = {name: scores[f"{kind}_{name}"][hidden.rows] for name in ("threshold", "hits", "alarms")}
    said, adverts = hidden.frame.probabilities, len(hidden.rows)
    flags = int((said >= of["threshold"]).sum())
    yield "half", exact(int((said >= 0.5).sum()), adverts, adverts)
    yield "best", exact(flags, adverts, adverts)
    yield "sum", summed(said)
    yield "saerens", summed(recalibrated(said, float(scores["positive"].mean())))
    yield "corrected", corrected(flags, of["hits"], of["alarms"], scores)


def exact(count: int, labels: int, adverts: int) -> Found:
    """Return the total of Clopper and Pearson's interval of a share."""
    low = beta.ppf(0.025, count, labels - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, labels - count) if count < labels else 1.0
    return count / labels * adverts, float(low) * adverts, float(high) * adverts


def summed(said: Floats) -> Found:
    """Return the sum of probabilities; its interval believes each of them."""
    total, error = float(said.sum()), float(np.sqrt((said * (1 - said)).sum()))
    return total, total - WIDE * error, total + WIDE * error


def corrected(flags: int, hits: Floats, alarms: Floats, scores: Scores) -> Found:
    """Return the total behind a number of flags, given error rates by comment of the frame.

    Source: Forman, "Counting positives accurately despite inaccurate classification", 2005; the
    interval is the delta method's, with the error of both rates and of the flags.
    """
    adverts, right, wrong = len(hits), float(hits.mean()), float(alarms.mean())
    total = max((flags - wrong * adverts) / (right - wrong), 0.0)
    share = 1 - 1 / 5  # of the comments that the rates come from: four folds of five
    positives = share * float(scores["positive"].sum())
    negatives = share * float((~scores["positive"].astype(bool)).sum())
    right_v, wrong_v = right * (1 - right), wrong * (1 - wrong)
    variance = total * right_v + (adverts - total) * wrong_v
    variance += total**2 * right_v / positives + (adverts - total) ** 2 * wrong_v / negatives
    error = float(np.sqrt(variance)) / (right - wrong)
    return total, total - WIDE * error, total + WIDE * error
