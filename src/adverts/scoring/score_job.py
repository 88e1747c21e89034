"""The job of scoring: a process opens the bundle once, and answers one unit after another."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from adverts.config.data import DataConfig, FileSource
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.open_source import open_source
from adverts.data.sources.parts import Part
from adverts.data.sources.pictures import image_limits
from adverts.data.sources.raw_rows import RawRow, Source
from adverts.errors import InputError, IntegrityError
from adverts.runtime import Classifier
from adverts.runtime.opening.machine import instructions
from adverts.runtime.predict.advert_facts import score_of
from adverts.runtime.predict.requests import Request
from adverts.runtime.predict.responses import Response
from adverts.runtime.stream.json_lines import respond
from adverts.scoring.answer_files import AnswerFormat, answer_of, answers_name, open_answers
from adverts.scoring.collection import SAMPLE
from adverts.scoring.collection_counts import CollectionCounts
from adverts.scoring.drift_sample import DriftSample, DriftSampler
from adverts.scoring.evidence.evidence_cells import written_time_of
from adverts.scoring.evidence.evidence_files import EvidenceFile, evidence_name
from adverts.scoring.evidence.evidence_rows import (
    CONTEXT_COLUMNS,
    EvidenceMaker,
    Seen,
    require_token_key,
)
from adverts.scoring.evidence.evidence_terms import terms_of
from adverts.scoring.repeated_ids import RepeatedIds
from adverts.scoring.row_requests import cell, groups, reader_of, windows
from adverts.work.units.executors.job import Done
from adverts.work.units.place import aside, open_place
from adverts.work.units.plan import Plan, read_plan
from adverts.work.units.receipts import hand_in

_ROW_GROUP = 20_000


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """How units are scored, in values that can be sent to another process.

    Attributes:
        scores: Folder or address of the plan, the answers and the receipts.
        bundle: Path of the bundle.
        data: Source and columns of the adverts.
        kind: Format of the answers.
        batch_size: Adverts in one pass through the model.
        ocr_cache: Folder of what was read on pictures; None: every picture is read.
    """

    scores: str
    bundle: str
    data: DataConfig
    kind: AnswerFormat
    batch_size: int
    ocr_cache: Path | None

    def open(self) -> Callable[[int], Done]:
        """Open bundle, source and plan, and return the function that scores one unit.

        Raises:
            InputError: Bundle, source or key cannot be used, or differ from those of the plan.
            IntegrityError: The bundle differs from what was exported, or the plan is damaged.
        """
        place = open_place(self.scores)
        plan = read_plan(place)
        if plan is None:
            raise InputError(f"{self.scores} has no plan any more; run the same command again")
        classifier = Classifier.load(self.bundle, threads=1)
        if plan.settings["bundle"] != classifier.manifest.identity():
            raise IntegrityError(f"{self.bundle} is not the bundle of the plan any more")
        terms = terms_of(plan)
        maker = None
        if terms is not None:
            key = require_token_key(os.environ, terms)
            maker = EvidenceMaker(self.data.columns, image_limits(self.data), key)
        return _UnitScorer(self, plan, classifier, maker).do


@dataclass(slots=True)
class _Noted:
    """What is noted while a unit is scored.

    Attributes:
        unit: Number of the unit.
        counts: What was counted.
        sample: Its part of the sample of texts.
        ids: The ids of its adverts.
        evidence: Where its evidence goes; None where none is kept.
    """

    unit: int
    counts: CollectionCounts = field(default_factory=CollectionCounts)
    sample: DriftSample = field(default_factory=DriftSample)
    ids: RepeatedIds = field(default_factory=RepeatedIds)
    evidence: EvidenceFile | None = None


class _UnitScorer:
    def __init__(
        self, job: ScoreJob, plan: Plan, classifier: Classifier, maker: EvidenceMaker | None
    ) -> None:
        self._job, self._plan, self._classifier = job, plan, classifier
        self._held: Source | None = None
        self._place = open_place(job.scores)
        self._reader = reader_of(classifier, job.data, threads=1, cache=job.ocr_cache)
        self._score = score_of(classifier)
        self._maker, self._terms = maker, terms_of(plan)
        self._sampler = DriftSampler(classifier, plan)
        columns = job.data.columns
        wanted = (columns.id, columns.text, columns.image, columns.lang, columns.platform)
        times = (columns.posted_at, columns.posted_week)
        more = [getattr(columns, name) for name in CONTEXT_COLUMNS] if maker else []
        named = (*wanted, *times, *more)
        self._wanted = tuple(dict.fromkeys(one for one in named if one is not None))

    def do(self, unit: int) -> Done:
        """Score one unit, and hand in its file and its receipt.

        Raises:
            InputError: Its file changed after the plan, or its answers cannot be written.
        """
        began = time.monotonic()
        part = Part(**self._plan.units[unit])  # type: ignore[arg-type]
        source = self._source(part)
        name = answers_name(unit, self._job.kind)
        with aside(self._place) as folder:
            files = {name: folder / "answers"}
            noted = _Noted(unit)
            if self._terms is not None:
                files[evidence_name(unit)] = folder / "evidence"
                noted.evidence = EvidenceFile(folder / "evidence", self._terms)
            answers = open_answers(folder / "answers", self._job.kind, self._classifier.tasks)
            try:
                for rows in groups(self._answers(source, part, noted), _ROW_GROUP):
                    answers.add(rows)
            finally:
                answers.close()
                if noted.evidence is not None:
                    noted.evidence.close()
            noted.counts.repeated_ids = noted.ids.count()
            hand_in(
                self._place,
                self._plan,
                unit,
                files,
                counts={**noted.counts.plain(), SAMPLE: noted.sample.plain()},
                seconds=round(time.monotonic() - began, 3),
                processor=instructions(),
            )
        return Done(unit, noted.counts.adverts)

    def _source(self, part: Part) -> Source:
        """Open the file of a part anew, so that a change of it is noticed; or the whole, once.

        Raises:
            InputError: The file changed after the plan, or cannot be opened.
        """
        if isinstance(self._job.data.source, FileSource):
            source = open_source(self._job.data, part)
        else:
            source = self._held = self._held or open_source(self._job.data)
        if asdict(source.stamps[part.file]) != self._plan.inputs[part.file]:
            raise InputError(
                f"{part.file} changed after it was planned; bring it back as it was, or score it "
                "into another folder"
            )
        return source

    def _answers(self, source: Source, part: Part, noted: _Noted) -> Iterator[tuple[object, ...]]:
        """Yield the answers of a part, and note what is counted and kept of them."""
        columns, data = self._job.data.columns, self._job.data
        for window in windows(data, source, source.read(self._wanted, part)):
            requests = [request for _, request in window]
            responses = respond(
                self._classifier,
                requests,
                reader=self._reader,
                batch_size=self._job.batch_size,
                readings=True,
            )
            if noted.evidence is not None and self._maker is not None:
                rows = [row for row, _ in window]
                seen = [*map(_seen, rows, requests, responses)]
                faults = noted.counts.evidence_faults
                noted.evidence.add(self._maker.of(seen, noted.unit, faults))
            for (row, request), response in zip(window, responses, strict=True):
                values = row if isinstance(row, RawRow) else None
                noted.counts.add(
                    response,
                    platform=cell(values, columns.platform) if values else None,
                    week=_week(values, data, noted.counts) if values else None,
                    pictured=bool(request.images),
                )
                noted.ids.add(str(request.id))
                self._sampler.add(noted.sample, response, request.images)
                yield answer_of(str(request.id), response, self._score(response))


def _seen(row: RawRow | BadRow, request: Request, response: Response) -> Seen:
    advert = response.reading.advert if response.reading is not None else None
    return Seen(str(request.id), row, advert)


def _week(row: RawRow, data: DataConfig, counts: CollectionCounts) -> str | None:
    """Return the week of an advert; None, and counted, if its time of posting cannot be used."""
    try:
        return week_of(row, data)
    except ValueError:
        counts.unusable_times += 1
        return None


def week_of(row: RawRow, data: DataConfig) -> str | None:
    """Return the ISO week in which an advert was posted, such as 2026-W44; None if not known.

    Raises:
        ValueError: The cell of its time is no time in ISO 8601.
    """
    week, column = cell(row, data.columns.posted_week), data.columns.posted_at
    if week is not None or column is None:
        return week
    posted = written_time_of(row.values.get(column))
    if posted is None:
        return None
    year, number, _ = posted.isocalendar()
    return f"{year}-W{number:02d}"
