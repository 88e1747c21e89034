"""Read and write predictions as a file that can be judged without the model or the adverts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.errors import InputError
from adverts.evaluation.predictions.model_facts import ModelFacts
from adverts.inputs.spec import BRANCHES, BranchName
from adverts.json_records import from_plain

if TYPE_CHECKING:
    import pyarrow as pa

FILE_NAME = "predictions.parquet"
SCHEMA_VERSION = 3  # 3: platform, week, identified language, length of text, facts of the model
_KEY = b"adverts.predictions"
_FIELD_OF_COLUMN = {
    "id": "ids",
    "cluster": "clusters",
    "lang": "langs",
    "identified_lang": "identified_langs",
    "script": "scripts",
    "modality": "modalities",
    "reading": "readings",
    "platform": "platforms",
    "posted_week": "weeks",
    "characters": "characters",
    "reviewed": "reviewed",
    "split": "splits",
    "seen": "seen",
    "seen_known": "seen_known",
    "answer": "answers",
}
Answer = Literal["given", "unreadable", "abstained"]
"""``unreadable``: the advert holds nothing that the model reads, or one of its pictures was not
read; ``abstained``: the bundle leaves such adverts to people, whatever the score."""
_FLAGS = ("reviewed", "seen", "seen_known")
_ADDED = ("seen", "seen_known", "answer")
"""Columns that a file may lack; their values are then unknown."""
_LISTS = tuple(field for field in _FIELD_OF_COLUMN.values() if field not in _FLAGS)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Predictions of one model for ``N`` adverts; row ``i`` of every field is the same advert.

    Attributes:
        tasks: Tasks that the model answers.
        ids: Opaque, distinct identifier of each advert.
        clusters: Cluster of each advert; near-duplicates and groups share one.
        langs: Language of each advert, BCP-47, or None.
        identified_langs: Language identified from the text, whatever was given; or None.
        scripts: Script of each advert, ISO 15924, or None.
        modalities: What the advert holds: ``text``, ``image``, ``text+image`` or ``empty``.
        readings: How well the pictures could be read, see
            :func:`adverts.evaluation.figures.slices.reading_band`.
        platforms: Platform on which each advert was posted, or None.
        weeks: ISO week in which each advert was posted, as in ``2026-W09``, or None.
        characters: Length of the advert's text and of the text of its pictures together.
        splits: Split of each advert: ``train``, ``validation`` or ``test``.
        reviewed: ``(N,)`` bool, whether the advert may enter a headline figure.
        seen: ``(N,)`` bool, whether the advert is not clean: another one of its family was used to
            train or choose the model, see :class:`adverts.data.dataset.seen_adverts.Seen`.
        logits: Maps each task name to ``(N, num_logits)``; empty where the model gives none.
        probabilities: Maps each task name to ``(N, L)``.
        model: Name of the model that made the predictions.
        data_hash: Hash of the dataset of the adverts.
        made_by: Facts about the model; None where they are not given, or several models differ.
        seen_known: ``(N,)`` bool, whether the family of each advert is known; otherwise ``seen``
            may miss some. If empty, no family is known.
        answers: Whether the model answers each advert; None where it is unknown, as in files
            written before this was recorded. If empty, it is unknown for all adverts.
        branches: Maps each branch of the model, such as ``ngrams``, to its calibrated logits by
            task, ``(N, num_logits)``; empty for a model of one branch, and where it is unknown.
    """

    tasks: tuple[Task, ...]
    ids: Sequence[str]
    clusters: Sequence[str]
    langs: Sequence[str | None]
    identified_langs: Sequence[str | None]
    scripts: Sequence[str | None]
    modalities: Sequence[str]
    readings: Sequence[str]
    platforms: Sequence[str | None]
    weeks: Sequence[str | None]
    characters: Sequence[int]
    splits: Sequence[str]
    reviewed: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    logits: Mapping[str, NDArray[np.float64]]
    probabilities: Mapping[str, NDArray[np.float64]]
    model: str = ""
    data_hash: str = ""
    made_by: ModelFacts | None = None
    seen_known: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    answers: Sequence[Answer | None] = ()
    branches: Mapping[BranchName, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reject columns of unequal length, wrong shapes and probabilities that are not finite."""
        if not len(self.seen_known):
            object.__setattr__(self, "seen_known", np.zeros(len(self.ids), dtype=bool))
        if not len(self.answers):
            object.__setattr__(self, "answers", [None] * len(self.ids))
        for name in (*_FIELD_OF_COLUMN.values(), "splits"):
            if len(getattr(self, name)) != len(self.ids):
                raise InputError(f"predictions: {len(self.ids)} ids and {name} of another length")
        for task in self.tasks:
            values, wanted = self.probabilities[task.name], (len(self.ids), task.num_labels)
            if values.shape != wanted:
                raise InputError(
                    f"predictions of task {task.name!r}: shape {values.shape}, wanted {wanted}"
                )
            if not np.isfinite(values).all():
                bad = self.ids[int((~np.isfinite(values)).any(axis=1).argmax())]
                raise InputError(
                    f"predictions of task {task.name!r}: advert {bad} has a probability that is "
                    "not a number; the model is broken"
                )

    def __len__(self) -> int:
        """Return the number of adverts ``N``."""
        return len(self.ids)

    @property
    def unreadable(self) -> NDArray[np.bool_]:
        """Which adverts the model cannot read, ``(N,)``; it never flags them."""
        return np.array([answer == "unreadable" for answer in self.answers], dtype=bool)


def select(predictions: Predictions, rows: Sequence[int] | NDArray[np.int64]) -> Predictions:
    """Return the predictions of these rows, in this order."""
    picked = np.asarray(rows, dtype=np.int64)
    return replace(
        predictions,
        **_columns(lambda name: [getattr(predictions, name)[i] for i in picked]),
        logits={name: values[picked] for name, values in predictions.logits.items()},
        probabilities={name: values[picked] for name, values in predictions.probabilities.items()},
        branches={
            branch: {name: values[picked] for name, values in logits.items()}
            for branch, logits in predictions.branches.items()
        },
    )


def concatenate(parts: Sequence[Predictions]) -> Predictions:
    """Return the predictions of several files as one, e.g. of the folds of one experiment.

    Raises:
        InputError: There are no predictions, their tasks differ, or an advert is in two of them.
    """
    if not parts:
        raise InputError("no predictions to put together")
    first = parts[0]
    if any(part.tasks != first.tasks for part in parts):
        raise InputError("predictions of different tasks or labels cannot be put together")
    ids = [advert for part in parts for advert in part.ids]
    if len(set(ids)) != len(ids):
        raise InputError("an advert is in two of the predictions; each must be judged only once")
    with_logits = [name for name in first.logits if all(name in part.logits for part in parts)]
    return replace(
        first,
        **_columns(lambda name: [value for part in parts for value in getattr(part, name)]),
        logits={
            name: np.concatenate([part.logits[name] for part in parts]) for name in with_logits
        },
        probabilities={
            task.name: np.concatenate([part.probabilities[task.name] for part in parts])
            for task in first.tasks
        },
        made_by=first.made_by if all(part.made_by == first.made_by for part in parts) else None,
        branches={
            branch: {
                task.name: np.concatenate([part.branches[branch][task.name] for part in parts])
                for task in first.tasks
            }
            for branch in first.branches
            if all(branch in part.branches for part in parts)
        },
    )


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write a Parquet file that only its owner can read; it appears complete or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        name: pa.array(list(getattr(predictions, field)), _arrow_type(name))
        for name, field in _FIELD_OF_COLUMN.items()
    }
    for task in predictions.tasks:
        if task.name in predictions.logits:
            columns[f"logits.{task.name}"] = _to_lists(predictions.logits[task.name])
        columns[f"probabilities.{task.name}"] = _to_lists(predictions.probabilities[task.name])
        for branch, logits in predictions.branches.items():
            columns[f"{branch}.{task.name}"] = _to_lists(logits[task.name])
    about = {
        "version": SCHEMA_VERSION,
        "tasks": [asdict(task) for task in predictions.tasks],
        "model": predictions.model,
        "data_hash": predictions.data_hash,
        "made_by": predictions.made_by and predictions.made_by.to_plain(),
    }
    table = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(about)})
    partial = path.with_name(path.name + ".partial")
    try:
        partial.touch(mode=0o600)
        pq.write_table(table, partial, compression="zstd", write_page_checksum=True)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read_predictions(path: Path) -> Predictions:
    """Read a file that :func:`write_predictions` wrote.

    Raises:
        InputError: There is no such file, or it is not a predictions file of this version.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, page_checksum_verification=True)
        about = json.loads((table.schema.metadata or {})[_KEY])
        tasks = tuple(from_plain(Task, raw) for raw in about["tasks"])
        made_by = from_plain(ModelFacts, about["made_by"]) if about.get("made_by") else None
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; run adverts evaluate first") from None
    except PermissionError:
        raise
    except (KeyError, TypeError, ValueError, OSError, pa.ArrowException):
        raise InputError(f"{path} is not a predictions file; run adverts evaluate again") from None
    if about.get("version") != SCHEMA_VERSION:
        raise InputError(
            f"{path} is of version {about.get('version')}, wanted {SCHEMA_VERSION}; "
            "run adverts evaluate again"
        )
    missing = set(_FIELD_OF_COLUMN) - set(table.column_names) - set(_ADDED)
    if missing:
        raise InputError(f"{path} lacks the column {min(missing)}; run adverts evaluate again")
    unknown = [False] * len(table)
    columns = {
        field: table[name].to_pylist() if name in table.column_names else unknown
        for name, field in _FIELD_OF_COLUMN.items()
    }
    if "seen" not in table.column_names:
        columns["seen_known"] = unknown
    if "answer" not in table.column_names:
        columns["answers"] = [None] * len(table)
    return Predictions(
        tasks=tasks,
        **_columns(columns.__getitem__),
        logits=_from_lists(table, "logits", tasks),
        probabilities=_from_lists(table, "probabilities", tasks),
        model=about["model"],
        data_hash=about["data_hash"],
        made_by=made_by,
        branches={
            branch: logits for branch in BRANCHES if (logits := _from_lists(table, branch, tasks))
        },
    )


def read_maker(path: Path) -> ModelFacts | None:
    """Return which model made a predictions file, without reading the predictions.

    None where the file does not say so.

    Raises:
        InputError: It is not a predictions file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = json.loads((pq.read_schema(path).metadata or {})[_KEY])
        return from_plain(ModelFacts, about["made_by"]) if about.get("made_by") else None
    except (KeyError, TypeError, ValueError, OSError, pa.ArrowException):
        raise InputError(f"{path} is not a predictions file; run adverts evaluate again") from None


def _columns(values: Callable[[str], Any]) -> dict[str, Any]:
    """Return all columns of context by field name, as keyword arguments of a constructor."""
    lists = {name: values(name) for name in _LISTS}
    return lists | {name: np.array(values(name), dtype=bool) for name in _FLAGS}


def _arrow_type(column: str) -> pa.DataType:
    import pyarrow as pa

    if column in _FLAGS:
        return pa.bool_()
    return pa.int64() if column == "characters" else pa.string()


def _to_lists(values: NDArray[np.float64]) -> pa.Array:
    import pyarrow as pa

    width = values.shape[1]
    offsets = np.arange(0, values.size + 1, width, dtype=np.int32)
    return pa.ListArray.from_arrays(offsets, values.ravel())


def _from_lists(
    table: pa.Table, prefix: str, tasks: Sequence[Task]
) -> dict[str, NDArray[np.float64]]:
    found = {}
    for task in tasks:
        name = f"{prefix}.{task.name}"
        if name in table.column_names:
            flat = table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False)
            width = task.num_labels if prefix == "probabilities" else task.num_logits
            found[task.name] = flat.astype(np.float64).reshape(-1, width)
    return found
