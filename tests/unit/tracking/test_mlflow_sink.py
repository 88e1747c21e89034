"""What stands at a server, asked of the sink without one."""

from types import SimpleNamespace

import pytest

from adverts.tracking.events import AnswerError, Begin, LoggedBundle, RecordRefusedError

pytestmark = pytest.mark.slow  # imports mlflow

EVENT = LoggedBundle("bundle", "ab")


def sink_and_run(monkeypatch, status):
    """A sink whose server has a run that names one model of this status; None: deleted."""
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST

    from adverts.tracking.mlflow_sink import MlflowSink

    def get_logged_model(model_id):
        if status is None:
            raise MlflowException("gone", error_code=RESOURCE_DOES_NOT_EXIST)
        return SimpleNamespace(model_id=model_id, status=status)

    sink = MlflowSink("sqlite://", artifact_root=None)
    client = SimpleNamespace(get_logged_model=get_logged_model)
    monkeypatch.setattr(sink, "_connect", lambda: client)
    outputs = SimpleNamespace(model_outputs=[SimpleNamespace(model_id="m-1")])
    return sink, SimpleNamespace(info=SimpleNamespace(run_id="r"), outputs=outputs)


def test_a_whole_model_refuses_a_second(monkeypatch):
    sink, run = sink_and_run(monkeypatch, "READY")
    with pytest.raises(RecordRefusedError, match="already has its one model, m-1"):
        sink._refuse_second_model(run, EVENT)


def test_a_bundle_that_a_killed_export_had_sent_is_not_sent_again(monkeypatch, tmp_path):
    sink, run = sink_and_run(monkeypatch, "READY")
    run.data = SimpleNamespace(tags={"bundle.manifest_sha256": "ab"})
    monkeypatch.setattr(sink._connect(), "get_run", lambda _: run, raising=False)
    sink._log_bundle(LoggedBundle(str(tmp_path), "ab"), "r")
    with pytest.raises(RecordRefusedError, match="already has its one model, m-1"):
        sink._log_bundle(LoggedBundle(str(tmp_path), "another"), "r")


@pytest.mark.parametrize("status", ["FAILED", "PENDING", None])
def test_a_model_that_did_not_arrive_or_was_deleted_refuses_none(monkeypatch, status):
    sink, run = sink_and_run(monkeypatch, status)
    sink._refuse_second_model(run, EVENT)


@pytest.mark.parametrize(
    ("run_id", "told"), [(None, "answers, but created no run"), ("r-1", "shows no run r-1")]
)
def test_an_answer_without_the_run_is_no_answer(monkeypatch, run_id, told):
    from adverts.tracking.mlflow_sink import MlflowSink

    nothing = SimpleNamespace(
        info=SimpleNamespace(run_id=""), data=SimpleNamespace(params={}, metrics={}, tags={})
    )
    client = SimpleNamespace(
        get_experiment_by_name=lambda name: SimpleNamespace(experiment_id=7),
        create_run=lambda *_: nothing,
        get_run=lambda _: nothing,
    )
    sink = MlflowSink("sqlite://", artifact_root=None)
    monkeypatch.setattr(sink, "_connect", lambda: client)
    with pytest.raises(AnswerError, match=told):
        sink.send(Begin("e", "r", run_id, 1))
    assert sink.run_id is None


@pytest.mark.parametrize("is_there_by_then", [True, False])
def test_an_experiment_that_another_run_has_just_made_is_taken(is_there_by_then):
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import INTERNAL_ERROR, RESOURCE_ALREADY_EXISTS

    from adverts.tracking.mlflow_client import find_experiment

    def create_experiment(name, artifact_root, tags):
        if is_there_by_then:
            found.append(SimpleNamespace(experiment_id=7))
        code = RESOURCE_ALREADY_EXISTS if is_there_by_then else INTERNAL_ERROR
        raise MlflowException("UNIQUE constraint failed", error_code=code)

    found = []
    client = SimpleNamespace(
        create_experiment=create_experiment,
        get_experiment_by_name=lambda name: found[0] if found else None,
    )
    if is_there_by_then:
        assert find_experiment(client, "adverts", None) == "7"
    else:
        with pytest.raises(MlflowException, match="UNIQUE"):
            find_experiment(client, "adverts", None)
