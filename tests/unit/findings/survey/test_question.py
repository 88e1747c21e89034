"""What reviewers are asked: the classes of the taxonomy, or the labels of the headline task."""

from __future__ import annotations

import pytest

from adverts.advert import LabelSchema, Task
from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.review.reviews import UNSURE
from adverts.errors import InputError
from adverts_findings.survey.question import question_of

SPAM = LabelSchema("posts", (Task("spam", "single", ("ham", "spam"), "spam"),), "spam")


def test_classes_of_the_taxonomy_are_asked_with_their_definitions():
    asked = question_of(read_taxonomy().label_schema())
    by_label = {one.label: one for one in asked.choices}
    assert asked.task == "advert_class"
    assert by_label["offer_crossing"].positive is True
    assert by_label["news_journalism"].positive is False
    assert by_label["unusable"].positive is None
    assert "small boat" in by_label["offer_crossing"].definition
    assert by_label[UNSURE].positive is None


def test_labels_of_any_other_headline_task_are_asked_as_they_are():
    asked = question_of(SPAM, {"spam": "It promotes something."})
    found = [(one.label, one.definition, one.positive) for one in asked.choices]
    assert found[:2] == [("ham", "", False), ("spam", "It promotes something.", True)]
    assert asked.positive("spam") is True


def test_another_definition_is_another_codebook():
    assert question_of(SPAM).codebook != question_of(SPAM, {"spam": "other words"}).codebook


def test_a_definition_of_no_label_is_refused():
    with pytest.raises(InputError, match="definitions: there is no label scam"):
        question_of(SPAM, {"scam": "?"})


@pytest.mark.parametrize(
    "task", [Task("kind", "single", ("a", "b", "c")), Task("signs", "multi", ("a", "b"))]
)
def test_a_task_without_a_positive_label_has_nothing_to_count(task):
    with pytest.raises(InputError, match="nothing to count"):
        question_of(LabelSchema("posts", (task,), task.name))
