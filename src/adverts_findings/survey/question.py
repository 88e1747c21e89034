"""What reviewers are asked of each advert, from the labels of the model that scored it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from adverts.advert import LabelSchema
from adverts.data.mapping.taxonomy import CLASS_TASK, read_taxonomy
from adverts.data.review.counted_labels import counted_labels
from adverts.data.review.reviews import UNSURE
from adverts.errors import InputError
from adverts_findings.survey.sample import Choice, ReviewQuestion

_UNSURE = Choice(UNSURE, "You cannot tell.", None)


def question_of(
    schema: LabelSchema, definitions: Mapping[str, str] | None = None
) -> ReviewQuestion:
    """Return the question whose answers say what is positive.

    Where the labels are those of the taxonomy, reviewers choose the class, with its definition, and
    the class says whether the advert is a candidate for referral. Otherwise they choose a label of
    the headline task.

    Args:
        schema: The labels.
        definitions: Says of labels, in words, when an advert has them; the taxonomy has its own.

    Raises:
        InputError: The headline task has no positive label, or is none of kind ``single``, or a
            definition is of another label.
    """
    told, counted = dict(definitions or {}), counted_labels(schema)
    headline = schema.task(schema.headline)
    taxonomy = read_taxonomy()
    of_taxonomy = taxonomy.label_schema()
    if (headline == of_taxonomy.task(of_taxonomy.headline)) and _asks_classes(schema):
        choices = [
            Choice(one.id, one.definition, counted[CLASS_TASK, one.id]) for one in taxonomy.classes
        ]
        return _with_codebook(CLASS_TASK, _defined(choices, told))
    choices = [Choice(label, "", counted[headline.name, label]) for label in headline.labels]
    return _with_codebook(headline.name, _defined(choices, told))


def _asks_classes(schema: LabelSchema) -> bool:
    classes = {one.id for one in read_taxonomy().classes}
    return any(task.name == CLASS_TASK and classes >= set(task.labels) for task in schema.tasks)


def _defined(choices: list[Choice], told: Mapping[str, str]) -> list[Choice]:
    labels = [one.label for one in choices]
    strange = [one for one in told if one not in labels]
    if strange:
        raise InputError(
            f"definitions: there is no label {strange[0]}; the labels are {', '.join(labels)}"
        )
    return [replace(one, definition=told.get(one.label, one.definition)) for one in choices]


def _with_codebook(task: str, choices: list[Choice]) -> ReviewQuestion:
    words = json.dumps([task, [[one.label, one.definition, one.positive] for one in choices]])
    digest = hashlib.sha256(words.encode()).hexdigest()[:12]
    return ReviewQuestion(task, (*choices, _UNSURE), f"{task} {digest}")
