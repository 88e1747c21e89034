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
        ROOT / "docs/paths.md",
        ROOT / "docs/receiving.md",
        ROOT / "docs/sharing.md",
        ROOT / "src/adverts/runtime/README.md",
        *ROOT.glob("data/*/README.md"),
        *ROOT.glob("experiments/*/README.md"),
    ]
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path, language: str = "") -> list[str]:
    """Return the fenced blocks of a page that are marked with ``language``."""
    text = page.read_text(encoding="utf-8")
    return [body for marked, body in _BLOCK.findall(text) if marked == language]


def commands(page: Path) -> list[list[str]]:
    """Return the commands of a page's unmarked blocks, as words, comments left out."""
    lines = "\n".join(blocks(page)).replace("\\\n", " ").splitlines()
    typed = [shlex.split(line, comments=True) for line in lines]
    return [words for words in typed if words and words[0] in {"adverts", "python", "make"}]
