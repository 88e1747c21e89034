"""What every person does first with every command: alone, asked for help, from anywhere."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from calling import VERBS

from adverts import __version__
from adverts.command import main

COMMANDS = [*VERBS, "init"]
ACTS_ALONE = {"share": "nothing was shared yet"}
"""Commands that do something when they are typed alone, and what they say where nothing is."""


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Types ``adverts …`` in an empty folder whose name has spaces; returns status and words."""
    folder = tmp_path / "a folder, (1)"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "60")

    def type_(*words: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["adverts", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert [*folder.iterdir()] == [], "it wrote something"
        said = capsys.readouterr()
        assert "bug in adverts" not in said.err
        assert "Traceback" not in said.err
        return ended.value.code, said.out, said.err

    return type_


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_command_alone_says_what_is_missing_and_shows_an_example(typed, verb):
    status, out, err = typed(verb)
    if verb in ACTS_ALONE:
        assert (status, err) == (0, "")
        assert ACTS_ALONE[verb] in out
        return
    assert status == 2
    *missing, example = err.splitlines()
    assert missing[0].startswith((f"adverts {verb}:", "usage:"))
    assert shlex.split(example)[:4] == ["for", "example:", "adverts", verb]


@pytest.mark.parametrize(
    "verb",
    [
        one if one in ("share", "init") else pytest.param(one, marks=pytest.mark.slow)
        for one in COMMANDS
    ],
)
def test_help_is_shown_on_sixty_columns(typed, verb):
    status, out, err = typed(verb, "-h")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) > 10


@pytest.mark.slow
def test_help_is_asked_for_in_three_ways(typed):
    ways = (("audit", "-h"), ("audit", "--help"), ("help", "audit"))
    assert len({typed(*words)[1] for words in ways}) == 1


@pytest.mark.parametrize("verb", [*COMMANDS, None])
def test_every_command_tells_our_version(typed, verb):
    for flag in ("--version", "-V") if verb in ("init", None) else ("--version",):
        assert typed(*[verb] * bool(verb), flag) == (0, f"adverts {__version__}\n", "")


@pytest.mark.parametrize("verb", VERBS)
def test_a_folder_of_settings_that_is_not_there_is_told_in_one_line(typed, verb):
    status, _, err = typed(verb, "-cd", "conf", "data=mine" if verb == "prepare" else "prepared=p")
    assert status == 2
    assert "conf' not found" in err.splitlines()[0]


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_flag_names_the_legal_ones(typed, verb):
    status, _, err = typed(verb, "--hepl")
    assert status == 2
    assert "found '--hepl'; nearest: --help" in err


CLOSED = """
import importlib, os, sys
os.close(1)
sys.stdout = None
sys.argv = ["adverts", *sys.argv[1:]]
from adverts.command import main
main()
"""


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["completion", "bash"]])
def test_what_cannot_be_printed_is_told_in_one_line(monkeypatch, capsys, words):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "argv", ["adverts", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 2
    assert "the disk is full" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("words", [*([one] for one in COMMANDS), ["help"], ["train", "-h"], []])
def test_a_closed_output_is_no_fault(tmp_path, words):
    done = subprocess.run(
        [sys.executable, "-c", CLOSED, *words],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr
    assert "bug in adverts" not in done.stderr
