"""Two models on the same adverts: by id, by name of task and of label, never by position."""

import dataclasses

import numpy as np
import pytest
from evaluation_examples import COARSE, REFER, RISK, SIGNALS, TASKS, predictions, targets

from adverts.errors import InputError
from adverts.evaluation.comparison.pairing import pair, same_question
from adverts.evaluation.predictions.prediction_file import select


def turned(said, task):
    """Return predictions that hold the labels of a task in the opposite order."""
    other = dataclasses.replace(task, labels=task.labels[::-1])
    return dataclasses.replace(
        said,
        tasks=tuple(other if one == task else one for one in said.tasks),
        probabilities={
            **said.probabilities,
            task.name: said.probabilities[task.name][:, ::-1],
        },
    )


def test_adverts_are_brought_together_by_id():
    theirs = predictions(seed=9)
    order = np.random.default_rng(0).permutation(len(theirs))
    both = pair(predictions(), select(theirs, order), targets())
    assert both.champion.ids == both.candidate.ids
    np.testing.assert_array_equal(
        both.champion.probabilities["refer"], theirs.probabilities["refer"]
    )


def test_only_reviewed_adverts_that_both_were_scored_on_are_kept():
    reviewed = np.arange(240) % 3 > 0
    theirs = select(predictions(seed=9), range(100))
    both = pair(predictions(reviewed=reviewed), theirs, targets())
    assert both.candidate.ids == [f"advert-{i:04d}" for i in range(100) if i % 3]
    np.testing.assert_array_equal(
        both.targets["risk"], targets()["risk"][[i for i in range(100) if i % 3]]
    )
    assert both.notes == ("94 reviewed adverts of 160 have no score of the champion.",)


@pytest.mark.parametrize("task", [REFER, COARSE, SIGNALS])
def test_labels_are_brought_together_by_name(task):
    theirs = predictions(seed=9)
    both = pair(predictions(), turned(theirs, task), targets())
    assert task in both.champion.tasks
    np.testing.assert_array_equal(
        both.champion.probabilities[task.name], theirs.probabilities[task.name]
    )


def test_signals_that_one_model_does_not_know_are_left_out():
    theirs = predictions(seed=9)
    known = dataclasses.replace(SIGNALS, labels=("never", "price"))
    theirs = dataclasses.replace(
        theirs,
        tasks=(REFER, known),
        probabilities={
            "refer": theirs.probabilities["refer"],
            "signals": theirs.probabilities["signals"][:, [2, 0]],
        },
    )
    both = pair(predictions(), theirs, targets())
    assert both.candidate.tasks[-1].labels == ("price", "never")
    np.testing.assert_array_equal(both.targets["signals"], targets()["signals"][:, [0, 2]])
    assert "The champion does not know 1 signal of task signals." in both.notes
    assert "The champion does not answer task coarse." in both.notes


def test_a_task_of_other_labels_is_told_and_not_compared():
    more = dataclasses.replace(COARSE, labels=(*COARSE.labels, "other"))
    theirs = predictions(seed=9)
    padded = np.pad(theirs.probabilities["coarse"], ((0, 0), (0, 1)))
    theirs = dataclasses.replace(
        theirs, tasks=(REFER, more), probabilities={**theirs.probabilities, "coarse": padded}
    )
    both = pair(predictions(), theirs, targets())
    assert both.candidate.tasks == (REFER,)
    assert "Task coarse has other labels for the champion: not compared." in both.notes


@pytest.mark.parametrize(
    ("task", "change"),
    [
        (REFER, {"kind": "ordinal"}),
        (COARSE, {"labels": ("offer", "recruit")}),
        (RISK, {"labels": ("3", "2", "1", "0")}),
        (SIGNALS, {"labels": ("weather",)}),
    ],
    ids=["kind", "fewer", "order-of-levels", "no-signal"],
)
def test_another_question_is_not_the_same(task, change):
    assert same_question(task, dataclasses.replace(task, **change)) is None


def test_models_of_other_adverts_cannot_be_compared():
    theirs = predictions(ids=[f"other-{i}" for i in range(240)])
    with pytest.raises(InputError, match="no reviewed advert was scored by both models"):
        pair(predictions(), theirs, targets())


def test_models_without_a_task_in_common_cannot_be_compared():
    theirs = predictions(tasks=(RISK,))
    with pytest.raises(InputError, match=r"answers none of the judged tasks \(refer\)"):
        pair(predictions(tasks=(REFER,)), theirs, targets())


def test_targets_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"'refer': shape \(240, 3\), wanted \(240, 2\)"):
        pair(predictions(), predictions(), {"refer": np.ones((240, 3), np.float32)})


def test_nothing_that_was_given_is_changed():
    ours = predictions()
    pair(ours, turned(predictions(seed=9), REFER), targets())
    assert ours.tasks == TASKS
