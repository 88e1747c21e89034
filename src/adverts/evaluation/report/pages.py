"""Render the templates of pages, with the functions that every template may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.evaluation.figures import wording
from adverts.evaluation.report import bars, charts, sentences
from adverts.evaluation.report.templating import fill_html, fill_text

if TYPE_CHECKING:
    from markupsafe import Markup

_DRAWINGS: Mapping[str, Callable[..., str]] = {
    draw.__name__: draw
    for draw in (
        bars.difference_bar,
        bars.interval_bar,
        charts.budget_chart,
        charts.queue_chart,
        charts.precision_recall_chart,
        charts.reliability_chart,
        charts.roc_chart,
        charts.score_chart,
    )
}


def render_html(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return one self-contained HTML page: no font, no network, no script but the template's own.

    Args:
        template: Name of the template file.
        values: Values that the template shows, by name.
        folders: Folders in which templates are searched for.
    """
    usual = {"drawn": _drawn, "heat_style": bars.heat_style}
    known = usual | {"sentences": sentences, "words": wording}
    return fill_html(template, {**known, **values}, folders=folders)


def render_text(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return a page of Markdown in which values are escaped; arguments as :func:`render_html`.

    The text of the template itself is not escaped. A value loses the space at its ends, so a
    template writes space outside of ``{{ }}``.
    """
    return fill_text(
        template, {"sentences": sentences, "words": wording, **values}, folders=folders
    )


def _drawn(name: str, *arguments: object, **named: object) -> Markup:
    from markupsafe import Markup

    return Markup(_DRAWINGS[name](*arguments, **named))  # only numbers and escaped names
