"""Families that stand in several splits of a source: reported, refused, or mended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

from adverts.advert import SPLITS, Split
from adverts.errors import InputError


def settle_leaks(
    splits: Sequence[Split], families: Sequence[str], *, leakage: Literal["fail", "report", "drop"]
) -> list[Split | None]:
    """Return the splits of a source as they are used; None where an advert is left out.

    A family leaks where it stands in ``train`` and in another split, or in ``validation`` and in
    ``test``. What is judged on stays whole: ``drop`` leaves adverts out of the split before it.

    Raises:
        InputError: A family leaks, and ``leakage`` is ``fail``.
    """
    places = _places(splits, families)
    leaks = [
        SPLITS.index(split) < max(places[family])
        for split, family in zip(splits, families, strict=True)
    ]
    if not any(leaks) or leakage == "report":
        return list(splits)
    if leakage == "fail":
        told = " and ".join(
            f"{number} {split}" for split, number in split_overlap(splits, families).items()
        )
        raise InputError(
            f"{told} adverts have a copy or near-duplicate in an earlier split, so "
            "figures on them would be too good; set data.split.leakage=drop to leave "
            f"{sum(leaks)} adverts out of train and validation, or =report to keep the split"
        )
    kept = [None if leak else split for split, leak in zip(splits, leaks, strict=True)]
    emptied = [split for split in SPLITS if split in splits and split not in kept]
    if emptied:
        raise InputError(
            f"data.split.leakage=drop leaves nothing in {emptied[0]}: every advert there has a "
            "copy or near-duplicate in a later split; split it anew (data.split.kind=made)"
        )
    return kept


def split_overlap(splits: Sequence[Split | None], families: Sequence[str]) -> dict[str, int]:
    """Count the adverts of each split whose family also stands in an earlier one.

    Args:
        splits: Of each advert; None where it stands in none.
        families: Of each advert.
    """
    places = _places(splits, families)
    copies = Counter(
        split
        for split, family in zip(splits, families, strict=True)
        if split is not None and min(places[family]) < SPLITS.index(split)
    )
    return dict(sorted(copies.items()))


def _places(splits: Sequence[Split | None], families: Sequence[str]) -> dict[str, set[int]]:
    """Return in which splits each family stands, as indices of ``SPLITS``."""
    places: dict[str, set[int]] = defaultdict(set)
    for split, family in zip(splits, families, strict=True):
        if split is not None:
            places[family].add(SPLITS.index(split))
    return places
