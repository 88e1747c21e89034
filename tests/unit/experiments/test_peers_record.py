"""The record of peers keeps the rows of machines whose predictions no longer exist."""

import importlib.util
import json
from pathlib import Path

import pytest

from adverts.errors import InputError

HERE = Path(__file__).parents[3] / "experiments" / "0021-peers"


def load(name):
    """Import one file of the experiment, under a name that no other file has."""
    spec = importlib.util.spec_from_file_location(f"peers_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


kept_rows = load("kept_rows")


def record(*names, figure, hashes=None, models=None):
    """A record with an arm and a comparison for each of the places."""
    return {
        "data_hashes": hashes or {},
        "models": models or {},
        "metrics": {"figure": "figure"},
        "arms": [{"name": f"{name}, ours", "figure": figure} for name in names],
        "comparisons": [{"name": f"{name}, ours − tf-idf", "figure": figure} for name in names],
        "caption": figure,
    }


def rows(found, part):
    return [(row["name"], row["figure"]) for row in found[part]]


def test_a_place_that_was_not_measured_keeps_its_rows_and_its_turn():
    earlier = record("tubespam", "gambling", "vispam", figure="old")
    found = kept_rows.with_kept_rows(earlier, record("gambling", figure="new"))
    assert rows(found, "arms") == [
        ("tubespam, ours", "old"),
        ("gambling, ours", "new"),
        ("vispam, ours", "old"),
    ]
    assert [figure for _, figure in rows(found, "comparisons")] == ["old", "new", "old"]
    assert found["caption"] == "new"


def test_no_earlier_comparison_stays_beside_rows_that_were_measured_again():
    earlier = record("gambling", figure="old")
    earlier["comparisons"].append({"name": "gambling, ours − SetFit", "figure": "old"})
    found = kept_rows.with_kept_rows(earlier, record("gambling", figure="new"))
    assert rows(found, "comparisons") == [("gambling, ours − tf-idf", "new")]


def test_all_labels_and_few_labels_of_one_dataset_are_two_places():
    earlier = record("gambling, 16 a class", "gambling, 64 a class", figure="old")
    found = kept_rows.with_kept_rows(earlier, record("gambling, 64 a class", figure="new"))
    assert [figure for _, figure in rows(found, "arms")] == ["old", "new"]


def test_collecting_the_same_predictions_twice_changes_nothing(tmp_path):
    measured = record("gambling", figure="new", hashes={"gambling": "1" * 64})
    once = kept_rows.with_kept_rows(record("tubespam", figure="old"), measured)
    path = tmp_path / "results.json"
    path.write_text(json.dumps(once), encoding="utf-8")
    assert kept_rows.with_kept_rows(kept_rows.read_earlier(path), measured) == once


def test_without_an_earlier_record_there_are_only_the_measured_rows(tmp_path):
    measured = record("gambling", figure="new")
    earlier = kept_rows.read_earlier(tmp_path / "results.json")
    assert kept_rows.with_kept_rows(earlier, measured) == measured


def test_a_dataset_that_was_prepared_otherwise_is_refused():
    earlier = record("gambling", figure="old", hashes={"gambling": "0" * 64})
    measured = record("gambling", figure="new", hashes={"gambling": "1" * 64})
    with pytest.raises(InputError, match="gambling: prepared as 1{12}"):
        kept_rows.with_kept_rows(earlier, measured)


def test_versions_of_models_that_were_not_run_again_stay():
    earlier = record("tubespam", figure="old", models={"SetFit": 1, "AutoGluon": 1})
    measured = record("gambling", figure="new", models={"AutoGluon": 2})
    found = kept_rows.with_kept_rows(earlier, measured)
    assert found["models"] == {"SetFit": 1, "AutoGluon": 2}
