"""Which adverts a model answers, as a service would find: read, and not left to people."""

import dataclasses
from pathlib import Path

import pytest

from adverts.advert import LabelSchema, Task
from adverts.candidates.answers import answers_of, readable_by, stored_answers
from adverts.candidates.candidate import _of_bundle, _of_predictions
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.predictions.stored_model import StoredModel
from adverts.runtime.opening.bundle import open_bundle
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.coverage import Coverage, CoveredSlice

pytestmark = pytest.mark.promise

SCHEMA = LabelSchema("s", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
NOWHERE = Coverage()
BUNDLE = Path(__file__).parents[2] / "bundles" / "5.0-text"
ROWS = (
    {"text": "word1 word2", "lang": "en", "script": "Latn"},
    {"text": "word1 word2", "lang": "fr", "script": "Latn"},
    {"text": "", "images": (StoredImage(b"x"),), "ocr_text": "word3"},
    {"text": "word1", "images": (StoredImage(b"y"),)},
    {"text": " "},
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared") / "p"
    rows = [
        PreparedRow(id=f"a{i}", split="test", cluster=f"c{i}", **one) for i, one in enumerate(ROWS)
    ]
    write_prepared(folder, rows, name="p", schema=SCHEMA)
    return open_prepared(folder).split("test")


@pytest.fixture(scope="module")
def bundle():
    return open_bundle(BUNDLE)


def candidate_of(bundle, *, inputs=("text",), ocr_key=None, coverage=NOWHERE):
    judged = Classifier(dataclasses.replace(bundle, coverage=coverage), threads=1)
    found = _of_bundle(judged)
    facts = dataclasses.replace(found.facts, inputs=inputs, ocr_key=ocr_key)
    return dataclasses.replace(found, facts=facts)


def test_a_model_of_text_cannot_read_what_is_a_picture_alone_or_blank(bundle, table):
    assert readable_by(candidate_of(bundle), table).tolist() == [True, True, False, True, False]


def test_a_model_that_learnt_from_read_pictures_cannot_judge_one_that_was_not_read(bundle, table):
    read = candidate_of(bundle, inputs=("text", "ocr"), ocr_key="reader")
    assert readable_by(read, table).tolist() == [True, True, True, False, False]
    without = candidate_of(bundle, inputs=("text", "ocr"))
    assert readable_by(without, table).tolist() == [True, True, True, True, False]


def test_a_bundle_that_no_gate_divided_abstains_nowhere(bundle, table):
    assert answers_of(candidate_of(bundle), table)[:2] == ["given", "given"]


def test_a_bundle_abstains_where_its_gate_left_adverts_to_people_or_never_looked(bundle, table):
    left = Coverage(
        (
            CoveredSlice("en", "Latn", "text", "supported", "meets it"),
            CoveredSlice("fr", "Latn", "text", "abstain", "too few"),
        )
    )
    answers = answers_of(candidate_of(bundle, coverage=left), table)
    assert answers == ["given", "abstained", "unreadable", "abstained", "unreadable"]


def stored(bundle, kind, answers):
    facts = dataclasses.replace(candidate_of(bundle).facts, kind=kind)
    count = len(answers)
    said = Predictions(
        tasks=(), ids=[f"a{i}" for i in range(count)], clusters=[""] * count, langs=[None] * count,
        identified_langs=[None] * count, scripts=[None] * count, modalities=["text"] * count,
        readings=[""] * count, platforms=[None] * count, weeks=[None] * count,
        characters=[0] * count, splits=["test"] * count, reviewed=[True] * count,
        seen=[False] * count, logits={}, probabilities={}, made_by=facts, answers=answers,
    )  # fmt: skip
    return _of_predictions(StoredModel(BUNDLE, facts, None, said)), said


def test_what_a_file_of_before_does_not_tell_of_a_bundle_stays_unknown(bundle, table):
    candidate, said = stored(bundle, "bundle", [None] * 5)
    assert stored_answers(candidate, table, said) == [None, None, "unreadable", None, "unreadable"]


def test_a_checkpoint_never_abstains_so_its_file_of_before_tells_all(bundle, table):
    candidate, said = stored(bundle, "checkpoint", [None] * 5)
    found = stored_answers(candidate, table, said)
    assert found == ["given", "given", "unreadable", "given", "unreadable"]


def test_a_file_cannot_claim_to_have_read_what_holds_nothing(bundle, table):
    candidate, said = stored(
        bundle, "bundle", ["given", "abstained", "given", "unreadable", "given"]
    )
    found = stored_answers(candidate, table, said)
    assert found == ["given", "abstained", "unreadable", "unreadable", "unreadable"]
