"""What a first look at fewer pixels would lose and save, on pages and photographs.

    python experiments/0024-pictures-without-text/gates.py [PHOTOGRAPHS]

The detector sees each picture whole, as today, and at half and two thirds of that size. A gate says
from the smaller look that the picture has no text, so that the whole look is saved.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from photographs import captioned, jpeg, photograph

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from ocr_pages import pages

from adverts.files.file_hash import ask_git
from adverts.inputs.pixels import CHECKED, open_image, rgb_array
from adverts.ocr.protocol import Boxes, Pixels
from adverts.ocr.rapidocr.engine import RapidOcrEngine, _on_canvas, network_input
from adverts.ocr.rapidocr.text_map import text_boxes

_CANVAS_PX, _NUM_PHOTOGRAPHS = 960, 500
LOOKS = {"half the size": 1 / 2, "two thirds of the size": 2 / 3}
Map = NDArray[np.float32]
_LIKE_PHOTOGRAPHS = ("packaged", "scene")


def has_heat(least: float) -> Callable[[Map], bool]:
    """Return a gate that lets through what has one pixel of ``least`` probability."""
    return lambda probability: float(probability.max()) >= least


def has_region(probability: Map) -> bool:
    """Return whether a region of more than 0.3 has a mean of 0.3 and a pixel of 0.6."""
    mask = cv2.dilate((probability > 0.3).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    return any(_is_region(probability, cv2.minAreaRect(one), one) for one in contours)


def _is_region(probability: Map, rectangle: cv2.typing.RotatedRect, contour: Pixels) -> bool:
    x, y, width, height = cv2.boundingRect(contour)
    part = probability[y : y + height, x : x + width]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(cv2.boxPoints(rectangle) - [x, y]).astype(np.int32)], (1,))
    return min(rectangle[1]) >= 1 and cv2.mean(part, inside)[0] >= 0.3 and part.max() >= 0.6


GATES: dict[str, Callable[[Map], bool]] = {
    "a pixel of 0.02": has_heat(0.02),
    "a pixel of 0.1": has_heat(0.1),
    "a pixel of 0.3": has_heat(0.3),
    "a region of mean 0.3": has_region,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture, seen whole and smaller.

    Attributes:
        kind: ``page``, ``caption``, or the kind of a photograph.
        lines: Lines of text that it has and that the whole look finds a box on.
        boxes: Boxes that the whole look finds.
        passed: Names of look and gate that let it through.
        seconds: Time of the detector by look; the whole look is ``""``.
    """

    kind: str
    lines: int
    boxes: int
    passed: frozenset[tuple[str, str]]
    seconds: dict[str, float] = field(default_factory=dict)


def look(engine: RapidOcrEngine, kind: str, image: Pixels, true: Sequence[Boxes]) -> Seen:
    """Return what the looks at a picture say; ``true`` are the boxes of its lines."""
    height, width = image.shape[:2]
    largest = min(_CANVAS_PX, max(height, width))
    whole, seconds = _heat(engine, image, _CANVAS_PX)
    times, passed = {"": seconds}, set()
    for name, share in LOOKS.items():
        smaller, times[name] = _heat(engine, image, int(largest * share))
        passed |= {(name, gate) for gate, passes in GATES.items() if passes(smaller)}
    boxes = text_boxes(whole, width, height)
    middles = [box.mean(axis=0) for box in boxes]
    found = sum(any(_is_in(middle, box) for middle in middles) for box in true)
    return Seen(kind, found, len(boxes), frozenset(passed), times)


def _is_in(point: NDArray[np.float32], box: Boxes) -> bool:
    low, high = box.min(axis=0), box.max(axis=0)
    return bool((low - 5 <= point).all() and (point <= high + 5).all())


def _heat(engine: RapidOcrEngine, image: Pixels, canvas_px: int) -> tuple[Map, float]:
    began = time.process_time()
    given = network_input(_on_canvas(image, canvas_px))[None]
    (found,) = engine._session("detector").run(None, {"x": given})
    return np.asarray(found, np.float32)[0, 0], time.process_time() - began


def _pictures(photographs: int) -> Iterator[tuple[str, Pixels, list[Boxes]]]:
    for page in pages(seed=0, per_cell=3):
        yield "page", page.image, [np.array(line.box, np.float32) for line in page.lines]
    for number in range(photographs):
        kind, picture = photograph(number)
        caption = captioned(number, picture)
        left, top, right, low = caption.box
        box = np.array([[left, top], [right, low]], np.float32)
        yield "caption", rgb_array(open_image(jpeg(caption.image), CHECKED)), [box]
        yield kind, rgb_array(open_image(jpeg(picture), CHECKED)), []


def record(seen: Sequence[Seen], photographs: int) -> dict[str, object]:
    """Return the record of all looks at all pictures."""
    plain = [one for one in seen if one.kind in _LIKE_PHOTOGRAPHS]
    empty = [one for one in plain if not one.boxes]
    whole = sum(one.seconds[""] for one in plain)
    arms = [{"name": "no gate", "values": {"lines_lost": [0], "captions_lost": [0], "cost": [1.0]}}]
    for name in LOOKS:
        for gate in GATES:
            stopped = [one for one in seen if (name, gate) not in one.passed]
            cost = whole + sum(one.seconds[name] for one in plain)
            cost -= sum(one.seconds[""] for one in stopped if one.kind in _LIKE_PHOTOGRAPHS)
            values = {
                "lines_lost": sum(one.lines for one in stopped if one.kind == "page"),
                "captions_lost": sum(one.lines for one in stopped if one.kind == "caption"),
                "stopped": sum(one in stopped for one in plain) / len(plain),
                "stopped_empty": sum(one in stopped for one in empty) / len(empty),
                "results_changed": sum(one.boxes > 0 for one in stopped),
                "cost": cost / whole,
            }
            arms.append(
                {
                    "name": f"{name}, {gate}",
                    "values": {key: [value] for key, value in values.items()},
                }
            )
    lines = sum(one.lines for one in seen if one.kind == "page")
    captions = sum(one.lines for one in seen if one.kind == "caption")
    return {
        "commit": ask_git("rev-parse", "HEAD"),
        "metrics": {
            "lines_lost": "lines of pages lost",
            "captions_lost": "captions lost",
            "stopped": "photographs stopped",
            "stopped_empty": "of those without a box",
            "results_changed": "results changed",
            "cost": "detector on photographs, times today's",
        },
        "arms": arms,
        "comparisons": [],
        "caption": f"{lines:,} lines of the pages of 0008; {captions} captions found today "
        f"on {photographs} photographs; {len(plain)} photographs without text (crops of packaged "
        f"pictures and drawn scenes), {len(empty)} of them without a box. Processor time, one "
        "thread, beside other work.",
    }


def main() -> None:
    """Look at every picture, and write ``results.json``."""
    photographs = int(sys.argv[1]) if len(sys.argv) > 1 else _NUM_PHOTOGRAPHS
    cv2.setNumThreads(1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    engine = RapidOcrEngine(canvas_px=_CANVAS_PX, threads=1)
    seen = [look(engine, *picture) for picture in _pictures(photographs)]
    written = json.dumps(record(seen, photographs), indent=1)
    (Path(__file__).parent / "results.json").write_text(written + "\n", "utf-8")


if __name__ == "__main__":
    main()
