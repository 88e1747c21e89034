"""Divide adverts into groups that are judged separately, and measure the gap between groups."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.advert import ReadQuality
from adverts.arrays import Floats
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.statistics.bootstrap import LEVEL, MIN_DEFINED, Estimate
from adverts.runtime.rules.coverage import UNKNOWN

NO_PICTURE_READ = "no picture read"
NOTHING_READ = "no text read"
_BANDS = (
    (0.6, "low, confidence below 0.6"),
    (0.85, "middle, 0.6 to 0.85"),
    (float("inf"), "high, from 0.85 on"),
)
"""Upper end of the mean confidence, exclusive, and the name of the band."""
CELL = "language, script and modality"
"""The dimension by which a gate decides where a model is fit for use."""
CAMPAIGN_DIMENSION = "campaign"
CAMPAIGN = ("new", "seen before")
"""Whether other adverts of an advert's family were used to train or choose the model."""
LENGTHS = {50: "under 50 characters", 200: "50 to 199 characters", 1000: "200 to 999 characters"}
LONGEST = "1,000 characters or more"
_MONTHS_SHOWN = 6  # more months than that are shown as quarters

Names = Sequence[str | None]


def reading_band(quality: ReadQuality | None) -> str:
    """Return the OCR quality band of an advert; bands are fixed, so reports can be compared."""
    if quality is None:
        return NO_PICTURE_READ
    if quality.lines == quality.unread_lines:
        return NOTHING_READ
    return next(name for end, name in _BANDS if quality.confidence < end)


def dimensions(context: Predictions) -> Mapping[str, Names]:
    """Return, for each dimension, the group of each advert; None where it is unknown."""
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
    """Return language, script and modality of each advert, which a gate may leave to people."""
    return [
        f"{lang or UNKNOWN}, {script or UNKNOWN}, {modality}"
        for lang, script, modality in zip(
            context.langs, context.scripts, context.modalities, strict=True
        )
    ]


def length_band(characters: int) -> str:
    """Return the band of a length; bands are fixed, so that two sets can be compared."""
    return next((name for end, name in LENGTHS.items() if characters < end), LONGEST)


def times(weeks: Names) -> Names:
    """Return the month, as in ``2026-03``, of each ISO week; the quarter where months are many.

    A week belongs to the month of its Thursday. A value that is not an ISO week gives None.
    """
    days = [_thursday(week) for week in weeks]
    months = [None if day is None else f"{day.year}-{day.month:02d}" for day in days]
    if len(set(months) - {None}) <= _MONTHS_SHOWN:
        return months
    return [None if day is None else f"{day.year}-Q{(day.month + 2) // 3}" for day in days]


def _thursday(week: str | None) -> datetime.date | None:
    try:
        day = datetime.datetime.strptime(f"{week}-4", "%G-W%V-%u").date()
    except ValueError:
        return None
    # a week 53 of a year that has 52 is read as the first of the next year
    return day if day.isocalendar().week == int(str(week).partition("W")[2]) else None


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the worst group of a dimension is behind the best, for the judged model.

    Attributes:
        dimension: How the adverts are divided, e.g. ``language``.
        figure: Name of the figure. For a queue it is average precision at one prevalence for all
            groups; otherwise it would depend on how common positives are.
        groups: Number of groups with enough evidence; the others are not compared.
        worst: Name of the worst group; None where fewer than two have enough evidence.
        best: Name of the best group; None where fewer than two have enough evidence.
        difference: Best minus worst, on the same resamples. The interval is simultaneous over all
            pairs of groups, so it is valid although the two were picked by their figures.
    """

    dimension: str
    figure: str
    groups: int
    worst: str | None
    best: str | None
    difference: Estimate


def gap_of(
    dimension: str,
    figure: str,
    groups: Mapping[str, tuple[float, Floats]],
    *,
    lower_is_better: bool,
) -> Gap:
    """Return the gap between the worst and the best of some groups.

    Worst and best are picked by their figures, which also differ by chance. The interval is
    therefore simultaneous over all pairs of groups: the difference, plus or minus its standard
    error times the 95 % quantile, over resamples, of the largest error among all pairs.

    Args:
        dimension: How the adverts are divided.
        figure: Name of the figure.
        groups: Maps each group to its figure and that of each resample ``(R,)``, paired.
        lower_is_better: Whether a low figure is good.

    Source: Tukey's pairs with the bootstrap's quantile; Romano, Wolf, "Stepwise multiple testing
    as formalized data snooping", 2005, section 4.
    """
    names = sorted(name for name, (point, _) in groups.items() if not np.isnan(point))
    if len(names) < 2:
        which = "only one of them has" if names else "none of them has"
        lack = Estimate(None, reason=f"{which} enough evidence")
        return Gap(dimension, figure, len(names), None, None, lack)
    points = np.array([groups[name][0] for name in names])
    samples_RG = np.stack([groups[name][1] for name in names], axis=1)
    ends = int(points.argmin()), int(points.argmax())
    worst, best = ends[::-1] if lower_is_better else ends
    difference = _simultaneous(points, samples_RG, best, worst)
    return Gap(dimension, figure, len(names), names[worst], names[best], difference)


def _simultaneous(points: Floats, samples_RG: Floats, first: int, second: int) -> Estimate:
    gap = float(points[first] - points[second])
    defined = samples_RG[~np.isnan(samples_RG).any(axis=1)]
    if len(defined) < MIN_DEFINED * len(samples_RG):
        missing = 1 - len(defined) / len(samples_RG)
        return Estimate(gap, reason=f"no interval: undefined in {missing:.0%} of resamples")
    errors_RG = defined - points
    largest = np.zeros(len(defined))
    for one in range(len(points)):
        for other in range(one):
            error = errors_RG[:, one] - errors_RG[:, other]
            spread = error.std()
            if spread > 0:
                np.maximum(largest, np.abs(error) / spread, out=largest)
    reach = float(np.quantile(largest, LEVEL)) * float(
        (errors_RG[:, first] - errors_RG[:, second]).std()
    )
    if not reach:
        return Estimate(gap, reason="no interval: no resample differs, so too few errors to tell")
    return Estimate(gap, gap - reach, gap + reach)
