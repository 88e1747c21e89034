"""The picture of a study: its history, and the value of every trial by each setting."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adverts.config.tuning import ChoiceSetting, FloatSetting
from adverts.tuning.space import Space, short_names
from adverts.tuning.table import TrialRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WHOLE, _PRUNED, _BEST = "#1f5fa8", "#b9b9b9", "#c2410c"
_COLUMNS = 3


def write_plot(
    path: Path, rows: Sequence[TrialRow], space: Space, *, metric: str, larger_is_better: bool
) -> None:
    """Write a PNG with the history of a study and one panel for each setting.

    Whole trials are filled, pruned ones are grey rings at the value they had when they were
    stopped. The axis shows the better half and what lies near it, so that one trial that failed to
    learn does not hide the differences between good ones.

    Args:
        path: File to write.
        rows: Trials with a value.
        space: The settings.
        metric: Name of the value.
        larger_is_better: Whether the best value is the largest.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    seen = sorted((row for row in rows if row.value is not None), key=lambda row: row.number)
    height = 3.2 + 2.4 * -(-len(space.settings) // _COLUMNS)
    figure = Figure(figsize=(10, height), layout="constrained")
    FigureCanvasAgg(figure)
    parts = figure.subfigures(2, 1, height_ratios=[3.2, height - 3.2])
    assert isinstance(parts, np.ndarray), "two rows"
    above, below = parts
    history = above.subplots()
    _draw_history(history, seen, metric, larger_is_better=larger_is_better)
    limits = _limits([float(row.value or 0) for row in seen], larger_is_better=larger_is_better)
    history.set_ylim(limits)
    names = short_names(space.settings)
    grid = below.subplots(-(-len(names) // _COLUMNS), _COLUMNS, squeeze=False).flat
    for axes, key in itertools.zip_longest(grid, names):
        if key is None:
            axes.set_axis_off()
            continue
        _draw_setting(axes, seen, space, key)
        axes.set_title(names[key], fontsize=10)
        axes.set_ylim(limits)
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, format="png", dpi=110)
    partial.replace(path)


def _draw_history(
    axes: Axes, rows: Sequence[TrialRow], metric: str, *, larger_is_better: bool
) -> None:
    _scatter(axes, {row.number: row.number for row in rows}, rows)
    whole = [row for row in rows if row.state == "whole"]
    choose = max if larger_is_better else min
    best = itertools.accumulate((float(row.value or 0) for row in whole), choose)
    axes.step(
        [row.number for row in whole], list(best), where="post", color=_BEST, label="best so far"
    )
    axes.set_xlabel("trial")
    axes.set_ylabel(f"{metric} on validation")
    axes.legend(loc="lower right" if larger_is_better else "upper right", fontsize=9)


def _draw_setting(axes: Axes, rows: Sequence[TrialRow], space: Space, key: str) -> None:
    setting = space.settings[key]
    shown = [row for row in rows if key in row.params]
    if isinstance(setting, ChoiceSetting):
        names = list(space.choices[key])
        _scatter(axes, {row.number: names.index(str(row.params[key])) for row in shown}, shown)
        axes.set_xticks(range(len(names)), names, fontsize=8)
        axes.set_xlim(-0.5, len(names) - 0.5)
        return
    _scatter(axes, {row.number: float(row.params[key]) for row in shown}, shown)
    if isinstance(setting, FloatSetting) and setting.log:
        axes.set_xscale("log")


def _scatter(axes: Axes, places: Mapping[int, float], rows: Sequence[TrialRow]) -> None:
    for state, face, edge in (("pruned", "none", _PRUNED), ("whole", _WHOLE, _WHOLE)):
        of_state = [row for row in rows if row.state == state]
        axes.scatter(
            [places[row.number] for row in of_state],
            [float(row.value or 0) for row in of_state],
            s=26,
            facecolors=face,
            edgecolors=edge,
            label={"whole": "trained whole", "pruned": "pruned"}[state],
        )
    axes.grid(visible=True, linewidth=0.4, alpha=0.6)


def _limits(values: Sequence[float], *, larger_is_better: bool) -> tuple[float, float]:
    """Return the ends of the axis: from the best value to one beyond the middle one."""
    ordered = sorted(values, reverse=larger_is_better)
    best, middle, worst = ordered[0], ordered[len(ordered) // 2], ordered[-1]
    far = best + 2.5 * (middle - best)
    end = max(far, worst) if larger_is_better else min(far, worst)
    room = abs(best - end) * 0.08 or 0.01
    low, high = sorted((best, end))
    return low - room, high + room
