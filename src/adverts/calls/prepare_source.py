"""The source of a call of ``adverts.api.prepare``, as the settings of the verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from adverts.calls.frame_file import Mapped, written
from adverts.calls.prepare_words import TaskColumn, name_of_dataset, path_words, table_words
from adverts.calls.rows import SPLIT, Rows, is_table, rows_of
from adverts.config.override_words import as_word
from adverts.errors import InputError

_MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Named:
    """What a caller names of a source.

    Attributes:
        columns: Maps fields, such as ``text``, to columns.
        tasks: The tasks with their columns.
        split: Column of splits; None where they are made.
        name: Name of the dataset; None: that of its folder.
    """

    columns: Mapping[str, object]
    tasks: Mapping[str, TaskColumn]
    split: object | None
    name: str | None


@contextmanager
def settings_of(
    source: object, named: Named, folder: Path, overrides: Sequence[str]
) -> Iterator[list[str]]:
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
        yield _packaged(source, named)
        return
    words = [as_word("data.name", named.name or name_of_dataset(folder))]
    if not is_table(source):
        found = path_words(Path(str(source)), named.columns, named.tasks, named.split)
        yield [*found, *words, *_unlabelled(named)]
        return
    if not named.tasks and not any("data.tasks" in one for one in overrides):
        raise InputError(
            "labels: not given; name the column of labels. Where no advert has one, say between "
            'which labels models choose: overrides=["data.tasks.labels=[no,yes]", '
            '"data.tasks.positive=yes"]'
        )
    rows = rows_of(source)
    split = _split_of(rows, named.split, overrides)
    mapped = Mapped(named.columns, {k: v.column for k, v in named.tasks.items()}, split)
    with written(rows, mapped, folder, most_bytes=_MOST_BYTES) as root:
        found = table_words(rows, mapped, named.tasks)
        yield [*found, as_word("data.root", root), *words, *_unlabelled(named)]


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
