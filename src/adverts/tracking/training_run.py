"""Record a training run with a tracker: its description, its curve and its results."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.tracking.tracker import Tracker
from adverts.training.runs.out_of_fold import FILE_NAME as OUT_OF_FOLD
from adverts.training.runs.run_folder import RunFolder
from adverts.training.runs.run_record import RunOutcome, RunRecord


def describe_run(
    tracker: Tracker,
    config: Mapping[str, object],
    record: RunRecord,
    manifest: DatasetManifest,
) -> None:
    """Record the facts that are known before the first step; a resumed run records them again.

    It may have been killed before the server had all of them. Recorded facts stay as they are.

    Args:
        tracker: Tracker of the run.
        config: Config that the run was begun with, as JSON values without credentials.
        record: Record of the run.
        manifest: Manifest of the dataset; its hash and its counts are recorded.
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
    """Record the curve of a resumed run again, from its log.

    A killed process may have written points to the log without sending them. Points that the server
    has are not sent twice. An incomplete line is left out.

    Args:
        tracker: Tracker of the run.
        log: File of JSON lines, each with a step and the values measured at that step.
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
    """Return the facts of a run's dataset: counts, terms, rules and hashes, as JSON values."""
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
    """Record the results of a finished run.

    Args:
        tracker: Tracker of the run.
        run: Folder of the run; its config and record are copied.
        outcome: Figures of the run.
        with_checkpoint: Whether the best checkpoint is copied too.
    """
    step = outcome.selected_on.step
    tracker.metrics({f"best/{name}": value for name, value in outcome.validation.items()}, step)
    tracker.tags({"weights_sha256": outcome.weights_sha256})
    for file in (run.config, run.record):
        tracker.artifact(file)
    if with_checkpoint:
        for file in sorted(run.best.iterdir()):
            if file.name != OUT_OF_FOLD:  # scores of single adverts stay on this machine
                tracker.artifact(file, "checkpoints/best")
        if run.frozen.is_file():
            tracker.artifact(run.frozen, "checkpoints")
    tracker.status("finished")
