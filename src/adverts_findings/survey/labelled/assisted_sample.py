"""The assisted number of positive adverts of a labelled sample, where its design allows one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adverts.arrays import Floats
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.estimators.assisted import (
    Lowest,
    ScoredLabels,
    estimate_assisted_total,
)
from adverts_findings.survey.estimators.reviewers import uninformed
from adverts_findings.survey.labelled.labelled_sample import LabelledSample, stratum_rows
from adverts_findings.survey.labelled.unsure import for_any_unsure
from adverts_findings.survey.sample import SealedStratum


def assisted_total(labelled: LabelledSample, *, level: float = LEVEL, seed: int = 0) -> Estimate:
    """Return the number of positive adverts assisted by scores, or why it cannot be given.

    The lowest strata of a divided frame are taken together, once each has had its chance to refute
    the assumption; their number is paid for. It is never given without the one by design beside it.
    """
    bottom = [h for h, one in enumerate(labelled.sample.strata) if _is_lowest(one)]
    above = [h for h, one in enumerate(labelled.sample.strata) if not _is_lowest(one) and one.draws]
    if not bottom or not above or not _fits(labelled.sample.strata):
        return Estimate(
            None,
            reason="cannot say: the assisted figure needs a lowest stratum drawn evenly, and the "
            "others drawn as single adverts",
        )
    reason = uninformed(labelled.error)
    if reason is not None:
        return Estimate(None, reason=reason)

    def total(unsure: float) -> Estimate:
        labels = labelled.taking_unsure_as(unsure)
        lowest = [_lowest(labelled, labels, h) for h in bottom]
        refuted = _refuted(labelled, lowest, level)
        if refuted is not None:
            return Estimate(None, reason=refuted)
        return estimate_assisted_total(
            [_scored(labelled, labels, h) for h in above],
            _together(lowest),
            reviewers=labelled.error,
            level=level,
            seed=seed,
        )

    return for_any_unsure(total, unsure=bool(labelled.not_judged.any()))


def _is_lowest(sealed: SealedStratum) -> bool:
    return sealed.lowest and sealed.kind != "whole"


def _fits(strata: Sequence[SealedStratum]) -> bool:
    """Return whether each draw of a lowest stratum is as likely as another, and no other a line."""
    return all(
        one.lowest and one.largest["adverts"] <= one.stratum.adverts * (1 + 1e-9)
        for one in strata
        if one.kind == "line"
    )


def _lowest(labelled: LabelledSample, labels: Floats, place: int) -> Lowest:
    sample, rows = labelled.sample, stratum_rows(labelled.sample, place)
    stratum = sample.strata[place].stratum
    times = np.array([sample.draws[i].times for i in rows])
    return Lowest(
        stratum.expected_positives,
        stratum.adverts,
        labels=int(times.sum()),
        positives=int((times * labels[rows]).sum()),
        factor=sample.factor,
    )


def _refuted(labelled: LabelledSample, lowest: Sequence[Lowest], level: float) -> str | None:
    """Return why the labels of a lowest stratum refute the assumption, or None."""
    paid = 1 - (1 - level) / len(lowest)
    error = labelled.error
    alarms = 0.0 if error is None else error.specificity.wrong_at_most(paid)
    reasons = (one.refuted(paid, false_alarms=alarms) for one in lowest)
    return next((one for one in reasons if one is not None), None)


def _together(lowest: Sequence[Lowest]) -> Lowest:
    """Return the lowest strata as one; the labels of several have had their say."""
    if len(lowest) == 1:
        return lowest[0]
    return Lowest(
        sum(one.predicted for one in lowest),
        sum(one.adverts for one in lowest),
        labels=0,
        positives=0,
        factor=lowest[0].factor,
    )


def _scored(labelled: LabelledSample, labels: Floats, place: int) -> ScoredLabels:
    sample, sealed = labelled.sample, labelled.sample.strata[place]
    rows = sorted(stratum_rows(sample, place).tolist(), key=lambda i: sample.draws[i].item)
    return ScoredLabels(
        sealed.stratum.name,
        labels[rows],
        np.array([sample.draws[i].predicted for i in rows]),
        sealed.stratum.adverts,
        sealed.stratum.expected_share,
        sealed.least_probable,
        sealed.most_probable,
    )
