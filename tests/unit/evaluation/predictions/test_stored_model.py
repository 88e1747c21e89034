"""A model known by its predictions alone: what is asked of the file, and what it cannot answer."""

import dataclasses
import hashlib
import json

import numpy as np
import pytest
from evaluation_examples import TASKS, predictions

from adverts.advert import LabelSchema
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.predictions.model_facts import DatasetName, ModelFacts, Selection
from adverts.evaluation.predictions.prediction_file import (
    concatenate,
    read_predictions,
    select,
    write_predictions,
)
from adverts.evaluation.predictions.stored_model import (
    predictions_in,
    read_rules,
    read_stored,
    write_rules,
)
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds

FACTS = ModelFacts(
    name="text",
    kind="bundle",
    schema=LabelSchema("all", TASKS, "refer"),
    inputs=("text", "ocr"),
    trained_on=DatasetName("tubespam", "cd" * 32, frozenset({"x", "y"})),
    ocr_key="reader-1",
    selection=Selection("validation", "average_precision", 0.9, 40),
    run_id="run-1",
    identity="ef" * 32,
)
RULES = DecisionRules(
    Calibration((TaskCalibration("refer", "temperature", 1.5),)),
    Thresholds((Threshold("refer", "yes", "recall", 0.9, 0.25),), data_hash="ab" * 32),
)
HASH = "ab" * 32


def stored(folder, *, made_by=FACTS, **changes):
    write_predictions(folder / "predictions.parquet", predictions(made_by=made_by, **changes))
    return folder / "predictions.parquet"


@pytest.mark.parametrize(
    "facts",
    [
        FACTS,
        dataclasses.replace(FACTS, ocr_key=None, selection=None, run_id=None),
        dataclasses.replace(FACTS, trained_on=DatasetName("", "")),
    ],
)
def test_the_facts_of_the_model_are_read_back_as_they_were_written(tmp_path, facts):
    assert read_predictions(stored(tmp_path, made_by=facts)).made_by == facts


def test_predictions_of_several_models_are_made_by_none_of_them():
    first = predictions(made_by=FACTS, n=3)
    other = dataclasses.replace(
        predictions(made_by=dataclasses.replace(FACTS, identity="00"), n=3), ids=["x", "y", "z"]
    )
    assert concatenate([first, other]).made_by is None
    assert select(first, [0]).made_by == FACTS


def test_stored_predictions_are_given_in_the_order_that_is_asked_for(tmp_path):
    model = read_stored(stored(tmp_path))
    said = model.of(["advert-0007", "advert-0002"], data_hash=HASH)
    assert said.ids == ["advert-0007", "advert-0002"]
    np.testing.assert_array_equal(
        said.probabilities["refer"], predictions().probabilities["refer"][[7, 2]]
    )


def test_adverts_without_a_stored_prediction_are_counted_and_the_first_is_named(tmp_path):
    model = read_stored(stored(tmp_path))
    with pytest.raises(
        InputError, match=r"no prediction of 2 of 3 adverts \(first new-1\); evaluate the model"
    ):
        model.of(["new-1", "advert-0002", "new-2"], data_hash=HASH)


def test_predictions_of_another_dataset_are_refused_though_the_ids_are_the_same(tmp_path):
    model = read_stored(stored(tmp_path))
    with pytest.raises(
        InputError, match="predictions of data abababababab, and .* is 111111111111"
    ):
        model.of(["advert-0002"], data_hash="1" * 64)


def test_predictions_that_do_not_say_what_made_them_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not say which model made it"):
        read_stored(stored(tmp_path, made_by=None))


def test_a_report_is_found_by_its_folder_and_by_its_file(tmp_path):
    assert predictions_in(tmp_path) is None
    path = stored(tmp_path)
    assert predictions_in(tmp_path) == predictions_in(path) == path
    assert predictions_in(tmp_path / "nowhere") is None


def test_the_rules_stand_beside_the_predictions_for_the_owner_alone(tmp_path):
    path = stored(tmp_path)
    assert read_stored(path).rules is None
    write_rules(tmp_path, RULES)
    assert read_stored(path).rules == RULES
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}


def test_half_of_the_rules_or_broken_ones_are_refused(tmp_path):
    write_rules(tmp_path, RULES)
    (tmp_path / "thresholds.json").write_text("{}")
    with pytest.raises(IntegrityError, match=r"thresholds\.json .*run adverts evaluate again"):
        read_rules(tmp_path)
    (tmp_path / "thresholds.json").unlink()
    with pytest.raises(InputError, match=r"only one of calibration\.json and thresholds\.json"):
        read_rules(tmp_path)


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ({"predictions_sha256": "0" * 64}, "is not what report.json judged"),
        ({}, "is not what report.json judged"),
        (None, "is not what report.json judged"),
        ("{", "is damaged"),
    ],
    ids=["of-others", "no-hash", "no-origin", "half-a-file"],
)
def test_predictions_that_their_report_did_not_judge_are_refused(tmp_path, origin, told):
    path, report = stored(tmp_path), tmp_path / "report.json"
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    report.write_text(json.dumps({"origin": {"predictions_sha256": sha256}}))
    assert read_stored(path).path == path
    report.write_text(origin if origin == "{" else json.dumps(origin and {"origin": origin}))
    with pytest.raises(IntegrityError, match=told):
        read_stored(path)
