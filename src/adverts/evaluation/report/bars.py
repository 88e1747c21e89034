"""Draw bars for cells of tables, and choose the colours of a heat map."""

from __future__ import annotations

from adverts.evaluation.statistics.bootstrap import Estimate

_WIDTH, _HEIGHT = 310, 22
_MIDDLE = _HEIGHT / 2
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_HEAT = (
    (255, 251, 245),
    (247, 173, 96),
    (122, 36, 2),
)  # they differ in lightness, so also without colour
_INK, _PAPER = (0, 0, 0), (255, 255, 255)  # one of the two has a contrast of 4.58 on any colour
_LINEAR_BELOW = 0.03928


def interval_bar(
    model: Estimate, reference: Estimate | None = None, whole: float | None = None
) -> str:
    """Draw one figure in [0, 1] with its interval.

    Args:
        model: Figure of the judged model.
        reference: Figure of another model, drawn as an upright mark.
        whole: The same figure on all adverts, drawn as a dashed line.
    """
    parts = [f'<path class="rail" d="M0 {_MIDDLE}H{_WIDTH}"/>']
    parts += [f'<path class="grid" d="M{_WIDTH * t:g} 3V{_HEIGHT - 3}"/>' for t in _QUARTERS]
    if whole is not None:
        parts.append(f'<path class="chance" d="M{_along(whole):.1f} 0V{_HEIGHT}"/>')
    if reference is not None and reference.value is not None:
        x = _along(reference.value)
        parts.append(f'<path class="mark m1" d="M{x:.1f} 4V{_HEIGHT - 4}"/>')
    if model.low is not None and model.high is not None:
        parts.append(_reach(_along(model.low), _along(model.high)))
    if model.value is not None:
        parts.append(_dot(_along(model.value)))
    return _svg("".join(parts))


def difference_bar(gap: Estimate, *, end: float, relevant: float | None = None) -> str:
    """Draw a difference with its interval around 0.

    Args:
        gap: The difference.
        end: Value at the right end of the bar; the left end is ``-end``.
        relevant: Smallest relevant difference, drawn as a shaded band on both sides of 0.
    """
    parts = []
    if relevant is not None:
        left, right = _around(-relevant, end), _around(relevant, end)
        width = right - left
        parts.append(
            f'<rect class="relevant" x="{left:.1f}" y="2" width="{width:.1f}" height="18"/>'
        )
    parts.append(f'<path class="rail" d="M0 {_MIDDLE}H{_WIDTH}"/>')
    parts.append(f'<path class="zero" d="M{_WIDTH / 2:g} 0V{_HEIGHT}"/>')
    if gap.low is not None and gap.high is not None:
        parts.append(_reach(_around(gap.low, end), _around(gap.high, end)))
    if gap.value is not None:
        parts.append(_dot(_around(gap.value, end)))
    return _svg("".join(parts))


def heat_style(harm: float) -> str:
    """Return the CSS colours of a cell, darker for more harm, with a contrast of at least 4.5.

    Args:
        harm: From 0, none, to 1; values beyond are clipped.
    """
    place = 2 * min(max(harm, 0.0), 1.0)
    low, high = _HEAT[:2] if place < 1 else _HEAT[1:]
    share = place % 1 if place < 2 else 1.0
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(low, high, strict=True))
    back = (red, green, blue)
    ink = max(_INK, _PAPER, key=lambda colour: contrast(colour, back))
    return f"background:{_hex(back)};color:{_hex(ink)}"


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Return the contrast of two colours, from 1 to 21.

    Source: W3C, Web Content Accessibility Guidelines 2.1, "relative luminance", "contrast ratio".
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= _LINEAR_BELOW else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _hex(colour: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{value:02x}" for value in colour)


def _along(value: float) -> float:
    return _WIDTH * min(max(value, 0.0), 1.0)


def _around(value: float, end: float) -> float:
    return _along(0.5 + value / (2 * end))


def _reach(low: float, high: float) -> str:
    return f'<path class="reach m0" d="M{low:.1f} {_MIDDLE}H{high:.1f}"/>'


def _dot(x: float) -> str:
    return f'<circle class="dot m0" cx="{x:.1f}" cy="{_MIDDLE}" r="4"/>'


def _svg(content: str) -> str:
    size = f"-5 0 {_WIDTH + 10} {_HEIGHT}"
    return f'<svg class="bar" viewBox="{size}" aria-hidden="true">{content}</svg>'
