"""How often fingerprints of texts match others, and how often a changed text is still recognised.

Usage::

    ADVERTS_DATA=… python experiments/0035-text-fingerprints/fingerprints.py
"""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from adverts.errors import InputError
from adverts.files.file_hash import file_sha256, producing_commit
from adverts.inputs.contacts.masking import mask_contacts
from adverts_findings.sharing.hashes.count_near import count_near, hashes_of
from adverts_findings.sharing.hashes.signals import false_per_million
from adverts_findings.sharing.hashes.text_fingerprint import FEWEST_LETTERS, fingerprint_text

SETS = {
    "gambling": ("gambling/comments.csv", "promotion"),
    "tubespam": ("tubespam/comments.csv", "spam"),
    "vispam": ("vispam/reviews.csv", "spam"),
}
RADII = (6, 8, 10, 12, 16)
CHANGED = 1_500
LENGTHS = ((40, 80), (80, 160), (160, 10_000))


def texts_of(path: Path, positive: str) -> tuple[list[str], list[str]]:
    """Return the distinct texts of both labels; what has both is left out."""
    found: dict[str, set[str]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(mask_contacts(row["text"]), set()).add(row["label"])
    mine = [text for text, labels in found.items() if labels == {positive}]
    theirs = [text for text, labels in found.items() if positive not in labels]
    return mine, theirs


def simhashes(texts: Sequence[str]) -> list[str]:
    """Return the distinct simhashes of texts that are long enough."""
    made = (fingerprint_text(one) for one in texts)
    return sorted({one.simhash for one in made if one is not None})


def changed(text: str, words: Sequence[str], draw: random.Random) -> str:
    """Return a text with one word replaced by a word of another text."""
    parts = text.split()
    parts[draw.randrange(len(parts))] = draw.choice(words)
    return " ".join(parts)


def kept(texts: Sequence[str], radius: int) -> Iterator[tuple[tuple[int, int], bool]]:
    """Yield of texts with one word replaced their length, and whether they are recognised."""
    draw = random.Random(0)
    words = sorted({word for text in texts for word in text.split()})
    for text in texts[:CHANGED]:
        one, other = fingerprint_text(text), fingerprint_text(changed(text, words, draw))
        if one is None:
            continue
        length = sum(letter.isalpha() for letter in text)
        place = next((ends for ends in LENGTHS if ends[0] <= length < ends[1]), LENGTHS[0])
        near = other is not None and bool(
            count_near(hashes_of([one.simhash], 8), hashes_of([other.simhash], 8), radius)[0]
        )
        yield place, near


def measured(name: str, folder: Path) -> tuple[dict[str, object], dict[str, list[float]]]:
    """Return where the texts are from, and the figures of a set."""
    place, positive = SETS[name]
    path = folder / place
    mine, theirs = texts_of(path, positive)
    asked, others = simhashes(mine), simhashes(theirs)
    one, other = hashes_of(asked, 8), hashes_of(others, 8)
    pairs = len(asked) * len(others)
    values: dict[str, list[float]] = {
        "distinct_texts": [len(mine)],
        "without_fingerprint": [
            1 - sum(fingerprint_text(text) is not None for text in mine) / len(mine)
        ],
        "fingerprints": [len(asked)],
        "other_fingerprints": [len(others)],
    }
    for radius in RADII:
        values[f"pairs_{radius}"] = [int(count_near(one, other, radius).sum())]
    values["bound_8"] = [false_per_million(int(values["pairs_8"][0]), pairs)]
    told = list(kept(mine, 8))
    for low, high in LENGTHS:
        of_length = [near for ends, near in told if ends == (low, high)]
        if len(of_length) >= 30:
            values[f"kept_{low}"] = [float(np.mean(of_length))]
    return {"sha256": file_sha256(path)}, values


METRICS = {
    "distinct_texts": "distinct positives",
    "without_fingerprint": f"under {FEWEST_LETTERS} letters",
    "fingerprints": "fingerprints",
    "other_fingerprints": "of negatives",
    **{f"pairs_{radius}": f"false pairs ≤ {radius}" for radius in RADII},
    "bound_8": "upper 95 % per million pairs at 8",
    **{f"kept_{low}": f"kept, {low} letters or more" for low, _ in LENGTHS},
}


def main() -> None:
    """Measure all sets and write ``results.json``."""
    data = os.environ.get("ADVERTS_DATA")
    if data is None:
        raise InputError("set ADVERTS_DATA to the folder of the public sets")
    arms, hashes = [], {}
    for name in SETS:
        hashes[name], values = measured(name, Path(data))
        arms.append({"name": name, "values": values, "intervals": {}})
        print(name, {key: round(one[0], 3) for key, one in values.items()})
    told = {
        "metrics": METRICS,
        "arms": arms,
        "comparisons": [],
        "caption": "Distinct texts with contacts masked; a pair is a positive and a negative text.",
        "commit": producing_commit(),
        "data": hashes,
    }
    place = Path(__file__).with_name("results.json")
    place.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
