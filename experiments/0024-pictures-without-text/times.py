"""Where the time of reading a picture goes, with text and without: one thread, processor time.

    taskset -c 1 env OMP_NUM_THREADS=1 python experiments/0024-pictures-without-text/times.py

Pages and photographs take turns, so that other work on the machine slows both alike.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import fmean

import cv2
from photographs import jpeg, photograph
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from ocr_pages import pages

from adverts.files.file_hash import ask_git
from adverts.inputs.pixels import CHECKED, open_image, rgb_array
from adverts.ocr.build_readers import auto_reader
from adverts.ocr.page.read_page import PageReader
from adverts.ocr.rebuild import SYSTEM_DATA

_PICTURES = 36
_LIKE_PHOTOGRAPHS = ("packaged", "scene")


def main() -> None:
    """Read each picture, and write ``times.json``."""
    cv2.setNumThreads(1)
    reader = auto_reader(canvas_px=960, min_confidence=0.1, threads=1, data_folder=SYSTEM_DATA)
    rendered = pages(seed=1000, per_cell=1, styles=("clean", "social"))
    texts = [jpeg(Image.fromarray(page.image)) for page in rendered]
    made = map(photograph, range(5 * _PICTURES))
    photographs = [jpeg(picture) for kind, picture in made if kind in _LIKE_PHOTOGRAPHS]
    for file in (texts[0], texts[-1]):
        _read(reader, file)
    pairs = list(zip(texts, photographs, strict=False))[:_PICTURES]
    read = [(_read(reader, text), _read(reader, photo)) for text, photo in pairs]
    with_text, without = ([pair[i] for pair in read] for i in (0, 1))
    arms = {
        "pages of text": with_text,
        "photographs without text": without,
        "of those without a box": [one for one in without if not one["boxes"]],
    }
    whole = fmean(one["all_ms"] for one in with_text)
    record = {
        "commit": ask_git("rev-parse", "HEAD"),
        "metrics": {
            "all_ms": "ms a picture",
            "decode_ms": "decoding, ms",
            "detect_ms": "detector, ms",
            "n": "pictures",
            "share": "share of a page's time",
        },
        "arms": [{"name": name, "values": _values(found, whole)} for name, found in arms.items()],
        "comparisons": [],
        "caption": "Processor time of one thread, beside other work; pages of nine languages, 640 "
        "and 1280 px wide; reader auto.",
    }
    written = json.dumps(record, indent=1)
    (Path(__file__).parent / "times.json").write_text(written + "\n", "utf-8")


def _read(reader: PageReader, file: bytes) -> dict[str, float]:
    """Return the milliseconds of one picture, and its number of boxes."""
    began = time.process_time()
    image = rgb_array(open_image(file, CHECKED))
    decoded = time.process_time()
    boxes = len(reader.read(image).lines)
    ended = time.process_time()
    reader.engine.detect(image)  # once more, since it cannot be timed inside
    detected = time.process_time() - ended
    values = {"all_ms": ended - began, "decode_ms": decoded - began, "detect_ms": detected}
    return {**{name: 1000 * value for name, value in values.items()}, "boxes": boxes}


def _values(found: list[dict[str, float]], whole: float) -> dict[str, list[float]]:
    means = {
        name: fmean(one[name] for one in found) for name in ("all_ms", "decode_ms", "detect_ms")
    }
    counted = {**means, "n": len(found), "share": means["all_ms"] / whole}
    return {name: [value] for name, value in counted.items()}


if __name__ == "__main__":
    main()
