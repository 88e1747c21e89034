"""Fit what tells a half-space from two joined letters and from a space, between two letters.

    python experiments/0038-persian-lines/half_spaces.py half_spaces.npz --fonts Amiri-Regular.ttf …

Lines are drawn as those of experiment 0009, of words of random Persian letters, with a half-space,
a space or nothing where a prefix or an ending begins. So no vocabulary is learnt but these. The
regression sees what the network for Arabic script holds of both letters and of what lies between.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parents[1] / "0009-arabic-network"))

import lines

from adverts.ocr.auto.arabic_network import LETTERS, ArabicNetwork
from adverts.ocr.auto.half_spaces import APART, between
from adverts.ocr.ctc import kept
from adverts.ocr.rapidocr.engine import RapidOcrEngine

_ZWNJ = "\u200c"
_POOL = "ابپتجچحخدرزسشصطعغفقکگلمنوهیییآ"
_STARTS, _ENDS = ("می", "نمی", "بی", "هم"), ("ها", "های", "هایی", "ای", "اند", "ترین", "شان", "گر")
_FOLD = str.maketrans("يىكەھہ", "ییکههه")


def made_text(rng: random.Random) -> str:
    """Return a few words, half of which have a half-space."""
    words = []
    for _ in range(rng.randint(1, 5)):
        stem = "".join(rng.choice(_POOL) for _ in range(rng.randint(2, 6)))
        joint = rng.choice(("", "", _ZWNJ, _ZWNJ, " "))
        kind = rng.random()
        if kind < 0.35:
            word = f"{stem}{joint}{rng.choice(_ENDS)}"
        elif kind < 0.7:
            word = f"{rng.choice(_STARTS)}{joint}{stem}"
        elif kind < 0.85:
            word = stem[:2] + joint + stem[2:] if len(stem) > 3 else stem
        else:
            word = stem
        words.append(word)
    return " ".join(words)


def examples(count: int, start: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return what lies between letters of drawn lines, and whether it is a half-space."""
    texts: list[str] = []

    def text(rng: random.Random) -> str:
        texts[:] = [made_text(rng)]
        return texts[0]

    lines._text = text
    engine, network = RapidOcrEngine(canvas_px=960, threads=1), ArabicNetwork(threads=1)
    found: list[tuple[NDArray[np.float32], int]] = []
    for seed in range(start, start + count):
        texts.clear()
        line = lines.make_line(seed)
        if line is not None and texts:
            (seen,) = engine._read([line.image])
            found += gaps(texts[0], *network.said(seen.features))
    return np.stack([row for row, _ in found]), np.array([label for _, label in found])


def gaps(
    true: str, probability: NDArray[np.float32], hidden: NDArray[np.float32]
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Yield what lies between letters that can join; nothing of a line with a misread letter."""
    at = np.flatnonzero(kept(probability.argmax(axis=1)))
    read = [(LETTERS[probability[i].argmax()], int(i)) for i in at][::-1]
    letters = [(letter, i) for letter, i in read if letter != " "]
    plain = true.replace(_ZWNJ, "").replace(" ", "")
    if "".join(letter for letter, _ in letters).translate(_FOLD) != plain:
        return
    after = re.findall(f"[^ {_ZWNJ}]([ {_ZWNJ}]?)", true)
    for (letter, right), (_, left), mark in zip(letters, letters[1:], after, strict=False):
        if letter.isalpha() and letter not in APART:
            yield between(probability, hidden, left, right), int(mark == _ZWNJ)


def main() -> None:
    """Draw, fit, print errors on lines that were not fitted, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--lines", type=int, default=4500)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    lines.add_fonts(arguments.fonts)
    x, y = examples(arguments.lines, 500_000)
    fitted = len(y) * 5 // 6
    model = LogisticRegression(C=0.02, max_iter=500).fit(x[:fitted], y[:fitted])
    said = model.predict_proba(x[fitted:])[:, 1]
    for least in (0.3, 0.5, 0.7, 0.8, 0.9):
        right = ((said >= least) & (y[fitted:] == 1)).sum()
        print(
            f"{least}: recall {right / (y[fitted:] == 1).sum():.3f}, "
            f"precision {right / max(1, (said >= least).sum()):.3f} of {len(said)}"
        )
    np.savez(
        arguments.output,
        weight=model.coef_[0].astype(np.float32),
        bias=model.intercept_.astype(np.float32),
    )


if __name__ == "__main__":
    main()
