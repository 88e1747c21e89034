import math

import pytest

from adverts_findings.campaigns.grouping.yardstick import word


@pytest.mark.parametrize(
    ("per_cent", "wanted"),
    [
        (0, "remote chance"),
        (5, "remote chance"),
        (6, ""),
        (9, ""),
        (10, "highly unlikely"),
        (20, "highly unlikely"),
        (21, ""),
        (25, "unlikely"),
        (35, "unlikely"),
        (37, ""),
        (40, "realistic possibility"),
        (50, "realistic possibility"),
        (52, ""),
        (55, "likely or probable"),
        (75, "likely or probable"),
        (79, ""),
        (80, "highly likely"),
        (90, "highly likely"),
        (92, ""),
        (95, "almost certain"),
        (100, "almost certain"),
    ],
)
def test_each_range_has_its_word_and_the_gaps_have_none(per_cent, wanted):
    assert word(per_cent / 100, calibrated=True) == wanted


def test_no_uncalibrated_probability_has_a_word():
    assert {word(per_cent / 100, calibrated=False) for per_cent in range(101)} == {""}


def test_word_and_number_agree_where_the_number_is_rounded():
    assert word(0.946, calibrated=True) == "almost certain"
    assert word(0.944, calibrated=True) == ""


def test_an_unknown_probability_is_said_to_be_unknown():
    assert word(math.nan, calibrated=True) == ""


@pytest.mark.parametrize("value", [-0.01, 1.01, math.inf])
@pytest.mark.parametrize("calibrated", [True, False])
def test_what_is_no_probability_is_refused(value, calibrated):
    with pytest.raises(ValueError, match="wanted one from 0 to 1"):
        word(value, calibrated=calibrated)
