"""The summary that is printed at the end of a run or a sweep."""

from __future__ import annotations

from collections.abc import Sequence

from adverts.training.runs.run_folder import RunFolder
from adverts.training.runs.run_record import RunOutcome, RunRecord

_FIGURES = ("average_precision", "macro_f1", "loss")


def summary_lines(run: RunFolder, record: RunRecord, outcome: RunOutcome) -> list[str]:
    """Return the lines of a run's summary: validation figures, verdict, size on disk, folder."""
    rows = [(record.model, outcome.validation)]
    if outcome.baseline is not None:
        rows.append(("tf-idf", outcome.baseline))
    width = max(len(name) for name, _ in rows)
    if outcome.validation_adverts:
        judged = f"validation of {record.dataset_name} (n = {outcome.validation_adverts}; "
    else:
        judged = f"training of {record.dataset_name}, each part by a fit on the others ("
    lines = [
        f"{judged}{_chosen(outcome)}no headline figure)",
        "  ".join([" " * width, *(f"{name:>17}" for name in _FIGURES)]),
    ]
    for name, figures in rows:
        values = (f"{figures[figure]:>17.4f}" for figure in _FIGURES)
        lines.append("  ".join([f"{name:<{width}}", *values]))
    if beaten := beaten_by_baseline(outcome):
        lines.append(f"tf-idf beats {record.model} here: {beaten}")
    steps = f"{outcome.steps} steps, " if outcome.steps else ""
    lines.append(
        f"{outcome.train_adverts} adverts, {steps}{outcome.seconds:.0f} s; "
        f"{outcome.disk_bytes / 1e6:.0f} MB on disk"
    )
    if outcome.pruned:
        lines.append(f"pruned by its study after step {outcome.steps}")
    lines.append(f"run {run.path}")
    return lines


def _chosen(outcome: RunOutcome) -> str:
    """Return the words that name the chosen step; empty for a model fitted without steps."""
    chosen = outcome.selected_on
    return f"step {chosen.step} was chosen by {chosen.metric}, so " if outcome.steps else ""


def sweep_lines(runs: Sequence[tuple[RunFolder, RunRecord]]) -> list[str]:
    """Return the lines of a table of the runs of a sweep by validation figures, best first."""
    done = best_first(runs)
    if not done:
        return ["no job of the sweep was trained"]
    metric = done[0][1].selected_on.metric
    width = max(len(str(run.path)) for run, _ in done)
    lines = ["  ".join(["run".ljust(width), *(f"{name:>17}" for name in _FIGURES), "seconds"])]
    for run, outcome in done:
        values = (f"{outcome.validation[figure]:>17.4f}" for figure in _FIGURES)
        lines.append("  ".join([str(run.path).ljust(width), *values, f"{outcome.seconds:>7.0f}"]))
    models = len({one.weights_sha256 for _, one in done})
    if len(done) > models:
        lines.append(
            f"these {len(done)} jobs gave {models} different models; some settings change "
            "nothing, such as the seed of tf-idf"
        )
    return [*lines, f"best by {metric} on validation: {done[0][0].path}"]


def best_first(runs: Sequence[tuple[RunFolder, RunRecord]]) -> list[tuple[RunFolder, RunOutcome]]:
    """Return the trained runs of a sweep by the figure that chose their checkpoints, best first."""
    done = [(run, one.outcome) for run, one in runs if one.outcome is not None]
    metric = done[0][1].selected_on.metric if done else ""
    sign = 1 if metric == "loss" else -1
    return sorted(done, key=lambda one: sign * one[1].validation[metric])


def beaten_by_baseline(outcome: RunOutcome) -> str:
    """Return the metric and both values if tf-idf is better in the selecting metric, else ""."""
    metric = outcome.selected_on.metric
    if outcome.baseline is None:
        return ""
    ours, theirs = outcome.validation[metric], outcome.baseline[metric]
    better = theirs < ours if metric == "loss" else theirs > ours
    return f"{metric} {theirs:.4f} against {ours:.4f}" if better else ""
