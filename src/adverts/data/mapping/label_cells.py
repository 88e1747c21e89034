"""Turns label cells into target weights; a cell holds one value or one for each annotator."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adverts.advert import LabelSchema, Task
from adverts.config.data import DataConfig, OneTask, TaxonomyTasks
from adverts.data.mapping.plain_cells import name_of, text_of
from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.sources.bad_rows import RowFault
from adverts.errors import InputError

_MAX_FOUND = 1000
_MAX_VALUES = 1_000  # labels or annotators of one cell
Vote = tuple[str, ...]  # the labels that one annotator chose: one, or for `multi` any number


@dataclass(frozen=True, slots=True)
class LabelPlan:
    """How a task's labels are found in the source.

    Attributes:
        task: The task; its labels are empty if they are still to be collected.
        column: Source column.
        separator: Splits a text cell into labels (``multi``) or annotators (the other kinds).
        masked: Values that count as no label.
        translate: Maps each value to its label, or to None if it counts as no label; an empty
            mapping takes values as they are.
        evenly_spelt: Whether different spellings of a word that is found count as one label.
        further: Columns of further annotators.
    """

    task: Task
    column: str
    separator: str | None
    masked: tuple[str, ...]
    translate: Mapping[str, str | None]
    evenly_spelt: bool = False
    further: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that holds labels of the task."""
        return (self.column, *self.further)


class LabelFault(RowFault):
    """Raised for a value that is no label; ``values`` holds it and those of other annotators."""

    def __init__(self, field: str, reason: str, values: Vote) -> None:
        super().__init__(field, reason)
        self.values = values


@dataclass(frozen=True, slots=True)
class Votes:
    """What the annotators of one advert chose for one task.

    Attributes:
        chosen: One vote for each annotator whose value is a label.
        raw: Every annotator's value as the source has it, labels joined by spaces.
    """

    chosen: tuple[Vote, ...]
    raw: tuple[str, ...]


def plan_tasks(config: DataConfig) -> tuple[str, str, tuple[LabelPlan, ...]]:
    """Return the schema's name, the headline task and the plan of each task that has a column."""
    if isinstance(config.tasks, TaxonomyTasks):
        schema = read_taxonomy().label_schema()
        return schema.name, schema.headline, _taxonomy_plans(config.tasks, schema)
    if isinstance(config.tasks, OneTask):
        one = config.tasks
        task = Task(one.name, "single", one.labels, one.positive)
        plan = LabelPlan(
            task,
            one.column,
            one.separator,
            one.masked,
            {},
            evenly_spelt=True,
            further=one.further_columns,
        )
        return config.name, one.name, (plan,)
    plans = tuple(
        LabelPlan(
            task=Task(task.name, task.kind, task.labels, task.positive),
            column=task.column,
            separator=task.separator,
            masked=task.masked,
            translate={},
        )
        for task in config.tasks.tasks
    )
    return config.name, config.tasks.headline, plans


def read_votes(plan: LabelPlan, cell: object) -> Votes | None:
    """Return what the annotators chose; None if the advert has no label for the task.

    An empty cell, null and NaN are no label. For ``multi``, an empty list or an empty string means
    that none of the signals is there.

    Raises:
        RowFault: A value is not a label, or not a plain value at all.
    """
    votes, raw = [], []
    for values in _annotators(plan, cell):
        raw.append(" ".join(values))
        if not plan.masked or not set(values) & set(plan.masked):
            vote = _translated(plan, values)
            if vote is not None:
                votes.append(vote)
    return Votes(tuple(votes), tuple(raw)) if votes else None


def with_labels(plan: LabelPlan, votes: Iterable[Votes]) -> LabelPlan:
    """Return the plan with the labels that were found, sorted, if the config lists none.

    Whole numbers are sorted by value.

    Raises:
        InputError: There are no labels or too many, the positive label is not among them, or the
            order of an ordinal task's labels is unknown.
    """
    if plan.task.labels:
        return plan
    found = {label for vote in votes for chosen in vote.chosen for label in chosen}
    if not found:
        raise InputError(
            f"task {plan.task.name}: column {plan.column!r} holds no label; "
            "list the labels in data.tasks, or check the column"
        )
    if len(found) > _MAX_FOUND:
        raise InputError(
            f"task {plan.task.name}: column {plan.column!r} holds {len(found)} different values, "
            f"more than {_MAX_FOUND}; if it is the column of labels, list the labels in data.tasks"
        )
    positive = plan.task.positive
    if positive is not None and positive not in found:
        raise InputError(
            f"task {plan.task.name}: positive={positive!r} does not occur in column {plan.column!r}"
        )
    numeric = all(re.fullmatch(r"-?\d{1,18}", label) for label in found)
    if plan.task.kind == "ordinal" and not numeric:
        raise InputError(
            f"task {plan.task.name}: the {len(found)} values of column {plan.column!r} are not "
            "whole numbers, so their order is unknown; list the labels in order in data.tasks"
        )
    labels = tuple(sorted(found, key=int)) if numeric else tuple(sorted(found))
    return replace(plan, task=replace(plan.task, labels=labels))


def target_weights(task: Task, votes: Votes) -> tuple[float, ...]:
    """Return the share of annotators who chose each label."""
    counts = Counter(label for vote in votes.chosen for label in set(vote))
    return tuple(counts[label] / len(votes.chosen) for label in task.labels)


def majority(votes: Votes | None) -> str:
    """Return the label most annotators chose, the first of equals; empty if there is none."""
    counts = Counter(" ".join(vote) for vote in votes.chosen) if votes else Counter()
    return counts.most_common(1)[0][0] if counts else ""


def _taxonomy_plans(config: TaxonomyTasks, schema: LabelSchema) -> tuple[LabelPlan, ...]:
    classes = read_taxonomy().classes
    sources: dict[str, tuple[str | None, Mapping[str, str | None]]] = {
        "refer": (config.class_column, {item.id: item.refer for item in classes}),
        "coarse": (config.class_column, {item.id: item.coarse for item in classes}),
        "advert_class": (config.class_column, {}),
        "signals": (config.signals_column, {}),
        "risk": (config.risk_column, {}),
    }
    return tuple(
        LabelPlan(task, column, config.separator, (), translate)
        for task in schema.tasks
        for column, translate in [sources[task.name]]
        if column is not None
    )


def _annotators(plan: LabelPlan, cell: object) -> list[Vote]:
    """Return the values of a cell that are not empty, one vote for each annotator."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return []
    if plan.task.kind == "multi":
        return _signal_votes(cell, plan.separator, plan.column)
    if isinstance(cell, str) and plan.separator:
        cell = cell.split(plan.separator)
    return [(value,) for value in _values(cell if isinstance(cell, list) else [cell], plan.column)]


def _signal_votes(cell: object, separator: str | None, column: str) -> list[Vote]:
    if isinstance(cell, str):
        cell = cell.split(separator) if separator else [cell]
    if not isinstance(cell, list):
        raise RowFault(column, f"is a {type(cell).__name__}; a list of labels is wanted")
    if cell and all(isinstance(item, list) for item in cell):
        if len(cell) > _MAX_VALUES:
            raise RowFault(
                column, f"has {len(cell):,} annotators; at most {_MAX_VALUES:,} are read"
            )
        return [tuple(_values(item, column)) for item in cell]
    return [tuple(_values(cell, column))]


def _values(cells: Sequence[object], column: str) -> list[str]:
    if len(cells) > _MAX_VALUES:
        raise RowFault(column, f"holds {len(cells):,} values; at most {_MAX_VALUES:,} are read")
    for cell in cells:
        if not isinstance(cell, (str, int, float, type(None))):
            raise RowFault(column, f"holds a {type(cell).__name__}; a plain value is wanted")
    return [name_of(text, column) for text in map(text_of, cells) if text is not None]


def _translated(plan: LabelPlan, values: Vote) -> Vote | None:
    """Return the labels for the values; None if they count as no label."""
    legal: Sequence[str] = list(plan.translate) if plan.translate else plan.task.labels
    if legal and not set(values) <= set(legal):
        raise LabelFault(plan.column, f"value is not one of {_listing(legal)}", values)
    if not plan.translate:
        return values
    translated = [plan.translate[value] for value in values]
    return tuple(label for label in translated if label is not None) or None


def _listing(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:6])
    return f"the {len(labels)} labels {shown}, …" if len(labels) > 6 else shown
