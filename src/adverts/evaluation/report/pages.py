"""Templates of the pages that people read, and what every one of them may use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import plural
from adverts.evaluation.figures import wording
from adverts.evaluation.report import bars, charts, sentences

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # what follows one may read backwards
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A backslash, a cell's end, a tag, a link, and what a browser would read as another character.
_MARKUP = re.compile(r"[\\|]|<|\](?=[(\[:])|&(?=#?\w+;)")
_WRITTEN = {"<": "&lt;", "&": "&amp;"}
FOLDER = Path(__file__).parent / "templates"
"""Templates of reports, and the style that all pages share."""
_DRAWINGS: Mapping[str, Callable[..., str]] = {
    draw.__name__: draw
    for draw in (
        bars.difference_bar,
        bars.interval_bar,
        charts.budget_chart,
        charts.precision_recall_chart,
        charts.reliability_chart,
        charts.roc_chart,
    )
}


def without_controls(text: str) -> str:
    """Return a text that does not turn around what stands after it on a page; its lines stay."""
    return _TURNS.sub("", _CONTROLS.sub(" ", text))


def escaped(text: str) -> str:
    """Return one line that shows ``text`` and does nothing else, in a cell of a table too."""
    line = _TURNS.sub("", _BREAKS.sub(" ", text))
    return _MARKUP.sub(lambda found: _WRITTEN.get(found[0], f"\\{found[0]}"), line)


def render_html(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return one page that needs nothing else: no script, no font, no network.

    Args:
        template: Name of its file.
        values: What it shows.
        folders: Where templates are looked for.
    """
    page = _environment(tuple(folders), html=True).get_template(template)
    html = page.render(
        drawn=_drawn,
        heat_style=bars.heat_style,
        plural=plural,
        sentences=sentences,
        words=wording,
        **values,
    )
    return without_controls(html)


def render_text(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return a page of Markdown, in which no value is markup; arguments as of :func:`render_html`.

    What the template itself says is kept as it is.
    """
    page = _environment(tuple(folders), html=False).get_template(template)
    return page.render(plural=plural, sentences=sentences, words=wording, **values)


def _drawn(name: str, *arguments: object, **named: object) -> Markup:
    from markupsafe import Markup

    return Markup(_DRAWINGS[name](*arguments, **named))  # numbers and escaped names alone


def _in_markdown(value: object) -> object:
    """Return a value as it may stand in Markdown, marked so that it is not made HTML as well."""
    from markupsafe import Markup

    return Markup(escaped(value)) if type(value) is str else value


@cache  # it keeps the templates that it has compiled
def _environment(folders: tuple[Path, ...], *, html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,  # what a macro returns is markup, and is not escaped again
        finalize=None if html else _in_markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
