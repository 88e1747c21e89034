"""Comments that promote gambling, as adverts from which the name of the site is taken out."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "0007-brands"))

from brands import brands
from names import mask_names, name_pattern

from adverts.inputs.letters.folding import fold


@dataclass(frozen=True, slots=True)
class Comment:
    """A promotion.

    Attributes:
        id: Its id in the data.
        text: Its folded text.
        masked: The same without names of sites.
        brand: Number of the site whose name it held; None if it held none of them.
    """

    id: str
    text: str
    masked: str
    brand: int | None


def read_comments(path: Path) -> tuple[list[Comment], list[str]]:
    """Return the promotions of a file, and the names of the sites, the longest first.

    Sites are found by the rule of 0007; names that are spellings of one another are one site. A
    comment is of the site whose name stands first in it.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {
        kind: [fold(row["text"]) for row in rows if (row["label"] == "promotion") == kind]
        for kind in (True, False)
    }
    names = _distinct(brands(texts[True], texts[False]))
    patterns = [name_pattern(name) for name in names]
    ids = [row["id"] for row in rows if row["label"] == "promotion"]
    found = []
    for id_, text in zip(ids, texts[True], strict=True):
        places = [
            (match.start(), -len(name), number)
            for number, (name, pattern) in enumerate(zip(names, patterns, strict=True))
            if (match := pattern.search(text))
        ]
        brand = min(places)[2] if places else None
        found.append(Comment(id_, text, mask_names(text, patterns), brand))
    return found, names


def _distinct(names: list[str]) -> list[str]:
    """Return the names of which none is within a spelling of another one, the longest first."""
    kept: list[str] = []
    for name in names:
        if not any(name in one or name_pattern(one).fullmatch(name) for one in kept):
            kept.append(name)
    return kept
