"""Rows of any dataset that ``datasets.load_dataset`` opens, by id or in a local folder."""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from adverts.config.data import HubSource
from adverts.data.sources.bad_rows import BadRow, RowFault
from adverts.data.sources.find_files import list_files
from adverts.data.sources.formats.arrow_rows import unfold, weigh
from adverts.data.sources.hub_folder import check_files, check_folder, check_saved
from adverts.data.sources.parts import Part, Stamp, cut_places, refuse_beyond, stamp_of_files
from adverts.data.sources.raw_rows import RawRow, Source
from adverts.errors import InputError, first_line
from adverts.files.bounded_reading import read_json
from adverts.files.file_hash import file_sha256

if TYPE_CHECKING:
    import datasets

_SPLIT, _BATCH_ROWS = "split", 64


def open_hub(root: Path, config: HubSource, *, max_row_bytes: int) -> Source:
    """Open a dataset without running any code that comes with it.

    ``config.id`` is a folder below ``root`` (written by ``save_to_disk``, or holding files that
    ``datasets`` knows), otherwise an id, which needs a pinned revision. Of a folder, only files
    below it are read. The column ``split`` names the split of the source that a row is from, unless
    the dataset already has such a column.

    Args:
        root: Folder below which a local folder is looked for.
        config: Names the dataset.
        max_row_bytes: Largest size of a row; a larger one is a bad row.

    Raises:
        InputError: The dataset cannot be reached or opened, a split is missing, no revision is
            given, or a folder names files elsewhere.
    """
    folder = root / config.id
    local = folder.is_dir()
    if not local and config.revision is None:
        raise InputError(
            f"data.source.id: {config.id!r} is not a folder below {root}; for the id of a dataset "
            "on the hub, set data.source.revision to its commit"
        )
    # a local folder may be restricted: no copy of its content is left in a shared cache
    cache = tempfile.TemporaryDirectory(prefix="adverts-") if local else None
    open_split = (
        _local_splits(config, folder, cache.name, max_row_bytes=max_row_bytes)
        if cache is not None
        else functools.partial(_remote_split, config)
    )
    tables = {name: _opened(config, name, open_split, local=local) for name in config.splits}

    splits = _Splits(
        config.id,
        tables,
        folder if local else Path(),
        max_row_bytes,
        names_splits=not any(_SPLIT in table.column_names for table in tables.values()),
    )
    first = next(iter(tables.values()))
    left_out = [
        name for name in _splits_of(first, folder if local else None) if name not in config.splits
    ]
    num_bytes = sum(int(table.data.nbytes) for table in tables.values())
    return Source(
        columns=splits.columns,
        stamps={config.id: _stamp(config, folder if local else None, num_bytes)},
        hashes=lambda: _fingerprint(config, folder if local else None),
        num_bytes=num_bytes,
        folders=(folder,) if local else (_hub_cache(),),
        pictures_are_files=False,
        rows=splits.rows,
        cut=splits.cut,
        held=cache,
        told=tuple(_left_out(config, left_out)),
    )


@dataclass(frozen=True, slots=True)
class _Splits:
    """The splits that are read, one after the other.

    Attributes:
        id: Name of the dataset.
        tables: Maps each split to its rows.
        folder: Folder that paths of pictures are relative to.
        max_bytes: Largest size of a row.
        names_splits: Whether rows get a column that names their split.
    """

    id: str
    tables: Mapping[str, datasets.Dataset]
    folder: Path
    max_bytes: int
    names_splits: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that every split has, in the order of the first one."""
        first, *others = [table.column_names for table in self.tables.values()]
        common = [name for name in first if all(name in names for names in others)]
        return (*common, _SPLIT) if self.names_splits else tuple(common)

    def cut(self, rows: int) -> Iterator[Part]:
        """Yield parts of ``rows`` rows each; the last part of a split has fewer."""
        for split, table in self.tables.items():
            yield from cut_places(f"{self.id}:{split}", len(table), rows)

    def rows(self, wanted: Sequence[str], part: Part | None, /) -> Iterator[RawRow | BadRow]:
        """Yield the rows of all splits, or of one part."""
        for split, table in self.tables.items():
            place = f"{self.id}:{split}"
            if part is None:
                yield from self._rows(split, table, wanted, first=1)
            elif part.file == place:
                refuse_beyond(part.stop, len(table), place)
                some = table.select(range(part.start, part.stop))
                yield from self._rows(split, some, wanted, first=part.first_row)

    def _rows(
        self, split: str, table: datasets.Dataset, wanted: Sequence[str], *, first: int
    ) -> Iterator[RawRow | BadRow]:
        place = f"{self.id}:{split}"
        names = [name for name in table.column_names if name in wanted]
        labels = _label_names(table, names)
        rows = _plain_rows(table.select_columns(names), place, self.max_bytes)
        for number, values in enumerate(rows, start=first):
            if isinstance(values, RowFault):
                yield BadRow(place, number, values.field, values.reason)
                continue
            named = {name: _named(labels.get(name), value) for name, value in values.items()}
            if self.names_splits:
                named[_SPLIT] = split
            yield RawRow(place, number, named, self.folder)


def _splits_of(table: datasets.Dataset, folder: Path | None) -> list[str]:
    """Return the names of all splits of the dataset of a table; empty if unknown."""
    saved = None if folder is None else folder / "dataset_dict.json"
    if saved is not None and saved.is_file():
        return sorted(map(str, read_json(saved)["splits"]))
    return sorted(table.info.splits or ())


def _left_out(config: HubSource, names: Sequence[str]) -> Iterator[str]:
    if names:
        every = ",".join([*config.splits, *names])
        yield (
            f"{config.id}: split {', '.join(names)} is not read; "
            f"'data.source.splits=[{every}]' reads all, and data.columns.split=split keeps them"
        )


OpenSplit = Callable[[str], "datasets.Dataset"]


def _opened(
    config: HubSource, split: str, open_split: OpenSplit, *, local: bool
) -> datasets.Dataset:
    """Open one split; any error of the library becomes one line of ours."""
    import datasets

    # one line of ours instead of a warning for each retry
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    datasets.utils.logging.set_verbosity_error()
    try:
        return open_split(split)
    except InputError:
        raise
    except Exception as error:  # the library and its dependencies raise exceptions of every kind
        reason = first_line(error)[:200].rstrip(". ")
        advice = (
            "check its files, data.source.splits and data.source.subset"
            if local
            else "check id, revision, subset and network, or give a local folder"
        )
        raise InputError(
            f"dataset {config.id!r}, split {split!r} cannot be opened: {reason}; {advice}"
        ) from None


def _remote_split(config: HubSource, split: str) -> datasets.Dataset:
    import datasets

    return datasets.load_dataset(config.id, config.subset, split=split, revision=config.revision)


def _local_splits(config: HubSource, folder: Path, cache: str, *, max_row_bytes: int) -> OpenSplit:
    """Check a folder, and return a function that opens one split of it.

    Raises:
        InputError: The folder names files elsewhere.
    """
    check_folder(folder)
    if _is_saved(folder):
        check_saved(folder)
        return functools.partial(_saved_split, folder, config)
    built: list[datasets.DatasetBuilder] = []

    def open_split(split: str) -> datasets.Dataset:
        import datasets

        if not built:
            builder = datasets.load_dataset_builder(str(folder), config.subset, cache_dir=cache)
            files = builder.config.data_files or {}
            found = [str(name) for names in files.values() for name in names]
            check_files(folder, found, max_row_bytes=max_row_bytes)
            builder.download_and_prepare()
            built.append(builder)
        return built[0].as_dataset(split=split)

    return open_split


def _plain_rows(
    table: datasets.Dataset, place: str, max_bytes: int
) -> Iterator[dict[str, object] | RowFault]:
    """Yield rows as stored: nothing is decoded, and nothing that they name is fetched."""
    number = 0
    try:
        for part in table.with_format("arrow").iter(batch_size=_BATCH_ROWS):
            for batch in part.to_batches():
                for values in unfold(batch, weigh(batch), max_bytes=max_bytes):
                    number += 1
                    yield values
    except pa.ArrowException as error:
        raise InputError(
            f"{place} is damaged after row {number} ({type(error).__name__}); fetch it again"
        ) from None


def _is_saved(folder: Path) -> bool:
    return (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file()


def _saved_split(folder: Path, config: HubSource, split: str) -> datasets.Dataset:
    import datasets

    saved = datasets.load_from_disk(str(folder))
    splits = saved if isinstance(saved, Mapping) else {str(saved.split or "train"): saved}
    if split not in splits:
        raise InputError(f"dataset {config.id!r} has no split {split!r}; it has {sorted(splits)}")
    return splits[split]


def _label_names(table: datasets.Dataset, names: Sequence[str]) -> dict[str, list[str]]:
    import datasets

    features = {name: table.features[name] for name in names}
    plain = {k: f.feature if isinstance(f, datasets.List) else f for k, f in features.items()}
    return {k: list(f.names) for k, f in plain.items() if isinstance(f, datasets.ClassLabel)}


def _named(labels: list[str] | None, value: object) -> object:
    """Return the name of a class label; None for -1, which ``datasets`` uses for a missing one."""
    if labels is None:
        return value
    if isinstance(value, list):
        return [_named(labels, item) for item in value]
    return labels[value] if isinstance(value, int) and 0 <= value < len(labels) else None


def _fingerprint(config: HubSource, folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {config.id: f"revision {config.revision}"}
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    lines = [f"{path.relative_to(folder)} {file_sha256(path)}" for path in files]
    return {config.id: hashlib.sha256(os.fsencode("\n".join(lines))).hexdigest()}


def _stamp(config: HubSource, folder: Path | None, num_bytes: int) -> Stamp:
    if folder is None:
        return Stamp(num_bytes, version=f"revision {config.revision}")
    return stamp_of_files(list_files(folder))


def _hub_cache() -> Path:
    import datasets

    return Path(datasets.config.HF_DATASETS_CACHE)
