"""How many test adverts hold most words of a training advert, and how many of their copies do.

    python experiments/0041-respelt-copies/measure.py made_up comments.csv:text …

A third of each file's distinct texts, 1,500 at most, stands for test, and up to 6,000 others for
training. Nothing of a text is written.
"""

import csv
import json
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from adverts.clusters.link_words import link_words
from adverts.inputs.letters.folding import fold

LETTERS = "bdfgklmnprstvz"
draw = random.Random(0)


def letter() -> str:
    """Return a letter."""
    return draw.choice(LETTERS)


def edge(word: str) -> str:
    """Add a letter before and after."""
    return letter() + word + letter()


def edges(word: str) -> str:
    """Add two letters before and after."""
    return edge(edge(word))


def last(word: str) -> str:
    """Leave the last letter out."""
    return word[:-1] if len(word) > 3 else word


def middle(word: str) -> str:
    """Add a letter in the middle."""
    half = len(word) // 2
    return word[:half] + letter() + word[half:] if len(word) > 3 else word


def replaced(word: str) -> str:
    """Replace a letter."""
    place = draw.randrange(len(word))
    return word[:place] + letter() + word[place + 1 :]


def twice(word: str) -> str:
    """Replace two letters."""
    return replaced(replaced(word))


def words(count: int, seed: int) -> list[str]:
    """Return made-up words."""
    of = random.Random(seed)
    return [
        "".join(of.choice(LETTERS) + of.choice("aeiou") for _ in range(of.randint(2, 4)))
        for _ in range(count)
    ]


def read(source: str) -> list[str]:
    """Return the distinct texts of a file in random order, or made-up ones."""
    of = random.Random(1)
    if source == "made_up":
        known = words(6000, 1)
        return [" ".join(of.choices(known, k=of.randint(14, 24))) for _ in range(4500)]
    path, column = source.rsplit(":", 1)
    with Path(path).open(encoding="utf-8", newline="") as file:
        texts = list(dict.fromkeys(row[column] for row in csv.DictReader(file) if row[column]))
    of.shuffle(texts)
    return texts


def linked(train: Sequence[str], test: Sequence[str]) -> float:
    """Return the share of test texts that are linked to a training text."""
    folded = [[fold(text) for text in part] for part in (train, test)]
    documents = list(dict.fromkeys(text for part in folded for text in part if text))
    number = {text: place for place, text in enumerate(documents)}
    rows = [(place, place) for place in range(len(documents))]
    found = link_words(documents, rows, clusters=np.arange(len(documents)))
    taught = {number[text] for text in folded[0] if text}
    beside = {
        mine for pair in found.pairs() for mine, other in (pair, pair[::-1]) if other in taught
    }
    return float(np.mean([number.get(text) in beside for text in folded[1]]))


def main() -> None:
    """Print one JSON object for each source."""
    changes: list[Callable[[str], str]] = [edge, edges, last, middle, replaced, twice]
    for source in sys.argv[1:]:
        texts = read(source)
        size = min(len(texts) // 3, 1500)
        test, train = texts[:size], texts[size : size + 6000]
        name = "made_up" if source == "made_up" else Path(source.rsplit(":", 1)[0]).parent.name
        found: dict[str, object] = {"set": name, "train": len(train), "test": size}
        found["honest"] = round(linked(train, test), 3)
        for change in changes:
            copies = [" ".join(map(change, text.split())) for text in test]
            found[change.__name__] = round(linked(train + copies, test), 3)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
