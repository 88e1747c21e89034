"""Sentences of a report on figures and comparisons, and the rows that account for its adverts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from adverts.errors import plural
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.branch_figures import BranchFigure
from adverts.evaluation.figures.evidence import FEW_INDEPENDENT, MIN_CLUSTERS, Evidence
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION,
    LOWER_IS_BETTER,
)
from adverts.evaluation.figures.judged_adverts import Account
from adverts.evaluation.figures.label_figures import LabelFigures
from adverts.evaluation.figures.planned_figures import Comparison
from adverts.evaluation.figures.planned_slices import Slice
from adverts.evaluation.figures.slices import Gap
from adverts.evaluation.figures.wording import in_sentence, the, with_interval
from adverts.evaluation.report.glossary import MEANINGS, ORDER
from adverts.evaluation.undecided import Undecided

Sign = Literal["", "−", "=", "+", "of these"]


def meaning(figure: str) -> str:
    """Return the meaning of a figure, in a few sentences."""
    return MEANINGS[figure]


def ordered(figures: Iterable[str]) -> tuple[str, ...]:
    """Return the known figures among ``figures`` in the order of a table."""
    present = set(figures)
    return tuple(figure for figure in ORDER if figure in present)


def evidence_sentence(min_positive_clusters: int) -> str:
    """Return two sentences on the evidence that a figure needs."""
    return (
        f"A slice shows a figure only if {plural(min_positive_clusters, 'cluster')} contain a "
        f"positive advert (the setting min_positive_clusters) and {MIN_CLUSTERS} contain another, "
        "or if there are "
        f"{2 * min_positive_clusters:,} clusters in all where no label is special; otherwise it "
        "says “insufficient evidence”. "
        f"A label shows one only if it is true of adverts in "
        f"{plural(min_positive_clusters, 'cluster')}."
    )


def worth_sentence(evidence: Evidence) -> str:
    """Return a caution where a figure rests on few independent adverts; otherwise an empty text."""
    if not evidence.adverts or evidence.independent >= FEW_INDEPENDENT:
        return ""
    what = "These adverts" if evidence.positives is None else "The positives, or the others,"
    return (
        f"{what} are equivalent to only {evidence.independent:.3g} independent adverts, since few "
        f"clusters or campaigns hold them. With fewer than {FEW_INDEPENDENT}, intervals of figures "
        "at a threshold, such as macro-F1, are too narrow: read them as rough."
    )


def gap_sentence(gap: Gap, precision: float) -> str:
    """Return one sentence on the worst group of a dimension."""
    if gap.worst is None or gap.best is None:
        found = gap.difference.reason or "too few groups"
        return f"By {gap.dimension} the groups cannot be compared: {found}."
    figure = in_sentence(gap.figure, precision)
    size = with_interval(gap.difference)
    return (
        f"By {gap.dimension} the worst of {plural(gap.groups, 'group')} is {gap.worst}, the best "
        f"{gap.best}; they differ by {size} on {figure}."
    )


def comparison_sentence(comparison: Comparison, precision: float) -> str:
    """Return one sentence on a paired comparison; it also says so if the reference wins."""
    figure = in_sentence(comparison.figure, precision)
    reference = the(comparison.reference)
    gap = comparison.difference
    size = with_interval(gap, sign=True)
    if gap.value is None or gap.low is None:
        why = gap.reason or "no interval"
        return f"On {figure} {comparison.model} and {reference} cannot be compared ({why})."
    match comparison.verdict:
        case "better":
            return f"{comparison.model} beats {reference} on {figure}: {size}."
        case "worse":
            return f"{capital(reference)} wins on {figure}: {comparison.model} differs by {size}."
        case "undecided":
            side = _leaning(comparison)
            return (
                f"No difference is shown between {comparison.model} and {reference} on "
                f"{figure}{side}: {size}."
            )


def branch_sentence(branch: BranchFigure, precision: float) -> str:
    """Return one sentence on a branch of the model by itself, and the mean against it."""
    return (
        f"On adverts that it can read, {wording.branch(branch.branch)} alone has "
        f"{in_sentence(branch.figure, precision)} {with_interval(branch.alone)}; the mean of both "
        f"differs by {with_interval(branch.ahead, sign=True)}."
    )


def better(comparison: Comparison) -> str:
    """Return the name of the better of two models by the interval, or that neither is shown."""
    winners = {"better": comparison.model, "worse": comparison.reference}
    return winners.get(comparison.verdict, "no difference shown")


def in_order(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return comparisons grouped by reference, each group in the order of a table."""
    references = list(dict.fromkeys(one.reference for one in comparisons))
    return sorted(
        comparisons, key=lambda one: (references.index(one.reference), ORDER.index(one.figure))
    )


def _leaning(comparison: Comparison) -> str:
    """Return words that name the reference if its figure is better, though not by the interval."""
    value = comparison.difference.value or 0.0
    worse = value > 0 if comparison.figure in LOWER_IS_BETTER else value < 0
    return f", though {the(comparison.reference)} has the better figure" if worse else ""


def capital(text: str) -> str:
    """Return the text with a capital first letter, unless it is a name such as ``tf-idf``."""
    return text[0].upper() + text[1:] if text.startswith("the ") else text


def capital_first(text: str) -> str:
    """Return a sentence with a capital first letter."""
    return text[:1].upper() + text[1:]


def label_figures(labels: Sequence[LabelFigures]) -> tuple[str, ...]:
    """Return every figure that some label has, in the order of a table."""
    order = (AVERAGE_PRECISION, "precision", "recall", "f1")
    return tuple(name for name in order if any(name in row.figures for row in labels))


def best_first(slices: Sequence[Slice], figure: str) -> list[Slice]:
    """Return slices in falling order of a figure of the judged model."""

    def value(part: Slice) -> float:
        found = part.models[0].figures[figure].value
        return float("-inf") if found is None else found

    return sorted(slices, key=value, reverse=True)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One row of the account of adverts.

    Attributes:
        sign: Relation to the rows before: ``−`` is subtracted, ``=`` is the remainder; rows with
            ``+`` add up to the remainder; ``of these`` counts some of its adverts again.
        text: What is counted.
        count: Number of adverts; None if unknown.
        at_least: Whether there may be more of them.
    """

    sign: Sign
    text: str
    count: int | None
    at_least: bool = False

    @property
    def number(self) -> str:
        """The count as text for readers."""
        if self.count is None:
            return "not known"
        return f"at least {self.count:,}" if self.at_least else f"{self.count:,}"


def account_rows(account: Account, undecided: Undecided | None = None) -> list[AccountRow]:
    """Return the rows, from all adverts of the split to those judged and those answered.

    Args:
        account: How the adverts are used.
        undecided: Adverts that no threshold decides; None where there are none.
    """
    judged = account.judged
    marked = []
    if undecided is not None:
        text = f"of which it leaves to people (band abstain): {undecided.why}"
        marked.append(AccountRow("+", text, undecided.adverts))
    linked = "linked to adverts that taught or chose the model"
    why = f" ({account.lack})" if account.lack else ""
    return [
        AccountRow("", "adverts of the split", account.split),
        AccountRow("−", f"without a label of task {account.task}", account.without_label),
        AccountRow(
            "−", "annotators evenly split, so without one answer", account.without_one_answer
        ),
        AccountRow("−", "not reviewed by a person", account.not_reviewed),
        AccountRow("−", f"{linked}, so set aside{why}", account.set_aside, bool(account.lack)),
        AccountRow("=", "judged", judged.adverts),
        AccountRow("+", "of which answered by the model", judged.given),
        AccountRow("+", "of which it cannot read, counted as never flagged", judged.unreadable),
        AccountRow(
            "+",
            "of which it leaves to people (band abstain), whatever their score",
            judged.abstained,
        ),
        *marked,
        AccountRow("of these", f"judged, and {linked}", account.seen, bool(account.lack)),
    ]
