"""How fast a list of errors with a filter is written, opens in a browser, and answers."""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from page_timing import new_page, settled
from PIL import Image

from adverts.advert import Task
from adverts.evaluation.report.blurred import blurred_jpeg
from adverts.evaluation.report.errors_page import MarkedWord, ShownError, Wrong, errors_page

REFER = Task("refer", "single", ("no", "yes"), "yes")
LANGUAGES = ("en", "fa", "sq", "ar", "ckb", "ps", "vi", "tr", "")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", type=int, nargs="+", default=[500, 5_000, 20_000])
    options = parser.parse_args()
    print(" errors  written s     MB  opens s  words s  language s")
    with tempfile.TemporaryDirectory() as folder:
        for count in options.errors:
            path = Path(folder) / "errors.html"
            began = time.perf_counter()
            text = errors_page(made_up(count), model="text", task=REFER, notes=[])
            path.write_text(text, encoding="utf-8")
            seconds = time.perf_counter() - began
            opens, words, language = answers_in(path)
            print(
                f"{count:>7,} {seconds:>10.2f} {path.stat().st_size / 1e6:>6.1f} {opens:>8.2f} "
                f"{words:>8.2f} {language:>11.2f}",
                flush=True,
            )


def made_up(count: int) -> list[ShownError]:
    """Return errors of texts of some 40 words, each with a small picture."""
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((640, 400)).convert("RGB").save(picture, "PNG")
    small = blurred_jpeg(picture.getvalue(), [])
    words = [f"word{number}" for number in range(997)]
    return [
        ShownError(
            wrong=Wrong(number, "false alarm", "no", "yes", 0.97),
            id=f"item-{number:05d}",
            language=LANGUAGES[number % len(LANGUAGES)],
            cluster=f"c{number // 2}",
            text=tuple(MarkedWord(f"{words[number * at % 997]} ", 0.1) for at in range(1, 41)),
            picture_text=(),
            pictures=(small,),
            boxes=True,
            platform=f"platform {number % 12}",
        )
        for number in range(count)
    ]


def answers_in(path: Path) -> list[float]:
    """Return the seconds until a page is there, finds words, and shows one language of those."""
    seconds = []
    with new_page() as page:
        steps: tuple[Callable[[], object], ...] = (
            lambda: page.goto(path.as_uri()),
            lambda: page.locator("#typed").fill("word5 word10"),
            lambda: page.locator("#by-language").select_option(index=2),
        )
        told = ""
        for step in steps:
            began, before = time.perf_counter(), told
            step()
            while told == before:
                settled(page)
                told = page.locator("#found").inner_text()
            seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
