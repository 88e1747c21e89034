"""What is no calibration is refused by the name of its field, built or read from a file."""

import json

import numpy as np
import pytest

from adverts.advert import Task
from adverts.errors import InputError, IntegrityError
from adverts.runtime.rules.calibration import Calibration, Curve, TaskCalibration
from adverts.runtime.rules.probabilities import calibrated_probabilities

pytestmark = pytest.mark.promise

PAIR = Task("refer", "single", ("no", "yes"), "yes")
KIND = Task("kind", "single", ("a", "b", "c"), "c")
SIGNALS = Task("signals", "multi", ("x", "y"))
RISK = Task("risk", "ordinal", ("0", "1", "2", "3"))
BEND = Curve((-2.0, 0.0, 1.0), (-1.0, -0.5, 3.0))


def logits(task):
    return np.zeros((3, task.num_logits))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "magic"}, "method is magic, wanted one of none, temperature, platt, isotonic"),
        (
            {"method": "temperature", "temperature": 0.0},
            "temperature is 0.0, wanted a number above",
        ),
        ({"method": "temperature", "temperature": float("nan")}, "temperature is nan"),
        ({"temperature": 2.0}, "temperature is 2.0, wanted 1.0 for method none"),
        ({"method": "platt", "slopes": (-1.0,)}, "slopes is .* wanted numbers above 0"),
        ({"method": "platt", "offsets": (float("inf"),)}, "offsets is .* wanted finite"),
        ({"method": "platt", "curves": (BEND,)}, "curves is given, wanted none for platt"),
        ({"slopes": (1.0,)}, "slopes is given, wanted none for none"),
        ({"shares": (1.5, -0.5)}, "shares is "),
        ({"operating_prevalence": 1.0}, "operating_prevalence is 1.0, wanted a number in"),
    ],
)
def test_a_map_that_is_none_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        TaskCalibration("refer", **changes)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ((1.0, 1.0), (0.0, 1.0), "x does not rise"),
        ((0.0, 1.0), (1.0, 0.0), "y does not rise"),
        ((0.0,), (), "y holds 0 knots, wanted 1 as in x"),
        ((float("nan"),), (0.0,), "x holds a knot that is not finite"),
    ],
)
def test_knots_that_give_no_rising_curve_are_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        Curve(x, y)


@pytest.mark.parametrize(
    ("task", "found", "message"),
    [
        (KIND, TaskCalibration("kind", "platt", slopes=(1.0,), offsets=(0.0,)), "offsets is of 1"),
        (KIND, TaskCalibration("kind", "isotonic", curves=(BEND,)), "curves is of 1 values, want"),
        (SIGNALS, TaskCalibration("signals", "platt", offsets=(0.0, 0.0)), "slopes is of 0 values"),
        (
            RISK,
            TaskCalibration("risk", shares=(1.0,)),
            "shares is of 1 values, wanted 4 for 'risk'",
        ),
        (RISK, TaskCalibration("risk", operating_prevalence=0.5), "operating_prevalence is given"),
        (
            PAIR,
            TaskCalibration("refer", operating_prevalence=0.5),
            r"shares is \(\), wanted one of",
        ),
        (
            PAIR,
            TaskCalibration("refer", shares=(1.0, 0.0), operating_prevalence=0.5),
            r"shares is \(1.0, 0.0\), wanted one of the positive label inside \(0, 1\)",
        ),
    ],
)
def test_a_map_of_another_task_is_refused(task, found, message):
    with pytest.raises(InputError, match=f"calibration of task '{task.name}': {message}"):
        calibrated_probabilities(task, logits(task), Calibration((found,)))
    with pytest.raises(
        IntegrityError, match=rf"calibration.json does not fit: tasks\[0\].{message}"
    ):
        Calibration((found,)).check([PAIR, KIND, SIGNALS, RISK])


def test_a_calibration_of_an_unknown_task_is_refused():
    with pytest.raises(IntegrityError, match=r"tasks\[0\].task is 'refer', wanted one of kind"):
        Calibration((TaskCalibration("refer"),)).check([KIND])


def test_logits_of_another_width_are_refused():
    with pytest.raises(InputError, match=r"'refer' needs logits of shape \(N, 2\), found \(3, 5\)"):
        calibrated_probabilities(PAIR, np.zeros((3, 5)), Calibration())


def test_two_maps_of_one_task_are_refused():
    with pytest.raises(ValueError, match="tasks names one twice: refer, refer"):
        Calibration((TaskCalibration("refer"), TaskCalibration("refer")))


CURVED = TaskCalibration("refer", "isotonic", curves=(BEND,))


def damaged(**changes):
    raw = json.loads(Calibration((CURVED,), {"split": "validation"}).to_json())
    task = raw["tasks"][0] | changes.pop("task", {})
    kept = {name: value for name, value in task.items() if value is not ...}
    return json.dumps({**raw, "tasks": [kept], **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        (b"\xff\xfe", "calibration.json is not valid"),
        ("[]", "the file is a list, wanted an object"),
        ("{}", "schema_version is missing"),
        (damaged(schema_version=2), "schema_version is 2, wanted 1"),
        (damaged(schema_version=True), "schema_version is true or false, wanted a number"),
        (damaged(tasks={}), "tasks is an object, wanted a list"),
        (damaged(tasks=["refer"]), r"tasks\[0\] is text, wanted an object"),
        (damaged(extra=1), "extra is not a known field"),
        (damaged(fitted_on=[]), "fitted_on is a list, wanted an object"),
        (damaged(fitted_on={"split": "test"}), "fitted_on.split is 'test'"),
        (damaged(fitted_on={"adverts": 1.5}), "fitted_on.adverts is a number, wanted text or"),
        (damaged(task={"task": None}), r"tasks\[0\].task is null, wanted text"),
        (damaged(task={"method": "magic"}), r"tasks\[0\].method is magic, wanted one of none"),
        (damaged(task={"temperature": "1"}), r"tasks\[0\].temperature is text, wanted a number"),
        (damaged(task={"temperature": float("inf")}), "it contains Infinity"),
        (damaged(task={"temperature": 10**400}), r"tasks\[0\].temperature is inf, wanted a finite"),
        (damaged(task={"shares": [0.5, None]}), r"tasks\[0\].shares\[1\] is null, wanted a number"),
        (damaged(task={"losses": {"none": []}}), r"tasks\[0\].losses.none is a list, wanted a num"),
        (damaged(task={"losses": []}), r"tasks\[0\].losses is a list, wanted an object of numbers"),
        (damaged(task={"offsets": ...}), r"tasks\[0\].offsets is missing"),
        (damaged(task={"reason": ...}), r"tasks\[0\].reason is missing"),
        (damaged(task={"reason": 1}), r"tasks\[0\].reason is a number, wanted text"),
        (damaged(task={"scale": 1}), r"tasks\[0\].scale is not a known field"),
        (
            damaged(task={"curves": [{"x": [0.0, 1.0], "y": [1.0, 0.0]}]}),
            r"tasks\[0\].curves\[0\].y does not rise",
        ),
        (damaged(task={"curves": [{"x": []}]}), r"tasks\[0\].curves\[0\].y is missing"),
        (damaged(tasks=[json.loads(damaged())["tasks"][0]] * 2), "tasks names one twice"),
        ("[" * 100_000, "calibration.json is not valid"),
    ],
)
def test_every_wrong_file_is_refused_by_the_name_of_the_field(text, message):
    with pytest.raises(IntegrityError, match=message):
        Calibration.from_json(text)
