"""Settles the labels of adverts: finds those not listed, unifies spellings, drops rare ones."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from adverts.advert import LabelSchema
from adverts.config.overrides import shell_word
from adverts.data.mapping.label_cells import LabelPlan, Votes, majority, with_labels
from adverts.data.mapping.map_rows import MappedRows
from adverts.errors import InputError, plural
from adverts.inputs.contacts.masking import find_contacts
from adverts.inputs.contacts.plain_names import WITHHELD, plain_name

_KNOWN_PAIRS = (
    *(("0", "1"), ("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"), ("-1", "1")),
    *(("non", "oui"), ("faux", "vrai"), ("jo", "po"), ("hayır", "evet"), ("không", "có")),
    *(("لا", "نعم"), ("خیر", "بله"), ("نەخێر", "بەڵێ"), ("ham", "spam")),
)
"""Pairs of labels of which the second one orders the queue without being named as positive."""
_WHOLE = re.compile(r"([+-]?\d{1,15})(?:\.0*)?")
_TOLD, _LONGEST = 6, 80
_WHOLE_COLUMN = 0.9
MOST_LABELS = 50
"""Largest number of different values of a column that are taken for labels of one task."""


def settle_labels(
    votes: Sequence[Mapping[str, Votes]],
    plans: Sequence[LabelPlan],
    *,
    name: str,
    headline: str,
    minimum: int,
) -> tuple[dict[int, Mapping[str, Votes]], LabelSchema, list[str]]:
    """Find the labels of tasks that list none, and leave out adverts with a rare label.

    ``YES``, ``yes`` and ``Yes`` are found as one label, and so are ``1``, ``1.0`` and ``01``.

    Args:
        votes: Maps the tasks of each advert to its votes.
        plans: How each task's labels are found.
        name: Name of the schema.
        headline: Name of the headline task.
        minimum: An advert is left out if fewer adverts than this have its headline label. An
            advert without one stays.

    Returns:
        The votes of the adverts that stay, evenly spelt, by their place in ``votes``; the schema;
        and lines for the user.

    Raises:
        InputError: The labels of a task were to be found, but there are none or they are unusable.
    """
    spelt, settled, told = list(votes), list[LabelPlan](), list[str]()
    for plan in plans:
        one = plan
        if plan.evenly_spelt and not plan.task.labels:
            one, labels, line = _found_labels(_votes_of(plan, spelt), plan)
            spelt = [_respelt(of_advert, plan.task.name, labels) for of_advert in spelt]
            told.append(line)
        settled.append(one)
    chosen = [majority(of_advert.get(headline)) for of_advert in spelt]
    counts = Counter(chosen)
    kept = {
        i: spelt[i] for i, label in enumerate(chosen) if label == "" or counts[label] >= minimum
    }
    tasks = tuple(with_labels(plan, _votes_of(plan, kept.values())).task for plan in settled)
    return kept, LabelSchema(name=name, tasks=tasks, headline=headline), told


def _votes_of(plan: LabelPlan, votes: Iterable[Mapping[str, Votes]]) -> Iterator[Votes]:
    """Yield the votes of the adverts that have a label for the task of a plan."""
    return (of_advert[plan.task.name] for of_advert in votes if plan.task.name in of_advert)


def _found_labels(votes: Iterable[Votes], plan: LabelPlan) -> tuple[LabelPlan, dict[str, str], str]:
    """Return the plan with the labels found, the label of each value, and a line for the user.

    Raises:
        InputError: There are fewer than two labels or far too many, one may be a contact or a text,
            or the label that orders the queue is not known or not among them.
    """
    found = Counter(label for vote in votes for chosen in vote.chosen for label in chosen)
    spelt = _spellings(found)
    counts = _counted(found, spelt)
    labels = _sorted(counts)
    _refuse_texts(labels, f"column {plan.column!r}")
    told = _label_counts(labels, counts)
    if not 2 <= len(labels) <= MOST_LABELS:
        others = (
            f", or say which others there may be: data.tasks.labels=[{labels[0]},OTHER]"
            if len(labels) == 1
            else ""
        )
        raise InputError(
            f"column {plan.column!r} holds {told or 'no label at all'}; 2 to {MOST_LABELS} "
            f"labels are needed: name another column with data.tasks.column={others}"
        )
    positive = _positive(plan, labels, told)
    task = replace(plan.task, labels=labels, positive=positive)
    return replace(plan, task=task), spelt, f"labels found: {told}; positive: {positive}"


def evenly_spelt(values: Iterable[str]) -> tuple[tuple[str, ...], str | None]:
    """Return the labels of values, and the label that orders the queue; None if it is unknown.

    Raises:
        InputError: One may be a contact or a text.
    """
    labels = _sorted(set(_spellings(values).values()))
    _refuse_texts(labels, "the column of labels")
    return labels, _usual_positive(labels)


def _refuse_texts(labels: Sequence[str], what: str) -> None:
    """Refuse labels that may be a contact or a text: a label is shown wherever a model is."""
    strange = sum(map(_may_be_more, labels))
    if strange:
        raise InputError(
            f"{what} holds {plural(strange, 'value')} that may be a contact or a text, and so not "
            "shown; were cells shifted? Correct them, or list the labels: data.tasks.labels=[…]"
        )


def _may_be_more(label: str) -> bool:
    return len(label) > _LONGEST or (plain_name(label) == WITHHELD and bool(find_contacts(label)))


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
    listed = shell_word("data.tasks.labels", [*map(_number_or_text, labels)])
    return (
        f"{found}; give {listed} {_set_positive(positive)}, or data.tasks.labels=[] to use the "
        "values found"
    )


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
        f"orders the queue): {_set_positive(labels[-1])}"
    )


def _set_positive(label: str) -> str:
    """Return the override that names a label, as it is typed in a shell."""
    return shell_word("data.tasks.positive", _number_or_text(label))


def _number_or_text(label: str) -> int | str:
    whole = _WHOLE.fullmatch(label)
    return int(label) if whole and str(int(whole[1])) == label else label


def _label_counts(labels: Sequence[str], counts: Mapping[str, int]) -> str:
    shown = [f"{label} ×{counts[label]:,}" for label in labels[:_TOLD]]
    more = len(labels) - _TOLD
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def _respelt(
    votes: Mapping[str, Votes], task: str, labels: Mapping[str, str]
) -> Mapping[str, Votes]:
    if task not in votes:
        return votes
    chosen = tuple(tuple(labels[value] for value in vote) for vote in votes[task].chosen)
    return {**votes, task: replace(votes[task], chosen=chosen)}
