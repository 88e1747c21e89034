"""Run a verb inside another program, and leave that program's process as it was."""

from __future__ import annotations

import os
import random
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext

import numpy as np

from adverts.errors import InputError, missing_extra, silence, system_message

_SET_HERE: dict[str, str | None] = {}
"""What earlier calls set in the environment, and what stands in it while another one runs."""


@contextmanager
def undisturbed(*, progress: bool) -> Iterator[None]:
    """Run the block, and restore environment, random state and threads of torch afterwards.

    Of blocks that run at the same time, the last one to end restores what the first one found.

    Args:
        progress: Whether lines and bars of progress are written.

    Raises:
        MissingExtraError: A package of an optional extra is not installed.
        InputError: The operating system refuses something, such as a folder that cannot be written.
    """
    with _PROCESS.kept():
        if not progress:
            _load_bars()
        try:
            with nullcontext() if progress else silence():
                yield
        except ModuleNotFoundError as error:
            if error.name is not None and error.name.partition(".")[0] == "adverts":
                raise
            raise missing_extra(error.name or "a package") from error
        except BrokenPipeError:
            raise
        except OSError as error:
            raise InputError(system_message(error)) from error


class _Process:
    """The state of this process, which belongs to all blocks that run at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._undo: list[Callable[[], None]] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        with self._lock:
            if not self._running:
                self._undo = [_environment(), _random_state(), _torch()]
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    for one in self._undo:
                        one()


_PROCESS = _Process()


def _load_bars() -> None:
    """Load the bars that other libraries use, which warn of a notebook without widgets."""
    if "tqdm.auto" not in sys.modules:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import tqdm.auto  # noqa: F401


def _environment() -> Callable[[], None]:
    """Set what earlier calls set, and return what restores the environment.

    A library reads some variables when it is loaded and others when it is used, so what was set for
    it must stand again while it works.
    """
    before = dict(os.environ)
    for name, value in _SET_HERE.items():
        if name not in before and value is not None:
            os.environ[name] = value

    def restore() -> None:
        for name, value in os.environ.items():
            if before.get(name) != value:
                _SET_HERE[name] = value
        _put(before)

    return restore


def _put(wanted: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def _random_state() -> Callable[[], None]:
    ours, theirs = random.getstate(), np.random.get_state()

    def restore() -> None:
        random.setstate(ours)
        np.random.set_state(theirs)

    return restore


def _torch() -> Callable[[], None]:
    """Return what restores torch; where the call loads it, its state is then that of a new one."""
    before = sys.modules.get("torch")
    if before is None:
        return _as_new
    state, threads = before.random.get_rng_state(), before.get_num_threads()

    def restore() -> None:
        before.random.set_rng_state(state)
        before.set_num_threads(threads)

    return restore


def _as_new() -> None:
    loaded = sys.modules.get("torch")
    if loaded is not None and hasattr(loaded, "seed"):
        loaded.seed()  # as in a process that has drawn nothing: not the seed of the run
