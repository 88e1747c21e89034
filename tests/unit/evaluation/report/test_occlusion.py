"""Words left out one by one: nothing of a text is lost, and changes are those of the log-odds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit

from adverts.evaluation.report.errors_page import words_of
from adverts.runtime.predict.attributions import log_odds, parts_of, without_each


@given(st.text(alphabet="ab \n\téش", min_size=1), st.integers(1, 9))
def test_the_parts_of_a_text_are_the_text(text, most):
    parts = parts_of(text, most)
    assert len(parts) <= most
    assert "".join(parts) == (text if text.split() else "")


def test_a_text_of_few_words_is_divided_into_them():
    assert parts_of("boat  to <PHONE>", 9) == ["boat  ", "to ", "<PHONE>"]


def test_a_script_without_spaces_is_cut_into_pieces():
    assert list(map(len, parts_of("字" * 50, 9))) == [20, 20, 10]


def test_a_long_text_is_divided_into_runs_of_words():
    assert parts_of("a b c d e", 2) == ["a b c ", "d e"]


def test_no_part_at_all_is_refused():
    with pytest.raises(ValueError, match="most is 0, wanted at least 1"):
        parts_of("a", 0)


def test_each_word_is_left_out_once():
    assert without_each(["boat ", "to ", "shore"]) == ["to shore", "boat shore", "boat to"]
    assert without_each(["boat"]) == [""]


def test_log_odds_are_those_of_scipy_and_finite_at_the_ends():
    shares = np.array([0.01, 0.5, 0.9])
    assert log_odds(shares) == pytest.approx(logit(shares))
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_a_word_whose_loss_lowers_the_log_odds_has_raised_them():
    raised, lowered = words_of(["boat ", "news"], 1.0, np.array([0.25, 1.5]))
    assert (raised.text, raised.change) == ("boat ", 0.75)
    assert lowered.change == -0.5
