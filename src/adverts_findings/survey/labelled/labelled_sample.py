"""A sample with what people said of it, as draws that estimators take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from adverts.arrays import Bools, Floats, Ints
from adverts.errors import CannotJudgeError, InputError, IntegrityError
from adverts_findings.survey.designs.strata import (
    StratumDraws,
    advert_draws,
    line_draws,
    whole_draws,
)
from adverts_findings.survey.estimators.reviewers import ReviewerError
from adverts_findings.survey.labelled.answers import Answer, SampleAnswers
from adverts_findings.survey.labelled.known_items import KnownItems, Source, known_items
from adverts_findings.survey.sample import UNKNOWN, Field, Group, Sample, SealedStratum, Unit


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSample:
    """A sample with its labels, one entry for each advert drawn.

    Attributes:
        sample: The sealed sample.
        answers: What people said.
        labels: 1.0 positive, 0.0 negative, NaN not judged, ``(n,)``. Where reviewers' error is
            known it is what they said; otherwise the third person's word counts where there is one.
        known: What is known of reviewers' errors, by source.
        corrected_by: The source whose rates correct the figures; None: labels are taken as true.
        error: Those rates.
    """

    sample: Sample
    answers: SampleAnswers
    labels: Floats
    known: tuple[KnownItems, ...]
    corrected_by: Source | None
    error: ReviewerError | None

    @property
    def not_judged(self) -> Bools:
        """Whether each advert drawn could not be judged, ``(n,)``."""
        return np.isnan(self.labels)

    def taking_unsure_as(self, label: float) -> Floats:
        """Return the labels with this one for each advert that could not be judged, ``(n,)``."""
        return np.nan_to_num(self.labels, nan=label)

    def members(self, group: Group) -> Bools:
        """Return whether each advert drawn belongs to a group, ``(n,)``."""
        return np.array([one.groups[group.field] == group.value for one in self.sample.draws])

    def frame_total(self, unit: Unit) -> float | None:
        """Return what all adverts of the frame count; None if it is not known."""
        totals = [one.totals.get(unit) for one in self.sample.strata]
        return None if None in totals else float(sum(one for one in totals if one is not None))


def label_sample(sample: Sample, answers: SampleAnswers) -> LabelledSample:
    """Return a sample with its labels.

    Raises:
        InputError: The sample was drawn to learn from, or an answer is of no advert of the sample.
        CannotJudgeError: An answer is missing.
        IntegrityError: The sample is none by chance, or a stratum has fewer or more draws than were
            sealed.
    """
    if sample.design != "estimate":
        raise InputError(
            f"sample {sample.name} was drawn to teach (design={sample.design}), and its labels "
            "estimate nothing; draw one with adverts sample design=estimate"
        )
    _require_chances(sample)
    _check_answers(sample, answers)
    known, source, error = known_items(sample, answers.said, answers.decided)
    final = answers.said if source else {**answers.said, **answers.decided}
    said = [final[one.item] for one in sample.draws]
    labels = np.array([np.nan if one is None else float(one) for one in said], dtype=np.float64)
    return LabelledSample(sample, answers, labels, known, source, error)


def _require_chances(sample: Sample) -> None:
    """Refuse a sample whose file says that it estimates, but was not drawn for that."""
    strata = range(len(sample.strata))
    adverts = sum(one.stratum.adverts for one in sample.strata)
    by_chance = all(one.stratum in strata and 0 < one.probability <= 1 for one in sample.draws)
    if not sample.draws or not by_chance or adverts != sample.frame.adverts:
        raise IntegrityError(
            f"sample {sample.name} was not drawn by chance from all {sample.frame.adverts:,} "
            "adverts of its frame; bring back its file as it was, or draw a sample with "
            "design=estimate"
        )


def _check_answers(sample: Sample, answers: SampleAnswers) -> None:
    drawn = [one.item for one in sample.draws]
    wanted = [*drawn, *(one.item for one in sample.planted)]
    to_decide = [one.item for one in sample.draws if one.adjudicated]
    for asked, given in ((wanted, answers.said), (to_decide, answers.decided)):
        strange = sorted(given.keys() - set(asked))
        if strange:
            raise InputError(
                f"{len(strange):,} answers are of adverts that sample {sample.name} did not ask "
                f"for, such as {strange[0]}; give the labels of this sample"
            )
    _refuse_missing(sample, wanted, answers.said, "labels")
    _refuse_missing(sample, to_decide, answers.decided, "decisions of a third person")
    for h, sealed in enumerate(sample.strata):
        times = sum(one.times for one in sample.draws if one.stratum == h)
        if times != sealed.draws:
            raise IntegrityError(
                f"sample {sample.name}: {times} draws in {sealed.stratum.name}, but "
                f"{sealed.draws} were sealed; draw the sample again"
            )


def _refuse_missing(
    sample: Sample, wanted: Iterable[str], given: Mapping[str, Answer], noun: str
) -> None:
    asked = list(wanted)
    missing = [one for one in asked if one not in given]
    if missing:
        raise CannotJudgeError(
            f"{len(missing):,} of {len(asked):,} {noun} of sample {sample.name} are missing, such "
            f"as that of {missing[0]}; an estimate needs all of them, and 'unsure' is an answer"
        )


def unit_draws(
    labelled: LabelledSample,
    unit: Unit,
    positive: ArrayLike,
    *,
    group: Group | None = None,
) -> list[StratumDraws]:
    """Return the draws of each stratum for the total of a unit.

    A stratum taken whole is certain where labels are taken as true; otherwise all its labels are
    draws, since chance is left in them. In a stratum without an advert of the group nothing of it
    can be unseen.

    Args:
        labelled: The sample with its labels.
        unit: What is counted; its totals must be known.
        positive: How far each advert drawn counts, in [0, 1], ``(n,)``: its label, or less where an
            advert counts in part.
        group: The part of the frame to count; None for all of it.
    """
    sample = labelled.sample
    counts = np.asarray(positive, dtype=np.float64)
    if group is not None:
        counts = np.where(labelled.members(group), counts, 0.0)
    found = []
    for h, sealed in enumerate(sample.strata):
        rows = stratum_rows(sample, h)
        possible = group is None or group.adverts[h] > 0
        found.append(_draws(labelled, sealed, rows, unit, counts[rows], possible=possible))
    return found


def stratum_rows(sample: Sample, stratum: int) -> Ints:
    """Return the places of a stratum's adverts among all drawn."""
    return np.flatnonzero([one.stratum == stratum for one in sample.draws]).astype(np.int64)


def _draws(
    labelled: LabelledSample,
    sealed: SealedStratum,
    rows: Ints,
    unit: Unit,
    counts: Floats,
    *,
    possible: bool,
) -> StratumDraws:
    drawn = [labelled.sample.draws[i] for i in rows]
    sizes = np.array([one.sizes[unit] for one in drawn], dtype=np.float64)
    name, adverts = sealed.stratum.name, sealed.stratum.adverts
    largest = sealed.largest[unit] if possible else 0.0
    if sealed.kind == "line":
        times = [one.times for one in drawn]
        chances = np.array([one.probability for one in drawn])
        return line_draws(
            name,
            np.repeat(counts, times),
            np.repeat(sizes, times),
            np.repeat(chances, times),
            largest,
        )
    if len(drawn) == adverts and labelled.error is None:
        return whole_draws(name, float(counts @ sizes))
    return advert_draws(name, counts, adverts, sizes=sizes, largest_size=largest)


def groups_of(sample: Sample, field: Field) -> list[Group]:
    """Return the groups of a field.

    Raises:
        InputError: The field of no advert is known.
    """
    found = [one for one in sample.groups if one.field == field]
    if all(one.value == UNKNOWN for one in found):
        told = (
            "whose time is read with data.columns.posted_at="
            if field == "week"
            else (f"that state their {field}")
        )
        raise InputError(
            f"by={field}: sample {sample.name} knows no {field} of its adverts; leave it out, or "
            f"draw from scores of adverts {told}"
        )
    return found
