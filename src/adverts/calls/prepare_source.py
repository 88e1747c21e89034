"""The source of a call of ``adverts.api.prepare``, as the settings of the verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from adverts.calls.column_names import (
    FIELDS,
    Taken,
    columns_of,
    first_cells,
    refuse_unnamed_labels,
    refuse_unnamed_text,
    taken_of_source,
    taken_of_table,
)
from adverts.calls.frame_file import Mapped, written
from adverts.calls.prepare_words import (
    TaskColumn,
    file_words,
    folder_words,
    name_of_dataset,
    table_words,
)
from adverts.calls.rows import SPLIT, Rows, is_table, rows_of
from adverts.config.override_words import as_word
from adverts.data.mapping.guess_columns import GuessedColumn, look, rows_all_over
from adverts.data.mapping.one_file import OneFile, open_file
from adverts.data.sources.bad_rows import BadRow
from adverts.errors import InputError

_MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Named:
    """What a caller names of a source.

    Attributes:
        columns: Maps fields, such as ``text``, to columns.
        tasks: The tasks with their columns.
        split: Column of splits; None where none is named.
        name: Name of the dataset; None: that of its folder.
        without: Fields, and maybe ``split``, whose column must not be taken by its name.
    """

    columns: Mapping[str, object]
    tasks: Mapping[str, TaskColumn]
    split: object | None
    name: str | None
    without: frozenset[str] = frozenset()

    @property
    def used(self) -> list[object]:
        """The columns that are named."""
        return [*self.columns.values(), *(one.column for one in self.tasks.values()), self.split]

    def wanted(self, overrides: Sequence[str]) -> list[str]:
        """Return the fields of which a column is taken by its name."""
        given = {*self.columns, *self.without, *([] if self.split is None else ["split"])}
        keys = [one.lstrip("+~") for one in overrides]
        given |= {one for one in FIELDS if any(k.startswith(f"data.columns.{one}=") for k in keys)}
        if any(key.startswith("data.split") for key in keys):
            given.add("split")
        return [one for one in FIELDS if one not in given]

    def having(self, taken: Taken) -> Named:
        """Return the same with the columns that are taken by their names."""
        more: dict[str, object] = dict(taken.columns)
        split = more.pop("split", self.split)
        return replace(self, columns={**self.columns, **more}, split=split)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """The settings of a source, and what they do with its columns.

    Attributes:
        words: The settings of the verb.
        columns: Maps keywords to their columns: those that were named or taken by their names.
        unused: Columns that are not read.
    """

    words: Sequence[str]
    columns: Mapping[str, object]
    unused: tuple[str, ...] = ()


@contextmanager
def settings_of(
    source: object, named: Named, folder: Path, overrides: Sequence[str]
) -> Iterator[SourceSettings]:
    """Yield the settings of a source; rows of a table stand in a private file meanwhile.

    Args:
        source: A table, a path, the name of a packaged dataset, or None.
        named: What the caller names of it.
        folder: Folder of the prepared dataset.
        overrides: Further settings, which go before those of the source.

    Raises:
        InputError: Source, columns or cells cannot be used.
    """
    if not is_own(source):
        yield SourceSettings(_packaged(source, named), {})
        return
    words = [as_word("data.name", named.name or name_of_dataset(folder)), *_unlabelled(named)]
    if not is_table(source):
        found, named, unused = _of_path(Path(str(source)), named, overrides)
        yield SourceSettings([*found, *words], named.columns, unused)
        return
    rows = rows_of(source)
    _require_of_table(rows, named, overrides)
    taken = _taken_of_table(rows, named, overrides)
    named = named.having(taken)
    split = _split_of(rows, named.split, overrides)
    mapped = Mapped(named.columns, {k: v.column for k, v in named.tasks.items()}, split)
    with written(rows, mapped, folder, most_bytes=_MOST_BYTES) as root:
        taken.tell()
        found = table_words(rows, mapped, named.tasks)
        settings = [*found, as_word("data.root", root), *words]
        yield SourceSettings(settings, named.columns, taken.unused)


def _taken_of_table(rows: Rows, named: Named, overrides: Sequence[str]) -> Taken:
    wanted, used = named.wanted(overrides), named.used
    if rows.has_splits:
        wanted, used = [one for one in wanted if one != "split"], [*used, SPLIT]
    return taken_of_table(rows, used, wanted)


def _require_of_table(rows: Rows, named: Named, overrides: Sequence[str]) -> None:
    """Refuse a table of which neither captions nor pictures are named, or no labels.

    Raises:
        InputError: They are missing.
    """
    if _lacks_text(named, overrides):
        refuse_unnamed_text(first_cells(rows, named.used), rows.names)
    if _lacks_labels(named, overrides):
        refuse_unnamed_labels(first_cells(rows, named.used), rows.names)


def _lacks_text(named: Named, overrides: Sequence[str]) -> bool:
    keys = ("data.columns.text=", "data.columns.image=")
    given = any(one.lstrip("+~").startswith(keys) for one in overrides)
    return not given and not {"text", "image"} & set(named.columns)


def _lacks_labels(named: Named, overrides: Sequence[str]) -> bool:
    return not named.tasks and not any("data.tasks" in one for one in overrides)


def _of_path(
    path: Path, named: Named, overrides: Sequence[str]
) -> tuple[list[str], Named, tuple[str, ...]]:
    """Return the settings of a path, what is named and taken of it, and its unused columns.

    Raises:
        InputError: It does not exist, or has no column of captions or labels.
    """
    if path.is_dir():
        split = [] if named.split is None else ["split"]
        return folder_words(path, [*named.columns, *named.tasks, *split]), named, ()
    file = open_file(path)
    there, usual = columns_of(file.source), []
    if _lacks_text(named, overrides):
        if "text" not in there:
            refuse_unnamed_text(_some_cells(file, named), there)
        usual.append("text")
    if _lacks_labels(named, overrides):
        if "label" not in there:
            refuse_unnamed_labels(_some_cells(file, named), there)
        usual.append("label")
    taken = taken_of_source(file.source, [*named.used, *usual], named.wanted(overrides))
    named = named.having(taken)
    found = file_words(file, named.columns, named.tasks, named.split)
    if "id" not in named.columns and not any("data.columns.id=" in one for one in overrides):
        found.append(as_word("data.columns.id", None))
    replace(taken, unused=()).tell()  # the verb itself names those of a file that are not used
    return found, named, taken.unused


def _some_cells(file: OneFile, named: Named) -> Mapping[str, GuessedColumn]:
    free = [one for one in columns_of(file.source) if one not in named.used]
    rows = rows_all_over(file.source, free)
    return look(row for row in rows if not isinstance(row, BadRow))


def _unlabelled(named: Named) -> list[str]:
    return [] if named.tasks else [as_word("data.unlabelled", True)]


def is_own(source: object) -> bool:
    """Return whether the source is a table or a path, rather than a packaged dataset.

    A name that both have is that of the packaged dataset, whatever the working folder holds.
    """
    if source is None:
        return False
    if not isinstance(source, str) or not source.isidentifier():
        return True
    packaged = files("adverts.configs").joinpath("data", f"{source}.yaml").is_file()
    return Path(source).exists() and not packaged


def _packaged(source: object, named: Named) -> list[str]:
    given = [*named.columns, *(["labels"] if named.tasks else [])]
    given += [] if named.split is None else ["split"]
    if given:
        raise InputError(
            f"{', '.join(given)}: without a file or a table, overrides name the columns; leave out "
            "these keywords"
        )
    name = [] if named.name is None else [as_word("data.name", named.name)]
    return [*([] if source is None else [as_word("data", source)]), *name]


def _split_of(rows: Rows, split: object | None, overrides: Sequence[str]) -> object | None:
    """Return the column of splits: as named, or the splits of a ``DatasetDict``."""
    if split is not None:
        rows.require(split, "split")
        return split
    chosen = any(one.lstrip("+~").startswith("data.split.kind=") for one in overrides)
    return SPLIT if rows.has_splits and not chosen else None
