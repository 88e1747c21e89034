"""Guess the configuration of a dataset from somebody's file or folder of adverts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.advert import Split
from adverts.config.data import DATASET_NAME
from adverts.config.overrides import in_shell
from adverts.config.yaml_bounds import as_yaml
from adverts.data.mapping.plain_cells import without_accents
from adverts.errors import InputError, plural

if TYPE_CHECKING:
    from adverts.data.mapping.guess_columns import Guess, Guesses
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
_FEW = 2
"""The least number of answers of a question."""
_SHOWN = 20
"""The largest number of labels that a message names."""
_MOST_OF_NAME = 100
"""The largest number of characters of the name of a dataset: it becomes that of a file."""
_USE = "To use it: adverts prepare -cd FOLDER data=NAME, where NAME is the name below."


@dataclass(frozen=True, slots=True)
class GuessedConfig:
    """A configuration that was guessed from somebody's data.

    Attributes:
        name: Name of the dataset.
        settings: Content of the configuration file.
        comments: Maps a key of the settings to the lines above it, in words and numbers of ours:
            text of the source stands only in the values of the settings.
        told: Lines to print about the guesses; they quote the source.
        more: Keys that ``adverts prepare`` needs besides.
        labels: The labels that were found.
        perhaps_labels: Columns of two values, where none is called as labels are.
        lack_of_labels: Why there is no column of labels, and how to name one; empty if there is.
        positive: The label that is looked for; None where it is unknown.
        labelled: Number of labelled adverts among those that were looked at.
        has_pictures: Whether there are pictures.
        has_splits: Whether the data says which adverts are for training.
    """

    name: str
    settings: Mapping[str, object]
    comments: Mapping[str, Sequence[str]]
    told: Sequence[str]
    more: Mapping[str, str]
    labels: Sequence[str]
    positive: str | None
    labelled: int
    has_pictures: bool
    has_splits: bool
    lack_of_labels: str = ""
    perhaps_labels: Sequence[str] = ()

    @property
    def text(self) -> str:
        """The configuration file: a YAML loader reads exactly the settings in it."""
        lines = [marked(self.settings)]
        for key, value in self.settings.items():
            lines += (f"# {line}\n" for line in self.comments.get(key, ()))
            lines.append(as_yaml({key: value}))
        return "".join(lines)


def marked(settings: Mapping[str, object]) -> str:
    """Return the comment by which a file with just these settings is known as nobody's edit."""
    plain = json.dumps(settings, sort_keys=True)
    return f"# Written by adverts init ({hashlib.sha256(plain.encode()).hexdigest()[:12]}).\n"


def draft_of(
    data: Path,
    name: str | None = None,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    positive: str | None = None,
    columns: Mapping[str, str] | None = None,
    splits: Mapping[str, Split] | None = None,
) -> GuessedConfig:
    """Return the configuration that is guessed from a file or folder of adverts.

    Args:
        data: The file, or a folder that contains one folder of pictures for each label.
        name: Name of the dataset; None derives it from the name of the file.
        sheet: Name of the sheet of a workbook; None for the first one.
        encoding: Encoding of a CSV file; None finds it.
        positive: The label that is looked for; None guesses it.
        columns: Maps ``label``, ``text``, ``image`` or ``split`` to a column of a file, which is
            then not guessed.
        splits: The split that each value of the column of splits means; None goes by their names.

    Raises:
        InputError: The data cannot be read or has no such label or column, or the name cannot be
            used.
    """
    if not data.exists():
        raise InputError(f"{data} does not exist")
    data = data.absolute()
    if not str(data).isascii() and "\\ud" in ascii(str(data)):
        raise InputError(f"{data}: its name or that of a folder is no UTF-8; rename it")
    usable = name is None or (re.fullmatch(DATASET_NAME, name) and len(name) <= _MOST_OF_NAME)
    if not usable or name in _ours():
        raise InputError(
            f"--name {name}: wanted letters, digits, '-' and '_', in lower case, at most "
            f"{_MOST_OF_NAME}, and no name of a packaged configuration"
        )
    name = _name(data) if name is None else name
    if data.is_dir():
        if named := [*(columns or ()), *(["splits"] if splits else [])]:
            raise InputError(
                f"{data} is a folder of pictures, whose folders are the labels, so it has no "
                f"columns; leave out {', '.join(f'--{one}' for one in named)}"
            )
        return _of_folder(data, name, positive)
    read = {"sheet": sheet, "encoding": encoding}
    return _of_file(data, name, read, positive=positive, columns=columns or {}, splits=splits or {})


def _name(data: Path) -> str:
    from adverts.data.sources.formats.unpacking import without_packing

    stem = Path(without_packing(data.name)).stem if data.is_file() else data.stem
    found = re.sub(r"[^a-z0-9_-]+", "-", without_accents(stem.lower())).strip("-_")[:_MOST_OF_NAME]
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
    positive = _known(positive, labels, data)
    positive = positive or guessed
    chosen = positive or labels[-1]
    settings = {
        "defaults": ["image_folder", "_self_"],
        "name": name,
        "root": str(data.parent),
        "source": {"kind": "image_folder", "path": data.name, "task": "refer"},
        "tasks": {"positive": chosen},
    }
    comments = {
        "defaults": ("A folder of pictures for each label.", _USE),
        "tasks": (f"positive: the label that you look for, one of {len(labels):,}",),
    }
    return GuessedConfig(
        name=name,
        settings=settings,
        comments=comments,
        told=(f"labels found: {', '.join(labels)}; positive: {chosen}",),
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
        raise InputError(f"{data} has no label {label!r} in the rows looked at; it has {told}")
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


def _of_file(
    data: Path,
    name: str,
    read: Mapping[str, str | None],
    *,
    positive: str | None,
    columns: Mapping[str, str],
    splits: Mapping[str, Split],
) -> GuessedConfig:
    from adverts.config import FileSource
    from adverts.data.mapping.guess_columns import guess
    from adverts.data.sources.formats.header import may_be_header, shown_names
    from adverts.data.sources.open_files import open_files
    from adverts.data.sources.raw_rows import SOURCE_FILE

    kind = kind_of_file(data)
    config = FileSource.model_validate({"kind": kind, "paths": (data.name,), **read})
    source = open_files(data.parent, config, max_row_bytes=8_000_000)
    if kind in ("csv", "xlsx"):
        _refuse_unnamed(data, [one for one in source.columns or () if not may_be_header(one)])
    guesses = guess(source, columns, splits)
    mapped = [one.column for one in (*guesses.columns.values(), guesses.label) if one.column]
    _refuse_unnamed(data, [one for one in mapped if not may_be_header(one)])
    if positive is not None:
        if guesses.label.column is None:
            raise InputError(f"{data} has no column of labels: {_lack_of_labels(guesses.label)}")
        guesses = dataclasses.replace(guesses, positive=_known(positive, guesses.answers, data))
    if "text" not in guesses.columns and "image" not in guesses.columns:
        there = [one for one in source.columns or () if one != SOURCE_FILE]
        raise InputError(
            "\n".join(
                (
                    f"{data}: no column looks like captions or names of pictures; name it with "
                    f"--text or --image. The columns are {shown_names(there)}",
                    *source.told,
                )
            )
        )
    found = {"kind": kind, "paths": [data.name], "delimiter": None}
    return GuessedConfig(
        name=name,
        settings=_settings(data, name, {**found, **read}, guesses, splits),
        comments=_comments(source, guesses),
        told=[*source.told, *_guess_lines(guesses, splits)],
        more={"data.on_error": "quarantine"} if guesses.bad else {},
        labels=guesses.labels,
        positive=guesses.positive,
        labelled=guesses.labelled,
        has_pictures="image" in guesses.columns,
        has_splits="split" in guesses.columns,
        lack_of_labels="" if guesses.label.column else _lack_of_labels(guesses.label),
        perhaps_labels=_named_perhaps(guesses.label),
    )


def _named_perhaps(label: Guess) -> list[str]:
    """Return the columns of two values whose names may be shown."""
    from adverts.data.sources.formats.header import is_name

    return [one for one in label.perhaps if is_name(one)]


def _lack_of_labels(label: Guess) -> str:
    """Return why there is no column of labels, and how to name one."""
    such = _named_perhaps(label)
    if not such:
        return f"{label.why}; name it with --label"
    which = f"column {such[0]!r} has" if len(such) == 1 else f"columns {', '.join(such)} have"
    return f"{label.why}; {which} two values: --label {in_shell(such[0])}"


def _refuse_unnamed(data: Path, columns: Sequence[str]) -> None:
    """Refuse columns that are called by an advert, which would stand in messages and in YAML.

    Raises:
        InputError: There is one.
    """
    if columns:
        raise InputError(
            f"{data}: {plural(len(columns), 'column')} without the look of a name (long, or with a "
            "contact); add a first line with the names of the columns, or shorten those there are"
        )


def _guess_lines(guesses: Guesses, splits: Mapping[str, Split]) -> Iterator[str]:
    from adverts.data.mapping.guess_columns import what_splits_mean
    from adverts.data.sources.formats.header import shown_names

    for name, one in guesses.columns.items():
        meant = ", ".join(f"{value} means {split}" for value, split in splits.items())
        more = f" ({meant})" if name == "split" and meant else ""
        yield f"{name}: column {one.column!r}, {one.why}{more}"
    if guesses.perhaps_id is not None:
        named = f"--id {in_shell(guesses.perhaps_id)}"
        yield f"id: column {guesses.perhaps_id!r} has another value in each row; to use it: {named}"
    label = guesses.label
    if label.column is None:
        yield f"label: {_lack_of_labels(label)}"
    else:
        which = " or ".join(guesses.labels[:_FEW]) or "not known"
        positive = guesses.positive or f"{which}? name it with --positive"
        rare = f", and in a few rows {', '.join(label.others)}" if label.others else ""
        yield f"label: column {label.column!r}, {label.why}{rare}; positive: {positive}"
    if guesses.strange_split:
        yield (
            f"split: column {guesses.strange_split!r} may say how the adverts are split, but not "
            f"in words known here, so a split is made; to keep that one, "
            f"{what_splits_mean(guesses.strange_values)}"
        )
    if guesses.unused:
        yield f"not used: {shown_names(guesses.unused)}"
    if guesses.bad:
        yield (
            f"rows that cannot be read: {len(guesses.bad):,}, such as {guesses.bad[0]}; correct "
            "them, or set them aside with data.on_error=quarantine"
        )


def _settings(
    data: Path,
    name: str,
    source: Mapping[str, object],
    guesses: Guesses,
    splits: Mapping[str, Split],
) -> dict[str, object]:
    given = {"kind": "given", "names": dict(splits), "leakage": "report"}
    return {
        "defaults": ["csv", "_self_"],
        "name": name,
        "root": str(data.parent),
        "source": dict(source),
        "columns": {"id": None, "text": None}
        | {field: one.column for field, one in guesses.columns.items()},
        "tasks": {
            "column": guesses.label.column or "label",
            "labels": [],
            "positive": guesses.positive,
        },
        **({"split": given} if "split" in guesses.columns else {}),
    }


def _comments(source: Source, guesses: Guesses) -> dict[str, Sequence[str]]:
    """Return the reasons of the guesses, which name columns and labels by place and number."""
    places = {one: f"column {place}, " for place, one in enumerate(source.columns or (), 1)}

    def reason(one: Guess) -> str:
        return f"{places.get(one.column or '', '')}{one.why}"

    columns = [f"{field}: {reason(one)}" for field, one in guesses.columns.items()]
    if "id" not in guesses.columns:
        columns.append("id: no column identifies each advert: ids are derived from its content")
    if guesses.unused:
        columns.append(f"not used: {plural(len(guesses.unused), 'further column')}")
    label = guesses.label
    rare = f", and a few rows hold others ({len(label.others):,})" if label.others else ""
    tasks = [f"column: {reason(label)}{rare}"]
    tasks.append(f"labels: [] uses those found, {len(guesses.labels):,} in these rows")
    unknown = "" if guesses.positive else "; it is unknown which one that is: name it"
    tasks.append(f"positive: the label that you look for{unknown}")
    split = (
        "names: the split that each value means, such as {essai: test}; {}: by their names",
        "leakage: report, or drop, or fail",
    )
    return {
        "defaults": (f"Guessed from {guesses.rows:,} rows, from all over the data.", _USE),
        "source": (
            "encoding, delimiter: null finds them, and adverts prepare tells what it found",
        ),
        "columns": columns,
        "tasks": tasks,
        "split": split,
    }
