"""Record a study of settings as the run under which its trials are listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from adverts.tracking.tracker import Tracker


def describe_study(tracker: Tracker, config: Mapping[str, object], tags: Mapping[str, str]) -> None:
    """Record what is known before the first trial; a study that goes on records it again.

    Args:
        tracker: Tracker of the study.
        config: Config of the study as JSON values, without credentials.
        tags: Facts by which people find it.
    """
    tracker.status("running")
    tracker.params({name: value for name, value in config.items() if name not in ("trials",)})
    tracker.tags({"kind": "study", **tags})


def hand_in_study(
    tracker: Tracker,
    *,
    metric: str,
    values: Mapping[int, float],
    best: Mapping[str, str],
    files: Sequence[Path],
) -> None:
    """Record the results of a study.

    Args:
        tracker: Tracker of the study.
        metric: Name of the figure on validation that the study optimises.
        values: Maps the number of each trial that was trained whole to its value.
        best: Number, value and settings of the best trial.
        files: Table, plot and experiment; they are copied.
    """
    for number, value in sorted(values.items()):
        tracker.metrics({f"trial/{metric}": value}, number)
    if best:
        tracker.tags({f"best.{name}": value for name, value in best.items()})
    for file in files:
        tracker.artifact(file)
    tracker.status("finished")
