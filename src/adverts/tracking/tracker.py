"""The tracker protocol, and two trackers without a server: one for nothing, one in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

RunStatus = Literal["running", "finished", "failed"]


class Tracker(Protocol):
    """Records the parameters, curves and files of one run.

    No method raises an error because of a server, a network or a disk: recording never stops a run.
    Leaving the ``with`` block closes the tracker.
    """

    @property
    def run_id(self) -> str | None:
        """Id of the run at the tracking server; None if there is none yet."""

    @property
    def lost(self) -> bool:
        """Whether records were neither sent nor stored to be sent later."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    def params(self, values: Mapping[str, object]) -> None:
        """Record settings; nested mappings become dotted names."""

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Record measurements taken after ``step``; they may be sent later, in batches."""

    def tags(self, values: Mapping[str, str]) -> None:
        """Record facts by which people find runs."""

    def dataset(self, name: str, digest: str, *, context: str, facts: Mapping[str, object]) -> None:
        """Record which adverts were used: our own sha256 and counts, never the adverts."""

    def artifact(self, path: Path, folder: str = "") -> None:
        """Copy a file, or every file of a folder, into ``folder`` of the run."""

    def text(self, path: str, content: str) -> None:
        """Record a small text as a file of the run."""

    def note(self, heading: str, content: str) -> None:
        """Put a section of Markdown on top of the description; replace one of this heading."""

    def bundle(self, path: Path, *, manifest_sha256: str) -> None:
        """Record an exported bundle as the run's one model."""

    def status(self, value: RunStatus) -> None:
        """Record the status of the run."""

    def flush(self) -> None:
        """Send all records that wait."""

    def close(self) -> None:
        """Send all records that wait, for the last time."""


class NullTracker:
    """A tracker that records nothing."""

    run_id: str | None = None
    lost: bool = False

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
        """Forget ``values``."""

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Forget ``values``."""

    def tags(self, values: Mapping[str, str]) -> None:
        """Forget ``values``."""

    def dataset(self, name: str, digest: str, *, context: str, facts: Mapping[str, object]) -> None:
        """Forget the dataset."""

    def artifact(self, path: Path, folder: str = "") -> None:
        """Leave ``path`` where it is."""

    def text(self, path: str, content: str) -> None:
        """Forget ``content``."""

    def note(self, heading: str, content: str) -> None:
        """Forget ``content``."""

    def bundle(self, path: Path, *, manifest_sha256: str) -> None:
        """Leave ``path`` where it is."""

    def status(self, value: RunStatus) -> None:
        """Forget ``value``."""

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class MemoryTracker(NullTracker):
    """A tracker that keeps everything in memory, for tests and dry runs."""

    def __init__(self, run_id: str | None = "memory") -> None:
        self.run_id = run_id
        self.logged_params: dict[str, object] = {}
        self.logged_metrics: list[tuple[int, dict[str, float]]] = []
        self.logged_tags: dict[str, str] = {}
        self.logged_datasets: list[tuple[str, str, str]] = []
        self.logged_artifacts: list[tuple[Path, str]] = []
        self.logged_texts: dict[str, str] = {}
        self.logged_notes: dict[str, str] = {}
        self.logged_bundles: list[tuple[Path, str]] = []
        self.statuses: list[RunStatus] = []

    def params(self, values: Mapping[str, object]) -> None:
        """Keep ``values``."""
        self.logged_params.update(values)

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Keep ``values`` with their step."""
        self.logged_metrics.append((step, dict(values)))

    def tags(self, values: Mapping[str, str]) -> None:
        """Keep ``values``."""
        self.logged_tags.update(values)

    def dataset(self, name: str, digest: str, *, context: str, facts: Mapping[str, object]) -> None:
        """Keep name, digest and context."""
        self.logged_datasets.append((name, digest, context))

    def artifact(self, path: Path, folder: str = "") -> None:
        """Keep the path and the folder."""
        self.logged_artifacts.append((path, folder))

    def text(self, path: str, content: str) -> None:
        """Keep ``content``."""
        self.logged_texts[path] = content

    def note(self, heading: str, content: str) -> None:
        """Keep ``content``."""
        self.logged_notes[heading] = content

    def bundle(self, path: Path, *, manifest_sha256: str) -> None:
        """Keep the path and the hash of its manifest."""
        self.logged_bundles.append((path, manifest_sha256))

    def status(self, value: RunStatus) -> None:
        """Keep ``value``."""
        self.statuses.append(value)
