"""What a training run tells its tracker, and the id that it may receive late."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.tracking.tracker import Tracker
from adverts.training.runs.run_folder import RunFolder
from adverts.training.runs.run_record import RunOutcome, RunRecord


def describe_run(
    tracker: Tracker,
    config: Mapping[str, object],
    record: RunRecord,
    manifest: DatasetManifest,
) -> None:
    """Record what is known before the first step; a run that goes on is described once more.

    It may have been killed before the server took all of it. What the server has stays as it is.

    Args:
        tracker: Where to.
        config: That the run was begun with: JSON values without credentials.
        record: Of the run.
        manifest: Of the dataset; its hash and its counts are recorded.
    """
    made = record.provenance
    tracker.params(config)
    tracker.tags(
        {
            "commit": made.commit or "unknown",
            "tree": "dirty" if made.dirty else "clean",
            "dataset": manifest.name,
            "data_hash": manifest.data_hash,
            "python": made.python,
            "machine": made.machine,
            **{f"version.{name}": version for name, version in made.versions.items()},
        }
    )
    facts = dataset_facts(manifest)
    tracker.dataset(manifest.name, manifest.data_hash, context="training", facts=facts)


def replay_curve(tracker: Tracker, log: Path) -> None:
    """Record the curve of a run that goes on once more, from its log.

    A killed process may have written it down and not sent it. What the server has is not sent
    twice. A line that was cut off is left out.

    Args:
        tracker: Where to.
        log: JSON lines, each with the step and the values that belong to it.
    """
    if not log.is_file():
        return
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            values = json.loads(line)
            step = values.pop("step")
        except (ValueError, AttributeError, KeyError):
            continue
        figures = {name: math.nan if value is None else value for name, value in values.items()}
        tracker.metrics(figures, step)
    tracker.flush()


def dataset_facts(manifest: DatasetManifest) -> dict[str, object]:
    """Return what a run says of its dataset: counts, terms, rules and hashes, as JSON values."""
    counts = manifest.counts.items()
    return {
        "adverts": {split: count.adverts for split, count in counts},
        "labels": {
            split: {task: dict(labels) for task, labels in count.labels.items()}
            for split, count in counts
        },
        "languages": {split: dict(count.languages) for split, count in counts},
        "licence": manifest.terms.licence,
        "sensitivity": manifest.terms.sensitivity,
        "rules": dict(manifest.made.rules),
        "commit": manifest.made.commit,
        "shards": {shard.name: shard.sha256 for shard in manifest.shards},
    }


def hand_in(
    tracker: Tracker, run: RunFolder, outcome: RunOutcome, *, with_checkpoint: bool
) -> None:
    """Record what came out of a run.

    Args:
        tracker: Where to.
        run: Its folder; config and record are copied.
        outcome: Its figures.
        with_checkpoint: Copy the best checkpoint too.
    """
    step = outcome.selected_on.step
    tracker.metrics({f"best/{name}": value for name, value in outcome.validation.items()}, step)
    tracker.tags({"weights_sha256": outcome.weights_sha256})
    for file in (run.config, run.record):
        tracker.artifact(file)
    if with_checkpoint:
        tracker.artifact(run.best, "checkpoints/best")
        if run.frozen.is_file():
            tracker.artifact(run.frozen, "checkpoints")
    tracker.status("finished")
