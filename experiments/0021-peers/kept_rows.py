"""Keep the rows of an earlier record where this machine has no predictions.

A row is named ``PLACE, MODEL``, and a comparison ``PLACE, ours − MODEL``. The place is a dataset,
or a dataset and a number of labels a class. A place that was measured again replaces all of its
earlier rows, because rows of one table are compared on the same predictions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

from adverts.errors import InputError

Row = dict[str, object]


class Record(TypedDict):
    """What a table is made of, and how it was measured."""

    data_hashes: dict[str, str]
    models: dict[str, object]
    metrics: dict[str, str]
    arms: list[Row]
    comparisons: list[Row]
    caption: str


def read_earlier(path: Path) -> Record:
    """Return the record at this path, or one without rows where there is no file."""
    if not path.is_file():
        return Record(data_hashes={}, models={}, metrics={}, arms=[], comparisons=[], caption="")
    earlier: Record = json.loads(path.read_text(encoding="utf-8"))
    return earlier


def with_kept_rows(earlier: Record, measured: Record) -> Record:
    """Return the measured record, with the rows of all places that it does not have.

    Places stand in the order of the earlier record, and new ones after them.

    Raises:
        InputError: A dataset was prepared otherwise than for the earlier record.
    """
    _check_hashes(earlier["data_hashes"], measured["data_hashes"])
    again = {_place(row) for row in measured["arms"]}
    order = list(dict.fromkeys(map(_place, [*earlier["arms"], *measured["arms"]])))

    def both(old: list[Row], new: list[Row]) -> list[Row]:
        kept = [row for row in old if _place(row) not in again]
        return sorted([*kept, *new], key=lambda row: order.index(_place(row)))

    return Record(
        data_hashes=earlier["data_hashes"] | measured["data_hashes"],
        models=earlier["models"] | measured["models"],
        metrics=measured["metrics"],
        arms=both(earlier["arms"], measured["arms"]),
        comparisons=both(earlier["comparisons"], measured["comparisons"]),
        caption=measured["caption"],
    )


def _place(row: Row) -> str:
    return str(row["name"]).rpartition(", ")[0]


def _check_hashes(earlier: dict[str, str], measured: dict[str, str]) -> None:
    for name, found in measured.items():
        wanted = earlier.get(name, found)
        if found != wanted:
            raise InputError(
                f"{name}: prepared as {found[:12]}, but the earlier rows are of {wanted[:12]}; "
                "prepare it as the README says"
            )
