"""VERB: bundle + adverts without labels -> a CSV file of scores, in the order of the adverts.

Usage::

    adverts score bundle_dir=runs/mine/bundle data=csv data.root=/folder 'data.source.paths=[new.csv]' scores=scored.csv
    adverts score -cd /folder bundle_dir=runs/mine/bundle data=mine 'data.source.paths=[new.csv]' scores=scored.csv
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from adverts.command import command
from adverts.config import ScoreConfig
from adverts.errors import InputError, say
from adverts.work.progress import bar

if TYPE_CHECKING:
    from adverts.data.sources.bad_rows import BadRow
    from adverts.data.sources.raw_rows import RawRow, Source
    from adverts.ocr.protocol import Reader
    from adverts.runtime import Classifier
    from adverts.runtime.predict.requests import Request
    from adverts.runtime.predict.responses import Response

_WINDOW = 256
_SPREADSHEETS = (".xlsx", ".xls", ".ods")
ANSWERS = (
    "review_band",
    "score",
    "reason",
    "language",
    "routes",
    "safeguarding",
    "exited",
    "error",
)
"""Columns that are added to those of the adverts. ``score`` is the probability that orders a queue;
it is empty if a person must review the advert without one. ``exited`` is ``yes`` where the n-grams
alone judged the advert, and gave the score."""


@dataclass(slots=True)
class ScoreSummary:
    """Numbers of adverts: scored, with an error, left early, in each band, abstained by reason."""

    scored: int = 0
    errors: int = 0
    exited: int = 0
    bands: Counter[str] = field(default_factory=Counter)
    abstained: Counter[str] = field(default_factory=Counter)

    def add(self, response: Response) -> None:
        """Count one response."""
        self.scored += response.error is None
        self.errors += response.error is not None
        self.exited += response.exited
        self.bands[response.review_band] += 1
        if response.error is None and response.review_band == "abstain":
            self.abstained[response.reason] += 1

    def lines(self) -> Iterator[str]:
        """Yield the lines of a summary of the scores."""
        from adverts.runtime.rules.routing import ReviewBand

        bands = ", ".join(f"{self.bands[one]:,} {one}" for one in get_args(ReviewBand))
        yield f"{self.scored:,} adverts scored, {self.errors:,} errors: {bands}"
        if self.exited:
            yield f"{self.exited:,} left early: their n-grams alone judged them"
        for reason, count in self.abstained.most_common(3):
            yield f"{count:,} need review by a person: {reason}"
        if self.bands["abstain"] == self.bands.total() and self.scored:
            yield "every advert needs review by a person, in the order of the column score"


def score(config: ScoreConfig) -> ScoreSummary:
    """Write the scores of every advert of a source to a CSV file, completely or not at all.

    Each row has the cells of the source, then the answers, with the delimiter of the source. No
    cell begins a formula. A row that cannot be scored keeps its place and states the reason.

    Raises:
        InputError: Source, columns or file cannot be used.
        IntegrityError: The bundle differs from what was exported.
    """
    from adverts.data.sources.open_source import open_source
    from adverts.runtime import Classifier

    if config.scores.suffix.lower() in _SPREADSHEETS:
        raise InputError(
            f"scores={config.scores}: only a CSV file is written; use a name that ends in .csv"
        )
    if config.scores.exists():
        raise InputError(f"scores={config.scores} exists; choose another file or move it")
    if not config.scores.parent.is_dir():
        raise InputError(f"scores={config.scores}: {config.scores.parent} is not a folder")
    source = open_source(config.data)
    for line in source.told:
        say(line)
    _require_text(config, source)
    classifier = Classifier.load(config.bundle_dir, threads=config.threads)
    partial = config.scores.with_name(f".{config.scores.name}.partial")
    try:
        counts = _write(config, source, classifier, partial)
        partial.replace(config.scores)
    finally:
        partial.unlink(missing_ok=True)
    return counts


def _require_text(config: ScoreConfig, source: Source) -> None:
    from adverts.data.mapping.columns import effective_columns, require_columns

    columns = effective_columns(config.data)
    if source.columns is not None:
        there = set(source.columns)
        if columns.id is not None and columns.id not in there:  # row numbers serve as ids
            columns = columns.model_copy(update={"id": None})
        require_columns(config.data, columns, (), there)


def _write(config: ScoreConfig, source: Source, classifier: Classifier, path: Path) -> ScoreSummary:
    from adverts.files.staging import open_private
    from adverts.runtime.stream.json_lines import respond

    counts, columns = ScoreSummary(), _kept_columns(config, source)
    reader = _reader(classifier, config)
    wanted = [name for name in config.data.columns.model_dump().values() if name is not None]
    rows = bar(source.read(tuple(dict.fromkeys((*wanted, *columns)))), "scoring", "adverts")
    path.unlink(missing_ok=True)
    # the byte order mark lets a spreadsheet read the file as UTF-8
    with io.TextIOWrapper(
        open_private(path), encoding="utf-8-sig", errors="replace", newline=""
    ) as file:
        writer = csv.writer(file, lineterminator="\n", delimiter=source.delimiter or ",")
        writer.writerow([*map(_guarded, columns), *_named_apart(columns)])
        for window in _windows(rows):
            requests = [_request(config, source, row) for row in window]
            responses = respond(classifier, requests, reader=reader, batch_size=config.batch_size)
            for row, response in zip(window, responses, strict=True):
                counts.add(response)
                cells = (_cell(row, name) for name in columns)
                writer.writerow([*map(_guarded, cells), *_answer(classifier, response)])
    return counts


def _windows(rows: Iterable[RawRow | BadRow]) -> Iterator[tuple[RawRow | BadRow, ...]]:
    left = iter(rows)
    while window := tuple(itertools.islice(left, _WINDOW)):
        yield window


def _kept_columns(config: ScoreConfig, source: Source) -> tuple[str, ...]:
    """Return the columns that are written before the answers: those of the source."""
    from adverts.data.sources.raw_rows import SOURCE_FILE

    columns = config.data.columns
    if source.columns is None:
        return tuple(one for one in (columns.id, columns.text) if one is not None)
    several = len(source.fingerprint) > 1
    return tuple(one for one in source.columns if one != SOURCE_FILE or several)


def _named_apart(columns: Sequence[str]) -> list[str]:
    return [f"model_{name}" if name in columns else name for name in ANSWERS]


def _reader(classifier: Classifier, config: ScoreConfig) -> Reader | None:
    """Return the OCR reader used in training, or None if the model does not need one."""
    facts = classifier.manifest.ocr
    if facts is None or config.data.columns.image is None:
        return None
    from adverts.ocr.rebuild import reader_from_facts

    return reader_from_facts(facts, threads=config.threads or 1)


def _request(config: ScoreConfig, source: Source, row: RawRow | BadRow) -> Request:
    """Return the request of a row; for a faulty row, a request that states the fault."""
    from adverts.data.sources.bad_rows import BadRow, RowFault
    from adverts.runtime.predict.requests import Request, refused

    if isinstance(row, BadRow):
        return refused(str(row))
    columns = config.data.columns
    try:
        return Request(
            id=_text(row, columns.id) or str(row.row),
            text=_text(row, columns.text),
            images=tuple(_pictures(config, source, row)),
            lang=_text(row, columns.lang),
        )
    except RowFault as fault:
        return refused(f"row {row.row}, {fault.field}: {fault.reason}")


def _text(row: RawRow, column: str | None) -> str | None:
    from adverts.data.mapping.plain_cells import text_of

    return None if column is None else text_of(row.values.get(column))


def _pictures(config: ScoreConfig, source: Source, row: RawRow) -> Iterator[bytes]:
    from adverts.data.sources.pictures import image_limits, pictures_of, source_bytes

    column = config.data.columns.image
    if column is None:
        return
    limits = image_limits(config.data)
    cell = row.values.get(column)
    for one in pictures_of(cell, column=column, folder=row.folder, folders=source.folders):
        yield source_bytes(one, limits, column=column)


def _cell(row: RawRow | BadRow, column: str) -> str:
    from adverts.data.sources.bad_rows import BadRow

    value = None if isinstance(row, BadRow) else row.values.get(column)
    return "" if value is None or isinstance(value, bytes | list | dict) else str(value)


def _guarded(cell: str) -> str:
    """Return a cell that does not begin a formula; numbers are unchanged, for programs."""
    from adverts.files.delimited import guarded

    return guarded(cell, numbers=False)


def _answer(classifier: Classifier, response: Response) -> list[str]:
    from adverts.runtime.predict.logits_to_responses import NOTHING_TO_READ

    schema = classifier.manifest.label_schema
    task = schema.task(schema.headline)
    said = response.probabilities.get(task.name, {})
    positive = said.get(task.positive) if task.positive is not None else None
    language = response.language.tag if response.language else None
    return [
        response.review_band,
        "" if positive is None or response.reason == NOTHING_TO_READ else f"{positive:.6g}",
        _guarded(response.reason),
        _guarded(language or ""),
        " ".join(response.routes),
        " ".join(one.label for one in response.safeguarding),
        "yes" if response.exited else "",
        "" if response.error is None else response.error.code,
    ]


@command("score", ScoreConfig)
def main(config: ScoreConfig) -> None:
    """Run ``adverts score``."""
    counts = score(config)
    told = list(counts.lines())
    say("\n".join([f"{config.scores}: {told[0]}", *told[1:]]))


if __name__ == "__main__":
    main()
