"""Reviewers' error of a sample, from its planted items and its adjudicated part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from adverts.arrays import Floats
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.estimators.reviewers import Known, ReviewerError, from_adjudicated
from adverts_findings.survey.labelled.answers import Answer
from adverts_findings.survey.sample import Draw, Sample

Source = Literal["planted", "adjudicated"]


@dataclass(frozen=True, slots=True)
class KnownItems:
    """What reviewers said of adverts with known truth.

    Attributes:
        source: ``planted`` among the sample, or ``adjudicated``: a random part of the sample, whose
            truth is the third person's word.
        positives: Number of known positives that were judged.
        found: How many of them reviewers called positive.
        negatives: Number of known negatives that were judged.
        cleared: How many of them reviewers called negative.
        not_judged: How many could not be judged; they are left out of the rates.
        sensitivity: Share of positives that are called positive, weighted by the design.
        specificity: Share of negatives that are called negative, likewise.
    """

    source: Source
    positives: int
    found: int
    negatives: int
    cleared: int
    not_judged: int
    sensitivity: Estimate
    specificity: Estimate


def known_items(
    sample: Sample, said: Mapping[str, Answer], decided: Mapping[str, Answer]
) -> tuple[tuple[KnownItems, ...], Source | None, ReviewerError | None]:
    """Return what is known of reviewers' errors, and the source that corrects figures.

    Planted items come first, as their number is part of the plan; the adjudicated part is used
    where there are none of one kind. A source needs a positive and a negative that were judged.

    Args:
        sample: The sample.
        said: What counted of each advert drawn or planted, without adjudication.
        decided: The third person's word on each adjudicated advert.
    """
    planted = [(one.positive, said[one.item]) for one in sample.planted]
    chosen = [one for one in sample.draws if one.adjudicated]
    adjudicated = [(decided[one.item], said[one.item]) for one in chosen]
    weights = [_weight(sample, one) for one in chosen]
    found = [
        _from_pairs("planted", planted, np.ones(len(planted))),
        _from_pairs("adjudicated", adjudicated, np.array(weights)),
    ]
    kept = tuple(items for items, _ in found if items.positives + items.negatives)
    for items, error in found:
        if error is not None:
            return kept, items.source, error
    return kept, None, None


def _weight(sample: Sample, draw: Draw) -> float:
    """Return how many adverts of the frame a draw stands for."""
    sealed = sample.strata[draw.stratum]
    if sealed.kind == "line":
        return draw.times / (sealed.draws * draw.probability)
    return 1 / draw.probability


def _from_pairs(
    source: Source, pairs: Sequence[tuple[Answer, Answer]], weights: Floats
) -> tuple[KnownItems, ReviewerError | None]:
    """Return the counts of a source and, where it has both kinds, the error that it shows."""
    judged = np.array([None not in pair for pair in pairs], dtype=np.bool_)
    truth, said = (
        np.array([pair[i] is True for pair in pairs], dtype=np.bool_)[judged] for i in (0, 1)
    )
    usable = bool(truth.any()) and not truth.all()
    if not usable:
        error = None
    elif source == "planted":
        error = ReviewerError(
            Known(int((truth & said).sum()), int(truth.sum())),
            Known(int((~truth & ~said).sum()), int((~truth).sum())),
        )
    else:
        error = from_adjudicated(truth, said, weights[judged])
    items = KnownItems(
        source,
        positives=int(truth.sum()),
        found=int((truth & said).sum()),
        negatives=int((~truth).sum()),
        cleared=int((~truth & ~said).sum()),
        not_judged=int((~judged).sum()),
        sensitivity=_rate(None if error is None else error.sensitivity),
        specificity=_rate(None if error is None else error.specificity),
    )
    return items, error


def _rate(known: Known | None, level: float = LEVEL) -> Estimate:
    """Return a rate with the interval of Clopper and Pearson for its number of items."""
    if known is None:
        return Estimate(None, reason="cannot say: no known item of one kind was judged")
    high = Known(known.items - known.right, known.items).wrong_at_most(level)
    return Estimate(known.share, 1 - known.wrong_at_most(level), high)
