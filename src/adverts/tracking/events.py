"""The events that a tracker records, as values without credentials that can be kept on disk."""

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

# A password may hold ``/`` unescaped: better to hide a path with an ``@`` than to show a password.
_USER_INFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?!/)\S*@", re.IGNORECASE)
_NAMES = r"(?:password|passwd|pwd|token|secret|api_?key|access_?key|credential|sig|signature)"
_SECRET = re.compile(rf"(?P<key>{_NAMES}[a-z0-9_-]*=)[^&;\s'\"]+", re.IGNORECASE)
# What a package with such a name is pinned to, as in ``tokenizers==0.23.3``, is no secret.
_PINNED = re.compile(
    rf"(?<!\S)(?!{_NAMES}==)[a-z0-9][a-z0-9._-]*=="
    r"\d{1,4}(?:\.\d{1,8}){1,5}(?:\.?(?:a|b|rc|dev|post)\d{1,4})*(?:\+[a-z]{2,5}\d{0,4})?(?!\S)",
    re.IGNORECASE,
)
# A slip of the pen, such as ``user:password@host`` or ``http:/user:password@host``; a model of the
# registry, ``models:/name@alias``, is none.
_SLIP = re.compile(
    r"(?<![^\s:/@'\"(=])[^\s:/@'\"(=]+:[^\s/]\S*@",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]*:/+", re.IGNORECASE)


def redact(text: str, uri: str = "") -> str:
    """Return ``text`` with the credentials of every URI in it replaced by ``***``.

    These are user, password and token before the last ``@``, and the values of query parameters
    with the name of a secret. Text without credentials is returned unchanged.

    Args:
        text: The text.
        uri: Tracking URI that the text may quote. What :func:`without_credentials` leaves out of it
            is also replaced, whatever is wrong with the URI.
    """
    rest = uri.removeprefix(_scheme(uri))
    place = re.split(r"[?#]", rest, maxsplit=1)[0]
    if rest:
        text = text.replace(uri, without_credentials(uri))
    if len(rest) > len(place) + 1:
        text = text.replace(rest[len(place) :], "?***")
    for user in (rest.rpartition("@")[0], place.rpartition("@")[0]):
        if user:
            text = text.replace(f"{user}@", "***@")
    masked = _SLIP.sub("***@", _USER_INFO.sub(r"\g<scheme>***@", text))
    parts, end = [], 0
    for pinned in _PINNED.finditer(masked):
        parts += [_SECRET.sub(r"\g<key>***", masked[end : pinned.start()]), pinned[0]]
        end = pinned.end()
    return "".join([*parts, _SECRET.sub(r"\g<key>***", masked[end:])])


def without_credentials(uri: str) -> str:
    """Return a tracking URI as it may be recorded and shown, whatever is wrong with it.

    ``***`` stands for all between the scheme and the last ``@``, for the query, and for the
    fragment. Where an ``@`` follows a ``?`` or a ``#``, either may be part of a password, so that
    only the scheme is left.
    """
    scheme = _scheme(uri)
    rest = uri.removeprefix(scheme)
    place = re.split(r"[?#]", rest, maxsplit=1)[0]
    if "@" in rest[len(place) :]:
        return f"{scheme}***"
    hidden = "" if place == rest else "?***"
    if "@" in place:
        place = f"***@{place.rpartition('@')[2]}"
    return f"{scheme}{place}{hidden}"


def _scheme(uri: str) -> str:
    found = _SCHEME.match(uri)
    return "" if found is None else found[0]


@dataclass(frozen=True, slots=True)
class Begin:
    """The begin of a run, which is new if ``run_id`` is None and continued otherwise.

    Attributes:
        experiment: Name of the experiment, which groups the runs of one question.
        run_name: Name of the run for people.
        run_id: Id of the run at the server.
        time_ms: Unix time in milliseconds.
        key: Our own name of the run. The server finds the run by it if a process was killed before
            it could store ``run_id``. Empty: the run is not looked up.
        parent: Id of the run that this one is a part of, such as the study of a trial. The run list
            shows it below that run. Empty: it stands by itself.
    """

    experiment: str
    run_name: str
    run_id: str | None
    time_ms: int
    key: str = ""
    parent: str = ""
    kind: Literal["begin"] = "begin"


@dataclass(frozen=True, slots=True)
class Params:
    """Settings: maps each dotted name to its value as text."""

    values: dict[str, str]
    kind: Literal["params"] = "params"


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One measurement at one step; ``time_ms`` is Unix time in milliseconds."""

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
    """Facts by which people find runs: maps each name to its value."""

    values: dict[str, str]
    kind: Literal["tags"] = "tags"


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """A dataset that the run used; ``facts`` is JSON text."""

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
class TextFile:
    """A small text that the run keeps as a file of this path."""

    path: str
    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Note:
    """A section of the run's description, in Markdown; an older one of this heading is replaced."""

    heading: str
    text: str
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class LoggedBundle:
    """An exported bundle on this machine that is the run's model.

    Spools of earlier releases also hold ``code`` and ``requirements``, which are ignored: what
    MLflow runs and installs is ours, see :func:`adverts.tracking.mlflow_models.log_model`.
    """

    path: str
    manifest_sha256: str
    kind: Literal["bundle"] = "bundle"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Status of the run at ``time_ms``."""

    value: RunStatus
    time_ms: int
    kind: Literal["status"] = "status"


Event = (
    Begin
    | Params
    | Metrics
    | Tags
    | DatasetUse
    | Artifact
    | TextFile
    | Note
    | LoggedBundle
    | StatusChange
)
MAX_POINTS = 1000


class RecordRefusedError(InputError):
    """An event contradicts what the server already holds, so sending it later would not help."""


class AnswerError(ConnectionError):
    """The server answers, but not as a tracking server does."""


class IncompleteError(ConnectionError):
    """The server accepted events but does not show them, so the whole run must be sent again."""


class ServerError(ConnectionError):
    """An error in the other process that talks to the server for us.

    Attributes:
        kind: Name of the error's class in that process.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Sink(Protocol):
    """Sends events to a server; every failure is an exception."""

    @property
    def run_id(self) -> str | None:
        """Id of the run that events go to; None before ``Begin`` was sent."""

    def send(self, event: Event) -> None:
        """Send one event, or raise.

        Raises:
            RecordRefusedError: The event must not be sent again.
            IncompleteError: A run cannot be marked finished, since the server lacks parts of it.
            Exception: Any other error that keeps the event from arriving.
        """


@cache
def _adapter() -> TypeAdapter[Event]:
    """Return the adapter that reads and writes events; it is built only when it is needed.

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
