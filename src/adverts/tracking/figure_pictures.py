"""Draw the curves of a report as PNG pictures for the page of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.evaluation.figures.curves import PrecisionRecall, Reliability
from adverts.evaluation.report_content import TaskSummary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INCHES, _DOTS_PER_INCH = (6.4, 4.8), 110
_COLOURS = ("#0b5cad", "#c05a00", "#5b5b5b")
"""Blue, orange and grey: apart for colour-blind readers, and dark enough on white."""


def draw_figures(folder: Path, task: TaskSummary, *, title: str) -> tuple[Path, ...]:
    """Write the pictures that a task has data for, and return their paths.

    They show the same points as the report; nothing is computed again.

    Args:
        folder: Folder for the pictures; it is created.
        task: Results of the task.
        title: Model, dataset and split, for the first line of each picture.
    """
    drawn: dict[str, Figure] = {}
    if task.precision_recall:
        prevalence = task.prevalence.value if task.prevalence else None
        drawn["precision_recall"] = _precision_recall(task.precision_recall, prevalence, title)
    if task.reliability is not None:
        drawn["reliability"] = _reliability(task.reliability, title)
    if task.confusion is not None:
        drawn["confusion"] = _confusion(task.confusion, task.task.labels, title)
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in drawn.items():
        figure.savefig(folder / f"{name}.png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    return tuple(folder / f"{name}.png" for name in drawn)


def _precision_recall(
    curves: Sequence[PrecisionRecall], prevalence: float | None, title: str
) -> Figure:
    figure, axes = _axes(title)
    for curve, colour in reversed([*zip(curves, _COLOURS, strict=False)]):
        axes.fill_between(curve.recall, curve.low, curve.high, color=colour, alpha=0.15, lw=0)
        axes.plot(curve.recall, curve.precision, color=colour, lw=2, label=curve.model)
    if prevalence is not None:
        axes.axhline(prevalence, color="#777777", ls="--", lw=1, label="chance")
    _square(axes, "Recall: share of positives flagged", "Precision: share of flagged positive")
    axes.legend(loc="lower left", title="bands: 95 % intervals", frameon=False)
    return figure


def _reliability(found: Reliability, title: str) -> Figure:
    figure, axes = _axes(title)
    axes.plot((0, 1), (0, 1), color="#777777", ls="--", lw=1, label="as stated")
    stated = [one.mean_probability for one in found.bins]
    true = [one.positive_share for one in found.bins]
    label = f"{found.model}, calibration error {found.calibration_error:.3f}"
    axes.plot(stated, true, "o-", color=_COLOURS[0], lw=2, label=label)
    for one in found.bins:
        axes.annotate(
            f"{one.count:,}",
            (one.mean_probability, one.positive_share),
            textcoords="offset points",
            xytext=(6, -12),
            fontsize=8,
        )
    _square(axes, "Stated probability", "True share of positives")
    axes.legend(loc="upper left", title="numbers: adverts in a bin", frameon=False)
    return figure


def _confusion(counts: Sequence[Sequence[int]], labels: Sequence[str], title: str) -> Figure:
    figure, axes = _axes(title)
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            share = shares[row][column]
            axes.text(
                column,
                row,
                f"{count:,}\n{share:.0%}",
                ha="center",
                va="center",
                color="white" if share > 0.5 else "black",
            )
    axes.set_xticks(range(len(labels)), labels)
    if len(labels) > 4:
        axes.tick_params(axis="x", labelrotation=45)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("Predicted label")
    axes.set_ylabel("True label; percent of its row")
    return figure


def _axes(title: str) -> tuple[Figure, Axes]:
    """Return a figure of its own; no state of matplotlib that others share is touched."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=11, loc="left", parse_math=False)
    return figure, axes


def _square(axes: Axes, across: str, up: str) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel=across, ylabel=up)
    axes.grid(color="#dddddd", lw=0.8)
    axes.set_axisbelow(True)
