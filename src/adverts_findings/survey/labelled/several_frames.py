"""One figure of several frames together, in which an advert of two frames counts once.

An advert that is in m of the frames counts 1 / m wherever it was drawn, so that the sum of the
frames' totals is that of all their adverts, each once. How many frames hold an advert must be known
of every advert drawn.

Source: Mecatti, "A single frame multiplicity estimator for multiple frame surveys", Survey
Methodology, 2007; Sirken, "Household surveys with multiplicity", JASA, 1970.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Floats
from adverts.errors import CannotJudgeError, InputError
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.designs.strata import StratumDraws
from adverts_findings.survey.estimators.by_design import ends, estimate_total, too_few_labels
from adverts_findings.survey.estimators.confidence_draws import DRAWS, Possible
from adverts_findings.survey.estimators.reviewers import ReviewerError, possible_truth, uninformed
from adverts_findings.survey.labelled.labelled_sample import LabelledSample, unit_draws
from adverts_findings.survey.labelled.unsure import at_most, for_any_unsure


@dataclass(frozen=True, slots=True)
class UnionTotal:
    """The positive adverts of several frames together.

    Attributes:
        adverts: Number of adverts of all frames, each counted once.
        total: How many of them are positive.
    """

    adverts: int
    total: Estimate


def estimate_union(
    parts: Sequence[LabelledSample],
    frames: Sequence[Set[str]] | None,
    *,
    level: float = LEVEL,
    seed: int = 0,
) -> UnionTotal:
    """Return the number of positive adverts of several frames, each advert counted once.

    Args:
        parts: A labelled sample of each frame.
        frames: Names of all adverts of each frame, in the same order; None if they are not known.
        level: Coverage of the interval.
        seed: Seed of the random draws.

    Raises:
        InputError: The samples are not of two frames or more with one question.
        CannotJudgeError: Which adverts are in several frames is not known.
    """
    names = _checked(parts, frames)
    shares = [
        np.array([1 / _frames_with(one.item, names) for one in part.sample.draws]) for part in parts
    ]
    sizes = [sum(1 / _frames_with(item, names) for item in one) for one in names]
    adverts = round(sum(sizes))
    errors = [part.error for part in parts]
    reason = next((uninformed(one) for one in errors if uninformed(one)), None)
    drawn = {one.item for part in parts for one in part.sample.draws}
    reason = reason or too_few_labels(len(drawn), adverts)
    if reason is not None:
        return UnionTotal(adverts, Estimate(None, reason=reason))

    def total(unsure: float) -> Estimate:
        return _total(_draws(parts, shares, unsure), errors, sizes, level, seed)

    unsure = any(bool(part.not_judged.any()) for part in parts)
    return UnionTotal(adverts, at_most(for_any_unsure(total, unsure=unsure), adverts))


def _draws(
    parts: Sequence[LabelledSample], shares: Sequence[Floats], unsure: float
) -> list[list[StratumDraws]]:
    return [
        unit_draws(part, "adverts", part.taking_unsure_as(unsure) * share)
        for part, share in zip(parts, shares, strict=True)
    ]


def _total(
    draws: Sequence[Sequence[StratumDraws]],
    errors: Sequence[ReviewerError | None],
    sizes: Sequence[float],
    level: float,
    seed: int,
) -> Estimate:
    """Return the total of all frames; each is corrected by the error of its own reviewers."""
    if not any(errors):
        every = [one for part in draws for one in part]
        return estimate_total(every, frame_total=sum(sizes), level=level, seed=seed)
    low, high, value = np.zeros(DRAWS), np.zeros(DRAWS), 0.0
    for i, (part, error, size) in enumerate(zip(draws, errors, sizes, strict=True)):
        possible, centre = possible_truth(part, error, frame_total=size, seed=seed + i)
        low, high, value = low + possible.low, high + possible.high, value + centre
    bottom, top = ends(Possible(low, high), level)
    return Estimate(value, min(bottom, value), max(top, value))


def _frames_with(item: str, names: Sequence[Set[str]]) -> int:
    return sum(item in one for one in names)


def _checked(
    parts: Sequence[LabelledSample], frames: Sequence[Set[str]] | None
) -> Sequence[Set[str]]:
    """Return the names of the frames' adverts, if they are all there."""
    samples = [one.sample for one in parts]
    if len({one.seal for one in samples}) < max(len(samples), 2):
        raise InputError("want two samples or more, each once")
    if any(one.question != samples[0].question for one in samples):
        raise InputError(
            "the samples were asked different questions, or by different codebooks: "
            f"{', '.join(one.question.codebook for one in samples)}; estimate each on its own"
        )
    if frames is None or len(frames) != len(samples):
        raise CannotJudgeError(
            "the frames may share adverts, which would count twice, and their ids are not known; "
            "keep the scores of each sample in place, or estimate each on its own"
        )
    for sample, names in zip(samples, frames, strict=True):
        lost = sum(one.item not in names for one in sample.draws)
        if lost or len(names) != sample.frame.adverts:
            raise CannotJudgeError(
                f"the scores of sample {sample.name} name {len(names):,} adverts without {lost:,} "
                f"of those drawn, where its frame holds {sample.frame.adverts:,}; bring back the "
                "scores as they were"
            )
    return frames
