"""A call leaves the process of its program as it was."""

from __future__ import annotations

import errno
import logging
import os
import random
import signal
import sys
import threading
from contextlib import nullcontext

import numpy as np
import pytest
import torch

from adverts.calls.undisturbed import undisturbed
from adverts.errors import InputError, MissingExtraError, is_silent, say
from adverts.work.progress import bar, note_when_slow


def process():
    return (
        dict(os.environ),
        os.getcwd(),
        list(sys.argv),
        random.getstate(),
        np.random.get_state()[1].tolist(),
        torch.random.get_rng_state().tolist(),
        torch.get_num_threads(),
        logging.getLogger().level,
        signal.getsignal(signal.SIGINT),
    )


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_environment_and_random_states_are_those_of_before(error):
    before = process()
    with nullcontext() if error is None else pytest.raises(error), undisturbed(progress=True):
        os.environ["ADVERTS_MADE_UP"] = "1"
        os.environ["PATH"] = ""
        random.random()
        np.random.rand()
        torch.manual_seed(7)
        torch.set_num_threads(torch.get_num_threads() + 1)
        if error is not None:
            raise error
    assert process() == before


def test_what_a_call_set_for_a_library_stands_again_in_the_next_one(monkeypatch):
    monkeypatch.delenv("ADVERTS_MADE_UP", raising=False)
    with undisturbed(progress=True):
        os.environ["ADVERTS_MADE_UP"] = "1"
    with undisturbed(progress=True):
        assert os.environ["ADVERTS_MADE_UP"] == "1"
    monkeypatch.setenv("ADVERTS_MADE_UP", "2")
    with undisturbed(progress=True):
        assert os.environ["ADVERTS_MADE_UP"] == "2"


def test_silence_is_that_of_its_thread_and_ends_with_the_call(capsys, impatient):
    heard = []

    def other():
        heard.append(is_silent())
        say("from another thread")

    with undisturbed(progress=False):
        say("nothing")
        say("nothing", error=True)
        list(bar(range(3), "nothing"))
        with note_when_slow("nothing"):
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    say("after")
    printed = capsys.readouterr()
    assert (printed.out, printed.err, heard) == ("from another thread\nafter\n", "", [False])


def test_a_missing_package_names_its_extra():
    told = 'rapidocr is not installed; run: pip install "adverts.ocr.'
    with pytest.raises(MissingExtraError, match=told), undisturbed(progress=True):
        raise ModuleNotFoundError(name="rapidocr.main")
    with pytest.raises(ModuleNotFoundError), undisturbed(progress=True):
        raise ModuleNotFoundError(name="adverts.nothing")


def test_of_two_calls_at_once_the_last_restores_what_the_first_found():
    before = process()
    first, second = undisturbed(progress=True), undisturbed(progress=True)
    first.__enter__()
    os.environ["ADVERTS_MADE_UP"] = "1"
    torch.manual_seed(7)
    random.seed(7)
    second.__enter__()
    first.__exit__(None, None, None)
    assert os.environ["ADVERTS_MADE_UP"] == "1"  # the second may need it
    second.__exit__(None, None, None)
    assert process() == before


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "access is denied"), (errno.EIO, "Input")],
)
def test_what_the_system_refuses_is_an_input_error_that_says_what_to_do(number, advice):
    with pytest.raises(InputError, match=f"^/x: {advice}"), undisturbed(progress=True):
        raise OSError(number, os.strerror(number), "/x")
    with pytest.raises(BrokenPipeError), undisturbed(progress=True):
        raise BrokenPipeError
