import math
import random

import pytest

from adverts.advert import ReadQuality
from adverts.ocr.page.reading_order import page_tilt, reading_order
from adverts.ocr.protocol import OcrLine, OcrResult


def line(text, left, top, width=40, height=10):
    box = ((left, top), (left + width, top), (left + width, top + height), (left, top + height))
    return OcrLine(text, box, 1.0, "fake")


def texts(lines):
    return [found.text for found in reading_order(lines)]


def page_text(lines):
    return OcrResult(reading_order(lines), 1000, 1000, ReadQuality(1.0, 10.0, 1.0, 0, 0)).text


def moved(lines, *, degrees=0.0, scale=1.0, shift=(0.0, 0.0)):
    """Turn a page clockwise, enlarge it and move it."""
    turn = scale * complex(math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
    corners = [[complex(*corner) * turn + complex(*shift) for corner in at.box] for at in lines]
    return [
        OcrLine(at.text, tuple((z.real, z.imag) for z in box), 1.0, "fake")
        for at, box in zip(lines, corners, strict=True)
    ]


def jittered(lines, draw, *, pixels):
    return [
        OcrLine(
            at.text,
            tuple(
                (x + draw.uniform(-pixels, pixels), y + draw.uniform(-pixels, pixels))
                for x, y in at.box
            ),
            1.0,
            "fake",
        )
        for at in lines
    ]


WORDS = {"ltr": "ferry", "rtl": "قارب"}


def layout(draw, direction, columns):
    """Return lines of a page in the order in which they are read, and their rows."""
    lines, rows, top = [], [], 20
    order = range(columns) if direction == "ltr" else reversed(range(columns))
    order = list(order)
    for row in range(draw.randint(3, 9)):
        height = draw.choice((16, 24, 40))
        taken = [order[0], *(column for column in order[1:] if draw.random() < 0.8)]
        for column in taken:
            word = f"{WORDS[direction]} {row} {column}"
            left = 300 * column + draw.randint(0, 60)
            lines.append(line(word, left, top, draw.randint(90, 220), height))
            rows.append(row)
        top += height + draw.randint(6, 60)
    return lines, rows


PAGE = [line("a", 0, 0), line("b", 50, 3), line("c", 100, -3), line("d", 0, 12), line("e", 50, 14)]


@pytest.mark.parametrize("seed", range(5))
def test_rows_go_down_and_lines_of_a_row_go_right(seed):
    shuffled = random.Random(seed).sample(PAGE, len(PAGE))
    assert texts(shuffled) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("degrees", [-30, -12, -3, 0, 5, 18, 30])
@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_tilted_jittered_page_is_read_as_it_was_laid_out(direction, columns, degrees):
    draw = random.Random(f"{direction} {columns} {degrees}")
    lines, rows = layout(draw, direction, columns)
    tilted = jittered(moved(lines, degrees=degrees), draw, pixels=1.0)
    found = reading_order(draw.sample(tilted, len(tilted)))
    assert [at.text for at in found] == [at.text for at in lines]
    assert [at.row for at in found] == rows


@pytest.mark.parametrize("seed", range(40))
def test_order_stays_when_a_page_is_shuffled_moved_enlarged_and_turned(seed):
    draw = random.Random(seed)
    page = [
        line(f"{number}", draw.uniform(0, 900), draw.uniform(0, 900), draw.uniform(60, 300), 24)
        for number in range(draw.randint(1, 25))
    ]
    shift = (draw.uniform(-500, 500), draw.uniform(-500, 500))
    other = moved(page, degrees=draw.uniform(-30, 30), scale=draw.uniform(0.3, 3), shift=shift)
    assert texts(draw.sample(other, len(other))) == texts(page)


@pytest.mark.parametrize("degrees", [-44, -30, -1, 0, 2, 44])
def test_the_tilt_is_that_of_the_long_lines(degrees):
    upright_specks = [line("", 400, 10 * row, 5, 5) for row in range(6)]
    page = [*moved(PAGE, degrees=degrees), *upright_specks]
    assert page_tilt([at.box for at in page]) == pytest.approx(math.radians(degrees))


def test_boxes_of_upright_text_have_no_say_in_the_tilt():
    upright = moved([line("x", 0, 0, 400)], degrees=90)
    assert page_tilt([at.box for at in [*upright, *moved(PAGE, degrees=4)]]) == pytest.approx(
        math.radians(4)
    )
    assert page_tilt([at.box for at in upright]) == 0.0


def test_boxes_stay_where_they_are():
    tilted = moved(PAGE, degrees=20)
    assert [at.box for at in reading_order(tilted)] == [at.box for at in tilted]


def test_a_price_list_is_read_row_by_row():
    names = [line(name, 0, 30 * row, 120, 20) for row, name in enumerate(("Adult", "Child"))]
    prices = [line(price, 300, 30 * row, 60, 20) for row, price in enumerate(("£90", "£45"))]
    notes = [line(note, 500, 30 * row, 90, 20) for row, note in enumerate(("cash", "card"))]
    assert page_text([*prices, *notes, *names]) == "Adult £90 cash\nChild £45 card"


def test_a_price_list_in_arabic_is_read_from_the_right():
    names = [line(name, 300, 30 * row, 120, 20) for row, name in enumerate(("بالغ", "طفل"))]
    prices = [line(price, 0, 30 * row, 60, 20) for row, price in enumerate(("90", "45"))]
    assert page_text([*prices, *names]) == "بالغ 90\nطفل 45"


def test_rows_without_letters_follow_most_of_the_page():
    numbers = [line("07700 900123", 0, 60, 120), line("2", 200, 60)]
    assert page_text([line("قارب سريع", 0, 0, 240), *numbers]) == "قارب سريع\n2 07700 900123"
    assert page_text([line("fast boat", 0, 0, 240), *numbers]) == "fast boat\n07700 900123 2"


def test_a_latin_row_on_an_arabic_page_is_read_from_the_left():
    latin = [line("Dover", 0, 60), line("boat", 100, 60)]
    assert page_text([*latin, line("السلام عليكم ورحمة الله", 0, 0, 240)]).endswith("Dover boat")


def test_a_row_of_as_many_letters_of_either_direction_follows_the_page():
    row = [line("قارب", 100, 0), line("boat", 0, 0)]
    assert texts(row) == ["boat", "قارب"]
    assert texts([*row, line("سريع", 0, 50)]) == ["قارب", "boat", "سريع"]


def test_small_lines_beside_a_tall_one_follow_it():
    page = [line("upper", 50, 2), line("tall", 0, 0, height=40), line("lower", 50, 22)]
    assert texts([*page, line("below", 0, 50)]) == ["tall", "upper", "lower", "below"]


def test_a_tall_price_belongs_to_the_first_line_beside_it():
    page = [line("Crossing", 0, 0), line("life jackets too", 0, 14), line("£90", 200, 0, 60, 26)]
    assert page_text([*page, line("Dover", 0, 40)]) == "Crossing £90\nlife jackets too\nDover"


def test_a_tall_line_between_two_columns_keeps_their_rows():
    columns = [
        line(f"{side}{row}", left, 16 * row)
        for side, left in (("a", 0), ("c", 300))
        for row in (0, 1)
    ]
    assert page_text([*columns, line("B", 100, 0, 60, 26)]) == "a0 B c0\na1 c1"


def test_a_tall_line_draws_no_lower_line_into_the_first_row():
    page = [line("a0", 0, 0), line("a1", 0, 16), line("c1", 300, 16)]
    assert page_text([*page, line("B", 100, 0, 60, 26)]) == "a0 B\na1 c1"


@pytest.mark.parametrize("degrees", [0, -40])
def test_lines_of_one_column_never_share_a_row(degrees):
    page = [line("a0", 0, 0, 40, 20), line("a1", 0, 20, 40, 20), line("b", 100, 8, 40, 24)]
    assert page_text(moved(page, degrees=degrees)) == "a0 b\na1"


def test_a_headline_stands_above_smaller_lines():
    page = [line("small", 0, 62), line("HEADLINE", 0, 0, 400, 60), line("print", 60, 63)]
    assert page_text(page) == "HEADLINE\nsmall print"


def test_boxes_without_text_count_and_get_a_row():
    found = reading_order([line("b", 0, 40), line("", 0, 20), line("a", 0, 0)])
    assert [(at.text, at.row) for at in found] == [("a", 0), ("", 1), ("b", 2)]


def test_two_boxes_of_one_place_keep_their_order():
    assert texts([line("first", 0, 0), line("second", 0, 0)]) == ["first", "second"]


def test_a_box_without_height_is_no_trouble():
    assert texts([line("flat", 0, 5, 40, 0), line("a", 50, 0), line("dot", 0, 30, 0, 0)]) == [
        "flat",
        "a",
        "dot",
    ]


def test_nothing_stays_nothing():
    assert reading_order([]) == ()
