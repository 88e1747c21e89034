"""A tracker that writes records to a spool file when its server does not take them."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from adverts.errors import say
from adverts.files.bounded_reading import read_json
from adverts.tracking.events import (
    MAX_POINTS,
    Artifact,
    Begin,
    DatasetUse,
    Event,
    IncompleteError,
    LoggedBundle,
    MetricPoint,
    Metrics,
    Note,
    Params,
    RecordRefusedError,
    ServerError,
    Sink,
    StatusChange,
    Tags,
    TextFile,
    redact,
)
from adverts.tracking.spool import append_events, sync_file
from adverts.tracking.tracker import RunStatus

_FLUSH_SECONDS = 30.0
_PATIENCE_SECONDS = 60.0
"""Longest wait for the server in a run, in addition to a tenth of its time; and at its end."""


class SpooledTracker:
    """Sends events to a sink until one fails, and then writes it and all later ones to ``spool``.

    The first failure is reported in one line. The tracker tries to send the spool once more when it
    closes. ``python -m adverts.tracking sync`` sends it at any later time.
    """

    def __init__(
        self, sink: Sink, spool: Path, begin: Begin, *, report: Callable[[str], None]
    ) -> None:
        """Begin the run.

        Args:
            sink: Sink that the events are sent to.
            spool: File for events that could not be sent; it is created only when needed.
            begin: The run.
            report: Called with one line for a person to read.
        """
        self._sink, self._spool, self._begin, self._report = sink, spool, begin, report
        self._points: list[MetricPoint] = []
        self._flushed_s = time.monotonic()
        self._failed = spool.exists()  # an earlier part of this run still waits: keep the order
        self._lost = False
        self._taken: list[Event] = []
        self._began_s, self._waited_s = time.monotonic(), 0.0
        self._send(begin)

    @property
    def run_id(self) -> str | None:
        """Id of the run at the server; None until the server has answered."""
        return self._sink.run_id or self._begin.run_id

    @property
    def lost(self) -> bool:
        """Whether records were lost because the spool could not be written."""
        return self._lost

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def params(self, values: Mapping[str, object]) -> None:
        """Record settings; nested mappings become dotted names."""
        self._send(Params({name: redact(text) for name, text in _flatten(values)}))

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Record measurements; they are sent about every half minute, or at :meth:`flush`."""
        now = time.time_ns() // 1_000_000
        self._points += [
            MetricPoint(name, float(value), step, now) for name, value in values.items()
        ]
        waited = time.monotonic() - self._flushed_s
        if len(self._points) >= MAX_POINTS or waited >= _FLUSH_SECONDS:
            self.flush()

    def tags(self, values: Mapping[str, str]) -> None:
        """Record facts by which people find runs."""
        self._send(Tags({name: redact(value) for name, value in values.items()}))

    def dataset(self, name: str, digest: str, *, context: str, facts: Mapping[str, object]) -> None:
        """Record which adverts were used."""
        self._send(DatasetUse(name, digest, context, json.dumps(facts, sort_keys=True)))

    def artifact(self, path: Path, folder: str = "") -> None:
        """Copy a file, or every file of a folder, into ``folder`` of the run."""
        self._send(Artifact(str(path.absolute()), folder))

    def text(self, path: str, content: str) -> None:
        """Record a small text as a file of the run."""
        self._send(TextFile(path, redact(content)))

    def note(self, heading: str, content: str) -> None:
        """Put a section of Markdown on top of the description; replace one of this heading."""
        self._send(Note(heading, redact(content)))

    def bundle(self, path: Path, *, manifest_sha256: str) -> None:
        """Record an exported bundle as the run's one model."""
        self._send(LoggedBundle(str(path.absolute()), manifest_sha256))

    def status(self, value: RunStatus) -> None:
        """Record the status of the run, after everything recorded before."""
        self.flush()
        self._send(StatusChange(value, time.time_ns() // 1_000_000))

    def flush(self) -> None:
        """Send the measurements that are waiting."""
        self._flushed_s = time.monotonic()
        points, self._points = self._points, []
        for start in range(0, len(points), MAX_POINTS):
            self._send(Metrics(tuple(points[start : start + MAX_POINTS])))

    def close(self) -> None:
        """Send everything that waits, including the spool if the server answers again."""
        self.flush()
        if not self._failed:
            return
        try:
            self._begin = sync_file(
                self._spool, self._sink, report=self._report, patience_s=_PATIENCE_SECONDS
            )
        except Exception as error:  # noqa: BLE001 - recording never stops a run
            self._report(f"tracking: the records stay in {self._spool} ({reason_of(error)})")
        else:
            self._failed = False
            self._report("tracking: the server is back and the waiting records were sent")

    def _send(self, event: Event) -> None:
        if self._failed:
            self._keep(event)
            return
        before_s = time.monotonic()
        try:
            self._sink.send(event)
        except RecordRefusedError as refusal:
            self._report(f"tracking: {refusal}")
        except IncompleteError as error:
            self._give_up(reason_of(error), [*self._taken, event])
        except Exception as error:  # noqa: BLE001 - recording never stops a run
            self._give_up(reason_of(error), [event])
        else:
            self._taken.append(event)
            self._count(event, time.monotonic() - before_s)

    def _count(self, event: Event, seconds: float) -> None:
        """Give up on a server that has made the run wait too long in total.

        The time for files and bundles does not count.
        """
        if isinstance(event, Artifact | LoggedBundle):
            return
        self._waited_s += seconds
        if self._waited_s > _PATIENCE_SECONDS + (time.monotonic() - self._began_s) / 10:
            self._give_up(f"the server is slow: it took {self._waited_s:.0f} s", [])

    def _give_up(self, why: str, events: Sequence[Event]) -> None:
        """Send no more events; keep ``events`` and all later ones in the spool."""
        self._failed = True
        self._report(
            f"tracking: {why}; the run continues and its records wait in {self._spool}; "
            f"send them later with: python -m adverts.tracking sync {self._spool.parent}"
        )
        self._keep(*events)

    def _keep(self, *events: Event) -> None:
        """Write events to the spool of their run."""
        begin = dataclasses.replace(self._begin, run_id=self.run_id)
        try:
            append_events(
                self._spool, begin, [event for event in events if not isinstance(event, Begin)]
            )
        except OSError as error:
            if not self._lost:
                self._report(
                    f"tracking: records are lost because {self._spool} cannot be written: "
                    f"{error.strerror}"
                )
            self._lost = True


def print_report(line: str) -> None:
    """Print a line for a person, separate from the results of a command."""
    say(line, error=True)


def reason_of(error: Exception) -> str:
    """Return kind and first line (at most 200 characters) of an error, without credentials."""
    lines = redact(str(error)).splitlines() or [""]
    kind = error.kind if isinstance(error, ServerError) else type(error).__name__
    return f"{kind}: {lines[0][:200]}"


def _flatten(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple):
            yield f"{prefix}{name}", ", ".join(map(str, value))
        else:
            yield f"{prefix}{name}", str(value)


def remember_run_id(run: Path, run_id: str | None) -> None:
    """Write ``run_id`` to ``run.json`` and every ``checkpoint.json`` of a run that have none.

    The baseline gets none, since the tracked run is that of the model next to it. In the folder of
    a study only ``study.json`` gets it: the checkpoints below are those of its trials.
    """
    mine = () if (run / "study.json").is_file() else run.rglob("checkpoint.json")
    for record in (run / "run.json", run / "study.json", *mine):
        if not record.is_file() or record.parent == run / "baseline":
            continue
        values = read_json(record, finite=False)
        if values.get("mlflow_run_id") is None:
            partial = record.with_name(record.name + ".partial")
            text = json.dumps({**values, "mlflow_run_id": run_id}, indent=1, ensure_ascii=False)
            partial.unlink(missing_ok=True)
            with partial.open("x", encoding="utf-8") as file:  # a link there is not followed
                file.write(text + "\n")
            partial.replace(record)
