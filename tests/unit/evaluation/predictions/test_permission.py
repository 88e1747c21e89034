"""Only adverts that neither taught nor chose a model carry its headline."""

import pytest

from adverts.evaluation.predictions.model_facts import DatasetName, headline_refusal

HERE = DatasetName("tubespam", "aa" * 32)


def refusal(split="test", chosen_on="validation", trained_on=HERE, judged_on=HERE):
    return headline_refusal(split, chosen_on=chosen_on, trained_on=trained_on, judged_on=judged_on)


def test_an_untouched_split_of_the_same_dataset_may_be_a_headline():
    assert refusal() is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"split": "validation"}, "validation chose this checkpoint"),
        ({"split": "test", "chosen_on": "test"}, "test chose this checkpoint"),
        ({"split": "train"}, "trained on the split train"),
        ({"split": "all"}, "All splits"),
        ({"chosen_on": None}, "not known which split"),
        ({"trained_on": DatasetName("tubespam", "bb" * 32)}, "another preparation"),
        ({"trained_on": DatasetName("", "")}, "not known which adverts"),
        (
            {
                "trained_on": DatasetName("videos", "bb" * 32, frozenset({"cc" * 32})),
                "judged_on": DatasetName("tubespam", "aa" * 32, frozenset({"cc" * 32, "dd" * 32})),
            },
            "made from the same source as tubespam",
        ),
    ],
)
def test_adverts_that_the_model_may_know_are_refused_with_the_reason(arguments, words):
    assert words in refusal(**arguments)


def test_another_dataset_may_be_a_headline_on_any_split():
    assert refusal(split="train", trained_on=DatasetName("vispam", "bb" * 32)) is None
