"""A local store that does not exist yet: several first runs at once, and one that is killed."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow  # makes databases of mlflow

BEGIN = """
import sys
from pathlib import Path
from adverts.config import TrackingConfig
from adverts.tracking import open_tracker
folder = Path(sys.argv[1])
values = {"kind": "mlflow", "uri": None, "store": folder, "experiment": "e"}
config = TrackingConfig.model_validate({**values, "log_checkpoint": False})
import mlflow.store.tracking.sqlalchemy_store
print("ready", flush=True)
sys.stdin.readline()
with open_tracker(config, spool=folder / sys.argv[2] / "spool", run_name=sys.argv[2]) as run:
    run.params({"seed": sys.argv[2]})
    run.status("finished")
print(run.run_id)
"""
DIES = """
import os, signal, sys
import adverts.tracking.mlflow_client
import mlflow.store.db.utils as utils
make = utils._upgrade_db
def half(engine):
    os.kill(os.getpid(), signal.SIGKILL)
utils._upgrade_db = half
from adverts.tracking.database import make_database
make_database(f"sqlite:///{sys.argv[1]}/mlflow.db")
"""


def runs_of(store):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{store}/mlflow.db")
    runs = client.search_runs([client.get_experiment_by_name("e").experiment_id])
    return sorted((run.info.run_name, run.info.status, run.data.params["seed"]) for run in runs)


def test_first_runs_at_once_share_one_store(tmp_path):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN, str(tmp_path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in started:
        _, said = process.communicate(timeout=200)
        told = [one for one in said.splitlines() if not one.startswith("waiting for ")]
        assert (process.returncode, told) == (0, [])  # of a busy machine a wait is told
    assert runs_of(tmp_path) == [(str(n), "FINISHED", str(n)) for n in range(3)]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mlflow.db.lock", "mlflow.db"]


def test_a_store_whose_making_was_killed_is_made_by_the_next(tmp_path):
    killed = subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "mlflow.db").exists()
    from adverts.tracking.database import make_database

    make_database(f"sqlite:///{tmp_path}/mlflow.db")
    assert sorted(os.listdir(tmp_path)) == [".mlflow.db.lock", "mlflow.db"]


@pytest.mark.parametrize("known", [False, True])
def test_a_run_that_was_made_and_not_written_down_is_found_by_its_key(tmp_path, known):
    from adverts.tracking.events import Begin, Params
    from adverts.tracking.mlflow_sink import MlflowSink

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    first, second = (MlflowSink(uri, artifact_root=None) for _ in range(2))
    first.send(Begin("e", "r", None, 1, key="a" * 32))
    first.send(Params({"seed": "1"}))
    key = "a" * 32 if known else "b" * 32
    second.send(Begin("e", "r", None, 1, key=key))
    assert (second.run_id == first.run_id) == known
    second.send(Params({"seed": "2", "other": "3"}))  # what is recorded cannot be changed


def test_a_run_is_not_called_finished_while_the_server_lacks_something(tmp_path):
    from mlflow import MlflowClient

    from adverts.tracking.events import Begin, IncompleteError, Params, StatusChange, Tags
    from adverts.tracking.mlflow_sink import MlflowSink

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    sink = MlflowSink(uri, artifact_root=None)
    sink.send(Begin("e", "r", None, 1))
    sink.send(Params({"seed": "1"}))
    sink.send(Tags({"commit": "abc"}))
    MlflowClient(uri).delete_tag(sink.run_id, "commit")
    with pytest.raises(IncompleteError, match="accepted the tag commit but does not show it"):
        sink.send(StatusChange("finished", 2))
    assert MlflowClient(uri).get_run(sink.run_id).info.status == "RUNNING"
    sink.send(Tags({"commit": "abc"}))
    sink.send(StatusChange("finished", 2))
    assert MlflowClient(uri).get_run(sink.run_id).info.status == "FINISHED"
