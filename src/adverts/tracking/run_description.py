"""The description of a run: sections of Markdown, each under a heading of its own."""

from __future__ import annotations

import re

_HEADING = "### "


def with_section(known: str, heading: str, text: str) -> str:
    """Return a description with a section in its place, or on top if it has none of this heading.

    A section ends at its first empty line. A repeated record therefore changes nothing, and text
    that people wrote before or after a section stays.

    Args:
        known: The description so far.
        heading: Heading of the section, one line.
        text: Content of the section; its empty lines are left out.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    section = "\n".join([_HEADING + heading, "", *lines]) + "\n"
    place = re.compile(rf"^{re.escape(_HEADING + heading)}\n\n(?:[^\n]+(?:\n|\Z))*", re.MULTILINE)
    if place.search(known):
        return place.sub(lambda _: section, known, count=1)
    return f"{section}\n{known}" if known else section
