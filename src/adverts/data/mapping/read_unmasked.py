"""Read adverts of a prepared dataset again from its source, with their contacts as written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from adverts.config.data import DataConfig
from adverts.data.dataset.prepared import PreparedDataset
from adverts.data.mapping.columns import effective_columns, with_ids
from adverts.data.mapping.plain_cells import caption_of, word_of
from adverts.data.sources.bad_rows import BadRow, RowFault
from adverts.data.sources.open_source import open_source
from adverts.data.sources.raw_rows import RawRow, Source
from adverts.errors import InputError

_NOT_FILES = ("pictures", "review")
"""What the manifest names beside the files of the source."""


@dataclass(frozen=True, slots=True)
class Unmasked:
    """What a source says of an advert; it belongs into no file and no log.

    Attributes:
        id: Id of the advert.
        texts: Its caption, and what was read on its pictures if that is known, contacts not masked.
        account: Name of its account; None if none is known.
    """

    id: str
    texts: tuple[str, ...]
    account: str | None


def read_unmasked(dataset: PreparedDataset, root: Path, ids: Collection[str]) -> Iterator[Unmasked]:
    """Yield some adverts of a prepared dataset as its source has them, in the order of the source.

    Args:
        dataset: The dataset.
        root: Folder that its source was read from, ``data.root``.
        ids: Ids of the adverts.

    Raises:
        InputError: The source is not there, is another one than the dataset was prepared from, or
            is a synthetic one, which is not kept.
    """
    config = _config(dataset, root)
    source = open_source(config)
    _require_same(dataset, source, root)
    columns = effective_columns(config)
    wanted = [columns.id, columns.text, columns.account, columns.image]
    rows = source.read([one for one in dict.fromkeys(wanted) if one is not None])
    if columns.id is None:
        rows = with_ids(rows, columns)
    for row in rows:
        found = None if isinstance(row, BadRow) else _unmasked(row, config)
        if found is not None and found.id in ids:
            yield found


def _config(dataset: PreparedDataset, root: Path) -> DataConfig:
    made: Mapping[str, object] = dataset.manifest.made.config
    try:
        return DataConfig.model_validate({**made, "root": root, "review": None})
    except ValidationError:
        raise InputError(
            f"{dataset.path} does not say how it was prepared, so its source cannot be read again; "
            "prepare it again with this release"
        ) from None


def _require_same(dataset: PreparedDataset, source: Source, root: Path) -> None:
    stated = dataset.manifest.made.source
    found = source.fingerprint
    files = {name: one for name, one in stated.items() if name not in _NOT_FILES}
    if dict(found) != files:
        raise InputError(
            f"{root} is not what {dataset.path} was prepared from: its files differ or are others; "
            "bring them back as they were"
        )


def _unmasked(row: RawRow, config: DataConfig) -> Unmasked | None:
    columns = effective_columns(config)
    try:
        name = row.made_id if columns.id is None else word_of(row.values, columns.id)
        caption = caption_of(row.values, columns.text, most=config.row_limits.max_characters)
        return (
            None
            if name is None
            else Unmasked(name, (caption,), word_of(row.values, columns.account))
        )
    except RowFault:
        return None
