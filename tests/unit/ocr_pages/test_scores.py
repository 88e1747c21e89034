"""Scores against cases worked out by hand."""

from __future__ import annotations

import math

import pytest
from ocr_pages.distance import edit_distance
from ocr_pages.scores import (
    Errors,
    character_errors,
    lookalike_errors,
    lost_lines,
    value_errors,
    word_errors,
)

SQUARE = [(10.0, 10.0), (29.0, 10.0), (29.0, 19.0), (10.0, 19.0)]


@pytest.mark.parametrize(
    ("first", "second", "edits"),
    [
        ("kitten", "sitting", 3),
        ("", "abc", 3),
        ("abc", "", 3),
        ("", "", 0),
        ("abc", "abc", 0),
        ("flaw", "lawn", 2),
        ("ab", "ba", 2),
        ("سلام", "سلم", 1),
    ],
)
def test_edit_distance_of_hand_worked_pairs(first, second, edits):
    assert edit_distance(first, second) == edits
    assert edit_distance(second, first) == edits


def test_whitespace_and_bidi_controls_do_not_count_as_characters():
    assert character_errors("a  b\nc", "\u200fa b\u202c c ") == Errors(0, 5)


def test_composed_and_decomposed_letters_are_equal():
    assert character_errors("é", "e\u0301") == Errors(0, 1)


def test_arabic_and_persian_yeh_differ_strictly_and_are_alike_otherwise():
    assert character_errors("ي ك ه ١", "ی ک ە 1") == Errors(4, 7)
    assert lookalike_errors("ي ك ه ١", "ی ک ە 1") == Errors(0, 7)


def test_quotes_and_dashes_are_alike_but_letters_never_are():
    assert lookalike_errors("l’an – “a”", 'l\'an - "a"') == Errors(0, 10)
    assert lookalike_errors("O0", "00") == Errors(1, 2)


def test_a_wrong_an_added_and_a_missing_word_are_an_error_each():
    assert word_errors("call us on Friday", "call as on Friday now") == Errors(2, 4)
    assert word_errors("call us", "us") == Errors(1, 2)


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ("£450", "From £450 per person"),
        ("£450", "From £ 450."),
        ("£450", "£450, then more"),
        ("1 250 €", "prix 1250€"),
        ("1.250 euro", "Adult 1.250 euro"),
        ("٢٬٥٠٠ دولار", "السعر 2,500 دولار"),
        ("۹۰۰ یورو", "\u200f۹۰۰\u200e یورو"),
        ("€٩٠٠", "٩٠٠€"),
        ("£45", "2 £45"),
    ],
)
def test_a_price_that_stands_in_the_text_is_found(price, text):
    assert value_errors([price], text) == Errors(0, 1)


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ("£450", "450"),
        ("£450", "£4500"),
        ("£450", "£450,000"),
        ("450 €", "1450 €"),
        ("450 €", "1,450 €"),
        ("£1,250", "£1.250"),
        ("£450", "E450"),
        ("£450", "£4\n50"),
        ("900 euros", "900 euro"),
    ],
)
def test_a_price_with_one_thing_wrong_is_not_found(price, text):
    assert value_errors([price], text) == Errors(1, 1)


def test_phones_are_found_with_any_grouping_and_only_whole():
    phones = ["+44 7700 900123", "01632 960456"]
    assert value_errors(phones, "Call +44 7700 900 123 or 01632960456") == Errors(0, 2)
    assert value_errors(phones, "Call 7700 900123 or 016329604567") == Errors(2, 2)


def test_a_line_is_lost_where_less_than_half_of_it_is_covered():
    left_third = [(0.0, 0.0), (15.0, 0.0), (15.0, 40.0), (0.0, 40.0)]
    left_two_thirds = [(0.0, 0.0), (23.0, 0.0), (23.0, 40.0), (0.0, 40.0)]
    assert lost_lines([SQUARE], [], width=40, height=40) == Errors(1, 1)
    assert lost_lines([SQUARE], [left_third], width=40, height=40) == Errors(1, 1)
    assert lost_lines([SQUARE], [left_two_thirds], width=40, height=40) == Errors(0, 1)


def test_overlapping_boxes_cover_the_same_part_once():
    left_third = [(0.0, 0.0), (15.0, 0.0), (15.0, 40.0), (0.0, 40.0)]
    assert lost_lines([SQUARE], [left_third, left_third], width=40, height=40) == Errors(1, 1)


def test_errors_of_pages_add_up_and_nothing_to_read_has_no_rate():
    assert (Errors(1, 10) + Errors(3, 10)).rate == 0.2
    assert math.isnan(Errors(0, 0).rate)
