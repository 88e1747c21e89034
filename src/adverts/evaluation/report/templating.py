"""Fill templates of pages safely: what is shown is escaped, and no control character is left."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import plural

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # the text after one may be shown backwards
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A backslash, the end of a cell, a tag, a link, and a character reference.
_MARKUP = re.compile(r"[\\|]|<|\](?=[(\[:])|&(?=#?\w+;)")
_POLICY = 'http-equiv="Content-Security-Policy" content="'
# No policy keeps a browser from following one of another kind to a server.
_OTHER_META = re.compile(
    rf'<meta(?! charset="utf-8">| name="[\w-]+" content="[^"<>]*">| {_POLICY}[^"<>]*">)',
    re.IGNORECASE,
)
_WRITTEN = {"<": "&lt;", "&": "&amp;"}
FOLDER = Path(__file__).parent / "templates"
"""Folder of the templates of reports, and of the style that all pages share."""


def without_controls(text: str) -> str:
    """Return a text without control characters that change the page around it; lines are kept."""
    return _TURNS.sub("", _CONTROLS.sub(" ", text))


def escaped(text: str) -> str:
    """Return ``text`` as one line without any markup, which is also safe in a cell of a table.

    Space is made one blank between words, and none at the ends.
    """
    line = " ".join(without_controls(text).split())
    return _MARKUP.sub(lambda found: _WRITTEN.get(found[0], f"\\{found[0]}"), line)


def policy(script: str = "") -> Markup:
    """Return the element by which a page forbids the browser all but what it holds itself.

    Every page has it, before anything that it shows: even markup that was not escaped then runs
    nothing and loads nothing.

    Args:
        script: The only script that may run, as the page holds it; empty: none may.
    """
    from markupsafe import Markup

    rules = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        rules = f"script-src 'sha256-{digest}'; {rules}"
    rules = f"default-src 'none'; {rules}"
    return Markup(f'<meta {_POLICY}{rules}">')  # noqa: S704


def fill_html(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return one self-contained HTML page: no font, no network, no script but the template's own.

    The template is a whole page with its :func:`policy`. A ``meta`` that it does not know, such as
    one that opens another page, is a fault of ours: something was not escaped.

    Args:
        template: Name of the template file.
        values: Values and functions that the template uses, by name.
        folders: Folders in which templates are searched for.
    """
    page = _environment(tuple(folders), html=True).get_template(template)
    filled = without_controls(page.render(plural=plural, policy=policy, **values))
    assert _POLICY in filled, f"{template} has no policy"
    assert not _OTHER_META.search(filled), f"{template} has a meta of somebody else"
    return filled


def fill_text(template: str, values: Mapping[str, object], *, folders: Sequence[Path]) -> str:
    """Return a page of Markdown in which values are escaped; arguments as :func:`fill_html`.

    The text of the template itself is not escaped. A value loses the space at its ends, so a
    template writes space outside of ``{{ }}``.
    """
    page = _environment(tuple(folders), html=False).get_template(template)
    return page.render(plural=plural, **values)


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
