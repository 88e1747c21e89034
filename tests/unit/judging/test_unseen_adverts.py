"""Adverts that no figure shows cost what is worst for the model, whoever chose them."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from adverts.evaluation.statistics.metrics import average_precision
from adverts.evaluation.truth import NOT_JUDGED
from adverts.judging.unseen_adverts import left_out_of, lost_by_unseen

pytestmark = pytest.mark.promise


def lost(scores, truth, unreadable=None, *, pictures=False, left_out=0):
    none = np.zeros(len(truth), np.bool_)
    read = none if unreadable is None else unreadable
    return lost_by_unseen(scores, truth, read, has_image=none | pictures, left_out=left_out)


def drawn(seed, count=4_000, positives=0.3, skill=1.5):
    rng = np.random.default_rng(seed)
    truth = (rng.random(count) < positives).astype(np.int64)
    return rng.normal(0, 1, count) + skill * truth, truth, rng


def chosen(how, scores, truth, rng, count):
    """The adverts that somebody hides: by chance, or those that the model is most wrong about."""
    if how == "by chance":
        return rng.choice(len(scores), count, replace=False)
    worst = np.argsort(-scores if how == "flagged negatives" else scores)
    worst = worst[truth[worst] == (how == "missed positives")]
    return worst[: min(count, len(worst) // 2)]


WAYS = ("by chance", "flagged negatives", "missed positives")


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("share", [0.02, 0.1])
@pytest.mark.parametrize("positives", [0.1, 0.5])
def test_no_choice_of_adverts_without_an_answer_hides_more_than_they_cost(how, share, positives):
    scores, truth, rng = drawn(0, positives=positives)
    open_ones = chosen(how, scores, truth, rng, int(share * len(truth)))
    known = truth.copy()
    known[open_ones] = NOT_JUDGED
    judged = known != NOT_JUDGED
    hidden = average_precision(scores[judged], truth[judged] == 1)
    hidden -= average_precision(scores, truth == 1)
    assert lost(scores, known) >= hidden - 0.002
    assert lost(scores, known) < 4 * share / positives


@pytest.mark.parametrize("seed", range(20))
def test_the_cost_is_that_of_the_worst_of_all_labels(seed):
    rng = np.random.default_rng(seed)
    scores, truth = rng.normal(0, 1, 14), np.r_[rng.integers(0, 2, 6), 0, 1, [NOT_JUDGED] * 6]
    judged = truth != NOT_JUDGED
    every = itertools.product((False, True), repeat=6)
    worst = min(average_precision(scores, np.r_[truth[judged] == 1, one]) for one in every)
    had = average_precision(scores[judged], truth[judged] == 1)
    assert lost(scores, truth) == pytest.approx(had - worst, abs=1e-12)


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("skill", [1.5, 2.5])
@pytest.mark.parametrize("how", ["blank", "left out"])
def test_the_hardest_negatives_gain_nothing_where_they_are_blank_or_left_out(how, skill, share):
    scores, truth, rng = drawn(1, count=20_000, skill=skill)
    count = int(share * len(truth))
    hidden = chosen("flagged negatives", scores, truth, rng, count)
    unread = np.zeros(len(truth), np.bool_)
    unread[hidden] = True
    seen = average_precision(np.where(unread, -9, scores), truth == 1)
    true_cost = seen - average_precision(scores, truth == 1)
    if how == "blank":
        cost = lost(scores, truth, unread)
    else:
        cost = lost(scores[~unread], truth[~unread], left_out=count)
    assert cost > 0.7 * true_cost > 0.02


def test_pictures_without_a_text_count_as_the_hardest_that_can_be_read():
    scores, truth, rng = drawn(1, count=20_000)
    unread = np.zeros(len(truth), np.bool_)
    unread[chosen("by chance", scores, truth, rng, 1_000)] = True
    negatives = int((unread & (truth == 0)).sum())
    read = np.where(unread, -99.0, scores)
    hardest = np.sort(scores[~unread & (truth == 0)])[-negatives:]
    whole = np.r_[read, hardest], np.r_[truth == 1, np.zeros(negatives, np.bool_)]
    had = average_precision(read, truth == 1)
    assert lost(scores, truth, unread, pictures=True) == pytest.approx(
        had - average_precision(*whole), abs=1e-9
    )
    assert 0.02 < lost(scores, truth, unread, pictures=True) < lost(scores, truth, unread)


@pytest.mark.parametrize("blank", [0, 3])
def test_few_positives_cost_most_where_those_that_were_left_out_are_all_missed(blank):
    scores = np.r_[np.arange(100.0), np.full(blank, 200.0)]
    truth = np.zeros(len(scores), np.int64)
    truth[[60, 99]] = 1
    unread = scores == 200
    had = average_precision(np.where(unread, -1, scores), truth == 1)
    alike = np.r_[np.arange(98.0, 98 - blank, -1), np.full(20, -9)]  # no easier than the rest
    whole = (
        np.r_[np.where(unread, -1, scores), alike],
        np.r_[truth == 1, np.arange(blank + 20) >= blank],
    )
    assert lost(scores, truth, unread, left_out=20) == pytest.approx(
        had - average_precision(*whole), abs=1e-9
    )
    assert had - average_precision(*whole) > 0.3


def test_adverts_that_are_blank_and_those_left_out_look_alike_together():
    scores, truth, rng = drawn(2, skill=4)
    unread = np.zeros(len(truth), np.bool_)
    unread[chosen("by chance", scores, truth, rng, 200)] = True
    blank = int((unread & (truth == 0)).sum())
    both = lost(scores, truth, unread, left_out=100)
    no_more = np.where(truth == 0, False, unread)
    together = lost(
        scores[~(unread & (truth == 0))],
        truth[~(unread & (truth == 0))],
        no_more[~(unread & (truth == 0))],
        left_out=blank + 100,
    )
    assert both == pytest.approx(together, abs=0.003)
    assert both > lost(scores, truth, unread) + 0.02
    assert both > lost(scores, truth, left_out=100) + 0.02


def test_where_everything_is_seen_or_nothing_is_positive_there_is_no_cost():
    scores, truth, _ = drawn(3, count=50)
    assert lost(scores, truth) == 0
    assert lost(scores, np.where(truth == 1, NOT_JUDGED, 0), left_out=9) == 0
    assert lost(scores, truth, truth == 1) == 0  # missed in every figure


CAUSES = {"bad_rows": 40, "rare_label_rows": 20, "bridge_rows": 10, "erased_rows": 30}


@pytest.mark.parametrize(
    ("split", "count"),
    [({"kind": "made"}, 25), ({"kind": "folds"}, 25), ({"kind": "given"}, 100)]
    + [({"kind": "later"}, 100), ({"kind": "leave_one_out"}, 100), (None, 100)],
)
def test_a_split_that_nobody_chose_lacks_its_share_and_another_one_may_lack_all(split, count):
    made = SimpleNamespace(**CAUSES, erasures=(), config={} if split is None else {"split": split})
    assert left_out_of(SimpleNamespace(made=made, num_adverts=800), 200) == count


def test_every_erasure_in_the_folder_counts():
    made = SimpleNamespace(**dict.fromkeys(CAUSES, 0), config={}, erasures=())
    made.erasures = (SimpleNamespace(adverts=7), SimpleNamespace(adverts=5))
    assert left_out_of(SimpleNamespace(made=made, num_adverts=100), 50) == 12
