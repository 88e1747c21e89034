"""Render the templates of pages, with the functions that every template may use."""

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

_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # the text after one may be shown backwards
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A backslash, the end of a cell, a tag, a link, and a character reference.
_MARKUP = re.compile(r"[\\|]|<|\](?=[(\[:])|&(?=#?\w+;)")
_WRITTEN = {"<": "&lt;", "&": "&amp;"}
FOLDER = Path(__file__).parent / "templates"
"""Folder of the templates of reports, and of the style that all pages share."""
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
    """Return a text without control characters that change the page around it; lines are kept."""
    return _TURNS.sub("", _CONTROLS.sub(" ", text))


def escaped(text: str) -> str:
    """Return ``text`` as one line without any markup, which is also safe in a cell of a table.

    Space is made one blank between words, and none at the ends.
    """
    line = " ".join(without_controls(text).split())
    return _MARKUP.sub(lambda found: _WRITTEN.get(found[0], f"\\{found[0]}"), line)


def render_html(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return one self-contained HTML page: no script, no font, no network.

    Args:
        template: Name of the template file.
        values: Values that the template shows, by name.
        folders: Folders in which templates are searched for.
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
    """Return a page of Markdown in which values are escaped; arguments as :func:`render_html`.

    The text of the template itself is not escaped. A value loses the space at its ends, so a
    template writes space outside of ``{{ }}``.
    """
    page = _environment(tuple(folders), html=False).get_template(template)
    return page.render(plural=plural, sentences=sentences, words=wording, **values)


def _drawn(name: str, *arguments: object, **named: object) -> Markup:
    from markupsafe import Markup

    return Markup(_DRAWINGS[name](*arguments, **named))  # only numbers and escaped names


def _in_markdown(value: object) -> object:
    """Return a value escaped for Markdown, marked so that it is not escaped for HTML as well."""
    from markupsafe import Markup

    return value if hasattr(value, "__html__") else Markup(escaped(str(value)))


@cache  # the environment keeps its compiled templates
def _environment(folders: tuple[Path, ...], *, html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,  # the result of a macro is markup, and is not escaped again
        finalize=None if html else _in_markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
