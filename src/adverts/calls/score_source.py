"""The source of a call of ``adverts.api.score``: a table, or a path that the verb scores."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.calls.column_names import text_by_name
from adverts.calls.prepare_words import path_words
from adverts.calls.results import Bundle, Place, Scored
from adverts.calls.rows import Rows
from adverts.calls.settings import Overrides, words
from adverts.compose import compose
from adverts.config import ScoreConfig
from adverts.data.sources.formats.header import shown_names
from adverts.errors import InputError, say

if TYPE_CHECKING:
    import pandas as pd

_USUAL = ("text", "image")
_OF_TABLES = ("batch_size", "ocr_cache")


def score_table(
    bundle: Bundle, rows: Rows, named: Mapping[str, object], overrides: Overrides
) -> pd.DataFrame:
    """Return the answer to each row of a table; columns that are not named have usual names.

    A bundle of an earlier session does not know from which columns it learnt. If it reads text
    alone, the only column with the name of a caption is taken, such as ``comment``.

    Raises:
        InputError: A column is missing, or none holds captions or pictures.
    """
    from adverts.calls.score_frame import score_frame

    columns = dict(named)
    for name in _USUAL:
        known = bundle.columns.get(name)
        usual = known if known in rows.names else name
        if name not in columns and usual in rows.names:
            columns[name] = usual
        elif name not in columns and known is not None:
            say(f"no column {known!r}, so the adverts are scored without {name}", error=True)
    reads = set(bundle.classifier.manifest.input_spec.inputs)
    if not set(_USUAL) & set(columns) and reads == {"text"}:
        found = text_by_name(rows)
        if found is not None:
            columns["text"] = found
            say(f"text: column {found!r}, by its name; text= names another one", error=True)
    if not set(_USUAL) & set(columns):
        raise InputError(
            f"no column is called text or image; name one with text= or image=. The columns are "
            f"{shown_names(rows.names)}"
        )
    settings = words({"bundle": str(bundle.path), "scores": "none"}, overrides)
    idle = [one for one in settings[2:] if one.partition("=")[0].lstrip("+~") not in _OF_TABLES]
    if idle:
        raise InputError(
            f"{', '.join(idle)}: does nothing where a table is scored, which knows "
            f"{' and '.join(_OF_TABLES)}; give the path of a file"
        )
    config = compose("score", ScoreConfig, settings)
    return score_frame(
        bundle.classifier,
        rows,
        columns,
        batch_size=config.batch_size,
        ocr_cache=config.ocr_cache,
    )


def score_path(
    bundle: Path,
    source: object,
    named: Mapping[str, object],
    scores: Place | None,
    overrides: Overrides,
) -> Scored:
    """Score a source by ``adverts score``.

    Raises:
        InputError: Source, columns, bundle or scores cannot be used.
    """
    from adverts.score import score

    given = {"bundle": str(bundle), "scores": None if scores is None else str(scores)}
    found = [] if source is None else path_words(Path(str(source)), named, {})
    config = compose("score", ScoreConfig, [*found, *words(given, overrides)])
    return Scored(config.scores, score(config))
