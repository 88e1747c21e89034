"""Bars of figures with their intervals, all on one scale from 0, and the scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from adverts.evaluation.report.bars import interval_bar
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.labelled.unsure import scaled
from adverts_findings.survey.reports.sentences import lack

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH, _HEIGHT = 310, 16
_NICE = (1, 2, 4, 8, 10)  # each quarter of these is a short number


def scale_end(found: Iterable[Estimate], *, least: float = 0.0) -> float:
    """Return a round number that is not below the end of any interval."""
    highest = max((one.high or 0.0 for one in found if lack(one) is None), default=0.0)
    highest = max(highest, least, 1.0)
    power = 10.0 ** math.floor(math.log10(highest))
    return next(one * power for one in _NICE if one * power >= highest * (1 - 1e-9))


def bar(found: Estimate, end: float, expected: float | None = None) -> Markup:
    """Return a bar with a figure and its interval; a dotted mark is the expected number."""
    from markupsafe import Markup

    if lack(found) is not None:
        return Markup("")
    whole = None if expected is None else expected / end
    return Markup(interval_bar(scaled(found, 1 / end), None, whole))  # it holds numbers alone


def scale(end: float) -> Markup:
    """Return the scale above bars, with a number at both ends and in the middle."""
    from markupsafe import Markup

    parts = [
        f'<text class="tick" x="{_WIDTH * share:g}" y="12" text-anchor="{anchor}">'
        f"{escape(f'{end * share:,.4g}' if end < 4 else f'{end * share:,.0f}')}</text>"
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end"))
    ]
    size = f"-5 0 {_WIDTH + 10} {_HEIGHT}"
    return Markup(f'<svg class="bar" viewBox="{size}" aria-hidden="true">{"".join(parts)}</svg>')
