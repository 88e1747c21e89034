"""The account of a split as the rows of one short table that adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adverts.evaluation.figures.account import Account

Sign = Literal["", "−", "=", "+", "of these"]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One row.

    Attributes:
        sign: What it does to the row before: ``−`` is taken off, ``=`` is what is left; the rows
            with ``+`` add up to that again; ``of these`` counts some of them once more.
        text: What is counted.
        count: Adverts; None where it is not known.
    """

    sign: Sign
    text: str
    count: int | None

    @property
    def number(self) -> str:
        """The count as people read it."""
        return "not known" if self.count is None else f"{self.count:,}"


def account_rows(account: Account) -> list[AccountRow]:
    """Return the rows, from all adverts of the split to those judged and what the model answers."""
    judged = account.judged
    return [
        AccountRow("", "adverts of the split", account.split),
        AccountRow("−", f"without a label of task {account.task}", account.without_label),
        AccountRow(
            "−", "annotators evenly split, so without one answer", account.without_one_answer
        ),
        AccountRow("−", "not reviewed by a person", account.not_reviewed),
        AccountRow("−", "share a cluster with the training, so set aside", account.set_aside),
        AccountRow("=", "judged", judged.adverts),
        AccountRow("+", "of which answered by the model", judged.given),
        AccountRow("+", "of which it cannot read, counted as never flagged", judged.unreadable),
        AccountRow("+", "of which its bundle leaves to people (abstains)", judged.abstained),
        AccountRow("of these", "judged, in a cluster with adverts of the training", account.seen),
    ]
