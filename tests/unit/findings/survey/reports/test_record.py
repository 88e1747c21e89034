"""The record of an estimate: read as it was written, and any change is noticed."""

import dataclasses
import json

import numpy as np
import pytest
from made_sample import drawn_sample, labelled, made_truth

from adverts.errors import InputError, IntegrityError
from adverts_findings.survey.reports.make_record import Made, record_of_sample
from adverts_findings.survey.reports.record import (
    RECORD,
    Publication,
    read_estimate,
    record_bytes,
)

WEEKS = ["2026-W43", "2026-W44"]


@pytest.fixture(scope="module")
def record():
    truth = made_truth(4_000, 0.05, weeks=np.array(WEEKS)[np.arange(4_000) % 2])
    planted = {f"p{i}": i < 20 for i in range(60)}
    sample = drawn_sample(truth.frame, 300, planted=planted, adjudicated_share=0.1)
    one = labelled(sample, truth.items | {f"p{i}" for i in range(19)}, unsure={"p59"})
    made = Made("2026-11-09T09:00:00+00:00", "adverts of a test", 3)
    return record_of_sample(one, made, Publication("posts", True, None, ()), by=["week"])


@pytest.fixture
def folder(record, tmp_path):
    (tmp_path / RECORD).write_bytes(record_bytes(record))
    return tmp_path


def changed(folder, change):
    path = folder / RECORD
    plain = json.loads(path.read_bytes())
    change(plain)
    path.write_text(json.dumps(plain))
    return folder


def test_a_record_is_read_as_it_was_written(record, folder):
    assert read_estimate(folder) == record
    assert read_estimate(folder).id == record.id


def test_the_id_changes_with_anything_in_the_record(record):
    other = dataclasses.replace(record, doubts=(*record.doubts, "One more."))
    assert other.id != record.id
    assert dataclasses.replace(record).id == record.id


def test_a_figure_that_was_changed_is_noticed(folder):
    changed(folder, lambda plain: plain["figures"][0]["total"]["by_design"].update(value=1.0))
    with pytest.raises(IntegrityError, match="was changed after it was written"):
        read_estimate(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.pop("doubts"),
        lambda plain: plain.update(extra=1),
        lambda plain: plain.update(schema_version=2),
        lambda plain: plain.pop("id"),
        lambda plain: plain["figures"][0].update(unit="posts"),
        lambda plain: plain.update(level="high"),
    ],
)
def test_a_record_of_another_form_is_refused(folder, change):
    with pytest.raises(IntegrityError, match="bring back the file as it was"):
        read_estimate(changed(folder, change))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"id": 1}', "\x00", "[" * 100_000])
def test_a_file_that_is_no_record_is_refused(tmp_path, text):
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(IntegrityError, match="bring (back the file|it back) as it was"):
        read_estimate(tmp_path)


def test_a_record_that_was_cut_short_is_refused(folder):
    path = folder / RECORD
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(IntegrityError):
        read_estimate(folder)


def test_a_folder_without_a_record_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="make one with: adverts estimate"):
        read_estimate(tmp_path)
    (tmp_path / RECORD).mkdir()
    with pytest.raises(IntegrityError, match="is a folder, not a file"):
        read_estimate(tmp_path)


def test_a_record_names_no_advert(record):
    text = record_bytes(record).decode()
    assert '"a17"' not in text
    assert "p59" not in text
    assert "items" not in json.loads(text)
