"""How much there is in a frame and its groups, in every unit, with the intervals that labels give.

Adverts that could not be judged are negative in a figure and its lower end, and positive in its
upper end: whatever they are, the interval holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.estimators.by_design import estimate_total, too_few_labels, unsayable
from adverts_findings.survey.estimators.reviewers import estimate_total_with_errors, uninformed
from adverts_findings.survey.labelled.assisted_sample import assisted_total
from adverts_findings.survey.labelled.labelled_sample import (
    LabelledSample,
    groups_of,
    unit_draws,
)
from adverts_findings.survey.labelled.unsure import at_most, for_any_unsure, scaled
from adverts_findings.survey.sample import UNITS, Field, Group, Unit


@dataclass(frozen=True, slots=True)
class TwoEstimates:
    """One figure with two intervals, named for what they assume.

    Attributes:
        by_design: Valid whatever the scores are worth. Its ``reason`` says why it cannot be given.
        assisted: Narrower, under the assumption that its ``reason`` states or says to be refuted;
            None where there is none, as for units other than adverts and for groups.
    """

    by_design: Estimate
    assisted: Estimate | None


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """How much there is, in one unit.

    Attributes:
        unit: What is counted.
        frame_total: The total if every advert were positive; None if it is not known.
        total: How many are positive.
        share: Their share of the frame; None for units other than adverts.
        expected: Positives that calibration expects; None for units other than adverts.
    """

    unit: Unit
    frame_total: float | None
    total: TwoEstimates
    share: TwoEstimates | None
    expected: float | None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures of one part of the frame.

    Attributes:
        field: What divides the frame.
        value: The value of the group.
        labels: Adverts of the group that were drawn, each counted once.
        positive: How many of them were called positive.
        figures: Its figures, by unit.
    """

    field: Field
    value: str
    labels: int
    positive: int
    figures: tuple[UnitFigures, ...]


def frame_figures(
    labelled: LabelledSample, *, level: float = LEVEL, seed: int = 0
) -> tuple[UnitFigures, ...]:
    """Return the figures of the whole frame, by unit."""
    expected = sum(one.stratum.expected_positives for one in labelled.sample.strata)
    assisted = assisted_total(labelled, level=level, seed=seed)
    found = []
    for unit in UNITS:
        total = labelled.frame_total(unit)
        by_design = total_by_design(labelled, unit, total, level=level, seed=seed)
        found.append(unit_figures(unit, total, by_design, assisted=assisted, expected=expected))
    return tuple(found)


def group_figures(
    labelled: LabelledSample, field: Field, *, level: float = LEVEL, seed: int = 0
) -> tuple[GroupFigures, ...]:
    """Return the figures of each group of a field.

    Raises:
        InputError: The sample was sealed without the field.
    """
    found = []
    for group in groups_of(labelled.sample, field):
        figures = []
        for unit in UNITS:
            total = group.totals.get(unit)
            by_design = total_by_design(labelled, unit, total, group=group, level=level, seed=seed)
            expected = sum(group.expected_positives)
            figures.append(unit_figures(unit, total, by_design, assisted=None, expected=expected))
        said = labelled.labels[labelled.members(group)]
        found.append(
            GroupFigures(field, group.value, len(said), int((said == 1).sum()), tuple(figures))
        )
    return tuple(found)


def unit_figures(
    unit: Unit,
    frame_total: float | None,
    by_design: Estimate,
    *,
    assisted: Estimate | None,
    expected: float | None,
) -> UnitFigures:
    """Return the figures of a unit; share, assisted and expected ones are of adverts alone."""
    if unit != "adverts" or not frame_total:
        return UnitFigures(unit, frame_total, TwoEstimates(by_design, None), None, None)
    share = TwoEstimates(
        scaled(by_design, 1 / frame_total),
        None if assisted is None else scaled(assisted, 1 / frame_total),
    )
    return UnitFigures(unit, frame_total, TwoEstimates(by_design, assisted), share, expected)


def total_by_design(
    labelled: LabelledSample,
    unit: Unit,
    frame_total: float | None,
    *,
    group: Group | None = None,
    level: float = LEVEL,
    seed: int = 0,
) -> Estimate:
    """Return the total of a unit by design, or why it cannot be given.

    Reviewers' errors are paid for where they are known.

    Args:
        labelled: The sample with its labels.
        unit: What is counted.
        frame_total: The total if every advert of the frame, or of the group, were positive.
        group: The part of the frame to count; None for all of it.
        level: Coverage of the interval.
        seed: Seed of the random draws.
    """
    reason = no_total(labelled, unit, frame_total, group)
    if reason is not None or not frame_total:
        return Estimate(None, reason=reason)

    def total(unsure: float) -> Estimate:
        draws = unit_draws(labelled, unit, labelled.taking_unsure_as(unsure), group=group)
        if labelled.error is None:
            found = estimate_total(draws, frame_total=frame_total, level=level, seed=seed)
        else:
            found = estimate_total_with_errors(
                draws, labelled.error, frame_total=frame_total, level=level, seed=seed
            )
        return at_most(found, frame_total)

    return for_any_unsure(total, unsure=bool(labelled.not_judged.any()))


def no_total(  # noqa: PLR0911 - one return for each reason
    labelled: LabelledSample, unit: Unit, frame_total: float | None, group: Group | None = None
) -> str | None:
    """Return why a total cannot be given whatever the labels of the sample say, or None."""
    if frame_total is None:
        return f"cannot say: the {unit} of the frame are not known"
    if not frame_total > 0:
        return f"cannot say: nothing in the frame counts as {unit}"
    if unit == "views" and all(one.kind != "whole" for one in labelled.sample.strata):
        return "cannot say: the sample was not drawn for views, with the most seen taken whole"
    reason = uninformed(labelled.error)
    if reason is not None:
        return reason
    few = _too_few(labelled, group)
    if few is not None:
        return few
    if unit == "adverts":
        return None
    return unsayable(
        unit_draws(labelled, unit, labelled.taking_unsure_as(0.0), group=group), frame_total
    )


def _too_few(labelled: LabelledSample, group: Group | None) -> str | None:
    if group is None:
        adverts = sum(one.stratum.adverts for one in labelled.sample.strata)
        return too_few_labels(len(labelled.sample.draws), adverts)
    return too_few_labels(int(labelled.members(group).sum()), sum(group.adverts))
