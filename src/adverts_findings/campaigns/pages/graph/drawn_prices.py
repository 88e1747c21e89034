"""Prices of a campaign over time as a picture: one strip for each currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from adverts_findings.campaigns.originals.originals import PriceWeek
from adverts_findings.campaigns.weeks import monday_of_week

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH, _HEIGHT, _LEFT, _TOP = 760, 96, 90, 22
_MOST_CURRENCIES = 4


def drawn_prices(prices: Sequence[PriceWeek]) -> Markup:
    """Return prices as SVG: a line from the least to the most of a week, and a dot at the median.

    Those of an unknown week are left out, and so are currencies after the four with most prices.
    It is empty where fewer than two weeks are known.

    Args:
        prices: Prices by currency and week.
    """
    from markupsafe import Markup

    timed = [one for one in prices if one.week]
    weeks = {one.week: monday_of_week(one.week).toordinal() for one in timed}
    if len(weeks) < 2:
        return Markup("")
    first, last = min(weeks.values()), max(weeks.values())
    across = {
        week: _LEFT + (_WIDTH - _LEFT - 16) * (monday - first) / (last - first)
        for week, monday in weeks.items()
    }
    named = _main_currencies(timed)
    strips = "".join(
        _strip([one for one in timed if one.currency == name], across, base=(place + 1) * _HEIGHT)
        for place, name in enumerate(named)
    )
    height = len(named) * _HEIGHT + _TOP
    ends = (
        f'<text class="tick" x="{_LEFT}" y="{height - 6}">{min(weeks)}</text>'
        f'<text class="tick" x="{_WIDTH - 10}" y="{height - 6}" text-anchor="end">'
        f"{max(weeks)}</text>"
    )
    return Markup(
        f'<svg class="prices" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Prices by '
        f'week and currency; the table names them">{strips}{ends}</svg>'
    )


def _main_currencies(prices: Sequence[PriceWeek]) -> Sequence[str]:
    counts: dict[str, int] = {}
    for one in prices:
        counts[one.currency] = counts.get(one.currency, 0) + one.prices
    return sorted(counts, key=lambda one: (-counts[one], one))[:_MOST_CURRENCIES]


def _strip(prices: Sequence[PriceWeek], across: Mapping[str, float], *, base: int) -> str:
    most = max(one.most for one in prices) or 1.0
    marks = []
    for one in prices:
        x = across[one.week]
        low, middle, high = (
            base - (_HEIGHT - _TOP) * value / most for value in (one.least, one.middle, one.most)
        )
        marks.append(
            f'<path d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
            f'<circle cx="{x:.1f}" cy="{middle:.1f}" r="3.5"/>'
        )
    name = f'<text class="axis" x="0" y="{base}">{escape(prices[0].currency)}</text>'
    top = f'<text class="tick" x="0" y="{base - _HEIGHT + _TOP + 4}">{most:,.0f}</text>'
    rail = f'<path class="rail" d="M{_LEFT} {base + 0.5}H{_WIDTH}"/>'
    return f"{rail}{name}{top}{''.join(marks)}"
