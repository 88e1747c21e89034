"""The settings of ``adverts prepare`` for a source and the columns that a caller names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.calls.frame_file import FILE, Mapped, label_columns
from adverts.calls.rows import SPLIT, Rows, word_in
from adverts.config.override_words import as_word
from adverts.data.mapping.one_file import KEYS, OneFile, open_file
from adverts.data.mapping.plain_cells import without_accents
from adverts.errors import InputError

Labels = object | Mapping[str, object]
_TASK = "refer"
_TASK_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class TaskColumn:
    """The column of a task, and of which kind the task is."""

    column: object
    kind: str = "single"
    labels: tuple[str, ...] = ()
    positive: str | None = None


def tasks_of(labels: Labels | None, positive: object | None) -> dict[str, TaskColumn]:
    """Return the tasks that a caller names: one column, or one for each task, the headline first.

    Args:
        labels: A column; or a mapping from a task to its column, or to ``{"column": …, "kind":
            "multi", "labels": […], "positive": …}``.
        positive: The label of the headline task that is looked for.

    Raises:
        InputError: A name or a kind cannot be used.
    """
    if labels is None:
        return {}
    given = labels if isinstance(labels, Mapping) else {_TASK: labels}
    if not given:
        raise InputError("labels is empty; name a column, or leave it out for adverts without any")
    found = {}
    for number, (name, told) in enumerate(given.items()):
        if not isinstance(name, str) or _TASK_NAME.fullmatch(name) is None:
            raise InputError(f"labels: a task is named {name!r}; use a-z, digits and _")
        more = dict(told) if isinstance(told, Mapping) else {"column": told}
        strange = set(more) - {"column", "kind", "labels", "positive"}
        if strange or "column" not in more:
            raise InputError(
                f"labels[{name}]: found {sorted(map(str, more))}; give column, and maybe kind, "
                "labels and positive"
            )
        more["labels"] = tuple(word_in(one) or "" for one in more.get("labels", ()))
        more["positive"] = word_in(more.get("positive", positive if number == 0 else None))
        found[name] = TaskColumn(**more)
    return found


def table_words(rows: Rows, mapped: Mapped, tasks: Mapping[str, TaskColumn]) -> list[str]:
    """Return the settings of a table that is written as one Parquet file, without its root."""
    words = [as_word("data", "parquet"), as_word("data.source.paths", [FILE])]
    for name, key in KEYS.items():
        words.append(as_word(key, name if name in mapped.columns else None))
    named = label_columns(mapped.labels)
    words += _task_words({name: (named[name], task) for name, task in tasks.items()})
    if mapped.split is not None:
        words += _given_split(SPLIT)
    return words


def path_words(
    path: Path,
    columns: Mapping[str, object],
    tasks: Mapping[str, TaskColumn],
    split: object | None = None,
) -> list[str]:
    """Return the settings of a file, or of a folder with one folder of pictures for each label.

    Raises:
        InputError: It does not exist, or is of another kind.
    """
    if path.is_dir():
        return folder_words(path, [*columns, *tasks, *([] if split is None else ["split"])])
    return file_words(open_file(path), columns, tasks, split)


def file_words(
    file: OneFile,
    columns: Mapping[str, object],
    tasks: Mapping[str, TaskColumn],
    split: object | None = None,
) -> list[str]:
    """Return the settings of a file."""
    words = file.words({name: str(one) for name, one in columns.items()})
    if split is not None:
        words += _given_split(str(split))
    return words + _task_words({name: (str(one.column), one) for name, one in tasks.items()})


def folder_words(path: Path, named: Sequence[str]) -> list[str]:
    """Return the settings of a folder with one folder of pictures for each label.

    Raises:
        InputError: The caller named columns, which it does not have.
    """
    if named:
        raise InputError(
            f"{path} is a folder of pictures, whose folders are the labels, so it has no columns; "
            f"leave out {', '.join(named)}"
        )
    place = path.absolute()
    return [
        as_word("data", "image_folder"),
        as_word("data.root", place.parent),
        as_word("data.source.path", place.name),
    ]


def _given_split(column: str) -> list[str]:
    return ["data.split.kind=given", as_word("data.columns.split", column)]


def _task_words(tasks: Mapping[str, tuple[str, TaskColumn]]) -> list[str]:
    if not tasks:
        return []
    (first, (column, task)), *others = tasks.items()
    if not others and task.kind == "single":
        words = [as_word("data.tasks.name", first), as_word("data.tasks.column", column)]
        if task.labels:
            words.append(as_word("data.tasks.labels", list(task.labels)))
        if task.positive is not None:
            words.append(as_word("data.tasks.positive", task.positive))
        return words
    listed = [
        {
            "name": name,
            "kind": task.kind,
            "column": column,
            "labels": list(task.labels),
            "positive": task.positive,
            "separator": None,
            "masked": [],
        }
        for name, (column, task) in tasks.items()
    ]
    found = {"kind": "listed", "headline": first, "tasks": listed}
    return ["~data.tasks", as_word("+data.tasks", found)]


def name_of_dataset(prepared: Path) -> str:
    """Return the name of a dataset that is derived from that of its folder."""
    plain = without_accents(prepared.absolute().name.lower())
    return re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_") or "adverts"
