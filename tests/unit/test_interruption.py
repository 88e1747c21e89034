"""An interruption amid imports: one line whichever module swallows it, and no other program's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from calling import VERBS, module_of

from adverts import interruption

SWALLOWED = """
import os, signal, time
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(30)
except BaseException:
    raise ImportError("swallowed")
"""


@pytest.fixture
def interruptible():
    """Lets this process, and those that it starts, be interrupted: one in the background is not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    "words",
    [
        *(["-m", module_of(verb)] for verb in (*VERBS, "init", "reproduce")),
        ["-m", "adverts.command", "score"],
        ["adverts", "score"],
    ],
    ids=" ".join,
)
def test_an_interruption_amid_imports_is_one_line(interruptible, tmp_path, words):
    (tmp_path / "hydra.py").write_text(SWALLOWED)
    (tmp_path / "adverts").write_text("from adverts.command import main\nmain()\n")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    ended = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "adverts: interrupted\n"


def test_a_program_that_imports_adverts_keeps_its_own_handling(interruptible):
    interruption.end_quietly()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("own", [signal.SIG_IGN, lambda number, frame: None])
def test_what_ignores_or_handles_interruptions_goes_on(interruptible, monkeypatch, own):
    monkeypatch.setattr(interruption, "is_command", lambda: True)
    signal.signal(signal.SIGINT, own)
    interruption.end_quietly()
    interruption.raise_interruptions()
    assert signal.getsignal(signal.SIGINT) is own


def test_a_verb_that_runs_catches_interruptions_itself(interruptible, monkeypatch):
    monkeypatch.setattr(interruption, "is_command", lambda: True)
    interruption.end_quietly()
    assert signal.getsignal(signal.SIGINT) is interruption._end
    interruption.raise_interruptions()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
