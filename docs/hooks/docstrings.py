"""Show docstrings without the marks of other tools: ``:meth:`` before names, ``::`` before code."""

from __future__ import annotations

import re

ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):(?=<code)")


def on_page_content(html: str, **_: object) -> str:
    """Return the page without the marks."""
    return ROLE.sub("", html).replace("::</p>", ":</p>")
