"""Write how well ``auto`` reads pages that are set in given fonts, one arm for each font.

    PYTHONPATH=tests python experiments/0009-arabic-network/judge.py --fonts Harmattan-Regular.ttf …

Pages are of seed 1500, 640 px, plain and over photographs, two of each language that the font has
all letters of; without ``--fonts`` those of the packaged fonts alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path

from ocr_pages import faces, making
from ocr_pages.scores import character_errors
from ocr_pages.wording import alphabet

from adverts.data.synthetic import fonts
from adverts.data.synthetic.fonts import Typeface
from adverts.ocr.auto.engine import AutoEngine
from adverts.ocr.page.read_page import PageReader

_SEED, _PAGES, _STYLES = 1500, 2, ("clean", "social")
_LANGUAGES, _PACKAGED = ("ar", "fa", "ckb", "ps"), ("arabic", "naskh", "dejavu")
_CAPTION = (
    "Mean character error of pages in Arabic, Persian, Sorani and Pashto, where the font has their "
    "letters; plain, and over photographs. Commands: experiments/0009-arabic-network."
)


def main() -> None:
    """Read the pages and write ``results.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[])
    parser.add_argument("--data", type=Path, default=Path("/usr/share/tesseract-ocr/5/tessdata"))
    arguments = parser.parse_args()
    added = {path.stem: path for path in arguments.fonts}
    packaged = fonts.font_path
    fonts.font_path = lambda family: added[family] if family in added else packaged(family)
    engine = AutoEngine(canvas_px=960, threads=1, data_folder=arguments.data)
    reader = PageReader(engine, min_confidence=0.0)
    arms = [arm(reader, family) for family in (*added, *_PACKAGED)]
    record = {
        "metrics": {"clean": "plain", "social": "over photographs"},
        "arms": arms,
        "comparisons": [],
        "caption": _CAPTION,
        "network_sha256": engine.spec.weights["arabic"],
    }
    path = Path(__file__).with_name("results.json")
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def arm(reader: PageReader, family: str) -> dict[str, object]:
    """Return the error of each style, mean over the pages of every language."""
    faces._TUNING["Arab"] = (Typeface(family, bold=False),)
    languages = [
        language for language in _LANGUAGES if fonts.covers(family, _arabic_letters(language))
    ]
    values = {}
    for style in _STYLES:
        pages = [
            making.make_page(_SEED, language, style, number, width=640)
            for language in languages
            for number in range(_PAGES)
        ]
        errors = [character_errors(p.text, reader.read(p.image).text).rate for p in pages]
        values[style] = [statistics.fmean(errors)]
    return {"name": f"{family} ({', '.join(languages)})", "values": values}


def _arabic_letters(language: str) -> str:
    return "".join(c for c in alphabet(language) if c.isalpha() and "\u0600" <= c <= "\u08ff")


if __name__ == "__main__":
    main()
