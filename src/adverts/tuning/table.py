"""The trials of a study as rows: a table for people, a CSV file, and what mattered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from adverts.files.delimited import delimited
from adverts.tuning.space import Param, Space, short_names
from adverts.tuning.study import KILLED, PROCESSOR_SECONDS, REASON, SECONDS

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

State = Literal["whole", "pruned", "failed", "open"]
_STATES: dict[str, State] = {"COMPLETE": "whole", "PRUNED": "pruned", "FAIL": "failed"}
SHOWN, ENOUGH = 10, 10
"""Rows of the table that are shown, and whole trials from which on importance is computed."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial of a study.

    Attributes:
        number: Number of the trial, from 0; also the name of its folder.
        state: ``whole``: trained to its end; ``pruned``: stopped early; ``failed``; ``open``: still
            waiting or running.
        value: Selecting metric on validation, of the best checkpoint so far; None without any.
        epochs: Number of passes over the adverts that were validated; 0 for a model fitted at once.
        seconds: Wall time of the last process that ran it; None if unknown.
        processor_seconds: Processor time of the same.
        params: Values of its settings.
        reason: Why it failed; empty otherwise.
    """

    number: int
    state: State
    value: float | None
    epochs: float
    seconds: float | None
    processor_seconds: float | None
    params: dict[str, Param]
    reason: str


def row_of(place: int, trial: FrozenTrial, *, evaluations_per_epoch: int) -> TrialRow:
    """Return the row of the trial at a place of a study."""
    reason = str(trial.user_attrs.get(REASON, ""))
    seen = trial.intermediate_values
    return TrialRow(
        number=place,
        state=_STATES.get(trial.state.name, "open"),
        value=trial.value if trial.value is not None else seen.get(max(seen, default=0)),
        epochs=len(seen) / evaluations_per_epoch,
        seconds=trial.user_attrs.get(SECONDS),
        processor_seconds=trial.user_attrs.get(PROCESSOR_SECONDS),
        params=dict(trial.params),
        reason="" if reason == KILLED else reason,
    )


def best_first(rows: Sequence[TrialRow], *, larger_is_better: bool) -> list[TrialRow]:
    """Return rows with the best first: whole trials, then pruned ones, then all others."""
    order: list[State] = ["whole", "pruned", "failed", "open"]
    sign = -1 if larger_is_better else 1
    return sorted(
        rows, key=lambda row: (order.index(row.state), sign * (row.value or 0.0), row.number)
    )


def table_lines(rows: Sequence[TrialRow], space: Space, metric: str) -> list[str]:
    """Return the lines of the table of the best trials, with a line for those left out."""
    names = short_names(space.settings)
    head = ["trial", metric, "state", "epochs", "seconds", *names.values()]
    cells = [_cells(row, space) for row in rows[:SHOWN]]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    lines = ["  ".join(map(str.rjust, line, widths)) for line in (head, *cells)]
    if len(rows) > SHOWN:
        lines.append(f"… and {len(rows) - SHOWN} more in trials.csv")
    return lines


def _cells(row: TrialRow, space: Space) -> list[str]:
    given = (
        space.shown(key, row.params[key]) if key in row.params else "" for key in space.settings
    )
    return [
        str(row.number),
        "" if row.value is None else f"{row.value:.4f}",
        row.state,
        f"{row.epochs:g}" if row.epochs else "",
        "" if row.seconds is None else f"{row.seconds:.0f}",
        *given,
    ]


def write_table(path: Path, rows: Sequence[TrialRow], space: Space, metric: str) -> None:
    """Write every trial as a row of a CSV file, completely or not at all."""
    facts = ["state", "epochs", "seconds", "processor_seconds"]
    cells: list[list[object]] = [["trial", metric, *facts, *space.settings, "reason"]]
    for row in rows:
        given = (row.params.get(key, "") for key in space.settings)
        known = (getattr(row, name) for name in facts)
        cells.append([row.number, row.value, *known, *given, row.reason])
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(delimited(cells))
    partial.replace(path)


def importance(study: Study, rows: Sequence[TrialRow]) -> dict[str, float]:
    """Return the share of each setting in the differences between trials, the largest first.

    The result is empty with too few whole trials, or if all have the same value.

    Source: Watanabe et al., "PED-ANOVA" (IJCAI 2023), as Optuna computes it.
    """
    from optuna.importance import get_param_importances

    whole = [row for row in rows if row.state == "whole"]
    if len(whole) < ENOUGH or len({row.value for row in whole}) < 2:
        return {}
    return dict(get_param_importances(study))


def importance_lines(shares: dict[str, float]) -> list[str]:
    """Return the line that says which settings mattered; empty if that is unknown."""
    if not shares:
        return []
    names = short_names(shares)
    text = " · ".join(f"{names[key]} {share:.2f}" for key, share in shares.items())
    return [f"what mattered, of 1: {text}"]
