"""Rows of anything that ``datasets.load_dataset`` opens, by id or in a local folder."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.config.data import HubSource
from adverts.data.sources import RawRow, Source
from adverts.errors import InputError, first_line
from adverts.file_hash import file_sha256

if TYPE_CHECKING:
    import datasets

_SPLIT = "split"


def open_hub(root: Path, config: HubSource) -> Source:
    """Open a dataset; no code of it is ever run.

    ``config.id`` is a folder below ``root`` (written by ``save_to_disk``, or holding files that
    ``datasets`` knows), else an id, for which a revision must be pinned. Each row tells in the
    column ``split`` which split of the source it is from, unless the dataset has such a column.

    Raises:
        InputError: It cannot be reached or opened, a split is not there, or no revision is given.
    """
    folder = root / config.id
    local = folder.is_dir()
    if not local and config.revision is None:
        raise InputError(
            f"data.source.id: {config.id!r} is not a folder below {root}, and for a hub id "
            "data.source.revision must name the commit"
        )
    # what stands in a local folder may be restricted: no copy of it is left in a shared cache
    cache = tempfile.TemporaryDirectory(prefix="adverts-") if local else None
    tables = {
        name: _decoded(_open_split(config, folder if local else None, name, cache=cache))
        for name in config.splits
    }

    told = not any(_SPLIT in table.column_names for table in tables.values())

    def read(wanted: Sequence[str]) -> Iterator[RawRow]:
        for split, table in tables.items():
            names = [name for name in table.column_names if name in wanted]
            labels = _label_names(table, names)
            for number, values in enumerate(table.select_columns(names), start=1):
                named = {name: _named(labels.get(name), value) for name, value in values.items()}
                if told:
                    named[_SPLIT] = split
                yield RawRow(f"{config.id}:{split}", number, named, folder if local else Path())

    first = next(iter(tables.values()))
    return Source(
        columns=(
            *(
                name
                for name in first.column_names
                if all(name in t.column_names for t in tables.values())
            ),
            *([_SPLIT] if told else []),
        ),
        fingerprint=_fingerprint(config, folder if local else None),
        num_bytes=sum(int(table.data.nbytes) for table in tables.values()),
        folders=(folder,) if local else (_hub_cache(),),
        pictures_are_files=False,
        read=read,
        held=cache,
    )


def _open_split(
    config: HubSource,
    folder: Path | None,
    split: str,
    *,
    cache: tempfile.TemporaryDirectory[str] | None,
) -> datasets.Dataset:
    import datasets

    # one line of ours instead of a warning for each retry
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    datasets.utils.logging.set_verbosity_error()
    try:
        if folder is not None and _is_saved(folder):
            return _saved_split(datasets.load_from_disk(str(folder)), config, split)
        return datasets.load_dataset(
            str(folder) if folder else config.id,
            config.subset,
            split=split,
            revision=None if folder else config.revision,
            cache_dir=cache.name if cache else None,
        )
    except InputError:
        raise
    except Exception as error:  # the library and what it stands on raise of every kind
        reason = first_line(error)[:200].rstrip(". ")
        advice = (
            "check id, revision, subset and network, or give a local folder"
            if folder is None
            else "check its files, data.source.splits and data.source.subset"
        )
        raise InputError(
            f"dataset {config.id!r}, split {split!r} cannot be opened: {reason}; {advice}"
        ) from None


def _is_saved(folder: Path) -> bool:
    return (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file()


def _saved_split(
    saved: datasets.Dataset | datasets.DatasetDict, config: HubSource, split: str
) -> datasets.Dataset:
    splits = saved if isinstance(saved, Mapping) else {str(saved.split or "train"): saved}
    if split not in splits:
        raise InputError(f"dataset {config.id!r} has no split {split!r}; it has {sorted(splits)}")
    return splits[split]


def _decoded(table: datasets.Dataset) -> datasets.Dataset:
    """Return the table with pictures as encoded bytes, which we check before anything decodes."""
    import datasets

    for name, feature in table.features.items():
        if isinstance(feature, datasets.Image):
            table = table.cast_column(name, datasets.Image(decode=False))
        elif isinstance(feature, datasets.List) and isinstance(feature.feature, datasets.Image):
            table = table.cast_column(name, datasets.List(datasets.Image(decode=False)))
    return table


def _label_names(table: datasets.Dataset, names: Sequence[str]) -> dict[str, list[str]]:
    import datasets

    features = {name: table.features[name] for name in names}
    plain = {k: f.feature if isinstance(f, datasets.List) else f for k, f in features.items()}
    return {k: list(f.names) for k, f in plain.items() if isinstance(f, datasets.ClassLabel)}


def _named(labels: list[str] | None, value: object) -> object:
    """Return a class label by its name; -1 is how ``datasets`` says that there is none."""
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
    return {config.id: hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def _hub_cache() -> Path:
    import datasets

    return Path(datasets.config.HF_DATASETS_CACHE)
