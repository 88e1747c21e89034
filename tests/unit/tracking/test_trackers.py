"""Tracking never stops a run: what cannot be sent waits, and is sent later, once."""

import json
import math
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from adverts.advert import LabelSchema, Task
from adverts.config import TrackingConfig
from adverts.data.dataset.dataset_manifest import DatasetManifest, Making, Shard, SplitCounts, Terms
from adverts.errors import InputError, IntegrityError
from adverts.files.file_lock import exclusive
from adverts.tracking import (
    MemoryTracker,
    NullTracker,
    find_run,
    open_tracker,
    redact,
)
from adverts.tracking.__main__ import main
from adverts.tracking.build_tracker import database_folder, tracking_uri
from adverts.tracking.events import (
    Artifact,
    Begin,
    IncompleteError,
    LoggedBundle,
    MetricPoint,
    Metrics,
    Params,
    RecordRefusedError,
    StatusChange,
    Tags,
    from_line,
    to_line,
    without_credentials,
)
from adverts.tracking.resumed_curves import Curves
from adverts.tracking.spool import append_events, sync_file
from adverts.tracking.spooling_tracker import SpooledTracker
from adverts.tracking.training_run import dataset_facts, replay_curve

BEGIN = Begin("adverts", "run-1", None, 1000)
BUNDLE = Path(__file__).parents[2] / "bundles" / "5.0-text"


class Server:
    """Takes events until it dies; can be brought back."""

    def __init__(self, dies_after=10**6):
        self.taken, self.left, self.run_id = [], dies_after, None

    def send(self, event):
        if self.left <= 0:
            raise ConnectionError("https://user:hunter2@tracking.example/api refused")
        self.left -= 1
        self.taken.append(event)
        if isinstance(event, Begin):
            self.run_id = event.run_id or "id-7"


def tracker(server, tmp_path, lines=None):
    report = lines.append if lines is not None else (lambda line: None)
    return SpooledTracker(server, tmp_path / "spool.jsonl", BEGIN, report=report)


def record_everything(run, tmp_path):
    run.params({"seed": 0, "model": {"name": "text"}})
    run.metrics({"train/loss": 0.5}, 10)
    run.metrics({"train/loss": 0.4}, 20)
    run.flush()
    (tmp_path / "config.yaml").write_text("seed: 0")
    run.artifact(tmp_path / "config.yaml")
    run.status("finished")


def kinds(events):
    return [event.kind for event in events]


def test_a_living_server_takes_everything_in_order(tmp_path):
    server = Server()
    with tracker(server, tmp_path) as run:
        record_everything(run, tmp_path)
        assert run.run_id == "id-7"
    assert kinds(server.taken) == ["begin", "params", "metrics", "artifact", "status"]
    assert server.taken[1].values == {"seed": "0", "model.name": "text"}
    assert [(p.value, p.step) for p in server.taken[2].points] == [(0.5, 10), (0.4, 20)]
    assert not (tmp_path / "spool.jsonl").exists()


@pytest.mark.parametrize("dies_after", range(5))
def test_a_server_that_dies_at_any_moment_stops_nothing_and_loses_nothing(tmp_path, dies_after):
    server, lines = Server(dies_after), []
    with tracker(server, tmp_path, lines) as run:
        record_everything(run, tmp_path)
    assert (tmp_path / "spool.jsonl").exists()
    assert len(lines) == 2  # one when it died, one when it was still dead at the end
    server.left = 100
    sync_file(tmp_path / "spool.jsonl", server, report=lines.append)
    assert kinds(server.taken) == ["begin", "params", "metrics", "artifact", "status"]
    assert not (tmp_path / "spool.jsonl").exists()


def test_a_server_that_is_back_at_the_end_gets_the_spool_by_itself(tmp_path):
    server, lines = Server(1), []
    run = tracker(server, tmp_path, lines)
    record_everything(run, tmp_path)
    server.left = 100
    run.close()
    assert kinds(server.taken) == ["begin", "params", "metrics", "artifact", "status"]
    assert "the server is back" in lines[-1]


def test_a_failure_is_reported_without_credentials(tmp_path):
    lines = []
    with tracker(Server(0), tmp_path, lines) as run:
        run.params({"seed": 0})
    assert "ConnectionError" in lines[0]
    assert "hunter2" not in "".join(lines)


def test_a_sync_that_fails_half_way_sends_nothing_twice(tmp_path):
    with tracker(Server(0), tmp_path) as run:
        record_everything(run, tmp_path)
    flaky = Server(2)
    with pytest.raises(ConnectionError):
        sync_file(tmp_path / "spool.jsonl", flaky, report=print)
    rest = Server()
    begin = sync_file(tmp_path / "spool.jsonl", rest, report=print)
    assert begin.run_id == "id-7"
    assert kinds(flaky.taken + rest.taken) == [
        "begin",
        "params",
        "begin",  # takes up the same run
        "metrics",
        "artifact",
        "status",
    ]
    assert rest.taken[0].run_id == "id-7"


def test_at_the_end_of_a_run_a_slow_server_gets_the_rest_another_time(tmp_path):
    with tracker(Server(0), tmp_path) as run:
        record_everything(run, tmp_path)
    slow, rest = Server(), Server()
    with pytest.raises(TimeoutError, match="the rest is still waiting"):
        sync_file(tmp_path / "spool.jsonl", slow, report=print, patience_s=-1)
    sync_file(tmp_path / "spool.jsonl", rest, report=print)
    assert kinds(slow.taken) == ["begin"]
    assert kinds(rest.taken) == ["begin", "params", "metrics", "artifact", "status"]


def test_a_resumed_run_whose_spool_waits_adds_to_it_in_order(tmp_path):
    with tracker(Server(0), tmp_path) as run:
        run.params({"seed": 0})
    server = Server()
    with tracker(server, tmp_path) as run:
        run.metrics({"train/loss": 0.1}, 30)
    assert kinds(server.taken) == ["begin", "params", "metrics"]


def test_a_file_that_is_gone_is_reported_and_left_out(tmp_path):
    lines = []
    events = [Artifact(str(tmp_path / "gone"), ""), Tags({"a": "b"})]
    append_events(tmp_path / "spool.jsonl", BEGIN, events)
    server = Server()
    sync_file(tmp_path / "spool.jsonl", server, report=lines.append)
    assert kinds(server.taken) == ["begin", "tags"]
    assert "gone" in lines[0]


class Refusing(Server):
    """A server that holds what a bundle would contradict."""

    def send(self, event):
        if isinstance(event, LoggedBundle):
            raise RecordRefusedError("the run already has its one model")
        super().send(event)


def test_what_the_server_refuses_is_said_and_never_sent_again(tmp_path):
    server, lines = Refusing(), []
    with tracker(server, tmp_path, lines) as run:
        run.bundle(BUNDLE, manifest_sha256="ab")
        run.tags({"a": "b"})
    assert lines == ["tracking: the run already has its one model"]
    assert kinds(server.taken) == ["begin", "tags"]
    shutil.copytree(BUNDLE, tmp_path / "bundle")
    events = [LoggedBundle(str(tmp_path / "bundle"), "ab"), Tags({"a": "b"})]
    append_events(tmp_path / "spool.jsonl", BEGIN, events)
    sync_file(tmp_path / "spool.jsonl", server, report=lines.append)
    assert len(lines) == 2
    assert not (tmp_path / "spool.jsonl").exists()


def test_a_run_says_what_its_dataset_holds():
    counts = SplitCounts(adverts=2, languages={"en": 2}, labels={"refer": {"yes": 1.0, "no": 1.0}})
    manifest = DatasetManifest(
        "tiny",
        "ab",
        LabelSchema("tiny", (Task("refer", "single", ("no", "yes")),), "refer"),
        (Shard("train.parquet", "cd", 2, 10),),
        {"train": counts},
        Terms(licence="CC-BY"),
        Making(commit="ef", rules={"masking": "1"}),
    )
    assert dataset_facts(manifest) == {
        "adverts": {"train": 2},
        "labels": {"train": {"refer": {"yes": 1.0, "no": 1.0}}},
        "languages": {"train": {"en": 2}},
        "licence": "CC-BY",
        "sensitivity": "operational_restricted",
        "rules": {"masking": "1"},
        "commit": "ef",
        "shards": {"train.parquet": "cd"},
    }


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path):
    append_events(tmp_path / "spool.jsonl", BEGIN, [Tags({"a": "b"})])
    with (tmp_path / "spool.jsonl").open("a") as file:
        file.write('{"kind":"ta')
    server = Server()
    sync_file(tmp_path / "spool.jsonl", server, report=print)
    assert kinds(server.taken) == ["begin", "tags"]


def test_what_is_no_spool_is_refused(tmp_path):
    path = tmp_path / "spool.jsonl"
    path.write_text('{"kind": "unheard-of"}\n')
    with pytest.raises(IntegrityError, match="not a spool"):
        sync_file(path, Server(), report=print)
    path.write_text(to_line(Tags({})) + "\n")
    with pytest.raises(IntegrityError, match="does not begin with a run"):
        sync_file(path, Server(), report=print)


def test_a_spool_that_cannot_be_written_is_reported_once_and_stops_nothing(tmp_path):
    (tmp_path / "file").touch()
    lines = []
    run = SpooledTracker(Server(0), tmp_path / "file" / "spool", BEGIN, report=lines.append)
    run.params({"seed": 0})
    run.status("failed")
    assert sum("records are lost" in line for line in lines) == 1
    assert run.lost


def test_the_spool_is_for_its_owner_alone(tmp_path):
    append_events(tmp_path / "spool.jsonl", BEGIN, [])
    assert (tmp_path / "spool.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "event",
    [
        BEGIN,
        Params({"a": "b"}),
        Metrics((MetricPoint("x", 0.5, 1, 2),)),
        Metrics((MetricPoint("x", float("inf"), 1, 2),)),
        StatusChange("failed", 3),
        Artifact("p", "f"),
    ],
    ids=repr,
)
def test_every_event_survives_its_line(event):
    assert from_line(to_line(event)) == event


def test_many_measurements_go_in_batches(tmp_path):
    server = Server()
    with tracker(server, tmp_path) as run:
        for i in range(2500):
            run.metrics({"x": float(i)}, i)
    sizes = [len(event.points) for event in server.taken if event.kind == "metrics"]
    assert sizes == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://user:pass@host.example/x", "https://***@host.example/x"),
        (
            "postgresql+psycopg2://u:p%40ss@db.example/mlflow",
            "postgresql+psycopg2://***@db.example/mlflow",
        ),
        ("https://token@host.example", "https://***@host.example"),
        ("https://h.example/?api_key=abc&x=1", "https://h.example/?api_key=***&x=1"),
        ("https://h.example/?sig=abc", "https://h.example/?sig=***"),
        ("sqlite:////data/mlflow.db", "sqlite:////data/mlflow.db"),
        ("https://u:pa/ss@h.example/x and a@b", "https://***@h.example/x and a@b"),
        ("postgresql://u:p?a#s/s@db.example/mlflow", "postgresql://***@db.example/mlflow"),
        ("sqlite:////data/a@b/mlflow.db", "sqlite:////data/a@b/mlflow.db"),
        ("user:hunter2@host refused", "***@host refused"),
        ("http:/user:hunter2@host/", "http:/***@host/"),
        ("candidate=models:/adverts@champion", "candidate=models:/adverts@champion"),
        ("a\ntokenizers==0.23.3\nb", "a\ntokenizers==0.23.3\nb"),
        ("tokenizers==0.22.0rc1 secretstorage==3.3", "tokenizers==0.22.0rc1 secretstorage==3.3"),
        ("hf_token=abc tokenizers==0.23.3", "hf_token=*** tokenizers==0.23.3"),
        ("token==1.2.3", "token=***"),
        ("tokenizers=abc", "tokenizers=***"),
        ("tokenizers==abc", "tokenizers=***"),
        ("https://h.example/?token_a==1.2.3", "https://h.example/?token_a=***"),
    ],
)
def test_credentials_are_taken_out_and_nothing_else(text, wanted):
    assert redact(text) == wanted
    assert redact(wanted) == wanted


@pytest.mark.parametrize(
    ("uri", "wanted"),
    [
        ("https://tracking.example:5000/x", "https://tracking.example:5000/x"),
        ("sqlite:////data/mlflow.db", "sqlite:////data/mlflow.db"),
        ("databricks://profile", "databricks://profile"),
        ("https://user:hunter2@host/", "https://***@host/"),
        ("user:hunter2@host", "***@host"),
        ("http:user:hunter2@host", "***@host"),
        ("http:/user:hunter2@host/", "http:/***@host/"),
        ("http://us er:hunter2@host", "http://***@host"),
        ("http://user:hun ter2@host", "http://***@host"),
        ("http://user:a@hunter2@host", "http://***@host"),
        (" //user:hunter2\n@host", "***@host"),
        ("http://host/#hunter2", "http://host/?***"),
        ("sqlite:////x?hunter2", "sqlite:////x?***"),
        ("https://host/?key=a@hunter2", "https://***"),
        ("postgresql://user:hun?ter2@host/db", "postgresql://***"),
        ("postgresql://user:hun#ter2@host/db?x", "postgresql://***"),
    ],
)
def test_a_tracking_uri_is_recorded_without_password_whatever_is_wrong_with_it(uri, wanted):
    assert without_credentials(uri) == wanted
    assert without_credentials(wanted) == wanted
    said = redact(f"the API request to {uri}/api has failed", uri)
    assert "hunter2" not in said
    assert "ter2" not in said
    assert said.startswith("the API request to ")
    assert said.endswith("has failed")


def test_params_and_tags_are_redacted(tmp_path):
    server = Server()
    with tracker(server, tmp_path) as run:
        run.params({"tracking": {"uri": "https://user:hunter2@host.example"}})
        run.tags({"uri": "https://user:hunter2@host.example"})
    assert "hunter2" not in repr(server.taken)


def config(**values):
    defaults = {"kind": "mlflow", "uri": None, "store": "s", "experiment": "e"}
    return TrackingConfig.model_validate({**defaults, "log_checkpoint": False, **values})


def test_no_tracking_is_a_tracker_too(tmp_path):
    with open_tracker(config(kind="none"), spool=tmp_path / "s", run_name="r") as run:
        record_everything(run, tmp_path)
    assert isinstance(run, NullTracker)
    assert run.run_id is None


def test_the_uri_comes_from_the_config_then_the_environment_then_the_store(tmp_path):
    environment = {"MLFLOW_TRACKING_URI": "https://env.example"}
    store = tmp_path / "store"
    assert tracking_uri("https://a.example", store, environment=environment) == "https://a.example"
    assert tracking_uri(None, store, environment=environment) == "https://env.example"
    assert tracking_uri(None, store, environment={}) == f"sqlite:///{store}/mlflow.db"


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("sqlite:////data/runs/mlflow.db", "/data/runs"),
        ("sqlite+pysqlite:////data/mlflow.db?timeout=3", "/data"),
        ("sqlite:///runs/mlflow.db", f"{Path.cwd()}/runs"),
        ("sqlite://", None),
        ("https://tracking.example", None),
    ],
)
def test_files_of_runs_stand_beside_a_local_database(uri, folder):
    assert database_folder(uri) == (folder and Path(folder))


def points(name, *steps):
    return [MetricPoint(name, float(step), step, 1) for step in steps]


def test_a_resumed_run_sends_no_point_of_a_curve_twice():
    known = {"train/loss": [(10, 0.5), (20, 0.4)], "validation/loss": []}
    curves = Curves(known.__getitem__)
    measured = [*points("train/loss", 10, 20, 30), *points("validation/loss", 20)]
    unsent = curves.unsent(measured)
    assert unsent == [*points("train/loss", 30), *points("validation/loss", 20)]
    assert curves.unsent(measured) == unsent  # until they arrive
    curves.sent(unsent)
    assert curves.unsent([*measured, *points("train/loss", 40)]) == points("train/loss", 40)


def test_a_point_twice_in_one_batch_is_sent_once():
    curves = Curves(lambda name: ())
    assert curves.unsent(points("x", 1, 2, 1, 2, 3)) == points("x", 1, 2, 3)


def figure(value):
    return [MetricPoint("test/macro_f1", value, 0, 1)]


def test_figures_of_an_evaluation_are_added_unless_the_server_shows_them_last():
    curves = Curves(lambda name: [(0, 0.5), (0, 0.7)])
    assert curves.unsent(figure(0.7)) == []
    assert curves.unsent(figure(0.5)) == figure(0.5)
    curves.sent(figure(0.5))
    assert curves.unsent(figure(0.5)) == []
    assert curves.unsent(figure(0.7)) == figure(0.7)


def test_a_figure_that_is_not_a_number_is_added_once():
    curves = Curves(lambda name: ())
    curves.sent(figure(float("nan")))
    assert curves.unsent(figure(float("nan"))) == []


def test_a_spool_goes_on_after_a_line_that_a_killed_process_or_a_full_disk_cut_off(tmp_path):
    path = tmp_path / "spool.jsonl"
    append_events(path, BEGIN, [Tags({"a": "b"})])
    with path.open("a") as file:
        file.write('{"kind":"ta')
    append_events(path, BEGIN, [Tags({"c": "d"})])
    server = Server()
    sync_file(path, server, report=print)
    assert server.taken[1:] == [Tags({"a": "b"}), Tags({"c": "d"})]


@pytest.mark.parametrize("left", ["", '{"kind":"be'])
def test_a_spool_without_a_whole_line_begins_anew(tmp_path, left):
    path = tmp_path / "spool.jsonl"
    path.write_text(left)
    append_events(path, BEGIN, [Tags({"a": "b"})])
    server = Server()
    sync_file(path, server, report=print)
    assert server.taken == [BEGIN, Tags({"a": "b"})]


def test_a_spool_that_another_process_sends_is_left_to_it(tmp_path):
    append_events(tmp_path / "spool.jsonl", BEGIN, [])
    with (
        exclusive(tmp_path / "spool.jsonl", busy=""),
        pytest.raises(InputError, match="is being sent by another process; wait for it"),
    ):
        sync_file(tmp_path / "spool.jsonl", Server(), report=print)
    assert (tmp_path / "spool.jsonl").exists()


@pytest.mark.parametrize("lock", ["run.lock", "study.lock"])
def test_the_spool_of_a_run_that_is_trained_is_not_sent_from_outside(tmp_path, capsys, lock):
    append_events(tmp_path / "spool.jsonl", BEGIN, [])
    with exclusive(tmp_path / lock, busy=""):
        assert main(["sync", str(tmp_path)]) == 2
    assert "is being trained; it sends its spool itself at the end" in capsys.readouterr().err


class Forgetful(Server):
    """A server that takes everything of its first life and shows nothing of it."""

    def send(self, event):
        if event.kind == "status" and "params" not in kinds(self.taken):
            raise IncompleteError("the server accepted the parameter seed but does not show it")
        super().send(event)

    def forget(self):
        self.taken = [BEGIN]


def test_a_server_that_lost_what_it_took_is_sent_all_of_it_again(tmp_path):
    server, lines = Forgetful(), []
    with tracker(server, tmp_path, lines) as run:
        run.params({"seed": 0})
        run.metrics({"train/loss": 0.5}, 10)
        run.flush()
        server.forget()
        run.status("finished")
    assert kinds(server.taken) == ["begin", "params", "metrics", "status"]
    assert "does not show it" in lines[0]
    assert "the waiting records were sent" in lines[-1]


def test_a_server_that_never_shows_what_it_took_leaves_a_whole_spool(tmp_path):
    class Liar(Server):
        def send(self, event):
            if event.kind == "status":
                raise IncompleteError("the server accepted the parameter seed but does not show it")
            super().send(event)

    with tracker(Liar(), tmp_path) as run:
        run.params({"seed": 0})
        run.status("finished")
    honest = Server()
    sync_file(tmp_path / "spool.jsonl", honest, report=print)
    assert kinds(honest.taken) == ["begin", "params", "status"]


def test_a_run_gives_up_on_a_server_that_makes_it_wait_more_than_it_works(tmp_path, monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: server.now, time_ns=lambda: 0, time=time.time)
    monkeypatch.setattr("adverts.tracking.spooling_tracker.time", clock)

    class Slow(Server):
        now = 0.0

        def send(self, event):
            self.now += 20
            super().send(event)

    server, lines = Slow(), []
    run = tracker(server, tmp_path, lines)
    for step in range(1, 11):
        run.metrics({"loss": 0.5}, step)
        run.flush()
    assert server.now <= 100
    assert "the server is slow" in lines[0]
    run.close()
    assert [p.step for e in server.taken if e.kind == "metrics" for p in e.points] == [
        *range(1, 11)
    ]


def test_the_curve_of_a_killed_run_is_recorded_from_its_log(tmp_path):
    lines = [
        '{"step": 7, "train/loss": 0.5}',
        '{"step": 7, "tr',  # where an earlier kill left it
        '{"step": 7, "validation/f1": null}',
        '{"step": 14, "tr',
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(lines))
    run = MemoryTracker()
    replay_curve(run, tmp_path / "log.jsonl")
    replay_curve(run, tmp_path / "none")
    assert run.logged_metrics[0] == (7, {"train/loss": 0.5})
    assert run.logged_metrics[1][0] == 7
    assert math.isnan(run.logged_metrics[1][1]["validation/f1"])
    assert len(run.logged_metrics) == 2


@pytest.mark.slow
def test_a_real_store_gets_each_point_once_and_its_files_beside_it(tmp_path, monkeypatch):
    from mlflow import MlflowClient

    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    uri = f"sqlite:///{tmp_path / 'store' / 'mlflow.db'}"
    (tmp_path / "note.txt").write_text("a")
    run_id = None
    for steps in (1, 2), (2, 3):
        spool = tmp_path / "spool"
        with open_tracker(config(uri=uri), spool=spool, run_name="r", run_id=run_id) as run:
            for step in steps:
                run.metrics({"train/loss": 0.5}, step)
            run.metrics({"test/macro_f1": 0.5}, 0)
            run.metrics({"test/accuracy": 0.5 + steps[0] / 10}, 0)
            run.artifact(tmp_path / "note.txt")
        run_id = run.run_id
    client = MlflowClient(uri)
    history = client.get_metric_history(run_id, "train/loss")
    assert [metric.step for metric in history] == [1, 2, 3]
    assert len(client.get_metric_history(run_id, "test/macro_f1")) == 1  # it says the same
    assert len(client.get_metric_history(run_id, "test/accuracy")) == 2
    assert list((tmp_path / "store" / "artifacts").rglob("note.txt"))
    assert list((tmp_path / "cwd").iterdir()) == []
    assert not spool.exists()


def test_the_memory_tracker_remembers(tmp_path):
    with MemoryTracker() as run:
        record_everything(run, tmp_path)
        run.dataset("tiny", "abc", context="training", facts={})
    assert run.logged_metrics == [(10, {"train/loss": 0.5}), (20, {"train/loss": 0.4})]
    assert run.logged_params["seed"] == 0
    assert run.logged_datasets == [("tiny", "abc", "training")]
    assert run.statuses == ["finished"]


def test_a_look_for_a_run_makes_no_store(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    store = tmp_path / "store"
    with pytest.raises(InputError, match="'runs/none' is neither a folder nor a run of the local"):
        find_run("runs/none", uri=None, store=store, artifact="run.json", folder=tmp_path)
    assert not store.exists()


def test_a_folder_that_is_not_there_has_nothing_in_order(tmp_path, capsys):
    assert main(["sync", str(tmp_path / "none")]) == 2
    assert "none is not a folder" in capsys.readouterr().err


def test_what_sending_spools_makes_can_be_written_by_nobody_else(tmp_path):
    before = os.umask(0)
    try:
        assert main(["sync", str(tmp_path)]) == 0
        assert os.umask(0) == 0o022
    finally:
        os.umask(before)


def test_sending_spools_without_the_extra_says_what_to_install(tmp_path):
    append_events(tmp_path / "spool.jsonl", BEGIN, [])
    base = "import sys; sys.modules['pydantic'] = sys.modules['mlflow'] = None; "
    code = base + "from adverts.tracking.__main__ import main; sys.exit(main(['sync', '.']))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert answer.returncode == 2
    assert answer.stderr == 'pydantic is not installed; run: pip install "adverts[train]"\n'


def test_the_package_loads_without_mlflow():
    code = "import sys, adverts.tracking; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", "import json;" + code], capture_output=True, text=True, check=True
    )
    assert not {"mlflow", "torch", "pyarrow"} & set(json.loads(answer.stdout))


@pytest.mark.slow
def test_the_trial_of_a_study_is_shown_below_its_study(tmp_path):
    from mlflow import MlflowClient

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    study = open_tracker(config(uri=uri), spool=tmp_path / "a", run_name="study")
    assert study.run_id is not None
    with open_tracker(
        config(uri=uri), spool=tmp_path / "b", run_name="trial", parent=study.run_id
    ) as trial:
        pass
    client = MlflowClient(uri)
    assert client.get_run(trial.run_id).data.tags["mlflow.parentRunId"] == study.run_id
    assert "mlflow.parentRunId" not in client.get_run(study.run_id).data.tags
