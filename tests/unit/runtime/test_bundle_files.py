import json

import pytest

from adverts.advert import Advert
from adverts.errors import InputError, IntegrityError
from adverts.runtime import BundleManifest, Classifier, open_bundle
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.coverage import Coverage, modality_of
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.label_facts import LabelFacts, SchemaClass
from adverts.runtime.rules.seen_facts import SeenFact, SeenFacts
from adverts.runtime.rules.thresholds import Threshold, Thresholds

FILES = ["model.onnx", "tokenizer.json", "calibration.json", "thresholds.json", "labels.json"]

SEEN = SeenFacts("validation", 9, 9.0, (SeenFact("language", (), {"en": 9}),))


def test_a_whole_bundle_opens(handmade):
    bundle = open_bundle(handmade.folder)
    assert bundle.manifest.label_schema == handmade.manifest.label_schema
    assert bundle.tokenizer is not None


def test_the_manifest_survives_a_trip_through_json(handmade):
    again = BundleManifest.from_json(handmade.manifest.to_json())
    assert again.to_json() == handmade.manifest.to_json()
    assert again == handmade.manifest


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_refused_and_the_file_named(handmade, name):
    path = handmade.folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match=name):
        open_bundle(handmade.folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_and_named(handmade, name):
    (handmade.folder / name).unlink()
    with pytest.raises(IntegrityError, match=f"{name} is missing"):
        open_bundle(handmade.folder)


def test_a_file_that_is_not_listed_is_refused_and_named(handmade):
    (handmade.folder / "model.onnx.data").write_bytes(b"weights")
    with pytest.raises(IntegrityError, match=r"model\.onnx\.data is not listed"):
        open_bundle(handmade.folder)


def test_a_link_is_refused_even_to_equal_bytes(handmade, tmp_path):
    outside = tmp_path / "tokenizer.json"
    (handmade.folder / "tokenizer.json").rename(outside)
    (handmade.folder / "tokenizer.json").symlink_to(outside)
    with pytest.raises(IntegrityError, match="'tokenizer.json' is a link"):
        open_bundle(handmade.folder)


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "..", "a\\b", ""])
def test_a_path_outside_the_folder_is_refused(handmade, name):
    handmade.rewrite(files={name: "0" * 64})
    with pytest.raises(IntegrityError, match="outside the bundle"):
        open_bundle(handmade.folder)


def test_another_schema_version_is_refused_with_what_to_do(handmade):
    handmade.rewrite(schema_version=1)
    with pytest.raises(
        IntegrityError, match="schema_version is 1, but this release reads 5.x; use"
    ):
        open_bundle(handmade.folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 3),
        ("files", ["model.onnx"]),
        ("label_schema", {"name": "x", "tasks": [], "headline": "refer"}),
        ("label_schema", {"name": "x", "headline": "refer"}),
        ("input_spec", {"inputs": ["text"]}),
        ("image_limits", {"max_bytes": -1, "max_pixels": 9}),
        ("opset", True),
        ("opset", 10**400),
        ("image_limits", {"max_bytes": 9, "max_pixels": 10**12}),
        ("weights", "MIT"),
    ],
)
def test_a_malformed_field_is_named(handmade, field, value):
    raw = json.loads(handmade.manifest.to_json()) | {field: value}
    with pytest.raises(IntegrityError, match=rf"manifest\.json: {field}"):
        BundleManifest.from_json(json.dumps(raw))


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, b"\xff\xfe"])
def test_what_is_no_manifest_is_refused(text):
    with pytest.raises(IntegrityError, match=r"manifest\.json"):
        BundleManifest.from_json(text)


def test_labels_that_stand_twice_are_refused(handmade):
    task = {"name": "refer", "kind": "single", "labels": ["no", "no"], "positive": None}
    handmade.rewrite(label_schema={"name": "x", "tasks": [task], "headline": "refer"})
    with pytest.raises(IntegrityError, match="label_schema"):
        open_bundle(handmade.folder)


def test_a_malformed_tokenizer_is_refused_by_name(handmade):
    (handmade.folder / "tokenizer.json").write_text("{}")
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=r"tokenizer\.json is malformed"):
        open_bundle(handmade.folder)


def test_a_malformed_model_is_refused_by_name(handmade):
    (handmade.folder / "model.onnx").write_bytes(b"not a model")
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=r"model\.onnx is not a model of a bundle"):
        Classifier.load(handmade.folder)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": "text"},
        {"inputs": [[], "ocr"]},
        {"inputs": ["text", "text"]},
        {"tokens": {"max_tokens": 8, "prefix": "", "pad_id": -1}},
        {"tokens": {"max_tokens": 8, "prefix": "", "pad_id": True}},
        {"tokens": {"max_tokens": 10**9, "prefix": "", "pad_id": 0}},
        {"tokens": {"max_tokens": 8, "prefix": "", "pad_id": 10}},
        {"image": {"image_px": 10**6}},
        {"image": {"image_px": 4}},
        {"masking_version": 2.0},
        {"hashing": {"num_features": 2**40, "word_ngrams": [1, 2], "char_ngrams": [2, 4]}},
        {"hashing": {"num_features": 8, "word_ngrams": [1, 2, 3], "char_ngrams": [2, 4]}},
        {"hashing": {"num_features": 8, "word_ngrams": [2, 1], "char_ngrams": [2, 4]}},
    ],
)
def test_a_specification_that_no_model_has_is_refused(handmade, change):
    spec = json.loads(handmade.manifest.to_json())["input_spec"]
    handmade.rewrite(input_spec=spec | change)
    with pytest.raises(IntegrityError, match=r"manifest\.json|model\.onnx takes pictures"):
        open_bundle(handmade.folder)


def test_what_strangers_write_begins_no_line_of_a_log(handmade):
    spec = json.loads(handmade.manifest.to_json())["input_spec"]
    handmade.rewrite(input_spec=spec | {"image": {"image_px": 8, "\r\n\x1b[31m": 8}})
    with pytest.raises(IntegrityError, match="input_spec") as error:
        open_bundle(handmade.folder)
    assert str(error.value).isprintable()


def test_tasks_in_another_order_than_the_outputs_are_refused(handmade):
    raw = json.loads(handmade.manifest.to_json())["label_schema"]
    handmade.rewrite(label_schema=raw | {"tasks": raw["tasks"][::-1]})
    with pytest.raises(IntegrityError, match="the model takes"):
        Classifier.load(handmade.folder)


def test_other_masking_rules_than_the_installed_are_refused(handmade):
    spec = json.loads(handmade.manifest.to_json())["input_spec"]
    handmade.rewrite(input_spec=spec | {"masking_version": 999})
    with pytest.raises(IntegrityError, match="masking rules version 999"):
        Classifier.load(handmade.folder)


def test_a_folder_without_a_bundle_is_wrong_usage(tmp_path):
    with pytest.raises(InputError, match="is not a bundle"):
        open_bundle(tmp_path)


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("calibration.json", "{}", r"calibration\.json is not valid"),
        ("thresholds.json", "[]", r"thresholds\.json is not valid"),
        ("labels.json", '{"schema_version": 1, "classes": 3}', r"labels\.json is not valid"),
        ("labels.json", '{"schema_version": 9}', r"labels\.json is not valid \(schema_version 9"),
        ("coverage.json", '{"schema_version": 1, "slices": [{}]}', r"coverage\.json is not valid"),
    ],
)
def test_malformed_rules_are_refused_by_name_even_with_an_honest_hash(handmade, file, text, told):
    (handmade.folder / file).write_text(text)
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=told):
        open_bundle(handmade.folder)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            DecisionRules(Calibration((TaskCalibration("risk"),))),
            "task is 'risk', wanted one of refer, sig",
        ),
        (
            DecisionRules(
                thresholds=Thresholds((Threshold("refer", "maybe", "recall", 0.9, 0.5),))
            ),
            "the label 'maybe' of the task 'refer'",
        ),
        (
            DecisionRules(thresholds=Thresholds(safeguarding=("nowhere",))),
            r"thresholds\.json names the safeguarding signal 'nowhere'",
        ),
    ],
)
def test_rules_of_another_model_are_refused(handmade, rules, told):
    for name, text in rules.files().items():
        (handmade.folder / name).write_text(text)
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=told):
        open_bundle(handmade.folder)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (LabelFacts((SchemaClass("refer", "yes", "V", ()),)), "the class 'no' of the task 'refer'"),
        (LabelFacts((SchemaClass("other", "yes", "V", ()),)), "the class 'yes' of the task 'other"),
        (LabelFacts((), ("nowhere",)), "the safeguarding signal 'nowhere'"),
    ],
)
def test_facts_of_other_labels_are_refused(handmade, facts, told):
    (handmade.folder / "labels.json").write_text(facts.to_json())
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=rf"labels\.json .*{told}"):
        open_bundle(handmade.folder)


def test_the_identity_is_of_what_the_model_says_and_of_nothing_told_about_it(handmade):
    identity = open_bundle(handmade.folder).manifest.identity()
    (handmade.folder / "coverage.json").write_text(Coverage().to_json())
    (handmade.folder / "gate.json").write_text("{}")
    (handmade.folder / "README.md").write_text("# a card")
    (handmade.folder / "seen.json").write_text(SEEN.to_json())
    handmade.rewrite(parity={"adverts": 3}, created_by={"numpy": "9"}, training={"commit": "c"})
    assert open_bundle(handmade.folder).manifest.identity() == identity


@pytest.mark.parametrize(
    "changes",
    [
        {"image_limits": {"max_bytes": 9, "max_pixels": 9}},
        {"precision": "int8"},
        {"ocr": None},
        {"files": {"thresholds.json": "0" * 64}},
    ],
)
def test_the_identity_changes_with_whatever_decides(handmade, changes):
    raw = json.loads((handmade.folder / "manifest.json").read_text())
    other = json.dumps(raw | changes)
    assert (
        BundleManifest.from_json(json.dumps(raw)).identity()
        != BundleManifest.from_json(other).identity()
    )


@pytest.mark.parametrize(
    ("advert", "modality"),
    [
        (Advert("a", "boat"), "text"),
        (Advert("a", "boat", (b"x",)), "text+image"),
        (Advert("a", "", (b"x",)), "image"),
        (Advert("a", "", (), ""), "image"),
        (Advert("a"), "empty"),
    ],
)
def test_text_of_a_picture_shows_that_there_was_one(advert, modality):
    assert modality_of(advert) == modality


def test_facts_of_the_adverts_judged_on_are_opened_where_there_are_some(handmade):
    assert open_bundle(handmade.folder).seen is None
    (handmade.folder / "seen.json").write_text(SEEN.to_json())
    handmade.rewrite()
    assert open_bundle(handmade.folder).seen == SEEN


def test_damaged_facts_are_refused_even_with_an_honest_hash(handmade):
    (handmade.folder / "seen.json").write_text(SEEN.to_json().replace("en", "e\\u0000n"))
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=r"seen\.json is not valid"):
        open_bundle(handmade.folder)


def test_a_run_of_training_is_no_bundle_and_is_told_what_writes_one(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(InputError, match="is a run of training.*adverts export checkpoint="):
        Classifier.load(tmp_path)
