"""Write pages and their truth into a folder, to look at them and to develop readers on them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image

from ocr_pages.making import pages
from ocr_pages.page import LANGUAGES, STYLES, WIDTHS, Page


def main() -> None:
    """Write ``ID.png`` for each page, and ``truth.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--per-cell", type=int, default=1)
    parser.add_argument("--languages", nargs="+", default=LANGUAGES, choices=LANGUAGES)
    parser.add_argument("--styles", nargs="+", default=STYLES, choices=STYLES)
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    made = pages(
        seed=chosen.seed,
        per_cell=chosen.per_cell,
        languages=chosen.languages,
        styles=chosen.styles,
        widths=chosen.widths,
    )
    with (chosen.folder / "truth.jsonl").open("w", encoding="utf-8") as truth:
        for page in made:
            Image.fromarray(page.image).save(chosen.folder / f"{page.id}.png")
            truth.write(json.dumps(_facts(page), ensure_ascii=False) + "\n")


def _facts(page: Page) -> dict[str, object]:
    return {
        "id": page.id,
        "language": page.language,
        "style": page.style,
        "width": page.width,
        "text": page.text,
        "lines": [{"text": line.text, "box": line.box, "row": line.row} for line in page.lines],
        "prices": page.prices,
        "phones": page.phones,
    }


if __name__ == "__main__":
    main()
