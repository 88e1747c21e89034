"""Templates of the pages that people read, and what every one of them may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.evaluation import charts, wording

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "templates"
"""Templates of reports, and the style that all pages share."""


def render_html(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return one page that needs nothing else: no script, no font, no network.

    Args:
        template: Name of its file.
        values: What it shows.
        folders: Where templates are looked for.
    """
    from markupsafe import Markup

    def drawn(draw: str, *arguments: object) -> Markup:
        return Markup(getattr(charts, draw)(*arguments))  # numbers and escaped names alone

    page = _environment(folders, html=True).get_template(template)
    return page.render(drawn=drawn, words=wording, **values)


def render_text(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return a page of plain text, such as Markdown; arguments as for :func:`render_html`."""
    return _environment(folders, html=False).get_template(template).render(words=wording, **values)


def _environment(folders: Sequence[Path], *, html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
