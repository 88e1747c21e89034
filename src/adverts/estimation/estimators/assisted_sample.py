"""The assisted number of positive adverts of a labelled sample, where its design allows one."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Floats
from adverts.estimation.estimators.assisted import Lowest, ScoredLabels, estimate_assisted_total
from adverts.estimation.estimators.labelled_sample import LabelledSample, stratum_rows
from adverts.estimation.estimators.reviewers import uninformed
from adverts.estimation.estimators.unsure import for_any_unsure
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate


def assisted_total(labelled: LabelledSample, *, level: float = LEVEL, seed: int = 0) -> Estimate:
    """Return the total of adverts assisted by scores, or why it cannot be given.

    It is never given without the one by design beside it.
    """
    strata = labelled.sample.strata
    lowest = strata[0]
    even = lowest.kind == "adverts" or (
        lowest.kind == "line" and lowest.largest["adverts"] <= lowest.stratum.adverts * (1 + 1e-9)
    )
    above = [one.kind for one in strata[1:] if one.draws]
    if not even or not above or "line" in above:
        return Estimate(
            None,
            reason="cannot say: the assisted figure needs a lowest stratum drawn evenly, and the "
            "others drawn as single adverts",
        )
    reason = uninformed(labelled.error)
    if reason is not None:
        return Estimate(None, reason=reason)
    return for_any_unsure(
        lambda unsure: _assisted(labelled, labelled.taking_unsure_as(unsure), level, seed),
        unsure=bool(labelled.not_judged.any()),
    )


def _assisted(labelled: LabelledSample, labels: Floats, level: float, seed: int) -> Estimate:
    sample = labelled.sample
    above = []
    for h, sealed in enumerate(sample.strata[1:], 1):
        rows = stratum_rows(sample, h)
        predicted = np.array([sample.draws[i].predicted for i in rows])
        stratum = sealed.stratum
        if len(rows):
            above.append(
                ScoredLabels(
                    stratum.name,
                    labels[rows],
                    predicted,
                    stratum.adverts,
                    stratum.expected_share,
                    sealed.lowest,
                    sealed.highest,
                )
            )
    bottom = sample.strata[0]
    rows = stratum_rows(sample, 0)
    times = np.array([sample.draws[i].times for i in rows])
    lowest = Lowest(
        bottom.stratum.expected_positives,
        bottom.stratum.adverts,
        int(times.sum()),
        int((times * labels[rows]).sum()),
        sample.factor,
    )
    return estimate_assisted_total(above, lowest, reviewers=labelled.error, level=level, seed=seed)
