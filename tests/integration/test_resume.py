"""Killed at any moment and started again, a run ends with the same weights, in the same run."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

from adverts.compose import compose
from adverts.config import TrainConfig
from adverts.errors import InputError
from adverts.training.runs.run_record import read_run

pytestmark = pytest.mark.usefixtures("two_folds")


def settings(encoder, prepared, store):
    return [
        f"prepared={prepared}",
        f"model.encoder.weights='path:{encoder}'",
        "model.encoder.max_tokens=32",
        "model.encoder.prefix=''",
        "trainer=debug",
        "trainer.tokens_per_batch=128",
        "trainer.checkpoint_every_steps=7",
        "baseline=false",
        "tracking.uri=null",
        f"tracking.store={store}",
    ]


@pytest.fixture
def overrides(tiny_encoder, tiny_prepared, tmp_path):
    return settings(tiny_encoder, tiny_prepared, tmp_path / "store")


DROPPED = ["tracking=none", "model.encoder.dropout=0.2"]


@pytest.fixture(scope="module")
def uninterrupted(tiny_encoder, tiny_prepared, tmp_path_factory):
    """The folder and the record of a run that nothing stopped."""
    from adverts.train import train

    root = tmp_path_factory.mktemp("uninterrupted")
    given = settings(tiny_encoder, tiny_prepared, root / "store")
    _, whole = train(parsed(*given, *DROPPED, f"run_dir={root / 'whole'}"))
    return root / "whole", whole


@pytest.fixture(scope="module")
def finished(tiny_encoder, tiny_prepared, tmp_path_factory):
    """The settings, the folder and the record of a run that is finished; no test changes it."""
    from adverts.train import train

    root = tmp_path_factory.mktemp("finished")
    given = settings(tiny_encoder, tiny_prepared, root / "store")
    quiet = [*given, "tracking=none", f"run_dir={root / 'run'}"]
    run, record = train(parsed(*quiet))
    return quiet, run.path, record


def parsed(*lines):
    return compose("train", TrainConfig, list(lines))


class PowerCutError(Exception):
    """Stands in for a kill within one process."""


def cut_after(monkeypatch, steps):
    from adverts.training.curve_journal import CurveJournal

    add = CurveJournal.add

    def add_or_die(self, step):
        if step.index + 1 == steps:
            raise PowerCutError
        return add(self, step)

    monkeypatch.setattr(CurveJournal, "add", add_or_die)


@pytest.mark.parametrize(
    "steps", [20, *(pytest.param(one, marks=pytest.mark.slow) for one in (3, 40, 55))]
)
def test_an_interrupted_run_ends_as_an_uninterrupted_one(
    overrides, uninterrupted, tmp_path, monkeypatch, steps
):
    from adverts.train import train

    folder, whole = uninterrupted
    quiet = [*overrides, *DROPPED]
    with monkeypatch.context() as patch:
        cut_after(patch, steps)
        with pytest.raises(PowerCutError):
            train(parsed(*quiet, f"run_dir={tmp_path / 'cut'}"))
    _, resumed = train(parsed(*quiet, f"resume={tmp_path / 'cut'}"))
    assert resumed.outcome.weights_sha256 == whole.outcome.weights_sha256
    assert resumed.outcome.selected_on == whole.outcome.selected_on
    assert resumed.outcome.validation == whole.outcome.validation
    assert read_curve(folder) == read_curve(tmp_path / "cut")


def test_a_run_without_tracking_goes_on_without_it(uninterrupted):
    from adverts.compose import SweepJob
    from adverts.train import settle

    folder, _ = uninterrupted
    ours = {"kind": "mlflow", "uri": "http://tracking.example"}
    for words, kind in (((), "none"), (("tracking.kind=mlflow",), "mlflow")):
        job = SweepJob((f"resume={folder}", *words), None)
        kept = settle({"resume": str(folder), "tracking": ours, "trainer": {}}, job)
        assert kept["tracking"]["kind"] == kind


def machine_computes_bf16(monkeypatch, native):
    monkeypatch.setattr(
        "torch.cpu.get_capabilities", lambda: {"avx512_bf16": native}, raising=False
    )


@pytest.mark.slow
def test_a_run_keeps_the_precision_that_auto_meant_and_goes_on_in_no_other(
    overrides, tmp_path, monkeypatch
):
    from adverts.train import train
    from adverts.training.runs.run_folder import RunFolder, read_config

    quiet = [*overrides, "tracking=none", "trainer.precision=auto"]
    with monkeypatch.context() as patch:
        machine_computes_bf16(patch, native=False)
        cut_after(patch, 3)
        with pytest.raises(PowerCutError):
            train(parsed(*quiet, f"run_dir={tmp_path / 'cut'}"))
    assert read_config(RunFolder(tmp_path / "cut"))["trainer"]["precision"] == "fp32"
    machine_computes_bf16(monkeypatch, native=True)
    with pytest.raises(InputError, match=r"trainer\.precision='bf16' here, 'fp32' there"):
        train(parsed(*quiet, f"resume={tmp_path / 'cut'}"))
    _, record = train(parsed(*quiet, "trainer.precision=fp32", f"resume={tmp_path / 'cut'}"))
    assert record.outcome is not None


@pytest.mark.slow
def test_a_run_of_an_earlier_release_goes_on_as_the_network_that_it_was(
    overrides, tmp_path, monkeypatch
):
    from adverts.train import train
    from adverts.training.runs.checkpoint import read_checkpoint

    run = tmp_path / "cut"
    alone = ("model.ngrams=null", "model.encoder.read_layers=last")
    with monkeypatch.context() as patch:
        cut_after(patch, 20)
        with pytest.raises(PowerCutError):
            train(parsed(*overrides, "tracking=none", *alone, f"run_dir={run}"))
    stored = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    del stored["model"]["ngrams"], stored["model"]["fusion"]
    del stored["model"]["encoder"]["read_layers"], stored["trainer"]["method"]
    (run / "config.yaml").write_text(yaml.safe_dump(stored), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"model\.encoder\.read_layers='thirds' here, 'last' there"
    ):
        train(parsed(*overrides, "tracking=none", f"resume={run}"))
    _, record = train(parsed(*overrides, "tracking=none", *alone, f"resume={run}"))
    assert record.outcome is not None
    assert read_checkpoint(run).module.ngrams is None


def test_a_finished_run_is_left_as_it_is(finished):
    from adverts.train import train

    quiet, run, record = finished
    assert train(parsed(*quiet, f"resume={run}"))[1].outcome == record.outcome


def test_another_config_cannot_resume(finished):
    from adverts.train import train

    quiet, run, _ = finished
    with pytest.raises(InputError, match=r"trainer\.epochs=9 here, 2 there"):
        train(parsed(*quiet, f"resume={run}", "trainer.epochs=9"))


class Store:
    """A tracking store in memory that outlives the processes which write to it."""

    def __init__(self):
        self.runs, self.events = {}, []

    def open(self, uri, store):
        return Connection(self)

    def sent(self, kind):
        return [event for event in self.events if event.kind == kind]


class Connection:
    def __init__(self, store):
        self._store, self.run_id = store, None

    def send(self, event):
        self._store.events.append(event)
        if event.kind == "begin":
            self.run_id = event.run_id or self._store.runs.setdefault(event.key, "id-7")


@pytest.fixture
def store(monkeypatch):
    made = Store()
    monkeypatch.setattr("adverts.tracking.build_tracker.LazySink", made.open)
    monkeypatch.setattr("adverts.tracking.build_tracker.require_mlflow", lambda: None)
    return made


BEFORE_ITS_RECORD = "adverts.training.runs.run_folder.write_run"
PLACES = [
    BEFORE_ITS_RECORD,
    pytest.param("adverts.tracking.training_run.describe_run", marks=pytest.mark.slow),
    pytest.param("adverts.fitting.fit_in_steps.build_trainer", marks=pytest.mark.slow),
    "adverts.training.trainer.write_state",
    pytest.param("adverts.tracking.training_run.hand_in", marks=pytest.mark.slow),
]


class KilledError(BaseException):
    """Stands in for a kill that no clean-up of errors may see."""


def die_at(monkeypatch, place):
    """Let the first call of a function end the process; its work is not done."""

    def called(*given, **settings):
        raise KilledError

    monkeypatch.setattr(place, called)


@pytest.mark.parametrize("place", PLACES)
def test_the_same_command_goes_on_with_a_run_that_died_anywhere(
    overrides, tmp_path, monkeypatch, store, place
):
    from adverts.train import train

    same = [*overrides, f"run_dir={tmp_path / 'cut'}"]
    with monkeypatch.context() as patch:
        die_at(patch, place)
        with pytest.raises(KilledError):
            train(parsed(*same))
    assert not any(event.value == "finished" for event in store.sent("status"))
    run, record = train(parsed(*same))
    assert record.finished
    assert bool(record.resumed) == (place != BEFORE_ITS_RECORD)
    assert store.runs == {record.key: "id-7"}
    assert record.key
    assert read_run(run.path).mlflow_run_id == "id-7"
    assert store.sent("params")[-1].values["trainer.epochs"] == "2"
    assert store.sent("tags")[0].values["data_hash"] == record.data_hash
    assert store.sent("dataset")[-1].digest == record.data_hash
    statuses = [event.value for event in store.sent("status")]
    assert statuses[-1] == "finished"
    assert ("running" in statuses) == bool(record.resumed)
    with pytest.raises(InputError, match="not empty; its run is finished; choose another run_dir"):
        train(parsed(*same))


@pytest.mark.slow
def test_what_a_state_does_not_measure_again_is_recorded_before_it_is_saved(
    overrides, tmp_path, monkeypatch, store
):
    from adverts.train import train
    from adverts.training import trainer

    seen, write_state = [], trainer.write_state

    def look(*given):
        seen.append({point.step for event in store.sent("metrics") for point in event.points})
        return write_state(*given)

    monkeypatch.setattr(trainer, "write_state", look)
    train(parsed(*overrides, f"run_dir={tmp_path / 'run'}"))
    assert 7 in seen[0]
    assert 14 in seen[1]


@pytest.mark.slow
def test_a_curve_that_was_written_and_not_sent_is_sent_when_the_run_goes_on(
    overrides, tmp_path, monkeypatch, store
):
    from adverts.train import train

    same = [*overrides, f"run_dir={tmp_path / 'cut'}"]
    with monkeypatch.context() as patch:
        cut_after(patch, 20)
        patch.setattr(
            "adverts.tracking.spooling_tracker.SpooledTracker.metrics", lambda *_, **__: None
        )
        with pytest.raises(PowerCutError):
            train(parsed(*same))
    assert store.sent("metrics") == []
    train(parsed(*same))
    points = [point for event in store.sent("metrics") for point in event.points]
    steps = {point.step for point in points if point.name == "train/loss"}
    assert steps == {line["step"] for line in read_curve(tmp_path / "cut") if "train/loss" in line}
    assert 1 in steps


def test_the_same_command_with_another_config_is_refused_and_says_why(
    overrides, tmp_path, monkeypatch
):
    from adverts.train import train

    quiet = [*overrides, "tracking=none", f"run_dir={tmp_path / 'cut'}"]
    with monkeypatch.context() as patch:
        cut_after(patch, 20)
        with pytest.raises(PowerCutError):
            train(parsed(*quiet))
    with pytest.raises(InputError, match=r"has an unfinished run .*\.epochs=9 here, 2 there"):
        train(parsed(*quiet, "trainer.epochs=9"))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["run_dir", "resume"])
def test_of_several_that_go_on_with_one_run_one_does_and_the_others_say_so(
    overrides, tmp_path, monkeypatch, how
):
    from adverts.train import train
    from adverts.training.runs.run_folder import run_lock

    run = tmp_path / "cut"
    quiet = [*overrides, "tracking=none"]
    with monkeypatch.context() as patch:
        cut_after(patch, 20)
        with pytest.raises(PowerCutError):
            train(parsed(*quiet, f"run_dir={run}"))
    with run_lock(run), pytest.raises(InputError, match="is being trained by another process"):
        train(parsed(*quiet, f"{how}={run}"))
    assert read_run(run).resumed == ()
    assert train(parsed(*quiet, f"{how}={run}"))[1].finished


def test_a_run_whose_records_were_lost_is_recorded_by_the_same_command(
    overrides, tmp_path, monkeypatch, store
):
    from adverts.train import train

    def full(*_):
        raise OSError(28, "No space left on device")

    same = [*overrides, f"run_dir={tmp_path / 'run'}"]
    with monkeypatch.context() as patch:
        patch.setattr(Connection, "send", full)
        patch.setattr("adverts.tracking.spooling_tracker.append_events", full)
        _, record = train(parsed(*same))
    assert record.outcome is not None
    assert not record.finished
    _, again = train(parsed(*same))
    assert again.outcome.weights_sha256 == record.outcome.weights_sha256
    assert store.sent("params")
    assert store.sent("metrics")
    assert store.sent("status")[-1].value == "finished"


def test_a_folder_of_somebody_else_gets_no_lock(overrides, tmp_path):
    from adverts.train import train

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(InputError, match="exists and is not empty; choose another run_dir"):
        train(parsed(*overrides, "tracking=none", f"run_dir={tmp_path / 'mine'}"))
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


@pytest.mark.slow
def test_sigkill_in_mid_epoch_changes_neither_weights_nor_run(overrides, tmp_path):
    command = [sys.executable, "-m", "adverts.train", *overrides, "trainer.epochs=30"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    run = {"env": environment, "timeout": 250, "check": True}
    subprocess.run([*command, f"run_dir={tmp_path / 'whole'}"], **run)

    cut = tmp_path / "cut"
    process = subprocess.Popen([*command, f"run_dir={cut}"], env=environment)
    state = cut / "checkpoints" / "last" / "state.json"
    while not state.exists():
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = read_run(cut)
    assert killed.outcome is None
    assert killed.mlflow_run_id is not None

    subprocess.run([*command, f"resume={cut}"], **run)
    whole, resumed = read_run(tmp_path / "whole"), read_run(cut)
    assert resumed.outcome.weights_sha256 == whole.outcome.weights_sha256
    assert resumed.outcome.validation == whole.outcome.validation
    assert resumed.mlflow_run_id == killed.mlflow_run_id
    assert len(resumed.resumed) == 1


def read_curve(run):
    """Everything but the speed, which is never the same twice."""
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k != "train/adverts_per_s"} for line in lines]
