import numpy as np
import pytest

from adverts.ocr.ctc import best_path, favoured_path, path_places

LETTERS = ("", "a", "b", " ")


def steps(*places):
    rows = np.full((len(places), 4), 0.1, np.float32)
    rows[np.arange(len(places)), list(places)] = 0.7
    return rows


def test_repeats_are_one_letter_unless_a_blank_parts_them():
    assert best_path(steps(1, 1, 0, 1, 2, 2), LETTERS)[0] == "aab"


def test_confidence_is_the_mean_over_the_first_step_of_each_letter():
    said = steps(1, 1, 0, 2)
    said[0, 1], said[1, 1], said[3, 2] = 0.5, 0.9, 0.7
    assert best_path(said, LETTERS)[1] == pytest.approx(0.6)


def test_a_line_of_blanks_and_spaces_says_nothing():
    assert best_path(steps(0, 3, 0), LETTERS) == ("", 0.0)


def test_the_text_is_stripped():
    assert best_path(steps(3, 1, 3, 2, 3), LETTERS)[0] == "a b"


def test_a_likely_enough_second_choice_is_put_in_place_of_a_letter():
    said = steps(1, 1, 0, 1, 3, 1)
    said[0, 2], said[1, 2], said[3, 2], said[5, 2] = 0.3, 0.0, 0.01, 0.02
    assert favoured_path(said, LETTERS, {1: 2}, least=0.02) == "ba b"


def test_other_letters_are_not_replaced():
    assert favoured_path(steps(2, 0, 2), LETTERS, {1: 2}, least=0.02) == "bb"
    assert favoured_path(steps(), LETTERS, {1: 2}, least=0.02) == ""


@pytest.mark.parametrize(("likely", "read"), [((0,), "b"), ((1, 2), "a"), ((2,), "a")])
def test_a_letter_of_many_steps_stays_one_letter(likely, read):
    said = steps(1, 1, 1, 1)
    said[:, 2] = 0.01
    said[list(likely), 2] = 0.3
    assert favoured_path(said, LETTERS, {1: 2}, least=0.02) == read


def test_a_letter_taken_for_both_in_turn_is_one():
    said = steps(1, 2)
    said[0, 2] = 0.3
    assert favoured_path(said, LETTERS, {1: 2}, least=0.02) == "b"


def test_every_letter_of_the_stripped_text_has_its_place():
    said = steps(3, 1, 0, 3, 2, 2, 3, 0)
    assert best_path(said, LETTERS)[0] == "a b"
    assert path_places(said, LETTERS, width=1.0) == pytest.approx((1.5 / 8, 3.5 / 8, 4.5 / 8))
    assert path_places(said, LETTERS, width=0.5) == pytest.approx((1.5 / 4, 3.5 / 4, 4.5 / 4))
    assert path_places(steps(0, 3), LETTERS, width=1.0) == ()
