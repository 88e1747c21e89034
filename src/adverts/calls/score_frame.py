"""Score the rows of a table in memory, as ``adverts score`` scores those of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.calls.rows import Rows, pictures_in, text_in, word_in
from adverts.data.mapping.plain_cells import text_of
from adverts.errors import InputError
from adverts.ocr.cache import OcrCache
from adverts.ocr.cached_reader import CachedReader
from adverts.ocr.protocol import Reader
from adverts.runtime import Classifier, Response
from adverts.runtime.predict.advert_facts import score_of
from adverts.runtime.predict.requests import Request, refused
from adverts.runtime.stream.json_lines import respond
from adverts.scoring.row_requests import groups
from adverts.work.cpu_session import available_cores
from adverts.work.progress import bar

if TYPE_CHECKING:
    import pandas as pd

_AT_ONCE = 256


def score_frame(
    classifier: Classifier,
    rows: Rows,
    columns: Mapping[str, object],
    *,
    batch_size: int,
    ocr_cache: Path | None,
) -> pd.DataFrame:
    """Return the answer to each row, in the order and with the index of the table.

    Args:
        classifier: The bundle.
        rows: The table.
        columns: Maps ``text``, ``image``, ``lang`` and ``id`` to its columns.
        batch_size: Adverts in one pass through the model.
        ocr_cache: Folder of what was read on pictures; None: every picture is read.

    Raises:
        InputError: A column is missing.
        MissingExtraError: The reader of pictures is not installed.
    """
    import pandas as pd

    for name, column in columns.items():
        rows.require(column, name)
    score, found = score_of(classifier), []
    reader = _reader(classifier, ocr_cache) if "image" in columns else None
    requests = _requests(classifier, rows, columns)
    for window in groups(bar(requests, "scoring", "adverts", rows.count), _AT_ONCE):
        answers = respond(classifier, window, reader=reader, batch_size=batch_size)
        found += [_row(classifier, one, score(one)) for one in answers]
    frame = pd.DataFrame(found, index=rows.index, columns=_names(classifier))
    if "id" in columns:
        frame.insert(0, "id", [word_in(one) for one in rows.column(columns["id"])])
    return frame


def _reader(classifier: Classifier, cache: Path | None) -> Reader | None:
    facts = classifier.manifest.ocr
    if facts is None:
        return None
    from adverts.ocr.rebuild import reader_from_facts

    reader = reader_from_facts(facts, threads=available_cores())
    return reader if cache is None else CachedReader(reader, OcrCache(cache, setting="ocr_cache"))


def _requests(
    classifier: Classifier, rows: Rows, columns: Mapping[str, object]
) -> Iterator[Request]:
    cells = {name: rows.column(column) for name, column in columns.items() if name != "id"}
    most = classifier.manifest.image_limits.max_bytes
    for number in range(1, rows.count + 1):
        row = {name: next(values) for name, values in cells.items()}
        try:
            pictures = pictures_in(row.get("image"), row=number, most_bytes=most)
        except InputError as error:
            yield refused(str(error), id=str(number))
            continue
        yield Request(
            id=str(number),
            text=text_of(text_in(row.get("text"))),
            images=tuple(pictures),
            lang=word_in(row.get("lang")),
        )


def _names(classifier: Classifier) -> list[str]:
    said = [f"probability.{one.name}.{label}" for one in classifier.tasks for label in one.labels]
    more = ("reason", "language", "script", "routes", "safeguarding", "exited", "order_only")
    return ["review_band", "score", *said, *more, "error"]


def _row(classifier: Classifier, response: Response, score: float | None) -> dict[str, object]:
    language = response.language
    return {
        "review_band": response.review_band,
        "score": score,
        **{
            f"probability.{task.name}.{label}": response.probabilities.get(task.name, {}).get(label)
            for task in classifier.tasks
            for label in task.labels
        },
        "reason": response.reason,
        "language": language.tag if language else None,
        "script": language.script if language else None,
        "routes": " ".join(response.routes),
        "safeguarding": " ".join(one.label for one in response.safeguarding),
        "exited": response.exited,
        "order_only": response.order_only,
        "error": response.error.code if response.error else None,
    }
