"""The rule of the early exit: read strictly, and never for adverts without evidence."""

import json
from dataclasses import replace

import numpy as np
import pytest

from adverts.advert import Advert, LabelSchema, Task
from adverts.errors import IntegrityError
from adverts.runtime.rules.early_exit import ExitLimit, ExitRule, label_odds, may_leave
from adverts.runtime.rules.languages import Language

pytestmark = pytest.mark.promise

QUEUE = Task("refer", "single", ("no", "yes"), "yes")
SIGNALS = Task("signals", "multi", ("price", "danger"))
SCHEMA = LabelSchema("told", (QUEUE, SIGNALS), "refer")
RULE = ExitRule(
    max_loss=0.01,
    confidence=0.95,
    limits=(ExitLimit("refer", "yes", -3.0, 700, 2, 0.009),),
    languages=("en", "unknown"),
    scripts=("Latn",),
    modalities=("text",),
    evidence="train, out of fold",
    adverts=5_000,
    share=0.9,
    data_hash="ab",
)
LACKING = replace(RULE, limits=(ExitLimit("refer", "yes", None, 9, lack="290 more are missing"),))
WITH_DANGER = replace(
    RULE, limits=(*RULE.limits, ExitLimit("signals", "danger", -2.0, 400, 0, 0.007))
)


@pytest.mark.parametrize("rule", [RULE, LACKING, WITH_DANGER])
def test_a_rule_is_read_as_it_was_written(rule):
    assert ExitRule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"schema_version": 2}, "schema_version"),
        ({"max_loss": 0}, "max_loss"),
        ({"max_loss": "1"}, "max_loss"),
        ({"limits": []}, "limits"),
        ({"limits": json.loads(RULE.to_json())["limits"] * 2}, "two entries"),
        ({"limits": [{"task": "refer"}]}, "limits"),
        ({"share": 1.5}, "share"),
        ({"languages": ["en"] * 1_001}, "languages"),
        ({"adverts": -1}, "adverts"),
        ({"more": 1}, "more"),
    ],
)
def test_a_damaged_rule_is_refused_with_the_name_of_the_field(change, why):
    with pytest.raises(IntegrityError, match=why):
        ExitRule.from_json(json.dumps({**json.loads(RULE.to_json()), **change}))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, b"\xff"])
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(IntegrityError, match="early_exit.json"):
        ExitRule.from_json(text)


def test_a_value_and_a_lack_exclude_each_other():
    raw = json.loads(RULE.to_json())
    raw["limits"][0]["lack"] = "none"
    with pytest.raises(IntegrityError, match="lack"):
        ExitRule.from_json(json.dumps(raw))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1e999"])
def test_a_limit_that_is_no_number_is_refused(value):
    with pytest.raises(IntegrityError):
        ExitRule.from_json(RULE.to_json().replace("-3.0", value))


def test_limits_of_another_model_are_refused():
    RULE.check(SCHEMA)
    with pytest.raises(IntegrityError, match="'other'"):
        replace(RULE, limits=(ExitLimit("refer", "other", 0.0),)).check(SCHEMA)


def test_the_rule_covers_a_model_only_with_a_limit_for_each_danger():
    assert RULE.covers(SCHEMA, ())
    assert not RULE.covers(SCHEMA, ("danger",))
    assert WITH_DANGER.covers(SCHEMA, ("danger",))
    assert not LACKING.covers(SCHEMA, ())
    assert not RULE.covers(LabelSchema("told", (replace(QUEUE, positive=None),), "refer"), ())


def test_an_advert_leaves_under_every_limit_and_not_at_one():
    tasks = {"refer": QUEUE, "signals": SIGNALS}
    ngrams = {
        "refer": np.array([[0, -3], [0, -3.5], [0, -3.5], [0, np.nan]], np.float32),
        "signals": np.array([[0, -9], [0, -9], [0, -2], [0, -9]], np.float32),
    }
    assert RULE.is_under(tasks, ngrams).tolist() == [False, True, True, False]
    assert WITH_DANGER.is_under(tasks, ngrams).tolist() == [False, True, False, False]
    assert not LACKING.is_under(tasks, ngrams).any()


def test_the_odds_of_a_label_do_not_depend_on_a_common_shift():
    logits = np.array([[1.0, 3.0], [101.0, 103.0]], np.float32)
    assert label_odds(QUEUE, logits, "yes").tolist() == [2.0, 2.0]
    assert label_odds(SIGNALS, logits, "danger").tolist() == [3.0, 103.0]


def test_only_adverts_with_evidence_leave():
    assert RULE.has_evidence(Language("en", "Latn", identified=True), "text")
    assert RULE.has_evidence(Language(None, "Latn", identified=False), "text")
    assert not RULE.has_evidence(Language("fr", "Latn", identified=True), "text")
    assert not RULE.has_evidence(Language("en", "Cyrl", identified=True), "text")
    assert not RULE.has_evidence(Language("en", None, identified=True), "text")
    assert not RULE.has_evidence(Language("en", "Latn", identified=True), "text+image")


@pytest.mark.parametrize(
    ("advert", "masked", "wanted"),
    [
        (Advert("a", "words"), ("words", None), True),
        (Advert("a", " "), (None, None), False),
        (Advert("a", "words", (b"picture",)), ("words", None), False),
        (Advert("a", "words", (), ""), ("words", None), False),
        (Advert("a", "", (b"picture",), "read"), (None, "read"), True),
        (Advert("a", "words", (b"picture",), "read"), ("words", "read"), True),
    ],
)
def test_a_picture_without_readable_text_is_for_the_network(advert, masked, wanted):
    some, none = (np.arange(3, dtype=np.int32), np.ones(3, np.float32)), (np.zeros(0), np.zeros(0))
    assert may_leave(advert, masked, some) is wanted
    assert not may_leave(advert, masked, none)
