"""The commands of docs/torchrun.md as they stand there, and a process of a run that is killed."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from documents import ROOT, blocks
from safetensors.torch import load_file

from adverts.training.runs.run_record import read_run

PAGE = ROOT / "docs" / "torchrun.md"
BIN = Path(sys.executable).parent
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]  # each command starts torch anew
TINY = [
    "trainer=debug", "tracking=none", "baseline=false", "model.encoder.max_tokens=32",
    "model.encoder.prefix=''", "trainer.tokens_per_batch=64", "trainer.epochs=3",
    "trainer.checkpoint_every_steps=1", "model.ngrams=null",
]  # fmt: skip


def documented():
    """Return the commands of the page that run here, as words."""
    lines = "\n".join(blocks(PAGE)).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


def environment():
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "HF_HUB_OFFLINE": "1"}


def test_the_commands_of_the_page_train_the_model_of_one_process(tmp_path):
    (tmp_path / "data").symlink_to(ROOT / "data")
    commands = documented()
    assert [words[:2] for words in commands] == [
        ["adverts", "prepare"], ["torchrun", "--standalone"], ["adverts", "train"],
    ]  # fmt: skip
    assert set(commands[2][2:]) ^ set(commands[1][6:]) == {"run_dir=runs/one", "run_dir=runs/two"}
    for words in commands:
        whole = [str(BIN / words[0]), *words[1:]]
        subprocess.run(whole, cwd=tmp_path, env=environment(), check=True, timeout=900)
    runs = [tmp_path / "runs" / name for name in ("one", "two")]
    for checkpoint in ("best", "last"):
        one, two = (
            load_file(run / "checkpoints" / checkpoint / "model.safetensors") for run in runs
        )
        assert one.keys() == two.keys()
        assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-4
    figures = [read_run(run).outcome.validation for run in runs]
    assert figures[0] == pytest.approx(figures[1], abs=1e-3)
    curves = [
        [json.loads(line).get("step") for line in (run / "log.jsonl").read_text().splitlines()]
        for run in runs
    ]
    assert curves[0] == curves[1]  # one curve, of process 0


def started(prepared, encoder, run, log):
    words = ["--standalone", "--nproc_per_node", "2", "-m", "adverts.train"]
    words += [f"prepared={prepared}", f"run_dir={run}", f"model.encoder.weights=path:{encoder}"]
    return subprocess.Popen(
        [str(BIN / "torchrun"), *words, *TINY],
        env=environment(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def worker_of(launcher, rank):
    """Return the process that the launcher started for a rank."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    for child in children:
        known = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        if f"RANK={rank}".encode() in known:
            return int(child)
    raise AssertionError(f"no process {rank} among {children}")


@pytest.fixture(scope="module")
def whole(tiny_prepared, tiny_encoder, tmp_path_factory):
    """The weights of a run that nobody interrupts."""
    folder = tmp_path_factory.mktemp("whole")
    with (folder / "log").open("wb") as log:
        assert started(tiny_prepared, tiny_encoder, folder / "run", log).wait(timeout=280) == 0
    return read_run(folder / "run").outcome.weights_sha256


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux")
@pytest.mark.parametrize("rank", [0, 1])
def test_after_a_killed_process_the_same_command_ends_with_the_weights_of_an_unbroken_run(
    whole, tiny_prepared, tiny_encoder, tmp_path, rank
):
    run, log = tmp_path / "run", tmp_path / "log"
    with log.open("wb") as file:
        launcher = started(tiny_prepared, tiny_encoder, run, file)
        end = time.monotonic() + 200
        while not (run / "checkpoints" / "last" / "state.json").exists():
            assert launcher.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < end
            time.sleep(0.02)
        os.kill(worker_of(launcher.pid, rank), signal.SIGKILL)
        assert launcher.wait(timeout=120) == 1
    said = log.read_text(errors="replace")
    assert "exitcode: -9" in " ".join(said.split()).replace("exitcode : ", "exitcode: ")
    assert "this is a bug in adverts" not in said
    if rank == 1:
        assert "another process of this run has ended, and its own message says why" in said
    with log.open("wb") as file:
        assert started(tiny_prepared, tiny_encoder, run, file).wait(timeout=280) == 0
    record = read_run(run)
    assert record.outcome.weights_sha256 == whole
    assert len(record.resumed) == 1


def test_a_mistake_is_told_by_one_process_and_the_others_call_it_no_bug(
    tiny_prepared, tiny_encoder, tmp_path
):
    (tmp_path / "run").mkdir()
    shutil.copy(PAGE, tmp_path / "run" / "mine.md")
    with (tmp_path / "log").open("wb") as log:
        launcher = started(tiny_prepared, tiny_encoder, tmp_path / "run", log)
        assert launcher.wait(timeout=200) == 1
    said = (tmp_path / "log").read_text(errors="replace")
    assert said.count("exists and is not empty") == 1
    assert "this is a bug in adverts" not in said
    assert [one.name for one in (tmp_path / "run").iterdir() if one.suffix == ".md"] == ["mine.md"]
