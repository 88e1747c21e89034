"""A stranger's spool sends nothing but files of its own run, runs nothing and writes nothing."""

import json
import os
import shutil
from pathlib import Path

import pytest

from adverts.errors import IntegrityError
from adverts.tracking.__main__ import main
from adverts.tracking.events import Artifact, Begin, LoggedBundle, Tags, TextFile, from_line
from adverts.tracking.spool import append_events, sync_file
from adverts.tracking.spooling_tracker import remember_run_id

pytestmark = pytest.mark.promise

BEGIN = Begin("adverts", "run-1", None, 1000)
BUNDLE = Path(__file__).parents[2] / "bundles" / "5.0-text"


class Server:
    """Takes every event."""

    def __init__(self):
        self.taken, self.run_id = [], None

    def send(self, event):
        self.taken.append(event)
        self.run_id = "id-7"


@pytest.fixture
def run(tmp_path):
    """The folder of a run, beside a folder with a secret that is not of the run."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "secret.json").write_text("secret")
    (tmp_path / "run" / "best").mkdir(parents=True)
    (tmp_path / "run" / "config.yaml").write_text("seed: 0")
    (tmp_path / "run" / "best" / "model").write_text("weights")
    return tmp_path / "run"


def sent(folder, *events):
    """Send a spool of these events after a tag; return what the server took."""
    append_events(folder / "spool.jsonl", BEGIN, [Tags({"a": "b"}), *events])
    server = Server()
    sync_file(folder / "spool.jsonl", server, report=lambda line: None)
    assert not (folder / "spool.jsonl").exists()
    return server.taken[2:]


def refused(folder, *events):
    """Send a spool of these events, which stays as it is; nothing of it may reach the server."""
    spool, server = folder / "spool.jsonl", Server()
    append_events(spool, BEGIN, [Tags({"a": "b"}), *events])
    before = spool.read_bytes()
    with pytest.raises(IntegrityError, match="is not sent") as error:
        sync_file(spool, server, report=print)
    assert "\n" not in str(error.value)
    assert server.taken == []
    assert spool.read_bytes() == before


def test_files_of_the_run_are_sent(run):
    files = [Artifact(str(run / "config.yaml"), ""), Artifact(str(run / "best"), "checkpoints")]
    assert sent(run, *files) == files


def test_a_run_whose_folder_is_behind_a_link_sends_its_files(run, tmp_path):
    (tmp_path / "runs").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to(run)
    for folder in (tmp_path / "runs" / "run", tmp_path / "linked"):
        assert sent(folder, Artifact(str(run / "config.yaml"), ""))
        assert sent(run, Artifact(str(folder / "config.yaml"), ""))


@pytest.mark.parametrize(
    "path",
    [
        "/proc/self/environ",
        "/dev/zero",
        "/",
        "{run}",
        "{run}/../private/secret.json",
        "{run}/best/../../private",
        "{run}/../private",
        "{private}/secret.json",
        "{private}",
    ],
)
def test_what_is_outside_the_run_is_not_sent(run, path):
    refused(run, Artifact(path.format(run=run, private=run.with_name("private")), ""))


def test_a_path_of_the_working_folder_is_not_sent(run, monkeypatch):
    monkeypatch.chdir(run)
    refused(run, Artifact("config.yaml", ""))


@pytest.mark.parametrize("path", ["link", "best", "best/link", "folder/secret.json", "loop"])
def test_no_link_inside_the_run_is_followed(run, path):
    (run / "link").symlink_to(run.with_name("private") / "secret.json")
    (run / "best" / "link").symlink_to(run.with_name("private") / "secret.json")
    (run / "folder").symlink_to(run.with_name("private"))
    (run / "loop").symlink_to("loop")
    refused(run, Artifact(str(run / path), ""))


@pytest.mark.parametrize("path", ["best", "best/pipe"])
def test_no_pipe_is_waited_for(run, path):
    os.mkfifo(run / "best" / "pipe")
    refused(run, Artifact(str(run / path), ""))


def test_one_foreign_file_holds_back_the_whole_spool(run):
    own = Artifact(str(run / "config.yaml"), "")
    refused(run, own, Artifact(str(run.with_name("private") / "secret.json"), ""), own)


@pytest.mark.parametrize("place", ["../x", "/x", "a/../../x", "..\\x"])
def test_nothing_is_stored_outside_the_run_at_the_server(run, place):
    refused(run, TextFile(place, "text"))
    (run / "spool.jsonl").unlink()
    refused(run, Artifact(str(run / "config.yaml"), place))


@pytest.fixture
def report(run):
    """The folder of the records of the report ``run``."""
    (run / "report.md").write_text("page")
    (run / "predictions.parquet").write_text("scores of single adverts")
    folder = run.with_name("run.tracking")
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures" / "a.png").write_text("picture")
    return folder


def test_an_evaluation_sends_its_pictures_and_the_pages_of_the_report_beside_it(run, report):
    files = [Artifact(str(one), "x") for one in (report / "pictures" / "a.png", run / "report.md")]
    assert sent(report, *files) == files


@pytest.mark.parametrize("path", ["run/predictions.parquet", "run", "private/secret.json"])
def test_an_evaluation_sends_no_scores_and_nothing_of_another_folder(run, report, path):
    refused(report, Artifact(str(run.parent / path), ""))


def test_a_link_beside_the_spool_is_no_report(run, report):
    folder = run.with_name("evil.tracking")
    folder.mkdir()
    run.with_name("evil").symlink_to(run.with_name("private"))
    refused(folder, Artifact(str(run.with_name("evil") / "secret.json"), ""))
    (folder / "spool.jsonl").unlink()
    refused(folder, Artifact(str(run.with_name("private") / "secret.json"), ""))


def test_an_exported_bundle_beside_its_records_is_sent(run, report):
    shutil.rmtree(run)
    shutil.copytree(BUNDLE, run)
    assert sent(report, LoggedBundle(str(run), "ab"))


@pytest.mark.parametrize("wrong", ["changed", "more", "link", "elsewhere", "no bundle"])
def test_what_is_no_whole_bundle_of_its_own_is_not_sent(run, report, tmp_path, wrong):
    shutil.rmtree(run)
    shutil.copytree(BUNDLE, run)
    match wrong:
        case "changed":
            (run / "labels.json").write_text("{}")
        case "more":
            (run / "secret.json").write_text("secret")
        case "link":
            (run / "link").symlink_to(tmp_path / "private")
        case "elsewhere":
            run = run.rename(tmp_path / "other")
        case "no bundle":
            run = report / "pictures"
    refused(report, LoggedBundle(str(run), "ab"))


def hostile_bundle(run, report):
    """The spool of a whole bundle that also names code, as spools of earlier releases do."""
    shutil.rmtree(run)
    shutil.copytree(BUNDLE, run)
    code = report / "code.py"
    code.write_text(f"open({str(run.parent / 'ran')!r}, 'w')\n")
    values = {"kind": "bundle", "path": str(run), "manifest_sha256": "ab"}
    append_events(report / "spool.jsonl", BEGIN, [])
    with (report / "spool.jsonl").open("a") as file:
        print(json.dumps(values | {"code": str(code), "requirements": ["evil"]}), file=file)
    return report / "spool.jsonl"


def test_code_that_a_spool_names_is_ignored(run, report):
    (_, line) = hostile_bundle(run, report).read_text().splitlines()
    assert from_line(line) == LoggedBundle(str(run), "ab")


@pytest.mark.slow
def test_code_that_a_spool_names_is_not_run(run, report, tmp_path):
    import mlflow

    spool, store = hostile_bundle(run, report), tmp_path / "store"
    assert main(["sync", str(report), "--store", str(store)]) == 0
    assert not spool.exists()
    assert not (tmp_path / "ran").exists()
    mlflow.set_tracking_uri(f"sqlite:///{store}/mlflow.db")
    (model,) = mlflow.search_logged_models(output_format="list")
    mlflow.pyfunc.load_model(model.model_uri)
    assert not (tmp_path / "ran").exists()
    assert [one.name for one in (store / "artifacts").rglob("*.py")] == ["pyfunc_model.py"]
    (wanted,) = (store / "artifacts").rglob("requirements.txt")
    assert "evil" not in wanted.read_text()


def test_a_refused_spool_is_told_in_one_line(run, capsys):
    append_events(run / "spool.jsonl", BEGIN, [Artifact("/dev/zero", "")])
    assert main(["sync", str(run), "--store", str(run.with_name("store"))]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "it names '/dev/zero', which is not inside" in line
    assert not run.with_name("store").exists()
    assert (run / "spool.jsonl").exists()


def test_a_run_that_goes_on_sends_nothing_foreign_of_its_spool(run):
    from adverts.tracking.spooling_tracker import SpooledTracker

    append_events(run / "spool.jsonl", BEGIN, [Artifact("/dev/zero", "")])
    server, lines = Server(), []
    with SpooledTracker(server, run / "spool.jsonl", BEGIN, report=lines.append):
        pass
    assert [event for event in server.taken if event.kind == "artifact"] == []
    assert "the records stay in" in lines[-1]


def test_a_spool_that_is_a_pipe_or_a_device_is_refused_at_once(run, capsys):
    os.mkfifo(run / "spool.jsonl")
    assert main(["sync", str(run)]) == 2
    (run / "spool.jsonl").unlink()
    (run / "spool.jsonl").symlink_to("/dev/zero")
    assert main(["sync", str(run)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert ["not a file" in line for line in said] == [True, True]


def test_records_are_never_written_through_a_link(run):
    outside = run.with_name("private") / "secret.json"
    for name in ("spool.jsonl", "run.json.partial"):
        (run / name).symlink_to(outside)
    with pytest.raises(OSError, match="symbolic link"):
        append_events(run / "spool.jsonl", BEGIN, [])
    (run / "run.json").write_text("{}")
    remember_run_id(run, "id-7")
    assert json.loads((run / "run.json").read_text()) == {"mlflow_run_id": "id-7"}
    assert outside.read_text() == "secret"
