"""Divide adverts into groups that are judged one by one: by language, length, time and so on."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.runtime.rules.coverage import UNKNOWN

CELL = "language, script and modality"
"""The dimension by which a gate says where a model is fit for use."""
CAMPAIGN_DIMENSION = "campaign"
CAMPAIGN = ("new", "seen before")
"""Whether others of an advert's family taught or chose the model."""
LENGTHS = {50: "under 50 characters", 200: "50 to 199 characters", 1000: "200 to 999 characters"}
LONGEST = "1,000 characters or more"
_MONTHS_SHOWN = 6  # more months than that are shown as quarters

Names = Sequence[str | None]


def dimensions(context: Predictions) -> Mapping[str, Names]:
    """Return, for each way of dividing adverts, the group of each; None where it is not known."""
    return {
        "language": context.langs,
        "language as identified": context.identified_langs,
        "script": context.scripts,
        "platform": context.platforms,
        "modality": context.modalities,
        CELL: cells(context),
        "OCR quality": context.readings,
        "length": [length_band(count) for count in context.characters],
        "time": times(context.weeks),
        CAMPAIGN_DIMENSION: [
            CAMPAIGN[bool(seen)] if seen or known else None
            for seen, known in zip(context.seen, context.seen_known, strict=True)
        ],
    }


def cells(context: Predictions) -> Names:
    """Return language, script and modality of each advert: what a gate may leave to people."""
    return [
        f"{lang or UNKNOWN}, {script or UNKNOWN}, {modality}"
        for lang, script, modality in zip(
            context.langs, context.scripts, context.modalities, strict=True
        )
    ]


def length_band(characters: int) -> str:
    """Return the band of a length: its ends are fixed, so that two sets can be compared."""
    return next((name for end, name in LENGTHS.items() if characters < end), LONGEST)


def times(weeks: Names) -> Names:
    """Return the month, as in ``2026-03``, of each ISO week; the quarter where months are many.

    A week belongs to the month of its Thursday. What is no ISO week is not known.
    """
    days = [_thursday(week) for week in weeks]
    months = [None if day is None else f"{day.year}-{day.month:02d}" for day in days]
    if len(set(months) - {None}) <= _MONTHS_SHOWN:
        return months
    return [None if day is None else f"{day.year}-Q{(day.month + 2) // 3}" for day in days]


def _thursday(week: str | None) -> datetime.date | None:
    try:
        return datetime.datetime.strptime(f"{week}-4", "%G-W%V-%u").date()
    except ValueError:
        return None
