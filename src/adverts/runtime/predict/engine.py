"""Run an ONNX model from many threads, also after a fork, in memory that does not grow."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from adverts.errors import IntegrityError, first_line
from adverts.inputs.encoding import Feeds
from adverts.runtime.manifest import MODEL_NAME
from adverts.runtime.opening.network.onnx_path import path_to
from adverts.runtime.opening.network.onnx_wire import Message, parse_model
from adverts.work.cpu_session import serving_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, OrtValue

_UINT8 = 2
_WORTH_SHARING = 1_000_000
Tables = Mapping[str, "OrtValue"]
Outputs = list[NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one model in one process.

    Attributes:
        together: Session in which one run uses all threads.
        beside: Session in which each run uses one thread, so that several go on at once; the same
            as ``together`` where there is nothing to gain.
        tables: Constants that both sessions share; they must live as long as the sessions.
        path: Session of the part of the model that some outputs need; None where none is wanted.
    """

    together: InferenceSession
    beside: InferenceSession
    tables: Tables
    path: InferenceSession | None = None


def open_sessions(model: bytes, threads: int, *, beside: int, path: Sequence[str] = ()) -> Sessions:
    """Return sessions for ``model`` that may be run from several threads at once.

    Args:
        model: Content of the ONNX file.
        threads: Cores that one run may use, at least 1.
        beside: Runs that go on at the same time, at least 1.
        path: Outputs that are also computed by themselves, on one thread.

    Raises:
        IntegrityError: The content is not a model that runs here.
    """
    alone = _open(path_to(model, path), 1, {}) if path else None
    if threads == 1 or beside == 1:
        only = _open(model, threads, {})
        return Sessions(only, only, {}, alone)
    tables = _tables(model)
    return Sessions(_open(model, threads, tables), _open(model, 1, tables), tables, alone)


def _open(model: bytes, threads: int, tables: Tables) -> InferenceSession:
    try:
        return serving_session(model, threads, tables)
    except Exception as error:  # the library's own errors share no base class
        reason = first_line(error)[:200]
        raise IntegrityError(f"{MODEL_NAME} cannot be run here: {reason}") from error


def _tables(model: bytes) -> Tables:
    """Return copies of the large tables in which rows are looked up, so the file can be freed."""
    from onnxruntime import OrtValue

    (graph,) = parse_model(model).messages("graph")
    looked_up = {
        next(node.texts("input"))
        for node in graph.messages("node")
        if node.text("op_type") == "Gather"
    }
    return {
        one.text("name"): OrtValue.ortvalue_from_numpy(_values(one))
        for one in graph.messages("initializer")
        if one.text("name") in looked_up
        and one.number("data_type") == _UINT8
        and one.num_bytes("raw_data") > _WORTH_SHARING
    }


def _values(tensor: Message) -> NDArray[np.uint8]:
    values = np.frombuffer(tensor.views("raw_data")[0], np.uint8)
    return values.reshape(tensor.numbers("dims")).copy()


@dataclass(frozen=True, slots=True)
class _Running:
    """The sessions and threads of one process; threads do not survive a fork.

    Attributes:
        sessions: Sessions to run the model in.
        workers: Threads that run works at the same time.
        of_worker: Thread-local values; a worker thread has its ``session`` there.
    """

    sessions: Sessions
    workers: ThreadPoolExecutor
    of_worker: threading.local

    def session(self) -> InferenceSession:
        """Return the session to run in on this thread."""
        found: InferenceSession = getattr(self.of_worker, "session", self.sessions.together)
        return found


class Runner(Protocol):
    """A model that is ready to run, whatever computes it; see :class:`ModelRunner`."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the feeds."""
        ...

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of all outputs."""
        ...

    @property
    def beside(self) -> int:
        """Runs that go on at the same time."""
        ...

    def run(self, feeds: Feeds, outputs: Sequence[str]) -> Outputs:
        """Return the outputs of one run, in the given order."""
        ...

    def run_path(self, feeds: Feeds) -> Outputs:
        """Return the outputs of the path, for which only what they need is computed."""
        ...

    def run_all(
        self, works: Iterator[Callable[[], None]], *, most: int, at_once: bool = False
    ) -> None:
        """Run all works, of which at most ``most`` wait or run at any time."""
        ...


class ModelRunner:
    """An ONNX model that is ready to run; safe to share between threads, and across a fork."""

    def __init__(
        self,
        read_model: Callable[[], bytes],
        *,
        threads: int,
        beside: int,
        path: Sequence[str] = (),
    ) -> None:
        """Open the model.

        Args:
            read_model: Function that returns the content of the ONNX file; called once in each
                process.
            threads: Cores that one run may use.
            beside: Runs that go on at the same time.
            path: Outputs that :meth:`run_path` computes; empty: none.

        Raises:
            IntegrityError: The file is not a model that runs here.
        """
        self._read_model, self._threads, self.beside = read_model, threads, beside
        self._path = tuple(path)
        self._lock = threading.Lock()
        self._running: _Running | None = None
        session = self._here().sessions.together
        self.inputs = tuple(value.name for value in session.get_inputs())
        self.outputs = tuple(value.name for value in session.get_outputs())
        _ENGINES.add(self)

    def run(self, feeds: Feeds, outputs: Sequence[str]) -> Outputs:
        """Return the outputs of one run, in the given order; a worker uses its own thread only."""
        given = {name: feeds[name] for name in self.inputs}
        found: Outputs = self._here().session().run(list(outputs), given)
        return found

    def run_path(self, feeds: Feeds) -> Outputs:
        """Return the outputs of the path, for which only what they need is computed.

        Every run has one thread, so that equal feeds give equal outputs on whatever thread.

        Args:
            feeds: The feeds that these outputs need.
        """
        session = self._here().sessions.path
        assert session is not None, "the outputs of a path are named when the model is opened"
        found: Outputs = session.run(list(self._path), feeds)
        return found

    def run_all(
        self, works: Iterator[Callable[[], None]], *, most: int, at_once: bool = False
    ) -> None:
        """Run all works in worker threads, while this thread makes the next ones.

        With one thread, or a single work, the caller's thread does everything.

        Args:
            works: Functions to call; each may call :meth:`run`.
            most: Most works that wait or run at any time.
            at_once: Whether to begin the first work before the second is made.
        """
        first, second = None, None
        if not at_once:
            first, second = next(works, None), next(works, None)
        if self._threads == 1 or (second is None and not at_once):
            for work in chain(filter(None, (first, second)), works):
                work()
            return
        workers, in_flight = self._here().workers, deque[Future[None]]()
        try:
            for work in chain(filter(None, (first, second)), works):
                in_flight.append(workers.submit(work))
                if len(in_flight) > most:
                    in_flight.popleft().result()
            while in_flight:
                in_flight.popleft().result()
        finally:
            for future in in_flight:
                future.cancel()

    def _here(self) -> _Running:
        running = self._running
        if running is not None:
            return running
        with self._lock:
            if self._running is None:
                self._running = self._open()
            return self._running

    def _open(self) -> _Running:
        model = self._read_model()
        sessions = open_sessions(model, self._threads, beside=self.beside, path=self._path)
        here = threading.local()

        def begin() -> None:
            here.session = sessions.beside

        workers = ThreadPoolExecutor(self.beside, "adverts", initializer=begin)
        return _Running(sessions, workers, here)

    def _forget_parent(self) -> None:
        """Open the model again at the next use; closing it would wait for the parent's threads."""
        if self._running is not None:
            _OF_PARENTS.append(self._running)
        self._running, self._lock = None, threading.Lock()


_ENGINES: WeakSet[ModelRunner] = WeakSet()
_OF_PARENTS: list[_Running] = []


def _forget_parents() -> None:
    for engine in list(_ENGINES):
        engine._forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents)
