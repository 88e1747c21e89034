"""How often look-alikes are flagged: exact bounds, and copies that count once."""

import numpy as np
import pytest

from adverts.evaluation.figures.look_alikes import LookAlikes, group_rates
from adverts.evaluation.statistics.bounds import exact_interval

KINDS = ["news", "news", "warning", "visa", "rescue", None, "news", "refer"]
HARMLESS = {"news": "press", "warning": "press", "visa": "lawful", "ticket": "travel"}
FLAGGED = np.array([True, True, False, True, True, True, False, True])
CLUSTERS = ["a", "a", "b", "c", "d", "e", "f", "g"]


def look_alikes(kinds=KINDS):
    return LookAlikes(np.array(kinds, dtype=object), HARMLESS, ("rescue",))


def rates(rows=range(8)):
    found = group_rates(FLAGGED, CLUSTERS, look_alikes(), np.array(rows))
    return {one.group: one for one in found}


def test_a_group_gathers_its_classes_and_counts_copies_once():
    press = rates()["press"]
    assert (press.adverts, press.clusters) == (4, 3)
    assert (press.flagged, press.flagged_clusters) == (2, 1)
    assert press.rate == pytest.approx(1 / 3)
    assert (press.low, press.high) == pytest.approx(exact_interval(1, 3))


def test_a_cluster_is_flagged_as_soon_as_one_of_its_posts_is():
    kinds = look_alikes(["news", "news"])
    found = group_rates(np.array([False, True]), ["a", "a"], kinds, np.arange(2))
    assert (found[0].flagged, found[0].flagged_clusters, found[0].rate) == (1, 1, 1.0)


def test_ten_copies_of_one_harmless_advert_do_not_narrow_the_interval():
    once = group_rates(np.array([False]), ["a"], look_alikes(["news"]), np.arange(1))
    often = group_rates(np.zeros(10, bool), ["a"] * 10, look_alikes(["news"] * 10), np.arange(10))
    assert once[0].high == often[0].high


def test_an_ambiguous_class_has_a_share_and_is_never_a_false_alarm():
    assert rates()["rescue"].kind == "ambiguous"
    assert rates()["rescue"].rate == 1.0


def test_a_group_without_an_advert_is_told_without_a_rate():
    travel = rates()["travel"]
    assert (travel.adverts, travel.rate, travel.low, travel.high) == (0, None, None, None)


def test_adverts_that_do_not_count_and_adverts_without_a_class_are_left_out():
    assert rates(rows=[2, 5, 6])["press"].flagged == 0
    assert sum(one.adverts for one in rates().values()) == 6


def test_arrays_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        group_rates(FLAGGED[:3], CLUSTERS, look_alikes(), np.arange(3))
