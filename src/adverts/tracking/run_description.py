"""The description of a run: sections of Markdown, each under a heading of its own."""

from __future__ import annotations

import re

_HEADING = "### "
_LINES = r"\n\n(?:[^\n]+(?:\n|\Z))*"
_EVALUATION = re.compile(rf"^({_HEADING}Evaluation on [^\n]+){_LINES}\n?", re.MULTILINE)


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
    place = re.compile(rf"^{re.escape(_HEADING + heading)}{_LINES}", re.MULTILINE)
    if place.search(known):
        return place.sub(lambda _: section, known, count=1)
    return f"{section}\n{known}" if known else section


def within(description: str, heading: str, most: int) -> str | None:
    """Return a description of at most ``most`` characters; None if there is no room.

    Sections of other evaluations are left out, the lowest first, which is the oldest; their pages
    stay among the files of the run. What people wrote is never cut.

    Args:
        description: The whole description.
        heading: Heading of the section that stays.
        most: Most characters.
    """
    for found in reversed([*_EVALUATION.finditer(description)]):
        if len(description) <= most:
            break
        if found[1] != _HEADING + heading:
            description = description[: found.start()] + description[found.end() :]
    return description if len(description) <= most else None
