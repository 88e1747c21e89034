"""Numbers are rounded to what their interval supports, and intervals never shrink."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.reports.amounts import Amount, count_of, percent_of


@pytest.mark.parametrize(
    ("value", "low", "high", "told"),
    [
        (1043.2, 641.7, 1578.9, Amount("1,040", "640", "1,580")),
        (1043.2, 1040.1, 1050.2, Amount("1,043", "1,040", "1,051")),
        (12_345_678.0, 10e6, 15e6, Amount("12,300,000", "10,000,000", "15,000,000")),
        (3.0, 3.0, 3.0, Amount("3", "3", "3")),
        (0.0, 0.0, 4516.2, Amount("0", "0", "4,600")),
        (0.4, 0.1, 2.2, Amount("0", "0", "3")),
        (-104.0, -1307.0, 804.0, Amount("−100", "−1,400", "900")),
    ],
)
def test_a_count_is_rounded_to_a_twentieth_of_its_interval(value, low, high, told):
    assert count_of(Estimate(value, low, high)) == told


@pytest.mark.parametrize(
    ("value", "low", "high", "told"),
    [
        (0.000866, 0.00053, 0.00131, Amount("0.087", "0.053", "0.131")),
        (0.105, 0.0524, 0.1771, Amount("10.5", "5.2", "17.8")),
        (0.0, 0.0, 0.00375, Amount("0.00", "0.00", "0.38")),
        (1.0, 0.98, 1.0, Amount("100.0", "98.0", "100.0")),
        (0.25, 0.25, 0.25, Amount("25.00", "25.00", "25.00")),
        (0.0, 0.0, 0.0, Amount("0", "0", "0")),
    ],
)
def test_a_share_is_said_in_percent(value, low, high, told):
    assert percent_of(Estimate(value, low, high)) == told


def test_rounding_never_passes_what_there_is():
    assert count_of(Estimate(1230.0, 600.0, 1234.0), 1234.0).high == "1,234"


def test_what_has_no_interval_is_not_said():
    assert count_of(Estimate(3.0)) is None
    assert percent_of(Estimate(None, reason="cannot say: why")) is None


numbers = st.floats(0, 1e9, allow_subnormal=False)  # some packages flush them to zero


@settings(deadline=None)
@given(numbers, numbers, numbers, st.sampled_from([None, 1e9]))
def test_the_interval_that_is_said_holds_the_one_that_was_found(one, two, three, most):
    low, value, high = sorted([one, two, three])
    told = count_of(Estimate(value, low, high), most)
    said = [float(part.replace(",", "")) for part in (told.low, told.value, told.high)]
    assert said == sorted(said)
    assert said[0] <= low * (1 + 1e-6)
    assert said[2] >= high * (1 - 1e-6) - 1e-6
