"""Each branch is judged by itself, and the mean against it on the same resamples."""

import dataclasses

import evaluation_examples as examples
import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from adverts.evaluation.figures.branch_figures import branch_figures
from adverts.evaluation.predictions.prediction_file import select
from adverts.inputs.spec import BRANCHES


@pytest.fixture
def said():
    """Two noisy branches and their mean, on adverts whose truth is known."""
    rng = np.random.default_rng(0)
    truth = np.nan_to_num(examples.targets()["refer"])
    branches = {name: {"refer": truth + rng.normal(0, 1.5, truth.shape)} for name in BRANCHES}
    mean = np.mean([branches[name]["refer"] for name in BRANCHES], axis=0)
    refer = tuple(task for task in examples.predictions().tasks if task.name == "refer")
    return examples.predictions(tasks=refer, logits={"refer": mean}, branches=branches)


def figures(said):
    settings = {"precision": 0.9, "resamples": 200, "seed": 0}
    return branch_figures(said, examples.targets(), said.tasks[0], **settings)


def test_the_figures_are_those_of_scikit_learn(said):
    truth = examples.targets()["refer"][:, 1]
    known = ~np.isnan(truth)

    def precision(logits):
        return average_precision_score(truth[known], (logits[:, 1] - logits[:, 0])[known])

    found = figures(said)
    assert [one.branch for one in found] == list(BRANCHES)
    for one in found:
        assert one.figure == "average_precision"
        assert one.alone.value == pytest.approx(precision(said.branches[one.branch]["refer"]))
        assert one.mean.value == pytest.approx(precision(said.logits["refer"]))
        assert one.ahead.value == pytest.approx(one.mean.value - one.alone.value)
        assert one.ahead.low < one.ahead.value < one.ahead.high
        assert one.ahead.high - one.ahead.low < one.alone.high - one.alone.low


def test_a_model_of_one_branch_has_none(said):
    assert figures(dataclasses.replace(said, branches={})) == ()


def test_unreviewed_and_unreadable_adverts_do_not_count(said):
    kept = np.arange(len(said)) % 3 == 0
    answers = ["given" if one else "unreadable" for one in kept]
    few = figures(dataclasses.replace(said, answers=answers))
    unreviewed = figures(dataclasses.replace(said, reviewed=kept))
    assert [one.alone.value for one in few] == [one.alone.value for one in unreviewed]
    assert few[0].alone.value != figures(said)[0].alone.value


def test_without_a_judged_advert_there_is_none(said):
    assert figures(dataclasses.replace(said, reviewed=np.zeros(len(said), bool))) == ()


def test_rows_keep_their_branches(said):
    part = select(said, [5, 2])
    for name in BRANCHES:
        np.testing.assert_array_equal(
            part.branches[name]["refer"], said.branches[name]["refer"][[5, 2]]
        )
