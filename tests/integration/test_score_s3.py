"""Scores in an object store: read, written, killed and resumed over S3, by two writers at once."""

from __future__ import annotations

import datetime
import logging
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from calling import call

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("s3fs")
moto = pytest.importorskip("moto.server")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROWS = 120


@pytest.fixture
def store(monkeypatch):
    """A file system of a store on this machine with one bucket, which holds the adverts."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it logs every request
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fictional")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fictional")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    system = fsspec.filesystem("s3")
    system.mkdir("bucket")
    for name, start in (("a", 0), ("b", ROWS // 2)):
        lines = [f"{row},boat {row} tonight,x" for row in range(start, start + ROWS // 2)]
        system.pipe(f"bucket/posts/{name}.csv", "\n".join(["id,text,platform", *lines]).encode())
    yield system
    system.rm("bucket", recursive=True)
    server.stop()
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def asked(bundle, scores, *more):
    """Return the arguments that score the adverts of the bucket."""
    return [
        *(f"bundle={bundle}", "data=csv", "data.root=s3://bucket"),
        *("data.source.paths=[posts/*.csv]", f"scores={scores}", "adverts_per_unit=10"),
        *("executor.processes=1", *more),
    ]


def answers_of(system, folder):
    """Return the content of each file of answers."""
    return {name.rsplit("/", 1)[1]: system.cat_file(name) for name in system.ls(f"{folder}/scores")}


def test_read_and_write_kill_and_resume(bundle, store, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "score", *asked(bundle, "whole")) == 0
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "adverts.score", *asked(bundle, "s3://bucket/scores")],
        env=environment,
    )
    while not store.glob("bucket/scores/receipts/*") and process.poll() is None:
        time.sleep(0.02)
        store.invalidate_cache()
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = ROWS // 10 - len(store.glob("bucket/scores/receipts/*"))
    assert left > 0, "it was killed too late to show anything"
    capsys.readouterr()
    assert call(monkeypatch, "score", *asked(bundle, "s3://bucket/scores")) == 0
    assert "s3://bucket/scores: 12 of 12 units done" in capsys.readouterr().out
    local = {one.name: one.read_bytes() for one in (tmp_path / "whole/scores").iterdir()}
    assert answers_of(store, "bucket/scores") == local
    assert call(monkeypatch, "score", "scores=s3://bucket/scores", "verify=true") == 0


def test_two_writers_at_once_lose_and_double_nothing(bundle, store, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "adverts.score", *asked(bundle, "s3://bucket/scores")]
    both = [subprocess.Popen(command, env=environment) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    assert len(answers_of(store, "bucket/scores")) == ROWS // 10
    assert call(monkeypatch, "score", "scores=s3://bucket/scores", "verify=true") == 0


def test_an_object_that_changed_is_refused_by_name(bundle, store, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "score", *asked(bundle, "s3://bucket/scores", "part=1/2")) == 0
    store.pipe("bucket/posts/b.csv", b"id,text,platform\n1,other,x\n")
    assert call(monkeypatch, "score", *asked(bundle, "s3://bucket/scores")) == 2
    assert "posts/b.csv changed since" in capsys.readouterr().err


def test_a_pattern_that_would_match_the_scores_is_refused(
    bundle, store, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    more = ["data.source.paths=['**/*.csv']", "format=csv"]
    assert call(monkeypatch, "score", *asked(bundle, "s3://bucket/posts/scores", *more)) == 2
    assert "matches files below scores=s3://bucket/posts/scores" in capsys.readouterr().err
    assert not store.exists("bucket/posts/scores")


def test_a_bucket_that_is_not_there_is_one_line(bundle, store, monkeypatch, tmp_path, capsys):
    del store
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "score", *asked(bundle, "s3://nowhere/scores")) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "s3://nowhere/scores cannot be written" in line
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_evidence_lies_in_the_store_until_it_is_removed(bundle, store, monkeypatch, capsys):
    from adverts.scoring.evidence_reader import open_evidence

    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "a key of sixteen bytes or more")
    out = "s3://bucket/evident"
    assert call(monkeypatch, "score", *asked(bundle, out, "evidence=restricted")) == 0
    assert call(monkeypatch, "score", f"scores={out}", "clusters=true") == 0
    today = datetime.datetime.now(datetime.UTC).date()
    assert len(list(open_evidence(out, today=today).rows())) == ROWS
    assert call(monkeypatch, "score", f"scores={out}", "purge=evidence") == 0
    assert "13 files" in capsys.readouterr().out
    assert not store.exists("bucket/evident/clusters.parquet")
    assert not store.exists("bucket/evident/evidence")
    assert call(monkeypatch, "score", f"scores={out}", "verify=true") == 0
