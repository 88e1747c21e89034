import math

import pytest

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.errors import InputError
from adverts.training.building.build_run import build_tables

SCHEMA = LabelSchema("demo", (Task("spam", "single", ("no", "yes"), "yes"),), "spam")
PICTURE = (StoredImage(b"x", "x.png"),)


def prepared(tmp_path, rows, schema=SCHEMA):
    return write_prepared(
        tmp_path / "data",
        [
            PreparedRow(id=f"{split}{i}", split=split, cluster=f"{split}{i}", **values)
            for split in ("train", "validation")
            for i, values in enumerate(rows)
        ],
        name="demo",
        schema=schema,
    )


YES = {"text": "a", "targets": {"spam": (0.0, 1.0)}}
NO = {"text": "b", "targets": {"spam": (1.0, 0.0)}}


def test_a_model_learns_from_labelled_adverts_that_it_can_read(tmp_path):
    rows = [
        YES | {"images": PICTURE},
        NO | {"images": PICTURE},
        NO,
        {"text": "c", "images": PICTURE, "targets": {}},
    ]
    train, validation = build_tables(prepared(tmp_path, rows), SCHEMA, ["ocr", "image"])
    assert train.ids == ["train0", "train1"]
    assert validation.ids == ["validation0", "validation1"]


def test_a_split_with_nothing_to_read_is_told(tmp_path):
    with pytest.raises(InputError, match="none has anything to read in ocr, image"):
        build_tables(prepared(tmp_path, [YES, NO]), SCHEMA, ["ocr", "image"])


def test_a_split_without_a_label_is_told(tmp_path):
    unlabelled = {"text": "c", "targets": {}}
    with pytest.raises(InputError, match="'train' has no advert that the model reads and that has"):
        build_tables(prepared(tmp_path, [unlabelled]), SCHEMA, ["text"])


def test_one_label_among_the_readable_adverts_is_told(tmp_path):
    with pytest.raises(InputError, match="two different labels are needed"):
        build_tables(prepared(tmp_path, [YES | {"images": PICTURE}, NO]), SCHEMA, ["image"])


def test_adverts_that_nobody_judged_are_left_out_of_a_multi_task(tmp_path):
    schema = LabelSchema("demo", (Task("signals", "multi", ("a", "b")),), "signals")
    rows = [
        {"text": "a", "targets": {"signals": (1.0, math.nan)}},
        {"text": "b", "targets": {"signals": (0.0, 1.0)}},
        {"text": "c", "targets": {}},
    ]
    dataset = prepared(tmp_path, rows, schema)
    assert build_tables(dataset, schema, ["text"])[0].ids == ["train0", "train1"]
