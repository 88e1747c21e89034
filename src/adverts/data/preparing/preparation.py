"""Prepares a dataset: from a data config to the prepared dataset on disk."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from adverts.advert import LabelSchema
from adverts.clusters.picture_hash import PICTURE_HASH_VERSION, describe_picture
from adverts.config.data import DataConfig, SyntheticSource
from adverts.config.verbs import PrepareConfig, RayExecutorConfig
from adverts.data.dataset.dataset_manifest import FILE_NAME, Making, Terms
from adverts.data.dataset.picture_list import PictureList
from adverts.data.dataset.picture_spool import ImageSpool, remove_leavings
from adverts.data.dataset.prepared import HOLDS, PreparedDataset, write_prepared
from adverts.data.dataset.tombstones import read_heritage
from adverts.data.mapping.collect_labels import refuse_misfits, settle_labels
from adverts.data.mapping.guess_columns import hints
from adverts.data.mapping.label_cells import LabelPlan, plan_tasks
from adverts.data.mapping.map_rows import MappedRow, MappedRows, RowMapper
from adverts.data.preparing.advice import (
    advice,
    bad_rows_message,
    carved,
    empties,
    empty_message,
    large_family,
    odd_weeks,
    spelling_warnings,
    unread_lines,
    unread_message,
)
from adverts.data.preparing.assembly import assemble, languages_with_pictures, prepared_rows
from adverts.data.preparing.build_reader import build_reader, missing_data
from adverts.data.preparing.dominance import dominated
from adverts.data.preparing.fingerprint import fingerprint_generator, fingerprint_source, making_of
from adverts.data.preparing.given_campaigns import GivenCampaigns
from adverts.data.preparing.picture_texts import PageText, read_pages, spooled_pictures
from adverts.data.preparing.previous_preparation import (
    Before,
    standing_assignments,
    standing_dataset,
)
from adverts.data.preparing.reading_job import local_workers, read_listed
from adverts.data.preparing.split_summary import files_beside, with_outcome
from adverts.data.preparing.written_corpus import written_corpus
from adverts.data.review.read_labels import GivenLabels, read_labels
from adverts.data.sources.bad_rows import FILE_NAME as BAD_ROWS
from adverts.data.sources.bad_rows import BadRow, write_bad_rows
from adverts.data.sources.open_source import open_source
from adverts.data.sources.pictures import image_limits
from adverts.data.sources.raw_rows import Source
from adverts.errors import InputError, plural
from adverts.files.staging import recover, refuse_foreign, require_disk
from adverts.ocr.cache import OcrCache
from adverts.ocr.protocol import Reader
from adverts.work.progress import Progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Services that the calling verb provides: output, progress and the key of tokens.

    Attributes:
        tell: Prints one line for the user.
        progress: Shows progress.
        token_key: Key of the tokens of accounts and contacts; None if there are no tokens.
        key_name: Environment variable that may hold the key.
        campaigns: Reads the campaigns of adverts that ``data.campaigns`` names; None if it is null.
    """

    tell: Callable[[str], None]
    progress: Progress
    token_key: bytes | None
    key_name: str
    campaigns: Callable[[], GivenCampaigns] | None = None


def prepare_dataset(config: PrepareConfig, around: Surroundings) -> PreparedDataset:
    """Write the prepared dataset of ``config``; return the existing one if nothing changed.

    A dataset with pictures that could not be read is made anew: the machine may have failed.

    Raises:
        InputError: The source, its rows or the mapping are at fault; no dataset is written.
        MissingExtraError: The reader of images is not installed.
    """
    with _begun(config, around) as begun:
        if isinstance(begun, PreparedDataset):
            return begun
        return begun.write()


def list_pictures(config: PrepareConfig, around: Surroundings, made_for: str) -> bool:
    """Check and list the pictures of a dataset, so that several jobs can read them.

    Args:
        config: Configuration of the preparation.
        around: Output, progress and the key of tokens.
        made_for: Key by which those jobs know their list, see :func:`listing_key`.

    Returns:
        Whether there is anything to read; otherwise the dataset is up to date, or has no picture.

    Raises:
        InputError: The source, its rows or the mapping are at fault.
        MissingExtraError: The reader of images is not installed.
    """
    with _begun(config, around) as begun:
        return isinstance(begun, _Job) and begun.list_pictures(made_for)


@contextmanager
def _begun(config: PrepareConfig, around: Surroundings) -> Iterator[_Job | PreparedDataset]:
    """Yield the job of a preparation, or the dataset if it is up to date."""
    folder = config.prepared.absolute()
    refuse_foreign(folder, marker=FILE_NAME, also=HOLDS)
    recover(folder, marker=FILE_NAME)
    reader = build_reader(config.ocr) if config.data.has_pictures else None
    match config.data.source:
        case SyntheticSource(adverts=adverts, images=pictures):
            source = None
            made_from = fingerprint_generator(adverts=adverts, pictures=pictures)
        case _:
            source = open_source(config.data)
            made_from = fingerprint_source(config.data, source)
    campaigns = around.campaigns() if around.campaigns else None
    making = making_of(
        config.data, made_from, reader, token_key=around.token_key, campaigns=campaigns
    )
    standing = standing_dataset(folder, making.inputs_hash)
    if standing is not None:
        unread = standing.manifest.made.unread_rows
        if not unread:
            remove_leavings(folder)
            around.tell(f"{config.prepared} is up to date")
            yield standing
            return
        around.tell(f"pictures of {unread:,} adverts were not read earlier: trying them again")
    heritage = read_heritage(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        spool = stack.enter_context(
            ImageSpool(
                folder,
                image_limits(config.data),
                describe=lambda image: describe_picture(image).to_bytes(),
                rules=f"picture hash {PICTURE_HASH_VERSION}",
            )
        )
        require_disk(folder, 3 * made_from.num_bytes - spool.num_bytes)
        if spool.num_before:
            around.tell(f"continuing with {spool.num_before:,} pictures that were already checked")
        if source is None:
            source = stack.enter_context(written_corpus(config.data, folder))
        recorded = standing_assignments(folder, config.data.split, tell=around.tell)
        before = Before(recorded, heritage)
        yield _Job(config, reader, around, making, before, source, spool, campaigns)


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Rows of a source whose labels are settled, and all that was read."""

    reading: MappedRows
    rows: Sequence[MappedRow]
    schema: LabelSchema
    plans: Sequence[LabelPlan]


@dataclass(frozen=True, slots=True)
class _Job:
    """One preparation, with everything that its steps need."""

    config: PrepareConfig
    reader: Reader | None
    around: Surroundings
    making: Making
    before: Before
    source: Source
    spool: ImageSpool
    campaigns: GivenCampaigns | None

    def list_pictures(self, made_for: str) -> bool:
        """List the pictures for jobs that read them; return whether there is any."""
        listed = self._list(self._labelled().rows, made_for, stays=True)
        count = listed.count if listed is not None else 0
        told = f"{plural(count, 'picture')} listed: other parts can begin"
        self.around.tell(told if count else "there is no picture to read")
        return count > 0

    def write(self) -> PreparedDataset:
        """Write and return the dataset."""
        labelled = self._labelled()
        data, rows, schema = self.config.data, labelled.rows, labelled.schema
        pages, unread = self._pages(rows)
        given = read_labels(data.review, schema.tasks) if data.review else GivenLabels()
        for line in given.told():
            self.around.tell(line)
        assembled = assemble(
            data,
            rows,
            schema=schema,
            plans=labelled.plans,
            sheet=given.rows,
            pages=pages,
            recorded=self.before.recorded,
            progress=self.around.progress,
        )
        for warning in spelling_warnings(self.reader, languages_with_pictures(assembled)):
            self.around.tell(warning)
        for line in carved(assembled.rows, assembled.dealt.splits):
            self.around.tell(line)
        for line in large_family(assembled.dealt.families, assembled.dealt.clusters):
            self.around.tell(line)
        for line in dominated(assembled, schema):
            self.around.tell(line)
        making = with_outcome(self.making, assembled)
        making = replace(
            making,
            undecided_reviews=making.undecided_reviews + given.undecided,
            bad_rows=len(labelled.reading.bad),
            unread_rows=unread,
            erased_rows=labelled.reading.erased,
            rare_label_rows=len(labelled.reading.rows) - len(rows),
            erasures=self.before.heritage.erasures,
            former=self.before.heritage.former,
        )
        ready = prepared_rows(
            assembled,
            schema,
            self.spool,
            ocr_key=self.reader.spec.key if self.reader else None,
            token_key=self.around.token_key,
        )
        dataset = write_prepared(
            self.config.prepared.absolute(),
            self.around.progress(ready, "writing", "adverts", len(rows)),
            name=data.name,
            schema=schema,
            terms=_terms(data),
            made=making,
            bad_rows=labelled.reading.bad,
            side_files=files_beside(assembled, self.before),
        )
        key_name = self.around.key_name
        for line in advice(dataset.manifest, keyless=None if self.around.token_key else key_name):
            self.around.tell(line)
        return dataset

    def _labelled(self) -> _Labelled:
        """Read the source, and settle the labels of its rows."""
        data = self.config.data
        schema_name, headline, plans = plan_tasks(data)
        mapper = RowMapper(
            data,
            plans,
            self.source,
            token_key=self.around.token_key,
            erased=self.before.heritage.tombstones,
        )
        reading = self._read(mapper)
        if self.campaigns is not None:
            reading.rows[:] = self.campaigns.given_to(reading.rows)
        votes, schema, told = settle_labels(
            [row.votes for row in reading.rows],
            plans,
            name=schema_name,
            headline=headline,
            minimum=data.min_label_count,
        )
        rows = [replace(reading.rows[i], votes=settled) for i, settled in votes.items()]
        for line in told:
            self.around.tell(line)
        rare = len(reading.rows) - len(rows)
        if not rows:
            raise InputError(empty_message(data.name, reading, rare=rare))
        return _Labelled(reading, rows, schema, plans)

    def _read(self, mapper: RowMapper) -> MappedRows:
        rows = self.source.read(mapper.wanted)
        for line in self.source.told:
            self.around.tell(line)
        reading = mapper.read(self.around.progress(rows, "reading", "rows", None), self.spool)
        self._report.unlink(missing_ok=True)
        refuse_misfits(reading, mapper.plans)
        mapped = {name for name, column in mapper.columns.model_dump().items() if column}
        told = (hints(mapper.unused, mapped), empties(reading.rows), odd_weeks(reading.rows))
        for line in itertools.chain(*told):
            self.around.tell(line)
        if reading.bad and self.config.data.on_error == "fail":
            write_bad_rows(self._report, reading.bad)
            raise InputError(bad_rows_message(reading, self._report))
        return reading

    @property
    def _report(self) -> Path:
        """Path of the list of the rows that made a preparation fail."""
        folder = self.config.prepared.absolute()
        return folder.with_name(f"{folder.name}.{BAD_ROWS}")

    def _list(self, rows: Sequence[MappedRow], made_for: str, *, stays: bool) -> PictureList | None:
        """List the different pictures of rows; return None if there is none or none is read."""
        different = list(dict.fromkeys(image.sha256 for row in rows for image in row.images))
        if self.reader is None or not different:
            return None
        reader = self.reader.spec.key
        return self.spool.list_pictures(different, made_for=made_for, reader=reader, stays=stays)

    def _read_on_cluster(self, rows: Sequence[MappedRow]) -> None:
        """Let a cluster read the pictures of rows into the cache, as far as it can."""
        listed = self._list(rows, self.making.inputs_hash, stays=False)
        if listed is None or self.reader is None:
            self.around.tell("executor=ray has nothing to do: no picture is read")
            return
        show = self.around.progress
        read_listed(listed, listed.units, self.config, reader=self.reader, progress=show)

    def _pages(self, rows: Sequence[MappedRow]) -> tuple[list[PageText | None], int]:
        """Return the text of each row's pictures, and how many rows have an unreadable picture."""
        if self.reader is not None and len(self.spool) > 0:
            missing = missing_data(self.config.ocr, self.reader)
            if missing is not None:
                self.around.tell(missing)
        if isinstance(self.config.executor, RayExecutorConfig):
            self._read_on_cluster(rows)
        if self.reader is None or len(self.spool) == 0:
            return [None] * len(rows), 0
        pages, reasons = read_pages(
            spooled_pictures(rows, self.spool),
            reader=self.reader,
            cache=OcrCache(self.config.ocr.cache),
            limits=image_limits(self.config.data),
            workers=local_workers(self.config),
            token_key=self.around.token_key,
            progress=self.around.progress,
            title="reading pictures",
        )
        unread = {
            row.id: BadRow(row.file, row.row, self.config.data.columns.image or "", reason)
            for row, reason in zip(rows, reasons, strict=True)
            if reason is not None
        }
        if unread and self.config.data.on_error == "fail":
            write_bad_rows(self._report, list(unread.values()))
            raise InputError(unread_message(list(unread.values()), self._report))
        for line in unread_lines({name: row.reason for name, row in unread.items()}):
            self.around.tell(line)
        return pages, len(unread)


def _terms(data: DataConfig) -> Terms:
    return Terms(
        provenance=data.provenance,
        licence=data.licence,
        sensitivity=data.sensitivity,
        purpose=data.purpose,
        retain_until=data.retain_until.isoformat() if data.retain_until else None,
    )
