"""What the project's pages tell a person to type."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/*.md"),
        ROOT / "src/adverts/runtime/README.md",
        *ROOT.glob("data/*/README.md"),
        *ROOT.glob("experiments/*/README.md"),
    ]
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PROGRAMS = {"adverts", "python", "make", "torchrun", "srun"}
_IN_A_SENTENCE = re.compile(r"`((?:python -m )?adverts[ .][^`\n]+)`")


def blocks(page: Path, language: str = "") -> list[str]:
    """Return the fenced blocks of a page that are marked with ``language``."""
    text = page.read_text(encoding="utf-8")
    return [body for marked, body in _BLOCK.findall(text) if marked == language]


def commands(page: Path, *languages: str) -> list[list[str]]:
    """Return the commands of a page's blocks, as words, comments left out.

    Blocks are those that are marked with one of ``languages``, or unmarked. A word ``…`` stands for
    the words of the page's command before it that has the same verb.
    """
    found: list[list[str]] = []
    for line in _lines(page, languages or ("",)):
        for typed in line.split(" && "):
            words = shlex.split(typed, comments=True)
            if words and words[0] in _PROGRAMS:
                found.append(_whole(words, found))
    return found


def commands_in_sentences(page: Path) -> list[list[str]]:
    """Return the commands of adverts that a page names between backquotes, with their words."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    return [shlex.split(one) for one in _IN_A_SENTENCE.findall(text)]


def _lines(page: Path, languages: tuple[str, ...]) -> list[str]:
    text = page.read_text(encoding="utf-8")
    bodies = [body for marked, body in _BLOCK.findall(text) if marked in languages]
    return "\n".join(bodies).replace("\\\n", " ").splitlines()


def _whole(words: list[str], before: list[list[str]]) -> list[str]:
    if "…" not in words or words[0] != "adverts":
        return words
    verb, given = words[1], [word for word in words[2:] if word != "…"]
    keys = {word.partition("=")[0] for word in given}
    same = next((one for one in reversed(before) if one[1] == verb), words[:2])
    kept = [word for word in same[2:] if word.partition("=")[0] not in keys and word != "…"]
    return ["adverts", verb, *kept, *given]
