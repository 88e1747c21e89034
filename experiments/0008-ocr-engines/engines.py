"""Write ``results.json`` from the raw values of the OCR benchmark.

ADVERTS_DATA=/folder python tests/benchmarks/bench_ocr.py --json runs/0008/bench.json
python experiments/0008-ocr-engines/engines.py runs/0008/bench.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

STOCK = "stock easyocr"
LATIN = ("en", "sq", "fr", "tr", "vi")
METRICS = {
    "third": "all, stock's third",
    "clean_latin": "clean, Latin",
    "clean_arabic": "clean, Arabic",
    "social_latin": "social, Latin",
    "social_arabic": "social, Arabic",
    "receipts": "receipts",
    "values_clean": "exact, clean",
    "values_social": "exact, social",
    "images_640": "images/s, 640 px",
    "images_1280": "images/s, 1280 px",
    "peak_gb": "peak GB",
}
CAPTION = (
    "Rendered pages in nine languages and five styles at 640 and 1280 px (seed 0, three a cell), "
    "and 24 receipts. Character error; share of prices and phones that are exact; two workers of "
    "one thread on two cores, stock in one process of two threads on a fixed third of the pages. "
    "Commands: experiments/0008-ocr-engines."
)
Page = dict[str, object]


def main() -> None:
    """Read the raw values, write the record."""
    raw = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    engines = raw["engines"]
    third = {page["id"] for page in engines[STOCK]["pages"]}
    record = {
        "metrics": METRICS,
        "arms": [arm(name, engine, third) for name, engine in engines.items()],
        "comparisons": [],
        "caption": CAPTION,
        **{key: raw[key] for key in ("seed", "per_cell", "machine", "packages")},
        "pages": {name: engine["pages"] for name, engine in engines.items()},
    }
    path = Path(__file__).with_name("results.json")
    path.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")


def arm(name: str, engine: dict, third: set[str]) -> dict[str, object]:
    """Return the figures of one reader."""
    pages = engine["pages"]
    chosen: dict[str, Callable[[Page], bool]] = {
        "third": lambda page: page["id"] in third and not _is_receipt(page),
        "clean_latin": lambda page: _style(page) == "clean" and _language(page) in LATIN,
        "clean_arabic": lambda page: _style(page) == "clean" and _language(page) not in LATIN,
        "social_latin": lambda page: _style(page) == "social" and _language(page) in LATIN,
        "social_arabic": lambda page: _style(page) == "social" and _language(page) not in LATIN,
        "receipts": _is_receipt,
    }
    values = {metric: [rate(pages, ("characters",), wanted)] for metric, wanted in chosen.items()}
    for style in ("clean", "social"):
        errors = rate(pages, ("prices", "phones"), lambda page, style=style: _style(page) == style)
        values[f"values_{style}"] = [1 - errors]
    for width in (640, 1280):
        images, seconds = engine["paces"][f"{width} px"][:2]
        values[f"images_{width}"] = [images / seconds]
    return {"name": name, "values": {**values, "peak_gb": [engine["peak_gb"]]}}


def rate(pages: Sequence[Page], kinds: Sequence[str], wanted: Callable[[Page], bool]) -> float:
    """Return mistakes over the total of some pages."""
    found = [page[kind] for page in pages if wanted(page) for kind in kinds]
    return sum(wrong for wrong, _ in found) / max(1, sum(total for _, total in found))


def _is_receipt(page: Page) -> bool:
    return str(page["id"]).startswith("sr-")


def _language(page: Page) -> str:
    return str(page["id"]).split("-")[1]


def _style(page: Page) -> str:
    return "receipt" if _is_receipt(page) else str(page["id"]).split("-")[2]


if __name__ == "__main__":
    main()
