"""What a comparison with a champion says, in sentences and as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adverts.errors import plural
from adverts.evaluation.comparison.compared import (
    ChampionComparison,
    ComparedFigure,
    DecisionsCompared,
)
from adverts.evaluation.figures import wording
from adverts.evaluation.report import sentences
from adverts.evaluation.report.headline import SHOWN

_TOLD = ("better", "worse")  # nothing is left to be seen


@dataclass(frozen=True, slots=True)
class Row:
    """One compared figure as a reader sees it; a dash stands for what is not known."""

    name: str
    candidate: str
    champion: str
    difference: str
    answer: str
    visible: str
    needed: str


def lines(comparison: ChampionComparison, task: str, precision: float) -> list[str]:
    """Return what a terminal shows: the figures of one task on all adverts, then decisions, notes.

    Args:
        comparison: With the champion.
        task: Name of the task that is shown.
        precision: The one that recall is asked at.
    """
    overall = _of(comparison, task, slices=False)
    shown = [one for name in SHOWN for one in overall if one.figure == name]
    return [
        f"against the champion, {comparison.champion}:",
        *(f"  {sentence(one, comparison.relevant, precision)}" for one in shown),
        *(f"  {decided(one)}" for one in comparison.decisions if one.task == task),
        *(f"  {note}" for note in comparison.notes),
    ]


def sentence(one: ComparedFigure, relevant: float, precision: float) -> str:
    """Return what one figure says of the two, and what these adverts could have shown."""
    what = f"candidate − champion: {_name(one.figure, precision)}"
    if one.difference.value is None:
        return f"{what}: {one.answer} ({one.difference.reason or 'undefined'})"
    said = f"{what} {wording.with_interval(one.difference, sign=True)}, {one.answer}"
    if one.smallest_visible is None:
        return f"{said} ({one.difference.reason or 'no interval'})"
    said += f"; this set shows {wording.number(one.smallest_visible)} or more"
    if one.adverts_needed is None or one.answer in _TOLD:
        return said
    return f"{said}; {relevant:g} would take {about(one.adverts_needed)} adverts"


def decided(one: DecisionsCompared) -> str:
    """Return who decides better at the thresholds."""
    return (
        f"at the {one.purpose} thresholds of {one.task} {one.label}: the candidate alone is right "
        f"in {plural(one.only_candidate_right, 'cluster')}, the champion alone in "
        f"{one.only_champion_right:,} (McNemar, p = {probability(one.p_value)})"
    )


def probability(value: float) -> str:
    """Return a p-value; one below 0.001 by that bound."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def about(count: int) -> str:
    """Return a count to two digits: more would claim too much."""
    digits = 10 ** max(0, len(str(count)) - 2)
    return f"about {-(-count // digits) * digits:,}"


def tasks(comparison: ChampionComparison) -> list[str]:
    """Return the names of the compared tasks, each once, in order."""
    return list(dict.fromkeys(one.task for one in comparison.figures))


def overall_rows(comparison: ChampionComparison, task: str, precision: float) -> list[Row]:
    """Return the figures of a task on all adverts, those of single labels left out."""
    overall = _of(comparison, task, slices=False)
    named = {one.figure: one for one in overall}
    return [
        _row(named[name], wording.title(name, precision)) for name in sentences.ordered(list(named))
    ]


def slice_rows(comparison: ChampionComparison, task: str) -> list[Row]:
    """Return the leading figure of a task on every part of the adverts, as they are told."""
    parts = _of(comparison, task, slices=True)
    lead = lead_figure(comparison, task)
    return [_row(one, one.slice.replace("=", " ", 1)) for one in parts if one.figure == lead]


def lead_figure(comparison: ChampionComparison, task: str) -> str | None:
    """Return the figure that parts of the adverts are compared by."""
    names = {one.figure for one in _of(comparison, task, slices=False)}
    return next(iter(sentences.ordered(names)), None)


def _of(comparison: ChampionComparison, task: str, *, slices: bool) -> Sequence[ComparedFigure]:
    return [one for one in comparison.figures if one.task == task and bool(one.slice) == slices]


def _row(one: ComparedFigure, name: str) -> Row:
    needed = None if one.answer in _TOLD else one.adverts_needed
    return Row(
        name=name,
        candidate=wording.with_interval(one.candidate),
        champion=wording.with_interval(one.champion),
        difference=wording.with_interval(one.difference, sign=True),
        answer=one.answer if one.difference.value is not None else _lacking(one),
        visible=wording.number(one.smallest_visible),
        needed=wording.MISSING if needed is None else about(needed),
    )


def _lacking(one: ComparedFigure) -> str:
    return f"{one.answer} ({one.difference.reason})" if one.difference.reason else one.answer


def _name(figure: str, precision: float) -> str:
    name, _, label = figure.partition(".")
    return wording.in_sentence(name, precision) + (f" of {label}" if label else "")
