"""Numbers of adverts by score: complete, comparable, and silent about single adverts."""

import numpy as np
import pytest

from adverts.advert import Task
from adverts.evaluation.figures.score_histogram import LOG_ODDS, score_histogram
from adverts.evaluation.report.charts import score_chart
from adverts.evaluation.truth import judge

TASK = Task("refer", "single", ("no", "yes"), "yes")


def histogram(scores, truth, task=TASK):
    scores, truth = np.asarray(scores, dtype=np.float64), np.asarray(truth)
    wanted = np.stack([truth != 1, truth == 1], axis=1).astype(np.float32)
    wanted[truth == -1] = np.nan
    return score_histogram(judge(task, wanted), np.stack([1 - scores, scores], axis=1))


def test_every_judged_advert_is_in_one_bin_of_its_answer():
    found = histogram([0.2] * 7 + [0.8] * 9 + [0.8] * 6, [0] * 7 + [1] * 9 + [0] * 6)
    assert found.label == "yes"
    assert sum(one.positives for one in found.bins) == 9
    assert [one.others for one in found.bins if one.others] == [7, 6]


def test_one_to_four_adverts_are_not_counted_out():
    for count in (1, 4):
        found = histogram([0.8] * count + [0.1] * 6, [1] * count + [0] * 6)
        assert found.bins[-1].positives is None
    assert histogram([0.8] * 5 + [0.1] * 6, [1] * 5 + [0] * 6).bins[-1].positives == 5


def test_a_lone_small_bin_is_not_told_by_subtraction():
    """All adverts of an answer are counted elsewhere in a report."""
    scores, truth = [0.8] * 2 + [0.5] * 7 + [0.1] * 9 + [0.01] * 6, [1] * 18 + [0] * 6
    found = histogram(scores, truth)
    assert [one.positives for one in found.bins if one.positives != 0] == [9, None, None]
    assert sum(one.others or 0 for one in found.bins) == 6


def test_small_bins_of_one_advert_each_are_not_told_by_their_number():
    scores = [0.8, 0.5, 0.2] + [0.1] * 9 + [0.01] * 6
    found = histogram(scores, [1] * 18)
    assert [one.positives for one in found.bins if one.positives != 0] == [
        None,
        9,
        None,
        None,
        None,
    ]


def test_bins_that_cannot_be_told_apart_hide_nothing_more():
    found = histogram([0.8] * 2 + [0.5] * 1 + [0.1] * 9, [1] * 12)
    assert [one.positives for one in found.bins if one.positives != 0] == [9, None, None]


@pytest.mark.parametrize("seed", range(30))
def test_no_hidden_number_follows_from_the_others(seed):
    """With another bin to hide behind, the hidden numbers add up to more than one of them could."""
    rng = np.random.default_rng(seed)
    counts = rng.choice([0, 0, 1, 2, 3, 4, 5, 9, 40], size=6)
    centres = 1 / (1 + np.exp(-np.linspace(-3, 3, 6)))
    found = histogram(np.repeat(centres, counts), np.ones(counts.sum(), dtype=int))
    if found is None:
        return
    shown = [one.positives for one in found.bins if one.positives != 0]
    hidden = shown.count(None)
    rest = int(counts.sum()) - sum(one for one in shown if one is not None)
    told = [one for one in shown if one is not None]
    assert not hidden or not told or (hidden >= 2 and rest > hidden)


def test_certain_scores_fall_into_the_outer_bins():
    found = histogram([0.0] * 5 + [1.0] * 5, [0] * 5 + [1] * 5)
    assert (found.bins[0].low, found.bins[-1].high) == (LOG_ODDS[0], LOG_ODDS[-1])
    assert (found.bins[0].others, found.bins[-1].positives) == (5, 5)


def test_adverts_that_are_not_judged_count_nowhere():
    found = histogram([0.2] * 6 + [0.8] * 6, [0] * 6 + [-1] * 6)
    assert sum(one.others for one in found.bins) == 6
    assert len(found.bins) == 1


def test_a_task_without_a_queue_or_an_advert_has_none():
    assert histogram([0.5], [-1]) is None
    assert histogram([0.5], [1], Task("risk", "ordinal", ("0", "1"))) is None


@pytest.mark.parametrize("value", [0.0, 1e-9, 0.37, 1.0])
def test_a_threshold_is_drawn_within_the_chart_wherever_it_is(value):
    found = histogram([0.4] * 6 + [0.6] * 6, [0] * 6 + [1] * 6)
    drawn = score_chart(found, [("recall", value)])
    place = float(drawn.partition('class="cut" d="M')[2].partition(" ")[0])
    assert 52 <= place <= 346
    assert ">recall<" in drawn
    assert "nan" not in drawn.lower()


def test_hidden_numbers_are_drawn_hollow_at_one_height():
    some = histogram([0.8] * 1 + [0.1] * 6, [1] * 1 + [0] * 6)
    more = histogram([0.8] * 4 + [0.1] * 6, [1] * 4 + [0] * 6)
    assert 'class="stack m0 few"' in score_chart(some, [])
    assert score_chart(some, []) == score_chart(more, [])
