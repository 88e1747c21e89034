"""The record of an estimate: what was asked, what people said, and every figure with its interval.

It holds no text, picture, id or contact of an advert. Its id is the sha256 of everything in it, so
that a published figure cannot be changed unnoticed; a revision is a new record that names the old.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.estimators.expected_positives import StratumCheck
from adverts_findings.survey.labelled.comparisons import EstimateComparison
from adverts_findings.survey.labelled.figures import GroupFigures, UnitFigures
from adverts_findings.survey.labelled.known_items import KnownItems, Source
from adverts_findings.survey.labelled.more_labels import MoreLabels
from adverts_findings.survey.sample import FrameFacts, ReviewQuestion, SealedStratum
from adverts_findings.survey.sealed_record import read_sealed, seal_of, sealed_bytes

RECORD = "estimate.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How many labels a sample asked for, and what became of them.

    Attributes:
        adverts: Adverts drawn, each counted once; all of them have an answer.
        positive: How many were called positive.
        not_judged: How many could not be judged. The figures take them for negative, the lower ends
            too; the upper ends take them for positive.
        seen_twice: How many a second reviewer looked at.
        not_blind: How many have an answer of somebody who had seen a score or another answer.
        changed_later: How many answers a reviewer changed after giving them.
        reviewers: Number of people who labelled.
        hash: Changes if what counts of any advert changes, planted ones too.
    """

    adverts: int
    positive: int
    not_judged: int
    seen_twice: int
    not_blind: int
    changed_later: int
    reviewers: int
    hash: str


@dataclass(frozen=True, slots=True)
class StratumRow:
    """A stratum and what the labels of its draws say of the calibration.

    Attributes:
        sealed: The stratum as it was sealed.
        labels: Adverts drawn in it, each counted once.
        not_judged: How many of them could not be judged.
        check: Positive draws beside those that calibration expects of the draws judged; an advert
            drawn twice counts twice.
    """

    sealed: SealedStratum
    labels: int
    not_judged: int
    check: StratumCheck


@dataclass(frozen=True, slots=True)
class SamplePart:
    """One sample that an estimate is made from.

    Attributes:
        name: Name of its folder when it was drawn.
        seal: The sha256 of the sealed sample.
        sealed_at: When it was sealed, ISO 8601 in UTC.
        frame: What it was drawn from; of the place of its scores, the name alone.
        question: What reviewers were asked.
        budget: Labels that were asked for.
        labels: What became of them.
        known: What is known of reviewers' errors, by source.
        corrected_by: The source whose error rates correct the figures; None where labels are taken
            as true.
        strata: Its strata, the lowest by score first.
    """

    name: str
    seal: str
    sealed_at: str
    frame: FrameFacts
    question: ReviewQuestion
    budget: int
    labels: LabelCounts
    known: tuple[KnownItems, ...]
    corrected_by: Source | None
    strata: tuple[StratumRow, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """The record that this one replaces.

    Attributes:
        id: Its id.
        folder: Its folder, without folders outside of the current one.
        created_at: When it was made, ISO 8601 in UTC.
        total: The number of adverts by design that it gave.
        frame_total: The number of adverts that it is of; None if it is not known.
        answers_changed: How many answers about its sample were changed since.
        reason: Why it is replaced, in the words of a person.
        changes: What changed beside that, as sentences.
    """

    id: str
    folder: str
    created_at: str
    total: Estimate
    frame_total: float | None
    answers_changed: int
    reason: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier estimate of a series, as it was recorded.

    Attributes:
        id: Its id.
        sample: Name of its sample.
        adverts: Number of adverts that were collected.
        total: How many of them are positive, by design.
        share: Their share, by design; None if it was not given.
        provisional: Whether it was provisional.
    """

    id: str
    sample: str
    adverts: int
    total: Estimate
    share: Estimate | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Publication:
    """How a record stands in a series of records.

    Attributes:
        series: Name of the series; figures of two series are never compared.
        provisional: Whether figures may still be revised.
        replaces: The record that this one replaces; None if it is the first.
        previous: Records that it is compared with, the latest first.
    """

    series: str
    provisional: bool
    replaces: Revision | None
    previous: tuple[Earlier, ...]


@dataclass(frozen=True, slots=True)
class EstimateRecord:
    """An estimate, whole.

    Attributes:
        created_at: When it was made, ISO 8601 in UTC.
        created_by: Version of this package, and the commit if it is known.
        level: Coverage of every interval.
        seed: Seed of the random numbers behind the intervals.
        command: The command that made it.
        folders: Folders of the samples, without folders outside of the one it was made in.
        samples: What it is made from; several are one figure of all their frames together, in which
            an advert of two frames counts once.
        figures: The figures, by unit; adverts come first.
        groups: The same of parts of the frame; empty where there are several samples.
        comparisons: Weeks or samples side by side.
        more_labels: What would halve the interval; None where there are several samples.
        doubts: What could be wrong, as sentences, the weightiest first.
        publication: Its place in a series.
    """

    created_at: str
    created_by: str
    level: float
    seed: int
    command: str
    folders: tuple[str, ...]
    samples: tuple[SamplePart, ...]
    figures: tuple[UnitFigures, ...]
    groups: tuple[GroupFigures, ...]
    comparisons: tuple[EstimateComparison, ...]
    more_labels: MoreLabels | None
    doubts: tuple[str, ...]
    publication: Publication

    @property
    def id(self) -> str:
        """The sha256 of everything in the record."""
        return seal_of(self, SCHEMA_VERSION)


def as_earlier(record: EstimateRecord) -> Earlier:
    """Return what is shown of an estimate of one sample beside others of its series."""
    part, figures = record.samples[0], record.figures[0]
    return Earlier(
        id=record.id,
        sample=part.name,
        adverts=part.frame.adverts,
        total=figures.total.by_design,
        share=None if figures.share is None else figures.share.by_design,
        provisional=record.publication.provisional,
    )


def record_bytes(record: EstimateRecord) -> bytes:
    """Return the content of the file of a record, which states its id."""
    return sealed_bytes(record, SCHEMA_VERSION, key="id")


def read_estimate(folder: Path) -> EstimateRecord:
    """Read the record of a folder.

    Raises:
        InputError: There is none, or it cannot be read.
        IntegrityError: It differs from what was written, or another release wrote it.
    """
    lack = f"{folder} holds no estimate; make one with: adverts estimate sample=… labels=…"
    return read_sealed(EstimateRecord, folder / RECORD, SCHEMA_VERSION, key="id", lack=lack)
