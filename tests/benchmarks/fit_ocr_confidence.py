"""Fit how often each engine of ``auto`` is right at what it says of its own certainty.

    PYTHONPATH=tests python tests/benchmarks/fit_ocr_confidence.py DATA_FOLDER --seed 1100

Reads rendered pages that nobody is judged on, and prints the table of
``adverts.ocr.auto.engine``. DATA_FOLDER is where Tesseract's language data lies.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ocr_pages.making import pages
from ocr_pages.page import Page, TrueLine
from ocr_pages.scores import lookalike_errors
from sklearn.linear_model import LogisticRegression

from adverts.ocr.auto import engine as auto_engine
from adverts.ocr.auto.engine import AutoEngine, logit
from adverts.ocr.protocol import LineReading


def readings(engine: AutoEngine, page: Page) -> Iterator[tuple[LineReading, bool]]:
    """Yield what is said of each true line that one box lies on, and whether it is right."""
    boxes = engine.detect(page.image)
    said = engine.recognise(page.image, boxes)
    for line in page.lines:
        here = [i for i, box in enumerate(boxes) if _lies_on(box, line)]
        if len(here) == 1 and said[here[0]].text:
            reading = said[here[0]]
            yield reading, lookalike_errors(line.text, reading.text).wrong == 0


def _lies_on(box: NDArray[np.float32], line: TrueLine) -> bool:
    """Return whether the middle of a box lies in the middle half of a line, in height."""
    corners = np.asarray(line.box)
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    x, y = np.linalg.solve(np.column_stack([along, down]), box.mean(axis=0) - corners[0])
    return bool(0 < x < 1 and 0.25 < y < 0.75)


def main() -> None:
    """Read, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_folder", type=Path)
    parser.add_argument("--seed", type=int, default=1100)
    parser.add_argument("--per-cell", type=int, default=1)
    arguments = parser.parse_args()
    auto_engine.calibrated = lambda reading: reading  # what the engines say themselves
    engine = AutoEngine(canvas_px=960, threads=1, data_folder=arguments.data_folder)
    found: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for page in pages(seed=arguments.seed, per_cell=arguments.per_cell, widths=[640]):
        for reading, right in readings(engine, page):
            found[reading.engine].append((logit(reading.confidence), right))
    for name, pairs in sorted(found.items()):
        said, right = np.array(pairs).T
        fit = LogisticRegression(C=10).fit(said[:, None], right)
        slope, intercept = float(fit.coef_[0, 0]), float(fit.intercept_[0])
        share = f"{len(pairs)} lines, {right.mean():.2f} right"
        print(f'    "{name}": ({slope:.2f}, {intercept:.2f}),  # {share}')


if __name__ == "__main__":
    main()
