"""What a tracker records, without credentials, as values that can wait on disk."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from adverts.errors import InputError, MissingExtraError
from adverts.tracking.tracker import RunStatus

if TYPE_CHECKING:
    from pydantic import TypeAdapter

# A password may hold ``/`` unescaped: rather a path with an ``@`` too much than a password too few.
_USER_INFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?!/)\S*@", re.IGNORECASE)
_SECRET = re.compile(
    r"(?P<key>(?:password|passwd|pwd|token|secret|api_?key|access_?key|credential|sig|signature)"
    r"[a-z0-9_-]*=)[^&;\s'\"]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return ``text`` with the credentials of every URI in it replaced by ``***``.

    User, password and token before the last ``@``, and the values of query parameters that name a
    secret. Text without credentials is returned unchanged.
    """
    return _SECRET.sub(r"\g<key>***", _USER_INFO.sub(r"\g<scheme>***@", text))


@dataclass(frozen=True, slots=True)
class Begin:
    """The run itself: made new where ``run_id`` is None, else taken up again.

    Attributes:
        experiment: Runs of one question stand together under this name.
        run_name: For people.
        run_id: The server's name of the run.
        time_ms: Unix time.
        key: Our own name of the run, under which the server finds it again where a process was
            killed before it could write down ``run_id``; empty where nobody looks for it.
    """

    experiment: str
    run_name: str
    run_id: str | None
    time_ms: int
    key: str = ""
    kind: Literal["begin"] = "begin"


@dataclass(frozen=True, slots=True)
class Params:
    """Settings, as text by dotted name."""

    values: dict[str, str]
    kind: Literal["params"] = "params"


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One measurement."""

    name: str
    value: float
    step: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """Measurements, at most :data:`MAX_POINTS` of them."""

    points: tuple[MetricPoint, ...]
    kind: Literal["metrics"] = "metrics"


@dataclass(frozen=True, slots=True)
class Tags:
    """Facts by which runs are found."""

    values: dict[str, str]
    kind: Literal["tags"] = "tags"


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """Which adverts were used; ``facts`` is JSON text."""

    name: str
    digest: str
    context: str
    facts: str
    kind: Literal["dataset"] = "dataset"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file or a folder on this machine that belongs to the run."""

    path: str
    folder: str
    kind: Literal["artifact"] = "artifact"


@dataclass(frozen=True, slots=True)
class LoggedBundle:
    """An exported bundle on this machine that is the run's model."""

    path: str
    code: str
    requirements: tuple[str, ...]
    manifest_sha256: str
    kind: Literal["bundle"] = "bundle"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """How the run stood at ``time_ms``."""

    value: RunStatus
    time_ms: int
    kind: Literal["status"] = "status"


Event = Begin | Params | Metrics | Tags | DatasetUse | Artifact | LoggedBundle | StatusChange
MAX_POINTS = 1000


class RecordRefusedError(InputError):
    """The server holds what an event would contradict: to send it later would not help."""


class AnswerError(ConnectionError):
    """Something answers, and not as a tracking server does."""


class IncompleteError(ConnectionError):
    """The server took events and does not show them: all of the run must be sent again."""


class ServerError(ConnectionError):
    """What another process, which talks to the server for us, met.

    Attributes:
        kind: Name of the class of the error there.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Sink(Protocol):
    """Takes events to a server; every failure is an exception."""

    @property
    def run_id(self) -> str | None:
        """Name of the run that events go to; None before ``Begin`` was sent."""

    def send(self, event: Event) -> None:
        """Send one event, or raise.

        Raises:
            RefusedError: It must not be sent again.
            IncompleteError: The run was to be finished, and the server does not hold all of it.
            Exception: Whatever keeps the event from arriving.
        """


@cache
def _adapter() -> TypeAdapter[Event]:
    """Return what reads and writes events: built when one is spooled, not for ``--help``.

    Raises:
        MissingExtraError: The extra ``train`` is not installed.
    """
    try:
        from pydantic import Field, TypeAdapter
    except ImportError as missing:
        raise MissingExtraError("pydantic", "train") from missing
    return TypeAdapter(Annotated[Event, Field(discriminator="kind")])


def to_line(event: Event) -> str:
    """Return the event as one line of JSON."""
    return json.dumps(_adapter().dump_python(event, mode="json"), separators=(",", ":"))


def from_line(line: str) -> Event:
    """Read what :func:`to_line` wrote.

    Raises:
        ValueError: The line is not an event.
    """
    return _adapter().validate_python(json.loads(line))
