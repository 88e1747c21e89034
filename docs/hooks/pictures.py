"""Make each picture of a page a link to itself: on a phone it can then be opened and enlarged."""

from __future__ import annotations

import re

PICTURE = re.compile(r'(?<=<p>)(<img\b[^>]*?\bsrc="([^"]+)"[^>]*>)(?=</p>)')


def on_page_content(html: str, **_: object) -> str:
    """Return the HTML of a page with a link around every picture that is a paragraph."""
    return PICTURE.sub(r'<a href="\2">\1</a>', html)
