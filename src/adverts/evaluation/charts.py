"""Plots as inline SVG: a few lines, written here, styled by the page, small and sharp in print."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from adverts.evaluation.bootstrap import Estimate
from adverts.evaluation.curves import PrecisionRecall, Reliability

_WIDTH, _HEIGHT = 360, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 12, 44
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_BAR_WIDTH, _BAR_HEIGHT = 310, 22

Point = tuple[float, float]


def precision_recall_chart(curves: Sequence[PrecisionRecall], prevalence: float | None) -> str:
    """Draw precision over recall, the judged model first with its band, then its references."""
    parts = [_frame("Recall: share of positives flagged", "Precision: share of flagged positive")]
    if prevalence is not None:
        ends = [(0.0, prevalence), (1.0, prevalence)]
        parts.append(f'<path class="chance" d="{_path(ends)}"/>')
    for index, curve in enumerate(curves):
        band = [*zip(curve.recall, curve.high, strict=True)]
        band += reversed([*zip(curve.recall, curve.low, strict=True)])
        parts.append(f'<path class="band m{index}" d="{_path(band)}Z"/>')
    for index, curve in reversed([*enumerate(curves)]):
        line = [*zip(curve.recall, curve.precision, strict=True)]
        parts.append(f'<path class="line m{index}" d="{_path(line)}"/>')
    names = " and ".join(curve.model for curve in curves)
    return _svg(f"Precision over recall of {names}, with 95 % bands", "".join(parts))


def reliability_chart(found: Reliability) -> str:
    """Draw the true share of positives over the stated probability, one dot for each bin."""
    parts = [_frame("Stated probability", "True share of positives")]
    parts.append(f'<path class="chance" d="{_path([(0.0, 0.0), (1.0, 1.0)])}"/>')
    dots = [(one.mean_probability, one.positive_share) for one in found.bins]
    parts.append(f'<path class="line m0" d="{_path(dots)}"/>')
    for one, (x, y) in zip(found.bins, map(_place, dots), strict=True):
        said, true = f"{one.mean_probability:.2f}", f"{one.positive_share:.2f}"
        hint = f"<title>{one.count} adverts: stated {said}, true {true}</title>"
        parts.append(f'<circle class="dot m0" cx="{x:.1f}" cy="{y:.1f}" r="4">{hint}</circle>')
    return _svg(f"Reliability of {found.model}", "".join(parts))


def interval_bar(model: Estimate, reference: Estimate | None = None) -> str:
    """Draw one figure in [0, 1] with its interval, and a reference's as a hollow mark."""
    middle = _BAR_HEIGHT / 2
    parts = [f'<path class="rail" d="M0 {middle}H{_BAR_WIDTH}"/>']
    parts += [f'<path class="grid" d="M{_BAR_WIDTH * t:g} 3V{_BAR_HEIGHT - 3}"/>' for t in _TICKS]
    if reference is not None and reference.value is not None:
        x = _along(reference.value)
        parts.append(f'<path class="mark m1" d="M{x:.1f} 4V{_BAR_HEIGHT - 4}"/>')
    if model.low is not None and model.high is not None:
        low, high = _along(model.low), _along(model.high)
        parts.append(f'<path class="reach m0" d="M{low:.1f} {middle}H{high:.1f}"/>')
    if model.value is not None:
        x = _along(model.value)
        parts.append(f'<circle class="dot m0" cx="{x:.1f}" cy="{middle}" r="4"/>')
    size = f"-5 0 {_BAR_WIDTH + 10} {_BAR_HEIGHT}"
    return f'<svg class="bar" viewBox="{size}" aria-hidden="true">{"".join(parts)}</svg>'


def _along(value: float) -> float:
    return _BAR_WIDTH * min(max(value, 0.0), 1.0)


def _place(point: Point) -> Point:
    x, y = point
    return (
        _LEFT + x * (_WIDTH - _LEFT - _RIGHT),
        _HEIGHT - _BOTTOM - y * (_HEIGHT - _TOP - _BOTTOM),
    )


def _path(points: Sequence[Point]) -> str:
    placed = (f"{x:.1f} {y:.1f}" for x, y in map(_place, points))
    return "M" + "L".join(placed)


def _frame(x_title: str, y_title: str) -> str:
    parts = []
    for tick in _TICKS:
        x, y = _place((tick, tick))
        parts.append(f'<path class="grid" d="{_path([(tick, 0.0), (tick, 1.0)])}"/>')
        parts.append(f'<path class="grid" d="{_path([(0.0, tick), (1.0, tick)])}"/>')
        parts.append(_text("tick", x, _HEIGHT - 28, f"{tick:g}"))
        parts.append(_text("tick", _LEFT - 7, y + 4, f"{tick:g}", anchor="end"))
    across, down = _place((0.5, 0.5))
    parts.append(_text("axis", across, _HEIGHT - 8, x_title))
    parts.append(_text("axis", 11, down, y_title, turned=True))
    return "".join(parts)


def _text(
    kind: str, x: float, y: float, words: str, *, anchor: str = "middle", turned: bool = False
) -> str:
    turn = f' transform="rotate(-90 {x:g} {y:.1f})"' if turned else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'


def _svg(label: str, content: str) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{content}</svg>'
    )
