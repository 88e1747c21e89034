"""Record a training run with a tracker: its description, its curve and its results."""

from __future__ import annotations

import getpass
import math
import os
from collections.abc import Mapping
from pathlib import Path

from adverts.config.acting_settings import method_of
from adverts.config.overrides import shareable
from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.errors import plural
from adverts.files.bounded_reading import parse_json
from adverts.tracking.run_settings import curve_names, settings_of
from adverts.tracking.tracker import Tracker
from adverts.training.runs.kept_logits import KEPT_FILES
from adverts.training.runs.run_folder import RunFolder
from adverts.training.runs.run_record import Provenance, RunOutcome, RunRecord

USER = "ADVERTS_USER"


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
    made, method = record.provenance, method_of(config)
    tracker.params(settings_of(config))
    tags = {
        "model": record.model,
        "method": method,
        "dataset": manifest.name,
        "data_hash": manifest.data_hash,
        "mlflow.source.name": "adverts train",
        "mlflow.source.type": "LOCAL",
        **({"mlflow.source.git.commit": made.commit} if made.commit else {}),
        **({"tree": "changed since the commit"} if made.dirty else {}),
        **({"mlflow.user": user} if (user := user_name()) else {}),
    }
    tracker.tags(tags)
    tracker.text("versions.txt", _versions(made))
    tracker.note("Training", _training_text(config, record, manifest))
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
            values = parse_json(line)
            step = values.pop("step")
        except (ValueError, AttributeError, KeyError):
            continue
        figures = {name: math.nan if value is None else value for name, value in values.items()}
        tracker.metrics(curve_names(figures), step)
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
    tracker.metrics({f"best.{name}": value for name, value in outcome.validation.items()}, step)
    if outcome.baseline is not None:
        tracker.metrics({f"baseline.{name}": one for name, one in outcome.baseline.items()}, step)
    tracker.note("Validation", _validation_text(outcome))
    for file in (run.config, run.record):
        tracker.artifact(file)
    if with_checkpoint:
        for file in sorted(run.best.iterdir()):
            if file.name not in KEPT_FILES:  # scores of single adverts stay on this machine
                tracker.artifact(file, "checkpoints/best")
        if run.frozen.is_file():
            tracker.artifact(run.frozen, "checkpoints")
    tracker.status("finished")


def user_name() -> str:
    """Return who trains: ``$ADVERTS_USER``, which may be empty, or else the name of the login."""
    given = os.environ.get(USER)
    if given is not None:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return ""


def _versions(made: Provenance) -> str:
    lines = [f"python=={made.python}", *(f"{name}=={one}" for name, one in made.versions.items())]
    return "\n".join([f"# {made.machine}, commit {made.commit or 'not known'}", *lines]) + "\n"


def _training_text(
    config: Mapping[str, object], record: RunRecord, manifest: DatasetManifest
) -> str:
    """Return what was trained on what, and how to do it again."""
    counts = [f"{split} {count.adverts:,}" for split, count in manifest.counts.items()]
    folder = shareable(Path(str(config["run_dir"])))
    rows = [
        f"Model **{record.model}** ({method_of(config)}), seed {config.get('seed')}",
        f"Dataset **{manifest.name}**, data `{manifest.data_hash[:12]}`; adverts: "
        + ", ".join(counts),
        f"Again, from the same commit: `make reproduce RUN={folder}`; the whole config is in "
        "`config.yaml`, the packages are in `versions.txt`",
    ]
    return "\n".join(f"* {row}" for row in rows)


def _validation_text(outcome: RunOutcome) -> str:
    chosen = outcome.selected_on
    figures = ", ".join(f"{name} {value:.3f}" for name, value in outcome.validation.items())
    how = f"step {chosen.step} was chosen by {chosen.metric} on it, so " if outcome.steps else ""
    return (
        f"On {plural(outcome.validation_adverts, 'validation advert')}: {figures}. "
        f"{how[:1].upper() + how[1:] or ''}"
        f"{'this' if how else 'This'} is no headline figure; `adverts evaluate` gives one."
    )
