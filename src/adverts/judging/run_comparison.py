"""The result of comparing runs: its rows, and the text, the pages and the files made of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from adverts.errors import plural
from adverts.evaluation.figures import wording
from adverts.evaluation.report.pages import render_html, render_text
from adverts.evaluation.report.templating import FOLDER
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.files.staging import open_private, staging

SCHEMA_VERSION = 1
_MOST_NAMED = 20  # parts without a figure in one line
JSON_PAGE, MARKDOWN, HTML = "comparison.json", "comparison.md", "comparison.html"
RESTRICTED, CHANGED = "restricted", "changed.parquet"
CHANGED_COLUMNS = (
    "run",
    "id",
    "cluster",
    "question",
    "label",
    "reference_band",
    "band",
    "reference_decision",
    "decision",
    "reference_probability",
    "probability",
    "reference_danger",
    "danger",
)
RunAnswer = Literal["better", "worse", "no detectable difference", "too little evidence"]
Cell = str | int | float | bool | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class RunFigure:
    """One figure of one run on the adverts that all runs are judged on.

    Attributes:
        task: Name of the task.
        figure: Name of the figure, see :mod:`adverts.evaluation.figures.figures_by_kind`.
        slice: Part of the adverts as ``dimension=value``; empty: all of them.
        run: Name of the run.
        value: The figure; None where the adverts cannot decide it.
        low: Lower end of its own 95 % interval.
        high: Upper end of its own 95 % interval.
        difference: The run minus the reference, paired; None for the reference.
        difference_low: Lower end of the interval that holds together with all others of its group:
            those on all adverts, and those on slices.
        difference_high: Upper end of that interval.
        answer: What that interval says about the run; None for the reference.
        reason: Why something is missing, or a caution; empty otherwise.
        smallest_visible: Smallest difference that these adverts show with a power of 0.8, after the
            correction; None where it cannot be computed.
        independent: Number of independent adverts that the figure rests on.
    """

    task: str
    figure: str
    slice: str
    run: str
    value: float | None
    low: float | None
    high: float | None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    answer: RunAnswer | None = None
    reason: str = ""
    smallest_visible: float | None = None
    independent: float = 0.0

    @property
    def estimate(self) -> Estimate:
        """The figure with its own interval."""
        return Estimate(self.value, self.low, self.high)

    @property
    def gap(self) -> Estimate:
        """The difference with its corrected interval."""
        return Estimate(self.difference, self.difference_low, self.difference_high)


@dataclass(frozen=True, slots=True)
class RunDecisions:
    """Decisions of a run and of the reference, each at its own thresholds.

    Attributes:
        run: Name of the run.
        task: Name of the task.
        label: Name of the label.
        purpose: Purpose of the thresholds.
        only_run_right: Clusters in which the run alone is right on more adverts.
        only_reference_right: Clusters in which the reference alone is.
        p_value: Two-sided p-value of McNemar's exact test over clusters, not corrected.
        answer: What the test says after Holm's correction for all such tests of the comparison.
    """

    run: str
    task: str
    label: str
    purpose: str
    only_run_right: int
    only_reference_right: int
    p_value: float
    answer: RunAnswer


@dataclass(frozen=True, slots=True)
class RunComparison:
    """What differs between runs; printed, it is a table.

    Every field of rows makes a DataFrame: ``pandas.DataFrame(comparison.figures)``.

    Attributes:
        runs: Names of the runs.
        reference: Name of the run that the others are compared with.
        split: Split of the adverts.
        precision: The precision at which recall is measured.
        relevant: The smallest difference that matters.
        adverts: Number of adverts that all are judged on.
        clusters: Number of clusters among them.
        compared: Number of differences on all adverts whose intervals hold together.
        config_differences: One row for each key that differs: ``key``, then a value for each run.
        data_differences: One row for each fact about data and rules: ``fact``, then for each run.
        figures: Figures on all adverts.
        slices: The main figure of each task on parts of the adverts.
        decisions: Decisions at the thresholds of each run.
        changed: Restricted: one row for each advert of which a run decides otherwise than the
            reference. It holds ids and no text; no page shows it.
        notes: What a reader must know.
    """

    runs: tuple[str, ...]
    reference: str
    split: str
    precision: float
    relevant: float
    adverts: int
    clusters: int
    compared: int
    config_differences: list[Row]
    data_differences: list[Row]
    figures: list[RunFigure]
    slices: list[RunFigure]
    decisions: list[RunDecisions]
    changed: list[Row]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Return the comparison as text without the id of any advert."""
        return "\n".join(_lines(self))

    def __repr__(self) -> str:
        """Return one line without rows, so that no id is shown by accident."""
        return f"<RunComparison of {', '.join(self.runs)} on {self.split}>"

    @property
    def changes(self) -> dict[str, int]:
        """Number of adverts of which each run decides otherwise than the reference."""
        ids: dict[str, set[Cell]] = {one: set() for one in self.runs if one != self.reference}
        for row in self.changed:
            ids[str(row["run"])].add(row["id"])
        return {run: len(found) for run, found in ids.items()}

    @property
    def headline(self) -> str:
        """What the main figure says of each run, in one line."""
        lead = next(iter(self.groups(self.figures).values()), [])
        said = [f"{one.run} {one.answer}" for one in lead if one.answer is not None]
        named = wording.in_sentence(lead[0].figure, self.precision) if lead else "figures"
        return f"On {named}, against {self.reference}: {'; '.join(said) or 'nothing to compare'}."

    @property
    def measured_slices(self) -> list[RunFigure]:
        """The figures on parts of the adverts of which at least one run has one."""
        groups = self.groups(self.slices).values()
        return [one for group in groups if _is_measured(group) for one in group]

    @property
    def unmeasured(self) -> str:
        """The parts of the adverts that have no figure, in one line; empty without any."""
        groups = self.groups(self.slices).items()
        several = len({task for (task, _, _), _ in groups}) > 1
        names = [
            f"{place} of {task}" if several else place
            for (task, _, place), group in groups
            if not _is_measured(group)
        ]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        return f"too little evidence: {'; '.join(names[:_MOST_NAMED])}{more}" if names else ""

    def write(self, folder: str | Path) -> Path:
        """Write the comparison into a folder, which appears complete or not at all.

        ``comparison.json``, ``comparison.md`` and ``comparison.html`` hold no id of an advert.
        ``restricted/changed.parquet`` holds those that changed; only its owner can read it.

        Raises:
            InputError: The folder holds something else, or the disk is full.
        """
        place = Path(folder)
        with staging(place, marker=JSON_PAGE, also=(MARKDOWN, HTML, RESTRICTED)) as partial:
            values = {"held": self, "width": _width(self)}
            pages = {
                JSON_PAGE: self.to_json(),
                MARKDOWN: render_text("compared_runs.md.j2", values, folders=[FOLDER]),
                HTML: render_html("compared_runs.html.j2", values, folders=[FOLDER]),
            }
            for name, page in pages.items():
                with open_private(partial / name) as file:
                    file.write(page.encode())
            _write_changed(partial, self.changed)
        return place

    def to_json(self) -> str:
        """Return everything but the adverts that changed, of which only the number is given."""
        plain = asdict(self)
        del plain["changed"]
        plain = {"schema_version": SCHEMA_VERSION, **plain, "changes": self.changes}
        return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def groups(self, rows: Sequence[RunFigure]) -> dict[tuple[str, str, str], list[RunFigure]]:
        """Return rows by task, figure and slice, each group in the order of the runs."""
        found: dict[tuple[str, str, str], list[RunFigure]] = {}
        for row in rows:
            found.setdefault((row.task, row.figure, row.slice), []).append(row)
        return found

    def title(self, figure: str) -> str:
        """Return the name of a figure for a reader."""
        name, _, label = figure.partition(".")
        return wording.title(name, self.precision) + (f" of {label}" if label else "")


def _is_measured(group: Sequence[RunFigure]) -> bool:
    return any(one.value is not None for one in group)


def _width(comparison: RunComparison) -> float:
    """Return where the bars of differences end: beyond every interval and what matters."""
    rows = (*comparison.figures, *comparison.slices)
    ends = [abs(end) for one in rows for end in (one.difference_low, one.difference_high) if end]
    return max([2 * comparison.relevant, *ends])


def _write_changed(folder: Path, rows: Sequence[Row]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    place = folder / RESTRICTED
    place.mkdir(mode=0o700)
    types = {"probability": pa.float64(), "reference_probability": pa.float64()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in CHANGED_COLUMNS])
    with open_private(place / CHANGED) as file:
        pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), file)
    os.chmod(place, 0o700)


def _lines(held: RunComparison) -> Iterator[str]:
    yield (
        f"{plural(len(held.runs), 'run')} on {plural(held.adverts, 'advert')} of {held.split} in "
        f"{plural(held.clusters, 'cluster')}; reference: {held.reference}"
    )
    yield held.headline
    for title, rows in (
        ("Settings that differ", held.config_differences),
        ("Data and rules", held.data_differences),
    ):
        yield f"\n{title}"
        yield from _table(rows) if rows else ["  none that is known"]
    yield (
        f"\nFigures [95 % interval], and difference to {held.reference} [interval; all "
        f"{held.compared} hold together in 95 % of cases]"
    )
    yield from _figure_lines(held, held.figures)
    if held.slices:
        yield "\nParts of the adverts [all of these hold together in 95 % of cases]"
        yield from _figure_lines(held, held.measured_slices)
        yield from [f"  {held.unmeasured}"] if held.unmeasured else []
    if held.decisions:
        yield f"\nDecisions at the thresholds of each run, against {held.reference}"
        yield from _table([_decided(one) for one in held.decisions])
    yield f"\nAdverts decided otherwise than by {held.reference} (their ids are in .changed)"
    yield from (f"  {run}: {count:,}" for run, count in held.changes.items())
    if held.notes:
        yield "\nNotes"
        yield from (f"  {note}" for note in held.notes)


def _figure_lines(held: RunComparison, rows: Sequence[RunFigure]) -> Iterator[str]:
    for (task, figure, place), found in held.groups(rows).items():
        yield f"  {held.title(figure)}, task {task}{', ' + place if place else ''}"
        yield from (f"  {line}" for line in _table([_shown(one) for one in found], head=False))


def _shown(one: RunFigure) -> Row:
    return {
        "run": one.run,
        "value": wording.with_interval(one.estimate),
        "difference": "reference"
        if one.answer is None
        else wording.with_interval(one.gap, sign=True),
        "answer": (one.answer or "") + (f" ({one.reason})" if one.answer and one.reason else ""),
    }


def _decided(one: RunDecisions) -> Row:
    return {
        "run": one.run,
        "decision": f"{one.task} {one.label}, {one.purpose} threshold",
        "only run right": one.only_run_right,
        "only reference right": one.only_reference_right,
        "answer": one.answer,
    }


def _table(rows: Sequence[Row], *, head: bool = True) -> Iterator[str]:
    """Yield rows as lines of aligned columns."""
    cells = [[wording.MISSING if one is None else str(one) for one in row.values()] for row in rows]
    if head and rows:
        cells.insert(0, list(rows[0]))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
