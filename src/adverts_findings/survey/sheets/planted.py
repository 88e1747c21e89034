"""Adverts with known truth that are put among those of a sample, to know how reviewers err."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from adverts.arrays import Bools
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.errors import InputError
from adverts_findings.survey.sample import Planted
from adverts_findings.survey.sheets.items import Item, item_of

NEGATIVE = 3
"""Quarters of planted adverts that are negative: false alarms cost most where little is there."""


def plant(
    prepared: Path, number: int, *, task: str, taken: Container[str], seed: int
) -> list[tuple[Planted, Item]]:
    """Draw labelled adverts of a prepared dataset, a quarter of them positive.

    Only adverts that may count in a headline figure, and about whose label people agree, are drawn:
    at most one of a cluster.

    Args:
        prepared: The dataset.
        number: How many.
        task: Headline task of the model, which the dataset must have.
        taken: Names of items that are drawn already.
        seed: Seed of the draw.

    Raises:
        InputError: The dataset lacks the task, or has too few such adverts.
    """
    table = open_prepared(prepared).split("all")
    if task not in [one.name for one in table.schema.tasks]:
        raise InputError(
            f"planted: {prepared} has no task {task}, which the bundle answers; give a dataset "
            "with the same labels"
        )
    order = np.random.default_rng([seed, 4]).permutation(len(table))
    used: set[str] = set()
    found: list[tuple[Planted, Item]] = []
    for positive, wanted in (
        (True, number - NEGATIVE * number // 4),
        (False, NEGATIVE * number // 4),
    ):
        sure = _agreed(table, task, positive=positive)
        chosen: list[tuple[Planted, Item]] = []
        for row in order[sure[order]].tolist():
            if len(chosen) == wanted:
                break
            item = item_of(table, row)
            if item.name not in taken and table.clusters[row] not in used and _readable(item):
                used.add(table.clusters[row])
                chosen.append((Planted(item.name, positive), item))
        if len(chosen) < wanted:
            raise InputError(
                f"planted: {prepared} has {len(chosen)} {'positive' if positive else 'negative'} "
                f"adverts in clusters of their own, {wanted} are wanted; plant fewer, or give a "
                "larger dataset"
            )
        found += chosen
    return found


def without_tells(
    planted: Sequence[tuple[Planted, Item]], drawn: Sequence[Item]
) -> list[tuple[Planted, Item]]:
    """Return planted adverts without what none of those drawn has, which would tell them apart.

    A dataset may know languages, or words on pictures, where the scores do not.
    """
    languages = any(one.language for one in drawn)
    words = any(one.picture_text for one in drawn)
    return [
        (
            known,
            replace(
                item,
                language=item.language if languages else "",
                picture_text=item.picture_text if words else "",
            ),
        )
        for known, item in planted
    ]


def _agreed(table: AdvertTable, task: str, *, positive: bool) -> Bools:
    """Return whether people agree that each advert is positive, or that it is negative."""
    share = table.targets[task][:, table.schema.task(task).positive_index]
    return np.asarray((share == float(positive)) & table.reviewed)


def _readable(item: Item) -> bool:
    return bool(item.text or item.picture_text or item.pictures)
