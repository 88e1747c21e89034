"""Write a comparison with a champion as sentences and as rows of a table."""

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

_TOLD = ("better", "worse")  # these answers need no more adverts


@dataclass(frozen=True, slots=True)
class Row:
    """One compared figure as text for a reader; an unknown value is shown as a dash."""

    name: str
    candidate: str
    champion: str
    difference: str
    answer: str
    visible: str
    needed: str


def lines(comparison: ChampionComparison, task: str, precision: float) -> list[str]:
    """Return the lines for a terminal: figures of one task on all adverts, decisions, then notes.

    Args:
        comparison: The comparison with the champion.
        task: Name of the task that is shown.
        precision: The precision at which recall is measured.
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
    """Return the difference in one figure, and what difference these adverts could have shown."""
    what = f"candidate − champion: {_name(one.figure, precision)}"
    if one.difference.value is None:
        return f"{what}: {one.answer} ({one.difference.reason or 'undefined'})"
    said = f"{what} {wording.with_interval(one.difference, sign=True)}, {one.answer}"
    if one.smallest_visible is None:
        return f"{said} ({one.difference.reason or 'no interval'})"
    said += f"; this set can show {wording.number(one.smallest_visible)} or more"
    if one.adverts_needed is None or one.answer in _TOLD:
        return said
    return f"{said}; {relevant:g} would take {about(one.adverts_needed)} adverts"


def decided(one: DecisionsCompared) -> str:
    """Return a sentence on which of the two is right more often at the thresholds."""
    return (
        f"at the {one.purpose} thresholds of {one.task} {one.label}: the candidate alone is right "
        f"in {plural(one.only_candidate_right, 'cluster')}, the champion alone in "
        f"{one.only_champion_right:,} (McNemar, p = {probability(one.p_value)})"
    )


def probability(value: float) -> str:
    """Return a p-value as text; one below 0.001 is shown as ``< 0.001``."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def about(count: int) -> str:
    """Return a count as text, rounded up to two digits, since it is an estimate."""
    digits = 10 ** max(0, len(str(count)) - 2)
    return f"about {-(-count // digits) * digits:,}"


def tasks(comparison: ChampionComparison) -> list[str]:
    """Return the names of the compared tasks, each once, in order."""
    return list(dict.fromkeys(one.task for one in comparison.figures))


def overall_rows(comparison: ChampionComparison, task: str, precision: float) -> list[Row]:
    """Return the figures of a task on all adverts, without those of single labels."""
    overall = _of(comparison, task, slices=False)
    named = {one.figure: one for one in overall}
    return [
        _row(named[name], wording.title(name, precision)) for name in sentences.ordered(list(named))
    ]


def slice_rows(comparison: ChampionComparison, task: str) -> list[Row]:
    """Return the leading figure of a task on every slice, in the order of the comparison."""
    parts = _of(comparison, task, slices=True)
    lead = lead_figure(comparison, task)
    return [_row(one, one.slice.replace("=", " ", 1)) for one in parts if one.figure == lead]


def lead_figure(comparison: ChampionComparison, task: str) -> str | None:
    """Return the figure by which slices are compared; None if there is none."""
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
