"""The tables that the OCR benchmark prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ocr_judging import RECEIPT, Judged, Truth, total
from ocr_pages import LANGUAGES, STYLES
from ocr_pages.scores import Errors
from ocr_readers import STOCK
from ocr_running import Run

Judgements = Mapping[str, Mapping[str, Judged]]
"""By reader, then by page."""
_NAME = 16


def speed_table(runs: Mapping[str, Run], phases: Sequence[str]) -> Iterator[str]:
    """Images a second and CPU-seconds an image by phase, how often stock's pace, and memory."""
    yield "speed: images/s (wall; x: times stock EasyOCR), CPU-s per image, peak memory of a worker"
    heads = "".join(f"{phase:>11}/s{'x':>7}{'CPU-s':>8}" for phase in phases)
    yield f"{'':{_NAME}}{heads}{'peak GB':>9}"
    stock = runs[STOCK].paces if STOCK in runs else {}
    for name, run in runs.items():
        cells = ""
        for phase in phases:
            pace = run.paces[phase]
            rate = pace.images / pace.seconds
            times = rate * stock[phase].seconds / stock[phase].images if stock else float("nan")
            cells += f"{rate:13.2f}{times:7.1f}{pace.cpu_s / pace.images:8.2f}"
        yield f"{name:{_NAME}}{cells}{run.peak_gb:9.2f}"


def language_table(
    title: str,
    judged: Judgements,
    truths: Mapping[str, Truth],
    score: Callable[[Judged], Errors],
    keep: Callable[[Truth], bool],
) -> Iterator[str]:
    """One score by language."""
    yield title
    yield f"{'':{_NAME}}" + "".join(f"{language:>7}" for language in LANGUAGES) + f"{'all':>7}"
    for name, pages in judged.items():
        kept = [one for page, one in pages.items() if keep(truths[page])]
        by_language = [
            total(score(one) for one in kept if truths[one.id].language == language)
            for language in LANGUAGES
        ]
        cells = [*by_language, total(by_language)]
        yield f"{name:{_NAME}}" + "".join(f"{errors.rate:7.3f}" for errors in cells)


def style_table(
    title: str,
    judged: Judgements,
    truths: Mapping[str, Truth],
    show: Callable[[list[Judged]], str],
) -> Iterator[str]:
    """What ``show`` says of the pages of each style, receipts last."""
    yield title
    styles = [*STYLES, RECEIPT]
    yield f"{'':{_NAME}}" + "".join(f"{style:>14}" for style in styles)
    for name, pages in judged.items():
        cells = [
            show([one for one in pages.values() if truths[one.id].style == style])
            for style in styles
        ]
        yield f"{name:{_NAME}}" + "".join(f"{cell:>14}" for cell in cells)


def all_tables(
    runs: Mapping[str, Run], judged: Judgements, truths: Mapping[str, Truth]
) -> Iterator[str]:
    """Every table, a blank line before each."""
    phases = list(dict.fromkeys(truth.phase for truth in truths.values()))
    yield from ("", *speed_table(runs, phases))
    for style in STYLES:
        title = f"character error, {style}"
        yield from (
            "",
            *language_table(title, judged, truths, _characters, _of_style(style)),
        )
    for style in ("clean", "social"):
        title = f"character error with look-alike letters made one, {style}"
        yield from ("", *language_table(title, judged, truths, _alike, _of_style(style)))
    if STOCK in runs:
        title = "character error, every style, on the third that stock EasyOCR reads"
        yield from ("", *language_table(title, judged, truths, _characters, _in_third))
    yield from ("", *style_table("character error", judged, truths, _rate(_characters)))
    yield from ("", *style_table("word error", judged, truths, _rate(lambda one: one.words)))
    for title, score in (
        ("prices exact", lambda one: one.prices),
        ("phones exact", lambda one: one.phones),
        ("pages on which every price and phone is exact", lambda one: one.contacts),
    ):
        yield from ("", *style_table(title, judged, truths, _share_right(score)))
    title = "lost lines of all lines"
    yield from ("", *style_table(title, judged, truths, _counted(lambda one: one.lost)))


def _characters(one: Judged) -> Errors:
    return one.characters


def _alike(one: Judged) -> Errors:
    return one.alike


def _of_style(style: str) -> Callable[[Truth], bool]:
    return lambda truth: truth.style == style


def _in_third(truth: Truth) -> bool:
    return truth.third and truth.style != RECEIPT


def _rate(score: Callable[[Judged], Errors]) -> Callable[[list[Judged]], str]:
    return lambda pages: f"{total(map(score, pages)).rate:.3f}"


def _share_right(score: Callable[[Judged], Errors]) -> Callable[[list[Judged]], str]:
    return lambda pages: f"{1 - total(map(score, pages)).rate:.3f}"


def _counted(score: Callable[[Judged], Errors]) -> Callable[[list[Judged]], str]:
    def show(pages: list[Judged]) -> str:
        errors = total(map(score, pages))
        return f"{errors.wrong} / {errors.total}"

    return show
