"""A model that another process traces is the one that this process would have traced."""

import subprocess
import sys

import pytest

from adverts.bundle.export import trace_apart
from adverts.bundle.export.onnx_export import export_onnx
from adverts.training.runs.checkpoint import read_checkpoint, share_frozen, write_checkpoint


@pytest.fixture(scope="module")
def stored(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "checkpoints" / "best"
    made = tiny.checkpoint("text")
    folder.parent.mkdir()
    shared = share_frozen(made.module, folder.parent)
    write_checkpoint(
        folder, made.module, made.record, tokenizer_json=made.tokenizer_json, frozen_sha256=shared
    )
    return folder


@pytest.mark.slow
def test_another_process_traces_the_same_bytes(stored, monkeypatch):
    monkeypatch.setattr(trace_apart, "available_cores", lambda: 2)
    checkpoint = read_checkpoint(stored)
    tasks = [task.name for task in checkpoint.record.label_schema.tasks]
    with trace_apart.traced_apart(stored, checkpoint.record, opset=18) as traced:
        here = export_onnx(
            checkpoint.module, spec=checkpoint.record.input_spec, tasks=tasks, opset=18
        )
        apart = traced()
    assert apart.SerializeToString(deterministic=True) == here.SerializeToString(deterministic=True)


def test_a_process_that_fails_leaves_the_tracing_to_this_one(stored, monkeypatch):
    monkeypatch.setattr(trace_apart, "available_cores", lambda: 2)
    record = read_checkpoint(stored).record
    with trace_apart.traced_apart(stored.parent / "gone", record, opset=18) as traced:
        assert traced() is None


def test_a_process_that_nobody_waits_for_is_ended(stored, monkeypatch):
    monkeypatch.setattr(trace_apart, "available_cores", lambda: 2)
    begun, real = [], subprocess.Popen

    def popen(command, **named):
        begun.append(real([sys.executable, "-c", "import time; time.sleep(600)"], **named))
        return begun[0]

    monkeypatch.setattr(trace_apart.subprocess, "Popen", popen)
    record = read_checkpoint(stored).record
    with (
        pytest.raises(KeyboardInterrupt),
        trace_apart.traced_apart(stored, record, opset=18),
    ):
        raise KeyboardInterrupt
    assert begun[0].returncode is not None


@pytest.mark.parametrize(("cores", "kind"), [(1, "text"), (2, "tfidf")])
def test_one_core_or_a_model_without_a_network_needs_no_other_process(
    tiny, monkeypatch, tmp_path, cores, kind
):
    monkeypatch.setattr(trace_apart, "available_cores", lambda: cores)
    monkeypatch.setattr(trace_apart.subprocess, "Popen", None)
    with trace_apart.traced_apart(tmp_path, tiny.checkpoint(kind).record, opset=18) as traced:
        assert traced() is None
