"""Rendered pages: what their truth says stands on them, and nowhere else."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from ocr_pages import LANGUAGES, pages
from ocr_pages import faces as ocr_faces
from ocr_pages.looks import choose_look
from ocr_pages.making import make_page
from ocr_pages.scores import Errors, value_errors
from ocr_pages.wording import write
from PIL import Image, ImageDraw, ImageFilter

TEXTS = Path(ocr_faces.__file__).parent / "texts"
POOLS = ("headlines", "bodies", "items", "price_lines", "time_lines", "phone_lines", "handle_lines")
FICTIONAL = re.compile(r"(\+44|0)(7700900\d{3}|1632960\d{3})")
ASCII = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def outside(page):
    """Pixels that no box holds, boxes grown by three pixels."""
    mask = Image.new("L", (page.width, page.image.shape[0]))
    draw = ImageDraw.Draw(mask)
    for line in page.lines:
        draw.polygon(line.box, fill=255)
    return np.asarray(mask.filter(ImageFilter.MaxFilter(7))) == 0


def departures(page):
    """How far each pixel is from the paper, in grey levels."""
    grey = page.image.astype(np.int16)
    return np.abs(grey - grey[2, 2]).max(axis=2)


@pytest.fixture(scope="module")
def some_pages():
    made = pages(seed=1000, per_cell=2, styles=("tilted", "low_contrast"), widths=(640,))
    return tuple(made)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_benchmark_has_sentences_of_its_own(language):
    texts = yaml.safe_load((TEXTS / f"{language}.yaml").read_text("utf-8"))
    bare = {"{phone}", "{handle}"}
    for pool in POOLS:
        tuning, held_back = set(texts["tuning"][pool]), set(texts["held_back"][pool])
        assert len(held_back) >= len(tuning)
        assert tuning & held_back <= bare


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_seed_0_are_worded_from_the_sentences_held_back(language):
    texts = yaml.safe_load((TEXTS / f"{language}.yaml").read_text("utf-8"))
    benchmark, other = (write(language, seed, random.Random(5)) for seed in (0, 1000))
    assert benchmark.rows[0][0] in texts["held_back"]["headlines"]
    assert other.rows[0][0] in texts["tuning"]["headlines"]


def test_pages_of_seed_0_have_scenes_of_their_own():
    shown = {
        seed: {choose_look("social", seed, random.Random(i)).background for i in range(20)}
        for seed in (0, 1000)
    }
    assert len(shown[0]) == len(shown[1000]) == 3
    assert not shown[0] & shown[1000]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_benchmark_has_fonts_of_its_own_and_more_than_one(language):
    tuning, held_back = ocr_faces.faces(language, 1000), ocr_faces.faces(language, 0)
    assert not set(tuning) & set(held_back)
    assert min(len(tuning), len(held_back)) >= 2


def test_equal_seeds_give_equal_pages_and_others_do_not():
    first, again = (make_page(1000, "fa", "social", 0, width=640) for _ in range(2))
    other = make_page(1001, "fa", "social", 0, width=640)
    assert first.lines == again.lines
    assert np.array_equal(first.image, again.image)
    assert other.text != first.text


def test_a_page_twice_as_wide_is_the_same_page_at_twice_the_scale():
    narrow, wide = (make_page(1000, "vi", "social", 1, width=width) for width in (640, 1280))
    assert wide.text == narrow.text
    assert wide.image.shape == (2 * narrow.image.shape[0], 1280, 3)
    corners = [np.array([line.box for line in page.lines]) for page in (narrow, wide)]
    assert np.abs(corners[0] * 2 - corners[1]).max() < 8


def test_letters_stand_inside_their_boxes_and_nowhere_else(some_pages):
    for page in some_pages:
        ink = departures(page) > 40
        assert ink.sum() > 500
        assert not ink[outside(page)].any(), page.id


def test_every_box_holds_ink(some_pages):
    for page in some_pages:
        ink = departures(page) > 16
        for line in page.lines:
            xs, ys = np.array(line.box).T.round().astype(int)
            assert ink[ys.min() : ys.max(), xs.min() : xs.max()].mean() > 0.03, line


def test_boxes_lie_on_the_page(some_pages):
    for page in some_pages:
        corners = np.array([line.box for line in page.lines])
        height, width = page.image.shape[:2]
        assert corners.min() >= 0
        assert (corners <= (width, height)).all(), page.id


def test_a_price_list_is_read_from_the_side_that_the_script_begins_at():
    english = make_page(1000, "en", "clean", 0, width=640)
    sorani = make_page(1000, "ckb", "noisy", 0, width=640)
    assert {len(rows_of(english)), len(rows_of(sorani))} == {8, 7}
    left, right = rows_of(english)[3]
    assert left.box[0][0] < right.box[0][0]
    right, left = rows_of(sorani)[2]
    assert left.box[0][0] < right.box[0][0]
    assert left.text in sorani.prices


def test_the_page_text_holds_every_price_and_phone(some_pages):
    for page in some_pages:
        assert value_errors(page.prices, page.text) == Errors(0, len(page.prices))
        assert value_errors(page.phones, page.text) == Errors(0, len(page.phones))
        assert page.prices
        assert page.phones


def test_pages_have_five_to_nine_rows_and_fictional_phones(some_pages):
    for page in some_pages:
        assert 5 <= len(rows_of(page)) <= 9
        for phone in page.phones:
            assert FICTIONAL.fullmatch(phone.translate(ASCII).replace(" ", "")), page.id


def rows_of(page):
    rows = {}
    for line in page.lines:
        rows.setdefault(line.row, []).append(line)
    return list(rows.values())
