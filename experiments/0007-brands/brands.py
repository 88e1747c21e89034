"""Give each comment the gambling brand that it promotes, by a rule that is stated here.

Usage::

    python experiments/0007-brands/brands.py /folder/comments.csv /folder/brands.csv

Comments are folded, and letters that stand alone are put together (``A B C 8 8`` is ``abc88``). A
word of letters with two to four digits behind it, or with one of the endings that these sites take
(``4d``, ``toto``, ``togel``, ``slot``, ``hoki``, ``win``, ``bet``), is a brand if at least
``LEAST`` promotions hold it and hardly any other comment does. A comment is of the brand whose name
its letters and digits hold, the longest if of several; without one it stands alone. Only promotions
are looked at: the column says which adverts hang together, never what they are.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

from adverts.inputs.letters.folding import fold

LEAST = 3
_SPACED = re.compile(r"(?<!\w)(?:\w[ .·_*-]{1,3}){2,}\w(?!\w)")
_NAME = re.compile(r"[a-z]{3,14}(?:\d{2,4}|4d|toto|togel|slot|hoki|win|bet)(?![a-z0-9])")
_SEPARATOR = re.compile(r"[\W_]+")
_PLAIN = {"bonus", "modal", "member", "untung", "menang", "deposit", "maxwin"}  # not names


def main() -> int:
    """Write the file with its new column; tell how many comments got a brand."""
    source, target = map(Path, sys.argv[1:])
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [fold(row["text"]) for row in rows]
    promotes = [row["label"] == "promotion" for row in rows]
    promotions = [text for text, does in zip(texts, promotes, strict=True) if does]
    others = [text for text, does in zip(texts, promotes, strict=True) if not does]
    names = brands(promotions, others)
    for row, text, does in zip(rows, texts, promotes, strict=True):
        row["brand"] = brand_of(text, names) if does else ""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    found = Counter(row["brand"] for row in rows if row["brand"])
    print(f"{found.total()} of {len(promotions)} promotions name one of {len(found)} brands;")
    print(f"comments a brand: {', '.join(str(n) for _, n in found.most_common(12))} …")
    return 0


def brands(promotions: list[str], others: list[str]) -> list[str]:
    """Return the names, longest first."""
    seen = Counter(name for text in promotions for name in set(_candidates(text)))
    elsewhere = Counter(name for text in others for name in set(_candidates(text)))
    names = [n for n, count in seen.items() if count >= LEAST and elsewhere[n] * 20 <= count]
    return sorted(names, key=lambda name: (-len(name), name))


def brand_of(text: str, names: list[str]) -> str:
    """Return the brand that a text holds; empty for none."""
    squeezed = _SEPARATOR.sub("", text)
    return next((name for name in names if name in squeezed), "")


def _candidates(text: str) -> list[str]:
    joined = _SPACED.sub(lambda run: _SEPARATOR.sub("", run.group()), text)
    names = [match.group() for match in _NAME.finditer(joined)]
    return [name for name in names if name.rstrip("0123456789") not in _PLAIN]


if __name__ == "__main__":
    sys.exit(main())
