"""The alarm of drift: more or fewer positives than calibration expects."""

import pytest
from scipy.stats import binomtest

from adverts_findings.survey.designs.strata import Stratum
from adverts_findings.survey.estimators.expected_positives import check_expected

FRAME = [Stratum("low", 9000, 9.0, 9000), Stratum("high", 1000, 300.0, 400)]


def test_what_calibration_expects_is_no_alarm():
    found = check_expected(FRAME, [500, 100], [1, 28])
    assert [one.expected for one in found] == pytest.approx([0.5, 30.0])
    assert not any(one.drifted() for one in found)


def test_unexpected_positives_below_and_missing_ones_above_are_alarms():
    low, high = check_expected(FRAME, [500, 100], [5, 10])
    assert low.drifted()
    assert high.drifted()


def test_the_p_value_pays_for_the_number_of_strata():
    low, _ = check_expected(FRAME, [500, 100], [4, 30])
    one_sided = binomtest(4, 500, 0.001, alternative="greater").pvalue
    assert low.p_value == pytest.approx(2 * 2 * one_sided)


def test_without_a_label_nothing_is_contradicted():
    assert check_expected(FRAME, [0, 0], [0, 0])[0].p_value == 1.0


def test_more_positives_than_labels_are_refused():
    with pytest.raises(ValueError, match="low: 6 positives among 5 labels"):
        check_expected(FRAME, [5, 5], [6, 0])
