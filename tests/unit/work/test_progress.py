"""What takes long says so, and what is quick says nothing."""

import re
import threading
import time

import pytest

from adverts.work import progress
from adverts.work.progress import note_when_slow


def test_a_slow_block_says_what_it_does_while_it_does_it(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.01)
    told = threading.Event()
    monkeypatch.setattr("builtins.print", lambda *words, **_: (printed.append(words), told.set()))
    printed = []
    with note_when_slow("counting boats"):
        assert told.wait(10)
    assert printed == [("counting boats …",)]


def test_a_quick_block_says_nothing(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 60.0)
    before = threading.active_count()
    with note_when_slow("counting boats"):
        assert threading.active_count() == before + 1
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(10)
    assert threading.active_count() == before
    assert capsys.readouterr().err == ""


def test_an_error_goes_through_and_ends_the_wait(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 60.0)
    with pytest.raises(ValueError, match="no boat"), note_when_slow("counting boats"):
        raise ValueError("no boat")


def test_a_log_gets_a_line_a_minute_with_count_rate_and_time_left(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    for _ in progress.bar(range(30), "read pictures", "pictures"):
        time.sleep(0.01)
    lines = capsys.readouterr().err.splitlines()
    assert 1 <= len(lines) <= 7
    assert re.fullmatch(r"read pictures: +\d+% \d+/30 \[\S+<\S+, .+ pictures/s\]", lines[0])


def test_what_is_counted_by_hand_is_told_in_lines_too(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.02)
    with progress.counter("bootstrap", "resamples", 10) as shown:
        for _ in range(10):
            time.sleep(0.01)
            shown.update(1)
    assert "/10 [" in capsys.readouterr().err


def test_a_step_of_less_than_a_minute_says_nothing_in_a_log(capsys):
    assert list(progress.bar(range(3), "read pictures", "pictures")) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar_that_is_gone_in_the_end(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for _ in progress.bar(range(40), "read pictures", "pictures"):
        time.sleep(0.01)
    shown = capsys.readouterr().err
    assert "/40 [" in shown
    assert shown.endswith("\r")
    assert shown.rstrip("\r ").rpartition("\r")[2].strip(" █▏▎▍▌▋▊▉|") != ""
