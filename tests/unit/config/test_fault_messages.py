import pytest
from composing import TASK
from pydantic import ValidationError

from adverts.config import EvaluateConfig, OptimizerConfig, PrepareConfig, TrainConfig
from adverts.config.data import DataConfig, FileSource, TaskConfig
from adverts.config.fault_messages import (
    describe_faults,
    describe_missing,
    describe_unknown_key,
    describe_unknown_name,
    legal_keys,
    named_freely,
    unknown_part,
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
        "max_grad_norm: found 'wide'; wanted: a valid number, such as 0.01",
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
    assert "nearest" not in describe_unknown_key("trainer.zzz", ["epochs"], TrainConfig)


def test_legal_keys_follow_a_dotted_path():
    assert "epochs" in legal_keys("trainer.epoch", TrainConfig)


def test_a_misspelt_key_below_a_name_of_the_config_is_told_as_it_stands():
    key = "gate.conditions.ranks_well.at_leas"
    assert unknown_part(key, EvaluateConfig) == key
    assert unknown_part("gate.conditons.fits", EvaluateConfig) == "gate.conditons"


def test_a_name_that_the_config_gives_itself_is_no_key_of_ours():
    assert named_freely("gate.conditions.ranks_wel", EvaluateConfig)
    assert not named_freely("gate.conditions.ranks_well.at_leas", EvaluateConfig)
    assert not named_freely("gate.conditions", EvaluateConfig)
    assert not named_freely("sead", EvaluateConfig)
    said = describe_unknown_name("gate.conditions.ranks_wel")
    assert said.startswith("gate.conditions: the chosen config has no 'ranks_wel'")


def test_a_key_inside_a_union_of_several_kinds_is_written_without_its_tag():
    lines = faults(DataConfig, {"source": {"kind": "csv", "paths": []}})
    assert "source.paths: found []; wanted: at least 1 of them" in lines


def test_a_container_is_not_blamed_for_what_is_inside_it():
    tasks = {
        "kind": "listed",
        "headline": "spam",
        "tasks": [TASK | {"name": "spam", "positive": "maybe"}],
    }
    about_tasks = [line for line in faults(DataConfig, {"tasks": tasks}) if "tasks" in line]
    assert len(about_tasks) == 1
    assert "positive='maybe' is not one of labels" in about_tasks[0]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"labels": ["no", "yes", "no"]}, "labels must differ"),
        ({"labels": ["no", "yes", " "]}, "labels must differ and hold text"),
        ({"labels": ["yes"]}, "kind=single needs two labels or more"),
        ({"labels": ["yes"], "kind": "ordinal"}, "kind=ordinal needs two labels or more"),
    ],
)
def test_labels_that_cannot_be_told_apart_are_refused(change, wanted):
    [line] = faults(TaskConfig, TASK | change)
    assert wanted in line


@pytest.mark.parametrize("delimiter", ["", '"', "\r", "\n", ",,"])
def test_what_cannot_stand_between_cells_is_refused(delimiter):
    [line] = faults(FileSource, {"kind": "csv", "paths": ["a.csv"], "delimiter": delimiter})
    assert line.startswith(f"delimiter: found {delimiter!r}; wanted: one character that is neither")


def test_one_signal_is_a_task():
    assert TaskConfig.model_validate(TASK | {"labels": ["yes"], "kind": "multi"}).labels == ("yes",)


@pytest.mark.parametrize("lengths", [[3, 1], [0, 2], [-1, -1], [1, 17]])
@pytest.mark.parametrize("name", ["word_ngrams", "char_ngrams"])
def test_lengths_of_ngrams_that_give_none_are_refused(name, lengths):
    lines = faults(TrainConfig, {"model": TFIDF | {name: lengths}})
    assert any(f"{name}={lengths} must be the shortest and the longest" in line for line in lines)


def test_weights_of_no_known_form_are_told_the_forms():
    encoder = {"weights": "owner/name@main"}
    neural = {"kind": "neural", "encoder": encoder}
    assert (
        "model.encoder.weights: found 'owner/name@main'; wanted: package:<name>, path:<folder> or "
        "hub:<id>@<commit of 40 hex digits>" in faults(TrainConfig, {"model": neural})
    )


def test_a_key_of_another_kind_is_told_with_how_to_add_it():
    line = describe_unknown_key("data.split.test_from", ["kind", "test_from"], PrepareConfig)
    assert line.endswith("add it as +data.split.test_from=<value>")
