"""How many labels would halve the interval of the number of adverts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adverts.errors import plural
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.designs.allocation import budget_for_width, expected_interval
from adverts_findings.survey.designs.strata import Stratum
from adverts_findings.survey.labelled.labelled_sample import LabelledSample, unit_draws
from adverts_findings.survey.sample import SealedStratum


@dataclass(frozen=True, slots=True)
class MoreLabels:
    """How many labels in all would halve the interval by design of the number of adverts.

    Attributes:
        labels: Their number, instead of those of this sample; None if labels cannot halve it.
        width: Width that is wanted; None if there is no interval to halve.
        reason: Why there is no number; None otherwise.
    """

    labels: int | None
    width: float | None
    reason: str | None


def labels_that_halve(
    labelled: LabelledSample, total: Estimate, *, level: float = LEVEL
) -> MoreLabels:
    """Return how many labels of the same design would halve an interval.

    The share of positives in each stratum is the one observed; calibration counts as one label
    more, so that a stratum without a positive is not taken for empty. Adverts taken whole stay so.
    What reviewers' errors and adverts that were not judged add to the interval stays as it is, as
    if squares of widths added up.

    Args:
        labelled: The sample with its labels.
        total: The number of positive adverts by design.
        level: Coverage of the interval.
    """
    if total.low is None or total.high is None:
        return MoreLabels(None, None, total.reason)
    sealed = labelled.sample.strata
    observed = unit_draws(labelled, "adverts", labelled.taking_unsure_as(0.0))
    drawn = [
        (_as_observed(one, draws.estimate), one.draws)
        for one, draws in zip(sealed, observed, strict=True)
        if one.kind != "whole" and one.stratum.adverts
    ]
    strata = [stratum for stratum, _ in drawn]
    wanted = (total.high - total.low) / 2
    if not strata or wanted <= 0:
        return MoreLabels(None, wanted, "every advert was labelled")
    by_chance = expected_interval(strata, [draws for _, draws in drawn], level=level).width
    square = (by_chance / 2) ** 2
    if labelled.error is not None or labelled.not_judged.any():
        square = min(square, wanted**2 - max((2 * wanted) ** 2 - by_chance**2, 0.0))
    if square <= 0:
        return MoreLabels(None, wanted, _other_width(labelled, 2 * wanted, by_chance))
    budget = budget_for_width(strata, float(np.sqrt(square)), level=level)
    if budget is None:
        return MoreLabels(None, wanted, "more than half of the frame would have to be labelled")
    whole = sum(one.draws for one in sealed if one.kind == "whole")
    return MoreLabels(budget + whole, wanted, None)


def _other_width(labelled: LabelledSample, width: float, by_chance: float) -> str:
    """Return where a width comes from that labels cannot halve."""
    used = next((one for one in labelled.known if one.source == labelled.corrected_by), None)
    if used is None or labelled.not_judged.any() or by_chance**2 > width**2 / 2:
        return (
            "too much of it comes from reviewers' errors, or from adverts that could not be judged"
        )
    positives, negatives = plural(used.positives, "positive"), plural(used.negatives, "negative")
    more = "plant more" if used.source == "planted" else "let a third person decide more"
    return (
        f"most of the width comes from knowing the reviewers by {positives} and {negatives} only; "
        f"{more}"
    )


def _as_observed(sealed: SealedStratum, positives: float) -> Stratum:
    stratum = sealed.stratum
    mean = (sealed.draws * positives + stratum.expected_positives) / (sealed.draws + 1)
    return replace(stratum, expected_positives=min(mean, float(stratum.adverts)))
