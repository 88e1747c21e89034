"""Pictures: every glyph is there, right-to-left is right, sizes hold, bytes repeat."""

import dataclasses
import io
import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from adverts.data.synthetic import fonts
from adverts.data.synthetic.backgrounds import BACKGROUNDS, LAYOUTS, PictureStyle, draw_style
from adverts.data.synthetic.fonts import FAMILIES, Typeface, draw_line, line_width, wrap
from adverts.data.synthetic.rendering import render

FACE = Typeface("sans", bold=False)
LATIN, ARABIC = "Ferry to Dover £35 +44 7700 900123", "السفر إلى دوفر +44 7700 900123 اليوم"


def _style(**changes):
    style = PictureStyle(
        layout="poster",
        background="plain",
        face=FACE,
        width=600,
        size=30,
        palette=((250, 250, 247), (225, 232, 240)),
        quality=90,
        tilt=0.0,
        blur=0.0,
        seed=5,
    )
    return dataclasses.replace(style, **changes)


def _pixels(text, direction, face=FACE):
    picture = Image.new("L", (700, 60), 255)
    draw_line(
        ImageDraw.Draw(picture),
        (5, 40),
        text,
        face,
        size=28,
        direction=direction,
        colour=0,
    )
    return np.asarray(picture)


def _ink(pixels):
    columns = np.flatnonzero((pixels < 128).any(axis=0))
    return columns.min(), columns.max()


@pytest.mark.parametrize("script", sorted(FAMILIES))
def test_every_character_of_the_corpus_has_a_glyph_in_every_family(script, corpus):
    characters = {
        character
        for row, post in corpus
        if row.language.script == script
        for character in (post.picture_text or "") + post.text
    } - set("\n\u200b")

    for family in FAMILIES[script]:
        runs = fonts._visual_runs("".join(sorted(characters)), family, "ltr")
        assert all(fonts.covers(run.family, run.text.translate(_JOINERS)) for run in runs)


_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d\ufe0f"))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_equal_style_gives_equal_bytes_in_every_layout(layout, background):
    style = _style(layout=layout, background=background)

    first, second = (render(f"{LATIN}\n🇬🇧 ✔", style, rtl=False) for _ in range(2))
    picture = Image.open(io.BytesIO(first))
    assert first == second
    assert picture.format == "JPEG"
    assert picture.width == 600
    assert not picture.getexif()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rtl", [False, True])
def test_every_layout_shows_the_text(layout, rtl):
    style = _style(layout=layout, face=Typeface("dejavu", bold=False))
    with_text = render(ARABIC if rtl else LATIN, style, rtl=rtl)
    with_less = render("…", style, rtl=rtl)

    ink = [np.asarray(Image.open(io.BytesIO(b)).convert("L")) for b in (with_text, with_less)]
    dark = [int((pixels < 90).sum()) for pixels in ink]
    assert abs(dark[0] - dark[1]) > 500


def test_a_long_word_stays_inside_the_picture():
    style = _style(size=38, width=480)

    picture = Image.open(io.BytesIO(render("https://juniper.example/saffron", style, rtl=False)))
    edge = np.asarray(picture.convert("L"))[:, -4:]
    assert edge.min() > 200


def test_wrapped_lines_fit_and_lose_nothing():
    text = " ".join(["some words and a few more"] * 6)

    lines = wrap(text, FACE, 30, direction="ltr", width=300)
    assert " ".join(lines) == text
    assert len(lines) > 3
    assert all(line_width(line, FACE, 30, "ltr") <= 300 for line in lines)


def test_an_arabic_line_reads_from_the_right():
    face = Typeface("naskh", bold=False)
    both = _pixels("سلام 123", "rtl", face)
    number = _pixels("123", "ltr", face)
    first, last = _ink(number)

    width = last - first + 1
    left = _ink(both)[0]
    assert (both[:, left : left + width] == number[:, first : last + 1]).mean() > 0.99


@pytest.mark.parametrize("phone", ["+44 7700 900123", "+٤٤ ٧٧٠٠ ٩٠٠١٢٣", "+۴۴ ۷۷۰۰ ۹۰۰۱۲۳"])
def test_a_phone_number_keeps_its_order_in_a_right_to_left_line(phone):
    runs = fonts._visual_runs(f"تماس {phone} امروز", "naskh", "rtl")

    shown = "".join(run.text for run in runs)
    assert phone in shown
    assert shown.index("امروز") < shown.index(phone) < shown.index("تماس")


def test_a_price_and_a_phone_number_stand_in_reading_order():
    runs = fonts._visual_runs("نرخ ٦٨٠٠ €، 01632 960398", "naskh", "rtl")

    shown = "".join(run.text for run in runs)
    assert shown.index("01632 960398") < shown.index("٦٨٠٠") < shown.index("نرخ")


def test_arabic_letters_are_joined():
    face = Typeface("naskh", bold=False)
    apart = sum(line_width(letter, face, 40, "rtl") for letter in "سلام")

    assert line_width("سلام", face, 40, "rtl") < 0.9 * apart


def test_a_flag_is_one_glyph():
    assert line_width("🇬🇧", FACE, 40, "ltr") == line_width("🚤", FACE, 40, "ltr")


def test_bold_is_heavier():
    light, heavy = (
        (_pixels("Crossing", "ltr", Typeface("sans", bold=bold)) < 128).sum()
        for bold in (False, True)
    )

    assert heavy > 1.2 * light


@pytest.mark.parametrize("script", sorted(FAMILIES))
def test_styles_are_varied_and_text_is_tall_enough_to_read(script):
    styles = [draw_style(script, random.Random(i)) for i in range(300)]

    assert {style.layout for style in styles} == set(LAYOUTS)
    assert {style.background for style in styles} == set(BACKGROUNDS)
    assert {style.face.family for style in styles} == set(FAMILIES[script])
    assert min(style.size for style in styles) >= 20
    assert all(40 <= style.quality <= 90 and 480 <= style.width <= 720 for style in styles)


def test_a_drawn_boat_and_a_chat_are_signalled():
    assert _style(layout="chat", background="boat").signals == ("chat_screenshot", "boat_image")
    assert _style(background="sea").signals == ()
