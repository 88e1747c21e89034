"""Speed of folding and masking planted adverts, and of masking the worst texts that are known."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from planted import LANGUAGES, planted_texts
from planted_contacts import planted_contacts

from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.letters.folding import fold

COUNT, REPEATS = 20_000, 5
MASKED, CHARACTERS = 10_000, 100_000
WORST = (".com", "250 300 ", "1,", "12.05.", "a-", "@a_b", "07 12 34 ")


def microseconds(texts: Sequence[str], change: Callable[[str], str] = fold) -> float:
    """Return the time of this process for one text, in the best of some rounds."""
    best = float("inf")
    for _ in range(REPEATS):
        began = time.process_time()
        for text in texts:
            change(text)
        best = min(best, time.process_time() - began)
    return best / len(texts) * 1e6


def main() -> None:
    """Print one table."""
    began = time.process_time()
    fold("é")
    print(f"first text: {(time.process_time() - began) * 1e3:.0f} ms, for the tables")
    planted = planted_texts(COUNT, seed=0)
    groups: dict[str, list[str]] = defaultdict(list)
    for text, edit in zip(planted.texts, planted.edits, strict=True):
        groups["all"].append(text)
        groups[edit or "no edit"].append(text)
    for language in LANGUAGES:
        groups[language] = list(planted_texts(COUNT // 10, seed=0, languages=[language]).texts)
    groups["ASCII"] = [text.encode("ascii", "ignore").decode() for text in groups["en"]]
    for name, texts in groups.items():
        print(f"{name:20}{microseconds(texts):8.1f} microseconds an advert")
    for name, texts in (
        ("masking, planted", planted.texts[:MASKED]),
        ("masking, contacts", [one.text for one in planted_contacts(MASKED, seed=0)]),
        *((f"masking {one!r}", [one * (CHARACTERS // len(one))]) for one in WORST),
    ):
        print(f"{name:20}{microseconds(texts, mask_contacts):10.1f} microseconds a text")


if __name__ == "__main__":
    main()
