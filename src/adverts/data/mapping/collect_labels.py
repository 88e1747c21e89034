"""Finds the labels of a task whose labels are not listed, and unifies their spellings."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from adverts.data.mapping.label_cells import LabelPlan, Votes
from adverts.data.mapping.map_rows import MappedRow, MappedRows
from adverts.errors import InputError

_KNOWN_PAIRS = (
    *(("0", "1"), ("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"), ("-1", "1")),
    *(("non", "oui"), ("faux", "vrai"), ("jo", "po"), ("hayır", "evet"), ("không", "có")),
    *(("لا", "نعم"), ("خیر", "بله"), ("نەخێر", "بەڵێ"), ("ham", "spam")),
)
"""Pairs of labels of which the second one orders the queue without being named as positive."""
_WHOLE = re.compile(r"([+-]?\d{1,15})(?:\.0*)?")
_TOLD = 6
_WHOLE_COLUMN = 0.9
MOST_LABELS = 50
"""Largest number of different values of a column that are taken for labels of one task."""


def settle_found(
    rows: Sequence[MappedRow], plan: LabelPlan
) -> tuple[list[MappedRow], LabelPlan, str]:
    """Find the labels of a task in its rows, and return rows, plan and a line for the user.

    The rows have their labels evenly spelt, and the plan has its labels. ``YES``, ``yes`` and
    ``Yes`` are one label, and so are ``1``, ``1.0`` and ``01``.

    Args:
        rows: The rows of the source.
        plan: Plan of a task that lists no labels.

    Raises:
        InputError: There are fewer than two labels or far too many, or the label that orders the
            queue is not known or not among them.
    """
    name = plan.task.name
    found = Counter(
        label
        for row in rows
        if name in row.votes
        for vote in row.votes[name].chosen
        for label in vote
    )
    spelt = _spellings(found)
    counts = _counted(found, spelt)
    labels = _sorted(counts)
    told = _label_counts(labels, counts)
    if not 2 <= len(labels) <= MOST_LABELS:
        raise InputError(
            f"column {plan.column!r} holds {told or 'no label at all'}; 2 to {MOST_LABELS} "
            "labels are needed: name another column with data.tasks.column="
        )
    positive = _positive(plan, labels, told)
    task = replace(plan.task, labels=labels, positive=positive)
    settled = [_respelt(row, name, spelt) for row in rows]
    return settled, replace(plan, task=task), f"labels found: {told}; positive: {positive}"


def evenly_spelt(values: Iterable[str]) -> tuple[tuple[str, ...], str | None]:
    """Return the labels of values, and the label that orders the queue; None if it is unknown."""
    labels = _sorted(set(_spellings(values).values()))
    return labels, _usual_positive(labels)


def refuse_misfits(reading: MappedRows, plans: Sequence[LabelPlan]) -> None:
    """Refuse a source in which nearly all cells of a column hold none of its labels.

    Raises:
        InputError: The source is refused; the message names the values and the override to type.
    """
    count = len(reading.bad) + len(reading.rows)
    for plan in plans:
        values = reading.no_labels.get(plan.column)
        if values and values.total() > _WHOLE_COLUMN * count and len(values) <= MOST_LABELS:
            raise InputError(_misfit(plan, values))


def _misfit(plan: LabelPlan, values: Mapping[str, int]) -> str:
    counts = _counted(values, _spellings(values))
    labels = _sorted(counts)
    found = (
        f"column {plan.column!r} holds values that are not among the labels "
        f"{', '.join(plan.task.labels[:_TOLD])}; it holds {_label_counts(labels, counts)}"
    )
    if not plan.evenly_spelt:
        return f"{found}; list them as labels of task {plan.task.name} in the file of the dataset"
    positive = _usual_positive(labels) or labels[-1]
    listed = f"'data.tasks.labels=[{','.join(labels)}]' data.tasks.positive={positive}"
    return f"{found}; give {listed}, or data.tasks.labels=[] to use the values found"


def _spellings(values: Iterable[str]) -> dict[str, str]:
    """Return the label of each value: the first of its spellings, sorted."""
    alike: dict[str, list[str]] = defaultdict(list)
    for value in values:
        alike[_even(value)].append(value)
    known = {label for pair in _KNOWN_PAIRS for label in pair}
    return {
        value: even if even in known or _WHOLE.fullmatch(value) else sorted(many)[0]
        for even, many in alike.items()
        for value in many
    }


def _counted(values: Mapping[str, int], spelt: Mapping[str, str]) -> Counter[str]:
    """Return how often each label occurs, in any of its spellings."""
    counts: Counter[str] = Counter()
    for value, count in values.items():
        counts[spelt[value]] += count
    return counts


def _usual_positive(labels: Sequence[str]) -> str | None:
    """Return the label that orders the queue if the labels are a known pair; otherwise None."""
    return next((one[1] for one in _KNOWN_PAIRS if set(one) == set(labels)), None)


def _even(value: str) -> str:
    whole = _WHOLE.fullmatch(value)
    return str(int(whole[1])) if whole else value.casefold()


def _sorted(labels: Iterable[str]) -> tuple[str, ...]:
    found = sorted(labels)
    return tuple(sorted(found, key=int)) if all(map(_WHOLE.fullmatch, found)) else tuple(found)


def _positive(plan: LabelPlan, labels: Sequence[str], told: str) -> str:
    asked = plan.task.positive
    if asked is not None:
        known = {_even(label): label for label in labels}
        if _even(asked) not in known:
            raise InputError(
                f"data.tasks.positive={asked} is not a label of column {plan.column!r}, "
                f"which holds {told}"
            )
        return known[_even(asked)]
    usual = _usual_positive(labels)
    if usual is not None:
        return usual
    raise InputError(
        f"column {plan.column!r} holds {told}; name the label that you look for (its probability "
        f"orders the queue): data.tasks.positive={labels[-1]}"
    )


def _label_counts(labels: Sequence[str], counts: Mapping[str, int]) -> str:
    shown = [f"{label} ×{counts[label]:,}" for label in labels[:_TOLD]]
    more = len(labels) - _TOLD
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def _respelt(row: MappedRow, task: str, spelt: Mapping[str, str]) -> MappedRow:
    votes = row.votes.get(task)
    if votes is None or all(spelt[one] == one for vote in votes.chosen for one in vote):
        return row
    chosen = tuple(tuple(spelt[one] for one in vote) for vote in votes.chosen)
    return replace(row, votes={**row.votes, task: Votes(chosen, votes.raw)})
