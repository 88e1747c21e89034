"""Record a sweep as the run under which the runs of its jobs are listed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from adverts.config import TrackingConfig
from adverts.tracking.build_tracker import open_tracker

_BEGUN: dict[Path, tuple[TrackingConfig, str]] = {}


def begin_sweep(config: TrackingConfig, folder: Path, settings: str) -> str:
    """Return the id of the run of a sweep; the same sweep that goes on keeps its run.

    Args:
        config: Which server or store to use.
        folder: Path that the folders of its runs begin with.
        settings: Names of the settings that differ between its runs.

    Returns:
        The id; empty where nothing is tracked, or the server does not answer.
    """
    folder = folder.absolute()
    if folder not in _BEGUN:
        key = hashlib.sha256(str(folder).encode()).hexdigest()[:32]
        with open_tracker(config, spool=_spool(folder), run_name=folder.name, key=key) as tracker:
            tracker.tags({"kind": "sweep", "settings": settings})
            tracker.status("finished")
            _BEGUN[folder] = config, tracker.run_id or ""
    return _BEGUN[folder][1]


def end_sweep(folder: Path, best: str, figures: Mapping[str, float]) -> None:
    """Record the best run of a sweep.

    Args:
        folder: Path that the folders of its runs begin with.
        best: Name of the best run.
        figures: Its figures on validation by name.
    """
    folder = folder.absolute()
    config, run_id = _BEGUN.get(folder, (None, ""))
    if config is None or not run_id:
        return
    name = folder.name
    with open_tracker(config, spool=_spool(folder), run_name=name, run_id=run_id) as tracker:
        tracker.tags({"best": best})
        tracker.metrics({f"best.{name}": value for name, value in figures.items()}, 0)
        tracker.status("finished")


def _spool(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.sweep") / "spool.jsonl"
