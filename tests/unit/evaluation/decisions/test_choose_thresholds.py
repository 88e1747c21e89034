"""Thresholds of every kind of task: chosen on validation alone, or the reason why there is none."""

from dataclasses import replace

import numpy as np
import pytest
from evaluation_examples import RISK, predictions, targets
from scipy.stats import beta

from adverts.advert import Task
from adverts.errors import InputError
from adverts.evaluation.decisions.choose_thresholds import Promise, choose_thresholds
from adverts.runtime.rules.thresholds import SAFEGUARDING_DEFAULT, Thresholds

pytestmark = pytest.mark.promise

QUEUE = Task("refer", "single", ("no", "yes"), "yes")
SIGNALS = Task("signals", "multi", ("price", "live_distress"))


def promise(**changes):
    asked = {
        "precision": 0.8,
        "recall": 0.9,
        "operating_prevalence": None,
        "confidence": 0.95,
    }
    return Promise(**{**asked, **changes})


def said_of(scores, truth, **changes):
    """Return predictions of a queue, one advert a cluster, and their targets."""
    n = len(scores)
    scores, truth = np.asarray(scores, dtype=float), np.asarray(truth, dtype=bool)
    columns = {
        "ids": [f"a{i}" for i in range(n)],
        "clusters": [f"c{i}" for i in range(n)],
        "splits": ["validation"] * n,
        "seen": np.zeros(n, dtype=bool),
        "probabilities": {"refer": np.stack([1 - scores, scores], axis=1)},
    }
    said = predictions(n, tasks=())
    said = replace(said, tasks=(QUEUE,), **{**columns, **changes})
    return said, {"refer": np.stack([~truth, truth], axis=1).astype(np.float32)}


def separated(positives=200, others=1000):
    scores = np.concatenate([np.linspace(0.6, 0.9, positives), np.linspace(0.1, 0.4, others)])
    return scores, np.arange(positives + others) < positives


def chosen(said, wanted, *, safeguarding=(), **changes):
    return choose_thresholds(said, wanted, promise=promise(**changes), safeguarding=safeguarding)


def lack_of(scores, truth, purpose="precision"):
    found = chosen(*said_of(scores, truth)).find("refer", "yes", purpose)
    assert found.value is None
    return found.lack


@pytest.mark.parametrize(
    "splits",
    [["test"] * 1200, ["validation"] * 1199 + ["test"], ["train"] * 1200],
    ids=["test", "one of test", "train"],
)
def test_a_threshold_is_never_chosen_on_another_split_than_validation(splits):
    said, wanted = said_of(*separated(), splits=splits)
    with pytest.raises(InputError, match="chosen on the split validation alone, found"):
        chosen(said, wanted)


def test_no_advert_chooses_no_threshold():
    said, wanted = said_of([], [])
    with pytest.raises(InputError, match="found no advert"):
        chosen(said, wanted)


def test_a_queue_has_two_thresholds_for_its_positive_label():
    found = chosen(*said_of(*separated()), operating_prevalence=0.05)
    precise, complete = found.thresholds
    assert [(one.label, one.purpose) for one in found.thresholds] == [
        ("yes", "precision"),
        ("yes", "recall"),
    ]
    assert precise.operating_prevalence == 0.05
    assert precise.value == pytest.approx(0.5)
    assert complete.operating_prevalence is None
    assert 0.6 < complete.value < 0.62
    assert (complete.positive_clusters, complete.negative_clusters) == (200, 1000)
    assert (found.split, found.data_hash) == ("validation", "ab" * 32)


def test_without_a_stated_prevalence_that_of_validation_is_promised_and_told():
    found = chosen(*said_of(*separated()))
    assert found.find("refer", "yes", "precision").operating_prevalence == pytest.approx(1 / 6)


def test_a_rarer_label_takes_more_evidence():
    said, wanted = said_of(*separated())
    assert chosen(said, wanted, operating_prevalence=0.05).thresholds[0].value is not None
    rare = chosen(said, wanted, operating_prevalence=0.001).thresholds[0]
    assert rare.value is None
    assert "more negative clusters are needed" in rare.lack


def test_three_positives_promise_nothing():
    scores, truth = separated(positives=3)
    assert "3 clusters hold the label" in lack_of(scores, truth)
    assert "7 more are needed" in lack_of(scores, truth, "recall")


def test_one_class_alone_promises_nothing():
    assert "0 clusters hold the label" in lack_of([0.2] * 50, [False] * 50)
    assert "0 clusters hold another" in lack_of([0.2] * 50, [True] * 50)


def test_a_single_campaign_promises_nothing():
    scores, truth = separated()
    said, wanted = said_of(scores, truth, clusters=["one"] * 1200)
    assert "1 clusters hold the label" in chosen(said, wanted).thresholds[0].lack


def test_too_few_clean_negatives_are_told_with_the_number_still_needed():
    said, wanted = said_of(*separated(others=20))
    lack = chosen(said, wanted, operating_prevalence=0.05).thresholds[0].lack
    assert "equivalent to 20 independent adverts" in lack
    # a recall of 0.985 at the least: 0.0130 false alarms, ln 0.05 / ln (1 - 0.0130) = 230 negatives
    assert "about 210 more negative clusters are needed" in lack


def test_the_sum_from_independent_adverts_to_missing_clusters_can_be_followed():
    scores, truth = separated(positives=44, others=1000)
    large = ["large"] * 5  # 40 clusters: one of 5 adverts and 39 of one are worth 44² / 64 = 30
    clusters = large + [f"c{i}" for i in range(1039)]
    said, wanted = said_of(scores, truth, clusters=clusters)
    lack = chosen(said, wanted, recall=0.95).find("refer", "yes", "recall").lack
    assert lack == (
        "40 positive clusters are equivalent to 30 independent adverts (0.76 each, as some are "
        "much larger than others), and a recall of 0.95 takes 59 without a miss: for the 29 that "
        "are missing, about 39 more positive clusters are needed in validation"
    )


@pytest.mark.parametrize("field", ["reviewed", "seen"])
def test_only_reviewed_adverts_of_new_campaigns_choose(field):
    flags = {"reviewed": np.zeros(1200, dtype=bool), "seen": np.ones(1200, dtype=bool)}
    said, wanted = said_of(*separated(), **{field: flags[field]})
    assert "0 clusters hold the label" in chosen(said, wanted).thresholds[0].lack


def test_adverts_without_a_label_choose_nothing():
    said, wanted = said_of(*separated())
    unjudged = wanted["refer"].copy()
    unjudged[:195] = np.nan
    found = chosen(said, {"refer": unjudged}).thresholds[0]
    assert found.positive_clusters == 5


def test_every_label_of_classes_signals_and_levels_is_asked_for():
    found = chosen(predictions(splits=["validation"] * 240), targets())
    asked = {(one.task, one.label) for one in found.thresholds}
    assert asked == {
        ("refer", "yes"),
        *(("coarse", label) for label in ("offer", "recruit", "benign")),
        *(("signals", label) for label in ("price", "boat", "never")),
        *(("risk", level) for level in RISK.labels[1:]),
    }
    assert all((one.value is None) != (one.lack is None) for one in found.thresholds)
    assert Thresholds.from_json(found.to_json()) == found


def test_a_level_is_held_by_the_adverts_of_that_level_or_a_higher_one():
    said = predictions(splits=["validation"] * 240, seen=np.zeros(240, dtype=bool))
    found = chosen(said, targets()).find("risk", "2", "recall")
    clusters = np.array(said.clusters)[targets()["risk"].argmax(axis=1) >= 2]
    assert found.positive_clusters == len(set(clusters))


def test_a_task_without_labels_is_left_out():
    only = {"refer": targets()["refer"]}
    found = chosen(predictions(splits=["validation"] * 240), only)
    assert {one.task for one in found.thresholds} == {"refer"}


def distress(scores, truth):
    said, _ = said_of(*separated())
    both = np.stack([np.full(1200, 0.5), scores], axis=1)
    said = replace(said, tasks=(SIGNALS,), probabilities={"signals": both})
    wanted = np.stack([np.zeros(1200), truth], axis=1).astype(np.float32)
    found = chosen(said, {"signals": wanted}, safeguarding=("live_distress", "unknown"))
    assert found.safeguarding == ("live_distress",)
    (one,) = (one for one in found.thresholds if one.label == "live_distress")
    assert (one.purpose, one.lack) == ("recall", None)
    return one


def test_a_sign_of_danger_has_a_recall_threshold_alone():
    one = distress(*separated())
    assert one.caution is None
    assert one.recall_low >= 0.9


def test_a_sign_of_danger_is_told_from_a_low_default_where_evidence_is_weak():
    scores, truth = separated(positives=5, others=1195)
    one = distress(scores, truth)
    assert one.value == SAFEGUARDING_DEFAULT
    assert "not shown, this is a default: 5 clusters hold the label" in one.caution
    assert one.recall == 1.0


def test_the_default_is_lowered_to_the_lowest_known_case_of_danger():
    scores, truth = separated(positives=5, others=1195)
    scores[0] = 0.01
    one = distress(scores, truth)
    assert one.value < 0.01
    assert one.recall == 1.0


def test_a_sign_of_danger_that_nobody_labelled_is_told_from_the_default():
    said, wanted = said_of(*separated())
    said = replace(
        said,
        tasks=(QUEUE, SIGNALS),
        probabilities={**said.probabilities, "signals": np.full((1200, 2), 0.5)},
    )
    found = chosen(said, wanted, safeguarding=("live_distress",))
    assert found.find("signals", "live_distress", "recall").value == SAFEGUARDING_DEFAULT
    assert found.find("signals", "price", "recall") is None


@pytest.mark.parametrize("field", ["precision", "recall", "confidence", "operating_prevalence"])
def test_a_promise_that_nothing_could_show_is_refused(field):
    with pytest.raises(InputError, match=r"must be in \(0, 1\)"):
        promise(**{field: 1.0})


@pytest.mark.parametrize(
    ("models", "positives", "is_shipped"),
    [
        # a recall of 0.9 without a miss takes log(0.05 / models) / log(0.9) positives:
        (1, 29, True),  # 28.4
        (1, 28, False),
        (10, 51, True),  # 50.3
        (10, 50, False),
        (50, 66, True),  # 65.6
        (50, 65, False),
    ],
)
def test_the_best_of_many_models_takes_more_evidence(models, positives, is_shipped):
    scores, truth = separated(positives, 1000)
    found = chosen(*said_of(scores, truth), models_compared=models)
    assert (found.find("refer", "yes", "recall").value is not None) == is_shipped
    assert (found.models_compared, found.confidence) == (models, 0.95)


def test_the_bounds_of_the_best_of_many_are_those_of_its_share_of_what_may_go_wrong():
    found = chosen(*said_of(*separated()), models_compared=50).find("refer", "yes", "recall")
    seen = 200 * found.recall
    assert found.recall_low == pytest.approx(beta.ppf(0.05 / 50, seen, 200 - seen + 1))


def test_what_is_promised_is_said_with_how_many_models_were_compared():
    said = [chosen(*said_of(*separated()), models_compared=models).condition for models in (1, 12)]
    assert said == [
        "95 % for the only model tried on these validation adverts",
        "95 % for the best of 12 models compared on these validation adverts",
    ]


def test_fewer_than_one_model_is_refused():
    with pytest.raises(InputError, match="at least 1 model is compared, this one; found 0"):
        promise(models_compared=0)


@pytest.mark.parametrize(
    "asked", [{"models_compared": 10**17}, {"confidence": 1 - 2**-53, "models_compared": 9}]
)
def test_a_promise_that_rounding_makes_certain_is_refused(asked):
    with pytest.raises(InputError, match="leaves no doubt at all"):
        promise(**asked)
