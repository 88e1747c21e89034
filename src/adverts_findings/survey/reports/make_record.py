"""Make the record of an estimate from samples and what people said of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from adverts.errors import InputError
from adverts.evaluation.statistics.bootstrap import LEVEL
from adverts_findings.survey.estimators.expected_positives import check_expected
from adverts_findings.survey.labelled.comparisons import compare
from adverts_findings.survey.labelled.figures import (
    UnitFigures,
    frame_figures,
    group_figures,
    unit_figures,
)
from adverts_findings.survey.labelled.labelled_sample import LabelledSample, stratum_rows
from adverts_findings.survey.labelled.more_labels import labels_that_halve
from adverts_findings.survey.labelled.several_frames import estimate_union
from adverts_findings.survey.reports.doubts import doubts
from adverts_findings.survey.reports.record import (
    EstimateRecord,
    LabelCounts,
    Publication,
    SamplePart,
    StratumRow,
)
from adverts_findings.survey.sample import Field


@dataclass(frozen=True, slots=True)
class Made:
    """When and by what a record is made.

    Attributes:
        at: The time, ISO 8601 in UTC.
        by: Version of this package, and the commit if it is known.
        seed: Seed of the random numbers behind the intervals.
        command: The command that makes it.
        folders: Folders of the samples, as the record names them.
    """

    at: str
    by: str
    seed: int
    command: str = ""
    folders: tuple[str, ...] = ()


def record_of_sample(
    labelled: LabelledSample,
    made: Made,
    publication: Publication,
    *,
    by: Sequence[Field] = (),
    earlier: Sequence[LabelledSample] = (),
) -> EstimateRecord:
    """Return the record of an estimate from one sample.

    Args:
        labelled: The sample with its labels.
        made: When and by what the record is made.
        publication: Its place in a series.
        by: What the frame is divided by; weeks are then compared with each other too.
        earlier: Samples of other frames, with their labels, to compare with.

    Raises:
        InputError: The sample does not know a field, or is to be compared with itself.
    """
    if len(set(by)) < len(by):
        raise InputError(f"by=[{','.join(by)}] names a field twice; name each once")
    seed = made.seed
    figures = frame_figures(labelled, seed=seed)
    groups = tuple(one for field in by for one in group_figures(labelled, field, seed=seed))
    comparisons = compare(labelled, earlier, weeks="week" in by, seed=seed)
    parts = (_part(labelled),)
    return EstimateRecord(
        created_at=made.at,
        created_by=made.by,
        level=LEVEL,
        seed=seed,
        command=made.command,
        folders=made.folders,
        samples=parts,
        figures=figures,
        groups=groups,
        comparisons=comparisons,
        more_labels=labels_that_halve(labelled, figures[0].total.by_design),
        doubts=doubts(parts, level=LEVEL),
        publication=publication,
    )


def record_of_frames(
    parts: Sequence[LabelledSample],
    frames: Sequence[Set[str]] | None,
    made: Made,
    publication: Publication,
) -> EstimateRecord:
    """Return the record of an estimate of several frames together: of adverts alone.

    Args:
        parts: A labelled sample of each frame.
        frames: Names of all adverts of each frame; None if they are not known.
        made: When and by what the record is made.
        publication: Its place in a series.

    Raises:
        InputError: See :func:`estimate_union`.
        CannotJudgeError: Likewise.
    """
    union = estimate_union(parts, frames, seed=made.seed)
    figures: tuple[UnitFigures, ...] = (
        unit_figures("adverts", float(union.adverts), union.total, assisted=None, expected=None),
    )
    described = tuple(_part(one) for one in parts)
    return EstimateRecord(
        created_at=made.at,
        created_by=made.by,
        level=LEVEL,
        seed=made.seed,
        command=made.command,
        folders=made.folders,
        samples=described,
        figures=figures,
        groups=(),
        comparisons=(),
        more_labels=None,
        doubts=doubts(described, level=LEVEL),
        publication=publication,
    )


def is_made_of(record: EstimateRecord, labelled: LabelledSample) -> bool:
    """Return whether the labels of a sample are those that an estimate was made from."""
    return record.samples[0].labels == _label_counts(labelled)


def _part(labelled: LabelledSample) -> SamplePart:
    """Return what a record says of one sample."""
    sample = labelled.sample
    return SamplePart(
        name=sample.name,
        seal=sample.seal,
        sealed_at=sample.sealed_at,
        frame=replace(sample.frame, scores=PurePath(sample.frame.scores).name),
        question=sample.question,
        budget=sample.budget,
        labels=_label_counts(labelled),
        known=labelled.known,
        corrected_by=labelled.corrected_by,
        strata=_strata(labelled),
    )


def _label_counts(labelled: LabelledSample) -> LabelCounts:
    """Return how many labels a sample has, and what became of them."""
    answers = labelled.answers
    what_counts = json.dumps([answers.said, answers.decided], sort_keys=True)
    return LabelCounts(
        adverts=len(labelled.sample.draws),
        positive=int((labelled.labels == 1).sum()),
        not_judged=int(labelled.not_judged.sum()),
        seen_twice=answers.seen_twice,
        not_blind=answers.not_blind,
        changed_later=answers.changed_later,
        reviewers=answers.reviewers,
        hash=hashlib.sha256(what_counts.encode()).hexdigest(),
    )


def _strata(labelled: LabelledSample) -> tuple[StratumRow, ...]:
    """Return the strata with the positives of their draws beside those that were expected.

    The probabilities of the draws themselves say what to expect, whatever the design.
    """
    sample = labelled.sample
    rows = [stratum_rows(sample, h) for h in range(len(sample.strata))]
    times = np.array([one.times for one in sample.draws])
    predicted = np.array([one.predicted for one in sample.draws])
    expected, numbers, positives = [], [], []
    for sealed, here in zip(sample.strata, rows, strict=True):
        judged = here[~labelled.not_judged[here]]
        number = int(times[judged].sum())
        mean = float(times[judged] @ predicted[judged]) / max(number, 1)
        positives_of_all = min(mean, 1.0) * sealed.stratum.adverts
        expected.append(replace(sealed.stratum, expected_positives=positives_of_all))
        numbers.append(number)
        positives.append(int(times[judged] @ labelled.labels[judged]))
    return tuple(
        StratumRow(sealed, len(here), int(labelled.not_judged[here].sum()), check)
        for sealed, here, check in zip(
            sample.strata, rows, check_expected(expected, numbers, positives), strict=True
        )
    )
