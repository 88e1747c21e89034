"""Read rendered lines that mix Arabic script with digits, contacts and English; count errors.

    PYTHONPATH=tests:src python experiments/0038-persian-lines/measure.py develop before \\
        --fonts /usr/share/fonts/truetype/vazirmatn/Vazirmatn-Regular.ttf …

Writes the counts of each language and form of digits as one line of JSON to ``--output``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from mixed_lines import add_fonts, judged, mixed_pages, text_at

from adverts.ocr.auto.engine import AutoEngine
from adverts.ocr.page.read_page import PageReader


def main() -> None:
    """Read the pages of a half, print its errors, and append them to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=("develop", "judge"))
    parser.add_argument("name", help="of the readers, such as before or after")
    parser.add_argument("--fonts", type=Path, nargs="*", default=[])
    parser.add_argument("--languages", nargs="*")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--lines", action="store_true", help="print each line that is not exact")
    parser.add_argument("--data", type=Path, default=Path("/usr/share/tesseract-ocr/5/tessdata"))
    arguments = parser.parse_args()
    add_fonts(arguments.half, arguments.fonts)
    engine = AutoEngine(canvas_px=960, threads=1, data_folder=arguments.data)
    reader = PageReader(engine, min_confidence=0.0)
    counts: dict[str, Counter[str]] = {}
    began = time.monotonic()
    for page in mixed_pages(arguments.half):
        if arguments.languages and page.language not in arguments.languages:
            continue
        found = reader.read(page.image).lines
        for line in page.lines:
            read = text_at(line, found)
            one = judged(line, read)
            for group in (page.language, f"{page.language}, {page.digits} digits"):
                counts.setdefault(group, Counter()).update(one)
            if arguments.lines and read != line.text:
                print(f"{page.name}\n  {line.text!r}\n  {read!r}")
    for group, total in counts.items():
        print(f"{group:24}", *(f"{name} {value:.3f}" for name, value in rates(total).items()))
    print(f"{time.monotonic() - began:.0f} s")
    if arguments.output:
        record = {"half": arguments.half, "reader": arguments.name, "counts": counts}
        with arguments.output.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def rates(total: Counter[str]) -> dict[str, float]:
    """Return the shares of what is wrong or right."""
    pairs = {
        "cer": ("edits", "letters"),
        "plain cer": ("plain edits", "plain letters"),
        "lost": ("characters lost", "characters"),
        "out of order": ("out of order", "mixed"),
        "contacts": ("contacts right", "contacts"),
        "digit form": ("digits right", "digits seen"),
        "half-space recall": ("half-spaces right", "half-spaces"),
        "half-space precision": ("half-spaces right", "half-spaces read"),
    }
    return {name: total[a] / total[b] for name, (a, b) in pairs.items() if total[b]}


if __name__ == "__main__":
    main()
