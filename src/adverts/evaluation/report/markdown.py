"""Texts of others in Markdown pages: names of labels, languages, datasets and models say nothing.

A page of Markdown is shown as HTML, so that a name may otherwise bring a tag, a link or a picture
that is fetched when the page is opened, or end the line or the cell that it stands in.
"""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # what follows one may read backwards
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A backslash, a cell's end, a tag, a link, and what a browser would read as another character.
_MARKUP = re.compile(r"[\\|]|<|\](?=[(\[:])|&(?=#?\w+;)")
_WRITTEN = {"<": "&lt;", "&": "&amp;"}


def without_controls(text: str) -> str:
    """Return a text that does not turn around what stands after it on a page; its lines stay."""
    return _TURNS.sub("", _CONTROLS.sub(" ", text))


def escaped(text: str) -> str:
    """Return one line that shows ``text`` and does nothing else, in a cell of a table too."""
    line = _TURNS.sub("", _BREAKS.sub(" ", text))
    return _MARKUP.sub(lambda found: _WRITTEN.get(found[0], f"\\{found[0]}"), line)
