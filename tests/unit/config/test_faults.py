import pytest
from pydantic import ValidationError

from adverts.config import OptimizerConfig, TrainConfig
from adverts.config.faults import (
    describe_faults,
    describe_missing,
    describe_unknown_key,
    legal_keys,
)

OPTIMIZER = {
    "learning_rate": 1e-4,
    "head_learning_rate": 1e-3,
    "weight_decay": 0.0,
    "warmup_fraction": 0.1,
    "max_grad_norm": 1.0,
}
TFIDF = {
    "kind": "tfidf",
    "name": "tfidf",
    "inputs": ["text"],
    "num_features_log2": 18,
    "word_ngrams": [1, 2],
    "char_ngrams": [2, 5],
    "inverse_regularisation": 1.0,
}


def faults(schema, raw, missing=()):
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(raw)
    return describe_faults(caught.value, schema, missing).splitlines()


def test_every_fault_is_named_with_the_value_found_and_the_values_wanted():
    lines = faults(OptimizerConfig, OPTIMIZER | {"learning_rate": 3, "max_grad_norm": "wide"})
    assert lines == [
        "learning_rate: found 3; wanted: less than 1",
        "max_grad_norm: found 'wide'; wanted: a valid number, unable to parse string as a number",
    ]


def test_an_unknown_key_names_its_nearest_neighbour():
    [line] = faults(OptimizerConfig, OPTIMIZER | {"learning_rat": 1})
    assert line.startswith("learning_rat: no such key; nearest key: learning_rate; legal keys")


def test_a_key_inside_a_union_is_written_without_the_unions_tag():
    lines = faults(TrainConfig, {"model": TFIDF | {"num_features_log3": 5}})
    assert "model.num_features_log3: no such key; nearest key: num_features_log2" in "\n".join(
        lines
    )


def test_an_unknown_kind_lists_the_legal_ones():
    lines = faults(TrainConfig, {"model": {"kind": "audio"}})
    assert "model.kind: found 'audio'; legal: 'neural', 'tfidf'" in lines


def test_a_key_that_nobody_set_is_said_once_and_first():
    lines = faults(TrainConfig, {"prepared": "???", "seed": -1}, missing=["prepared"])
    assert lines[0] == "prepared: not set; give it as prepared=<value>"
    assert sum(line.startswith("prepared:") for line in lines) == 1


def test_missing_keys_alone_are_listed():
    assert describe_missing(["model", "a.b"]).splitlines() == [
        "a.b: not set; give it as a.b=<value>",
        "model: not set; give it as model=<value>",
    ]


def test_a_key_with_no_neighbour_gets_no_hint():
    assert "nearest" not in describe_unknown_key("trainer.zzz", ["epochs"])


def test_legal_keys_follow_a_dotted_path():
    assert "epochs" in legal_keys("trainer.epoch", TrainConfig)
