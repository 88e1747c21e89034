"""A model specification survives JSON and refuses what it does not know."""

import json
from dataclasses import replace

import pytest

from adverts.errors import InputError
from adverts.models.architecture import EncoderSpec, ModelSpec, TowerSpec


@pytest.fixture
def spec(tiny):
    return ModelSpec(
        kind="neural",
        name="fusion",
        inputs=("text", "image"),
        tasks=tiny.tasks,
        encoder=EncoderSpec(
            weights="package:x",
            config={"model_type": "bert", "id2label": {"0": "a"}},
            pooling="mean",
            freeze_word_table=True,
            freeze_layers=0,
        ),
        tower=TowerSpec(
            weights="package:y",
            library="timm",
            architecture="z",
            arguments={},
            features=4,
            mean=(0.5, 0.5, 0.5),
            std=(0.5, 0.5, 0.5),
            freeze=True,
        ),
        fusion_features=8,
        head_dropout=0.1,
        num_features=0,
    )


def test_a_specification_is_equal_after_a_trip_through_json(spec):
    assert ModelSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_absent_parts_survive_too(spec):
    bare = replace(spec, encoder=None, tower=None, inputs=("ocr",))
    assert ModelSpec.from_dict(json.loads(json.dumps(bare.to_dict()))) == bare


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": 1},
        {"tasks": 3},
        {"tasks": [{"name": "a"}]},
        {"inputs": ["smell"]},
        {"inputs": []},
        {"encoder": {"weights": "x"}},
        {"tower": {"features": 3}},
        {"tower": "x"},
    ],
)
def test_a_broken_specification_is_refused(spec, change):
    with pytest.raises(InputError, match="not a model specification"):
        ModelSpec.from_dict({**spec.to_dict(), **change})


def test_a_missing_key_is_refused(spec):
    raw = spec.to_dict()
    del raw["head_dropout"]
    with pytest.raises(InputError, match="head_dropout"):
        ModelSpec.from_dict(raw)
