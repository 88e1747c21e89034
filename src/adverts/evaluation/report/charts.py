"""Draw the plots of a report as small inline SVG, styled by the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from adverts.evaluation.figures.budgets import BudgetFigures
from adverts.evaluation.figures.curves import PrecisionRecall, Reliability, RocCurve
from adverts.evaluation.figures.score_histogram import ScoreBin, ScoreHistogram, log_odds

_WIDTH, _HEIGHT = 360, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 12, 44
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_PROBABILITIES = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
_FEW_HEIGHT = 0.04
_BUDGETS = 4  # a desk may have a few times its budget; more is drawn under its own section
_LOG_ODDS_AXIS = "Probability, on a log-odds scale"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Names of both axes, and the largest value of the horizontal one; the vertical ends at 1."""

    across: str
    up: str
    end: float = 1.0


def precision_recall_chart(curves: Sequence[PrecisionRecall], prevalence: float | None) -> str:
    """Draw precision over recall with bands, the judged model first, then its references."""
    axes = _Axes(
        "Recall: share of positives flagged", "Precision: share of flagged that are positive"
    )
    chance = () if prevalence is None else ((0.0, prevalence), (1.0, prevalence))
    drawn = [(c.recall, c.precision, c.low, c.high) for c in curves]
    return _svg(
        f"Precision over recall of {_names(curves)}, with 95 % bands; the numbers follow",
        _frame(axes) + _dashed(axes, chance) + _banded(axes, drawn),
    )


def roc_chart(curves: Sequence[RocCurve]) -> str:
    """Draw recall over the false-positive rate with bands, the judged model first."""
    axes = _Axes("False-positive rate: share of the others flagged", "Recall")
    drawn = [(c.false_positive_rate, c.recall, c.low, c.high) for c in curves]
    return _svg(
        f"Recall over false-positive rate of {_names(curves)}, with 95 % bands; the numbers follow",
        _frame(axes) + _dashed(axes, ((0.0, 0.0), (1.0, 1.0))) + _banded(axes, drawn),
    )


def reliability_chart(found: Reliability, before: Reliability | None = None) -> str:
    """Draw the true share of positives over the stated probability, one dot for each bin.

    Args:
        found: Probabilities as the model states them now.
        before: Probabilities before calibration, drawn behind; None: not drawn.
    """
    axes = _Axes("Stated probability", "True share of positives")
    parts = [_frame(axes), _dashed(axes, ((0.0, 0.0), (1.0, 1.0)))]
    for kind, one in (("m1", before), ("m0", found)):
        if one is None:
            continue
        dots = [(bin.mean_probability, bin.positive_share) for bin in one.bins]
        parts.append(f'<path class="line {kind}" d="{_path(axes, dots)}"/>')
        for bin, dot in zip(one.bins, dots, strict=True):
            said, true = f"{bin.mean_probability:.2f}", f"{bin.positive_share:.2f}"
            parts.append(_dot(axes, kind, dot, f"{bin.count} adverts: stated {said}, true {true}"))
    told = "" if before is None else ", before and after calibration"
    return _svg(f"Reliability of {found.model}{told}; the numbers follow", "".join(parts))


def budget_chart(figures: Sequence[BudgetFigures]) -> str:
    """Draw the share of a day's positives that one desk finds over the adverts it reviews.

    Args:
        figures: Figures of one desk, one for each unit, each with a curve.
    """
    desk = figures[0].desk
    end = max([float(desk.reviews), *(x for one in figures for x, _ in one.curve)])
    axes = _Axes("Reviews a day", "Recall: share of positives found", end)
    parts = [_frame(axes), _dashed(axes, ((desk.reviews, 0.0), (desk.reviews, 1.0)))]
    for index, one in reversed([*enumerate(figures)]):
        parts.append(f'<path class="line m{index}" d="{_path(axes, one.curve)}"/>')
        if one.recall.value is not None:
            hint = f"{desk.reviews:,} reviews find {one.recall.value:.3f}"
            parts.append(_dot(axes, f"m{index}", (desk.reviews, one.recall.value), hint))
    return _svg(
        f"Recall over reviews a day of desk {desk.name}; the numbers follow", "".join(parts)
    )


def queue_chart(one: BudgetFigures) -> str:
    """Draw what people who review the top of a list see: what they find, and how much is right.

    Args:
        one: Figures of a desk by post, with a curve.
    """
    desk, end = one.desk, min(_BUDGETS * float(one.desk.reviews), one.curve[-1][0])
    positives = desk.daily_adverts * desk.prevalence
    found = [(x, y) for x, y in one.curve if 0 < x <= end]
    right = [(x, min(1.0, y * positives / x)) for x, y in found]
    axes = _Axes("Adverts that people review a day", "Share", end)
    parts = [_frame(axes), _dashed(axes, ((desk.reviews, 0.0), (desk.reviews, 1.0)))]
    for kind, line, share in (("m1", right, one.precision), ("m0", found, one.recall)):
        parts.append(f'<path class="line {kind}" d="{_path(axes, line)}"/>')
        if share.value is not None:
            hint = f"{desk.reviews:,} reviews a day: {share.value:.2f}"
            parts.append(_dot(axes, kind, (desk.reviews, share.value), hint))
    return _svg(
        "Share of the positives that are found, and share of what is reviewed that is right, over "
        f"reviews a day of desk {desk.name}; the numbers are under Review budgets",
        "".join(parts),
    )


def score_chart(found: ScoreHistogram, thresholds: Sequence[tuple[str, float]]) -> str:
    """Draw how many adverts of each answer are scored low or high, and the frozen thresholds.

    The positives stand above the middle, the others hang below it, each on a scale of its own. The
    height is the square root of the share of the fullest bin, so that small numbers show. A bin
    whose number is hidden is drawn hollow, at one height.

    Args:
        found: Numbers of adverts by log-odds.
        thresholds: Names of thresholds with their probabilities.
    """
    odds = log_odds(np.array([value for _, value in thresholds], dtype=np.float64)).tolist()
    ends = [found.bins[0].low, found.bins[-1].high, *odds]
    left, right = math.floor(min(ends)), math.ceil(max(ends))
    parts = _score_ticks(left, right)
    for kind, side in (("m0", 1.0), ("m1", -1.0)):
        counts = [one.positives if side > 0 else one.others for one in found.bins]
        most = max([count for count in counts if count], default=1)
        for one, count in zip(found.bins, counts, strict=True):
            if count != 0:
                height = _FEW_HEIGHT if count is None else max(_FEW_HEIGHT, math.sqrt(count / most))
                box = _score_box(one, left, right, side * height)
                few = " few" if count is None else ""
                parts.append(f'<path class="stack {kind}{few}" d="{box}"/>')
    for index, (name, place) in enumerate(zip((name for name, _ in thresholds), odds, strict=True)):
        x = _across(place, left, right)
        parts.append(f'<path class="cut" d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}"/>')
        y = _TOP + 10 + 13 * (index % 2)
        anchor, apart = ("end", -4) if x > _WIDTH / 2 else ("start", 4)
        parts.append(_text("tick", x + apart, y, name, anchor=anchor))
    label = f"Scores of adverts that are “{found.label}”, above, and of the others, below"
    return _svg(f"{label}, with the frozen thresholds; the numbers follow", "".join(parts))


def _score_ticks(left: int, right: int) -> list[str]:
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts = [f'<path class="zero" d="M{_LEFT} {middle:g}H{_WIDTH - _RIGHT}"/>']
    for probability in _PROBABILITIES:
        odds = math.log(probability / (1 - probability))
        if left <= odds <= right:
            x = _across(odds, left, right)
            parts.append(f'<path class="grid" d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}"/>')
            parts.append(_text("tick", x, _HEIGHT - 28, f"{probability:g}"))
    parts.append(_text("axis", (_LEFT + _WIDTH) / 2, _HEIGHT - 8, _LOG_ODDS_AXIS))
    for place, words in ((0.25, "Positives"), (0.75, "Others")):
        y = _TOP + place * (_HEIGHT - _BOTTOM - _TOP)
        parts.append(_text("axis", 20, y, words, turned=True))
    return parts


def _across(odds: float, left: int, right: int) -> float:
    return _LEFT + (odds - left) / (right - left) * (_WIDTH - _LEFT - _RIGHT)


def _score_box(one: ScoreBin, left: int, right: int, height: float) -> str:
    half = (_HEIGHT - _BOTTOM - _TOP) / 2
    middle, reach = _TOP + half, height * (half - 14)
    start, end = (_across(odds, left, right) for odds in (one.low, one.high))
    return f"M{start + 0.5:.1f} {middle:g}v{-reach:.1f}H{end - 0.5:.1f}v{reach:.1f}Z"


def _banded(axes: _Axes, curves: Sequence[tuple[Sequence[float], ...]]) -> str:
    """Return curves ``(x, y, low, high)``, all bands behind all lines, the first curve on top."""
    bands, lines = [], []
    for index, (xs, ys, low, high) in enumerate(curves):
        band = [*zip(xs, high, strict=True), *reversed([*zip(xs, low, strict=True)])]
        bands.append(f'<path class="band m{index}" d="{_path(axes, band)}Z"/>')
        line = [*zip(xs, ys, strict=True)]
        lines.append(f'<path class="line m{index}" d="{_path(axes, line)}"/>')
    return "".join([*bands, *reversed(lines)])


def _dashed(axes: _Axes, points: Sequence[Point]) -> str:
    return f'<path class="chance" d="{_path(axes, points)}"/>' if points else ""


def _dot(axes: _Axes, kind: str, point: Point, hint: str) -> str:
    x, y = _place(axes, point)
    title = f"<title>{escape(hint)}</title>"
    return f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="4">{title}</circle>'


def _place(axes: _Axes, point: Point) -> Point:
    x, y = point
    return (
        _LEFT + x / axes.end * (_WIDTH - _LEFT - _RIGHT),
        _HEIGHT - _BOTTOM - y * (_HEIGHT - _TOP - _BOTTOM),
    )


def _path(axes: _Axes, points: Sequence[Point]) -> str:
    placed = (f"{x:.1f} {y:.1f}" for x, y in (_place(axes, point) for point in points))
    return "M" + "L".join(placed)


def _frame(axes: _Axes) -> str:
    parts = []
    for share in _QUARTERS:
        tick = share * axes.end
        x, y = _place(axes, (tick, share))
        up, along = ((tick, 0.0), (tick, 1.0)), ((0.0, share), (axes.end, share))
        parts.append(f'<path class="grid" d="{_path(axes, up)}"/>')
        parts.append(f'<path class="grid" d="{_path(axes, along)}"/>')
        told = f"{tick:g}" if axes.end <= 1 else f"{tick:,.0f}"
        if share == 1 and len(told) > 4:  # otherwise the end of a large number is cut
            parts.append(_text("tick", _WIDTH - 1, _HEIGHT - 28, told, anchor="end"))
        else:
            parts.append(_text("tick", x, _HEIGHT - 28, told))
        parts.append(_text("tick", _LEFT - 7, y + 4, f"{share:g}", anchor="end"))
    across, up_middle = _place(axes, (axes.end / 2, 0.5))
    parts.append(_text("axis", across, _HEIGHT - 8, axes.across))
    parts.append(_text("axis", 11, up_middle, axes.up, turned=True))
    return "".join(parts)


def _text(
    kind: str, x: float, y: float, words: str, *, anchor: str = "middle", turned: bool = False
) -> str:
    turn = f' transform="rotate(-90 {x:g} {y:.1f})"' if turned else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'


def _names(curves: Sequence[PrecisionRecall] | Sequence[RocCurve]) -> str:
    return " and ".join(curve.model for curve in curves)


def _svg(label: str, content: str) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{content}</svg>'
    )
