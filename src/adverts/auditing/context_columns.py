"""Columns of facts about an advert other than its content, which should not predict its label."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from adverts.arrays import Ints
from adverts.auditing.audited_adverts import AuditedAdverts
from adverts.inputs.pixels import FORMATS
from adverts.work.progress import Progress

_NAMED = ("split", "platform", "posted_week", "stratum", "account", "campaign", "ocr_engine")
_MISSING = "(missing)"
_BINS = 10
_MAX_VALUES = 50


@dataclass(frozen=True, slots=True, eq=False)
class AuditedColumn:
    """One column, divided into bins.

    Attributes:
        name: Name of the column.
        bins: Bin of each advert, ``(N,)``, from 0 without a gap. A number has bins of quantiles, a
            name has one for each value and one for all rare values; missing values have their own.
    """

    name: str
    bins: Ints

    @property
    def num_bins(self) -> int:
        """Number of bins."""
        return int(self.bins.max(initial=-1)) + 1


def columns_of(subject: AuditedAdverts, watch: Progress) -> tuple[AuditedColumn, ...]:
    """Return every column with two bins or more; ``watch`` shows the progress.

    Columns that were made from labels are left out, such as the campaigns of a bank, which only
    adverts with the positive label can be in.
    """
    table = subject.table
    names: dict[str, Sequence[object]] = {
        "language": table.langs,
        "script": table.scripts,
        "reviewed": table.reviewed.tolist(),
        "picture present": table.has_image.tolist(),
        "text present": [bool(text.strip()) for text in table.texts],
        **{name: table.values(name) for name in _NAMED if name not in subject.of_labels},
    }
    numbers: dict[str, Sequence[float | None]] = {
        "text length": [len(text) for text in table.texts],
        "picture text length": [None if t is None else len(t) for t in table.ocr_texts],
        "OCR confidence": table.values("ocr_confidence"),  # type: ignore[dict-item]
        "smallest text of pictures": table.values("ocr_smallest_text_px"),  # type: ignore[dict-item]
        "sharpness of their text": table.values("ocr_sharpness"),  # type: ignore[dict-item]
        "lines not read": table.values("ocr_unread_lines"),  # type: ignore[dict-item]
        "inclusion probability": table.values("inclusion_probability"),  # type: ignore[dict-item]
        **_pictures(subject, watch),
    }
    columns = [AuditedColumn(name, bins_of_names(values)) for name, values in names.items()]
    columns += [AuditedColumn(name, bins_of_numbers(values)) for name, values in numbers.items()]
    return tuple(column for column in columns if column.num_bins > 1)


def bins_of_names(values: Sequence[object]) -> Ints:
    """Return a bin for each value; all values beyond the 50 commonest share one bin."""
    words = np.array([_MISSING if value is None else f"={value}" for value in values], dtype=str)
    found, places, counts = np.unique(words, return_inverse=True, return_counts=True)
    rank = np.empty(len(found), np.int64)
    rank[np.lexsort((found, -counts))] = np.arange(len(found))
    return np.minimum(rank[places], _MAX_VALUES)


def bins_of_numbers(values: Sequence[float | None]) -> Ints:
    """Return the bin of each number, in bins of about equal size; missing ones have the last."""
    numbers = np.array([np.nan if value is None else value for value in values], np.float64)
    known = ~np.isnan(numbers)
    if not known.any():
        return np.zeros(len(numbers), np.int64)
    edges = np.unique(np.quantile(numbers[known], np.arange(1, _BINS) / _BINS))
    bins = np.searchsorted(edges, numbers, side="left")
    bins[~known] = len(edges) + 1
    _, dense = np.unique(bins, return_inverse=True)
    return dense.astype(np.int64)


def _pictures(subject: AuditedAdverts, watch: Progress) -> Mapping[str, Sequence[float | None]]:
    """Return the number of pictures and the size of the first, by column; None without any."""
    names = ("pictures", "picture width", "picture height", "picture bytes")
    found: dict[str, list[float | None]] = {name: [None] * len(subject.table) for name in names}
    rows = np.flatnonzero(subject.table.has_image).tolist()
    for row in watch(rows, "pictures"):
        pictures = subject.table.images(row)
        with Image.open(io.BytesIO(pictures[0]), formats=FORMATS) as image:
            width, height = image.size
        told = (len(pictures), width, height, len(pictures[0]))
        for name, value in zip(names, told, strict=True):
            found[name][row] = float(value)
    return found
