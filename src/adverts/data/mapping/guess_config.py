"""Guess the configuration of a dataset from somebody's file or folder of adverts."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import InputError

if TYPE_CHECKING:
    from adverts.data.mapping.guess_columns import Guesses
    from adverts.data.sources.raw_rows import Source

_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
_AS_FOUND = {"encoding": None, "delimiter": None}
_FEW = 2
"""The least number of answers of a question."""
_SHOWN = 20
"""The largest number of labels that a message names."""
_TERMS = (
    "provenance: unstated",
    "licence: unstated",
    "sensitivity: operational_restricted",
    "purpose: unstated",
)


@dataclass(frozen=True, slots=True)
class GuessedConfig:
    """A configuration that was guessed from somebody's data.

    Attributes:
        name: Name of the dataset.
        text: Content of the configuration file.
        told: Lines to print about the guesses.
        more: Keys that ``adverts prepare`` needs besides.
        labels: The labels that were found.
        positive: The label that is looked for; None where it is unknown.
        labelled: Number of labelled adverts among those that were looked at.
        has_pictures: Whether there are pictures.
        has_splits: Whether the data says which adverts are for training.
    """

    name: str
    text: str
    told: Sequence[str]
    more: Mapping[str, str]
    labels: Sequence[str]
    positive: str | None
    labelled: int
    has_pictures: bool
    has_splits: bool


def draft_of(
    data: Path, name: str | None = None, *, sheet: str | None = None, positive: str | None = None
) -> GuessedConfig:
    """Return the configuration that is guessed from a file or folder of adverts.

    Args:
        data: The file, or a folder that contains one folder of pictures for each label.
        name: Name of the dataset; None derives it from the name of the file.
        sheet: Name of the sheet of a workbook; None for the first one.
        positive: The label that is looked for; None guesses it.

    Raises:
        InputError: The data cannot be read or has no such label, or the name cannot be used.
    """
    if not data.exists():
        raise InputError(f"{data} does not exist")
    if name is not None and (not re.fullmatch(r"[\w-][\w.-]*", name) or name in _ours()):
        raise InputError(
            f"--name {name}: wanted letters, digits, '-', '_' and '.', and no name of a packaged "
            "configuration"
        )
    name = name or _name(data)
    if data.is_dir():
        return _of_folder(data, name, positive)
    return _of_file(data, name, sheet, positive)


def _name(data: Path) -> str:
    from adverts.data.sources.formats.unpacking import without_packing

    stem = Path(without_packing(data.name)).stem if data.is_file() else data.stem
    plain = unicodedata.normalize("NFKD", stem.lower())
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    found = re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_")
    return found if found and found not in _ours() else f"my-{found or 'adverts'}"


def _ours() -> set[str]:
    """Return the names of packaged configurations, which a file of the user must not have."""
    from importlib.resources import files

    return {
        one.name.removesuffix(".yaml")
        for one in files("adverts.configs").joinpath("data").iterdir()
    }


def _of_folder(data: Path, name: str, positive: str | None) -> GuessedConfig:
    """Return what is written for a folder that contains one folder of pictures for each label.

    Raises:
        InputError: The folder has another content.
    """
    from adverts.data.sources.pictures import PICTURE_SUFFIXES

    labels = sorted(
        one.name
        for one in data.iterdir()
        if one.is_dir() and any(p.suffix.lower() in PICTURE_SUFFIXES for p in one.iterdir())
    )
    if len(labels) < _FEW:
        raise InputError(
            f"{data} does not hold a folder of pictures for each label; give a file instead: "
            f"{', '.join(_files_in(data)) or 'CSV, TSV, JSON Lines, Parquet or Excel'}"
        )
    from adverts.data.mapping.collect_labels import evenly_spelt

    _, guessed = evenly_spelt(labels)
    positive = _known(positive, labels, data) or guessed
    lines = [
        f"# {data.name}: a folder of pictures for each label",
        f"# adverts prepare -cd FOLDER data={name}",
        "defaults: [image_folder, _self_]",
        f"name: {name}",
        f"root: {_yaml(str(data.absolute().parent))}",
        f"source: {{kind: image_folder, path: {_yaml(data.name)}, task: refer}}",
        f"# found: {', '.join(labels)}. positive: the label that you look for",
        f"tasks: {{positive: {_yaml(positive or labels[-1])}}}",
    ]
    return GuessedConfig(
        name=name,
        text="\n".join(lines) + "\n",
        told=(f"labels found: {', '.join(labels)}; positive: {positive or labels[-1]}",),
        more={},
        labels=labels,
        positive=positive,
        labelled=sum(one.is_file() for label in labels for one in (data / label).iterdir()),
        has_pictures=True,
        has_splits=False,
    )


def _known(label: str | None, labels: Sequence[str], data: Path) -> str | None:
    """Return a label that was asked for.

    Raises:
        InputError: The data has no such label.
    """
    if label is None:
        return None
    like = {one.casefold(): one for one in labels}.get(label.strip().casefold())
    if like is None:
        told = ", ".join(labels[:_SHOWN])
        raise InputError(f"{data} has no label {label!r} in its first rows; it has {told}")
    return like


def _files_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if _suffix(one) in _KINDS)[:5]


def _suffix(path: Path) -> str:
    """Return the suffix that says the kind of a file, compressed or not."""
    from adverts.data.sources.formats.unpacking import without_packing

    return Path(without_packing(path.name)).suffix.lower()


def kind_of_file(path: Path) -> str:
    """Return the kind of source that a file is read as, by the ending of its name.

    Raises:
        InputError: Files that end so are not read.
    """
    from adverts.data.sources.formats.unpacking import is_packed
    from adverts.data.sources.open_file import PACKED_KINDS

    kind = _KINDS.get(_suffix(path))
    if kind is None or (is_packed(path.name) and kind not in PACKED_KINDS):
        raise InputError(f"{path} does not end in {', '.join(_KINDS)}; save it as CSV UTF-8")
    return kind


def _of_file(data: Path, name: str, sheet: str | None, positive: str | None) -> GuessedConfig:
    from adverts.config import FileSource
    from adverts.data.mapping.guess_columns import guess
    from adverts.data.sources.open_files import open_files
    from adverts.data.sources.raw_rows import SOURCE_FILE

    kind = kind_of_file(data)
    config = FileSource.model_validate({"kind": kind, "paths": (data.name,), "sheet": sheet})
    source = open_files(data.absolute().parent, config, max_row_bytes=8_000_000)
    guesses = guess(source)
    if positive is not None:
        if guesses.label.column is None:
            raise InputError(f"{data} has no column of labels: {guesses.label.why}")
        guesses = dataclasses.replace(guesses, positive=_known(positive, guesses.answers, data))
    if "text" not in guesses.columns and "image" not in guesses.columns:
        columns = [one for one in source.columns or () if one != SOURCE_FILE]
        raise InputError(
            "\n".join(
                (
                    f"{data}: no column looks like captions or names of pictures; the columns are "
                    f"{', '.join(columns)}. Copy configs/data/csv.yaml and map them by hand",
                    *source.told,
                )
            )
        )
    told = [*source.told, *_guess_lines(guesses)]
    written = _yaml({"kind": kind, "paths": [data.name], **_AS_FOUND, "sheet": sheet})
    more = {"data.on_error": "quarantine"} if guesses.bad else {}
    return GuessedConfig(
        name=name,
        text="\n".join(_lines(data, name, written, source, guesses)) + "\n",
        told=told,
        more=more,
        labels=guesses.labels,
        positive=guesses.positive,
        labelled=guesses.labelled,
        has_pictures="image" in guesses.columns,
        has_splits=bool(guesses.splits),
    )


def _guess_lines(guesses: Guesses) -> Iterator[str]:
    for name, one in guesses.columns.items():
        yield f"{name}: column {one.column!r}, {one.why}"
    label = guesses.label
    if label.column is None:
        yield f"label: {label.why}; set tasks.column in the file before you run adverts prepare"
    else:
        which = " or ".join(guesses.labels[:_FEW]) or "not known"
        positive = (
            guesses.positive or f"{which}? set tasks.positive in the file; adverts prepare needs it"
        )
        yield f"label: column {label.column!r}, {label.why}; positive: {positive}"
    if guesses.unused:
        yield f"not used: {', '.join(guesses.unused)}"
    if guesses.bad:
        yield (
            f"rows that cannot be read: {len(guesses.bad):,}, such as {guesses.bad[0]}; correct "
            "them, or set them aside with data.on_error=quarantine"
        )


def _lines(data: Path, name: str, made: str, source: Source, guesses: Guesses) -> Iterator[str]:
    yield f"# {data.name}: guessed from its first {guesses.rows:,} rows."
    yield f"# adverts prepare -cd FOLDER data={name}"
    # a given split must not be mixed with the keys of the made split in csv.yaml
    yield f"defaults: [{'_columns' if guesses.splits else 'csv'}, _self_]"
    yield f"name: {name}"
    yield f"root: {_yaml(str(data.absolute().parent))}"
    for line in source.told:
        yield f"# {line}"
    yield f"source: {made}"
    yield "columns:"
    if "id" not in guesses.columns:
        yield "  id: null  # no column identifies each advert: ids are derived from its content"
    if "text" not in guesses.columns:
        yield "  text: null"
    for field, one in guesses.columns.items():
        yield f"  {field}: {_yaml(one.column)}  # {one.why}"
    if guesses.unused:
        yield f"# not used: {', '.join(guesses.unused)}"
    yield from _question(guesses)
    if guesses.splits:
        yield from _given_split(guesses)


def _question(guesses: Guesses) -> Iterator[str]:
    label = guesses.label
    yield f"# label: {label.why}. labels: [] uses those found, positive is the one you look for"
    if guesses.labels:
        yield f"# found: {', '.join(guesses.labels)}"
    yield "tasks:"
    if guesses.splits:
        yield "  kind: one"
        yield "  name: refer"
        yield "  separator: null"
        yield "  masked: []"
    yield f"  column: {_yaml(label.column or 'label')}"
    yield "  labels: []"
    unsure = "" if guesses.positive else "  # it is unknown which label you look for: name it"
    yield f"  positive: {_yaml(guesses.positive)}{unsure}"


def _given_split(guesses: Guesses) -> Iterator[str]:
    yield f"# the split of the source, column {guesses.columns['split'].column!r}"
    yield "split:"
    yield "  kind: given"
    yield f"  names: {_yaml(dict(guesses.splits))}"
    yield "  validation_fraction: 0.15  # share of train, if the source has no validation"
    yield "  leakage: report  # or drop, or fail"
    yield "  seed: 0"
    yield from _TERMS


def _yaml(value: object) -> str:
    """Return a value as YAML, in its JSON subset."""
    return json.dumps(value, ensure_ascii=False)


def settings_in(text: str) -> list[str]:
    """Return the lines of a configuration without comments, which tell what was looked at."""
    lines = (line.partition("  # ")[0].rstrip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
