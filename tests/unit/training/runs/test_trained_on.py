"""What is found of the adverts of a dataset among runs, bundles and predictions."""

import json
import os

import numpy as np
import pytest

from adverts.advert import Task
from adverts.auditing import audit_pages
from adverts.evaluation.predictions.prediction_file import Predictions, write_predictions
from adverts.training.runs import checkpoint_record, run_record
from adverts.training.runs.trained_on import AUDIT, CHECKPOINT, RUN, find_traces, trace_lines

HELD, OTHER, FORMER = "a" * 64, "b" * 64, "c" * 64


def put(folder, name, record):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(record if isinstance(record, str) else json.dumps(record))
    return folder


def predict(folder, ids, data_hash=HELD):
    n = len(ids)
    folder.mkdir(parents=True)
    predictions = Predictions(
        tasks=(Task("refer", "single", ("no", "yes"), "yes"),),
        ids=ids,
        clusters=ids,
        langs=[None] * n,
        identified_langs=[None] * n,
        scripts=[None] * n,
        modalities=["text"] * n,
        readings=["no picture read"] * n,
        platforms=[None] * n,
        weeks=[None] * n,
        characters=[0] * n,
        splits=["test"] * n,
        reviewed=np.ones(n, bool),
        seen=np.zeros(n, bool),
        logits={},
        probabilities={"refer": np.full((n, 2), 0.5)},
        data_hash=data_hash,
    )
    write_predictions(folder / "predictions.parquet", predictions)
    return folder


def kinds(traces):
    return [(trace.kind, trace.folder.name) for trace in traces.found]


def test_the_names_of_the_records_are_those_that_training_writes():
    assert (run_record.RECORD, checkpoint_record.RECORD, audit_pages.FILE_NAME) == (
        RUN,
        CHECKPOINT,
        AUDIT,
    )


def test_a_run_is_told_once_with_its_checkpoints_and_its_server(tmp_path):
    run = put(tmp_path / "r", RUN, {"data_hash": HELD, "mlflow_run_id": "f00d", "more": 1})
    for place in ("checkpoints/best", "checkpoints/last", "baseline"):
        put(run / place, CHECKPOINT, {"data_hash": HELD, "mlflow_run_id": "f00d"})
    (trace,) = find_traces(tmp_path, {HELD}, set()).found
    assert (trace.kind, trace.folder, trace.mlflow_run_id) == ("run", run, "f00d")


def test_a_checkpoint_that_was_copied_elsewhere_is_told_by_itself(tmp_path):
    put(tmp_path / "a" / "copy", CHECKPOINT, {"data_hash": HELD, "mlflow_run_id": None})
    put(tmp_path / "b", RUN, {"data_hash": OTHER})
    put(tmp_path / "b" / "checkpoints", CHECKPOINT, {"data_hash": HELD})
    found = find_traces(tmp_path, {HELD}, set())
    assert kinds(found) == [("checkpoint", "copy"), ("checkpoint", "checkpoints")]


def test_bundles_are_found_at_any_depth_and_prepared_datasets_are_none(tmp_path):
    bundle = {"dataset": {"data_hash": HELD}, "training": {"mlflow_run_id": "beef"}}
    put(tmp_path / "x" / "y" / "bundle", "manifest.json", bundle)
    put(tmp_path / "p", "manifest.json", {"format": "adverts-prepared", "data_hash": HELD})
    (trace,) = find_traces(tmp_path, {HELD}, set()).found
    assert (trace.kind, trace.folder.name, trace.mlflow_run_id) == ("bundle", "bundle", "beef")


def test_an_audit_may_show_adverts_and_is_told(tmp_path):
    put(tmp_path / "a", AUDIT, {"format": "adverts-audit", "origin": {"data_hash": HELD}})
    put(tmp_path / "b", AUDIT, {"format": "adverts-audit", "origin": {"data_hash": OTHER}})
    assert kinds(find_traces(tmp_path, {HELD}, set())) == [("audit", "a")]


def test_predictions_are_told_where_they_name_one_of_the_adverts(tmp_path):
    predict(tmp_path / "both", ["a1", "a2", "a3"])
    predict(tmp_path / "none", ["a3"])
    predict(tmp_path / "others", ["a1"], data_hash=OTHER)
    found = find_traces(tmp_path, {HELD}, {"a1", "a2"})
    assert kinds(found) == [("predictions", "both")]
    assert found.found[0].adverts == 2


def test_what_cannot_be_read_is_named_and_stops_nothing(tmp_path):
    put(tmp_path / "a", RUN, "{")
    put(tmp_path / "b", "predictions.parquet", "not a table")
    put(tmp_path / "c", RUN, {"data_hash": HELD})
    put(tmp_path / "d", "manifest.json", ["of something else"])
    found = find_traces(tmp_path, {HELD}, {"a1"})
    assert kinds(found) == [("run", "c")]
    assert [path.parent.name for path in found.unreadable] == ["a", "b"]
    assert "2 files or folders could not be read" in "\n".join(
        trace_lines(tmp_path, found, certain=[HELD])
    )


def test_what_may_have_held_them_is_told_apart(tmp_path):
    put(tmp_path / "sure", RUN, {"data_hash": HELD})
    put(tmp_path / "unsure", RUN, {"data_hash": FORMER})
    predict(tmp_path / "named", ["a1"], data_hash=FORMER)
    found = find_traces(tmp_path, {HELD, FORMER}, {"a1"})
    lines = trace_lines(tmp_path, found, certain=[HELD])
    told = [line.split("(")[0].split("/")[-1].strip() for line in lines if line.startswith("  ")]
    assert told == ["named", "sure", "unsure"]
    assert lines[0].startswith("2 folders")
    assert "whether that had these adverts is unknown" in lines[3]


@pytest.mark.parametrize(("name", "told"), [("", "nothing in"), ("none", "is not a folder")])
def test_finding_nothing_is_told(tmp_path, name, told):
    found = find_traces(tmp_path / name, {HELD}, {"a1"})
    assert told in trace_lines(tmp_path / name, found, certain=[HELD])[0]


def test_links_to_folders_elsewhere_are_named_and_not_searched(tmp_path):
    runs = tmp_path / "runs"
    put(runs / "other", RUN, {"data_hash": OTHER})
    put(tmp_path / "disk" / "run", RUN, {"data_hash": HELD})
    (runs / "model").symlink_to(tmp_path / "disk" / "run")
    (runs / "gone").symlink_to(tmp_path / "disk" / "unmounted")
    (runs / "round").symlink_to("round")
    (runs / "latest").symlink_to("other")
    found = find_traces(runs, {HELD}, {"a1"})
    assert [path.name for path in found.links] == ["gone", "model", "round"]
    lines = trace_lines(runs, found, certain=[HELD])
    assert (
        lines[0] == f"nothing in what was searched in {runs} was made from data with these adverts"
    )
    assert lines[1].startswith(f"not searched: 3 links in {runs}")
    told = f"  {runs}/model is a link and was not searched; give its folder as runs={runs}/model"
    assert told in lines
    assert kinds(find_traces(runs / "model", {HELD}, {"a1"})) == [("run", "model")]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    put(tmp_path / "closed", RUN, {"data_hash": HELD})
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find_traces(tmp_path, {HELD}, {"a1"})
    assert found.unreadable == (tmp_path / "closed",)
    assert "nothing in what was searched" in trace_lines(tmp_path, found, certain=[HELD])[0]
