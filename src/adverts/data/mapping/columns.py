"""Checks the mapping of source columns, and makes ids for adverts that have none."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from adverts.config.data import ColumnsConfig, DataConfig, ImageFolderSource
from adverts.data.mapping.label_cells import LabelPlan
from adverts.data.sources.bad_rows import BadRow, reason_of
from adverts.data.sources.formats.header import is_name, shown_names
from adverts.data.sources.image_folder import FOLDER_ID, FOLDER_IMAGE
from adverts.data.sources.raw_rows import SOURCE_FILE, RawRow
from adverts.errors import InputError

_COMPARED = 1_000


def effective_columns(config: DataConfig) -> ColumnsConfig:
    """Return the columns of a config, including those that a folder of pictures always has.

    Raises:
        InputError: The split needs a column that is not mapped, or neither text nor image is.
    """
    columns = config.columns
    if isinstance(config.source, ImageFolderSource):
        columns = columns.model_copy(update={"id": FOLDER_ID, "image": FOLDER_IMAGE})
    if config.split.kind == "given" and columns.split is None:
        raise InputError("data.split.kind=given needs data.columns.split, the column of splits")
    if config.split.kind == "later" and columns.posted_week is None:
        raise InputError(
            "data.split.kind=later needs data.columns.posted_week, the column of weeks"
        )
    if config.split.kind == "leave_one_out" and columns.group is None:
        raise InputError(
            "data.split.kind=leave_one_out needs data.columns.group, the column of groups"
        )
    if columns.text is None and columns.image is None:
        raise InputError("data.columns: text, image or both must name a column")
    return columns


def require_columns(
    config: DataConfig, columns: ColumnsConfig, plans: Sequence[LabelPlan], there: Collection[str]
) -> None:
    """Refuse a mapping to columns that a source does not have.

    Args:
        config: Configuration of the dataset.
        columns: Columns as returned by :func:`effective_columns`.
        plans: How each task's labels are found.
        there: Columns of the source.

    Raises:
        InputError: A column is missing; the message names every such column and its nearest match.
    """
    mapped = {f"data.columns.{k}": v for k, v in columns.model_dump().items()}
    if not config.unlabelled:
        mapped |= {
            f"column of task {plan.task.name}{f', annotator {number}' * bool(plan.further)}": column
            for plan in plans
            for number, column in enumerate(plan.columns, start=1)
        }
    faults = [
        f"{key}={name!r} is not a column{nearest(name, [one for one in there if is_name(one)])}"
        for key, name in mapped.items()
        if name is not None and name not in there
    ]
    if faults:
        shown = shown_names(sorted(set(there) - {SOURCE_FILE}))
        told = "; ".join(faults)
        stop = "" if told.endswith("?") else "."
        raise InputError(f"{told}{stop} The source has the columns {shown}")


def nearest(name: str, names: Collection[str]) -> str:
    """Return a hint at the name that is most like another one; empty if none is like it."""
    lowered = {other.lower().strip(): other for other in sorted(names)[:_COMPARED]}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.5)
    return f"; did you mean {lowered[near[0]]!r}?" if near else ""


def with_ids(rows: Iterable[RawRow | BadRow], columns: ColumnsConfig) -> Iterator[RawRow | BadRow]:
    """Yield rows with ids that do not change if rows come, go or move, or labels are repaired.

    Adverts with the same text and picture are numbered in their order. If there is one fewer of
    them, the last id is gone.

    Args:
        rows: Rows of a source without a column of ids.
        columns: Names the columns of caption and picture.
    """
    meant = [name for name in (columns.text, columns.image) if name is not None]
    seen: Counter[str] = Counter()
    for raw in rows:
        if isinstance(raw, BadRow):
            yield raw
            continue
        try:
            content = repr([raw.values.get(name) for name in meant])
        except Exception as error:  # such as lists nested too deep: a fault of this row only
            yield BadRow(raw.file, raw.row, "", reason_of(error))
            continue
        made = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[made] += 1
        yield replace(raw, made_id=made if seen[made] == 1 else f"{made}-{seen[made]}")
