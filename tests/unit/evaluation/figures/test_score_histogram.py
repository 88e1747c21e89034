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
