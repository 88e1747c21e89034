"""What takes long says so, and what is quick says nothing."""

import threading

import pytest

from adverts import progress
from adverts.progress import told_when_slow


def test_a_slow_block_says_what_it_does_while_it_does_it(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.01)
    told = threading.Event()
    monkeypatch.setattr("builtins.print", lambda *words, **_: (printed.append(words), told.set()))
    printed = []
    with told_when_slow("counting boats"):
        assert told.wait(10)
    assert printed == [("counting boats …",)]


def test_a_quick_block_says_nothing(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 60.0)
    before = threading.active_count()
    with told_when_slow("counting boats"):
        assert threading.active_count() == before + 1
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(10)
    assert threading.active_count() == before
    assert capsys.readouterr().err == ""


def test_an_error_goes_through_and_ends_the_wait(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 60.0)
    with pytest.raises(ValueError, match="no boat"), told_when_slow("counting boats"):
        raise ValueError("no boat")
