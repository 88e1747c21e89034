"""What posts of the made-up collection truly are; only simulated people and the index page look."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adverts.data.review.reviews import item_name


@dataclass(frozen=True, slots=True)
class Known:
    """What a post is.

    Attributes:
        id: Its id.
        network: Network behind it; empty if none is.
        label: Class of the taxonomy.
        group: Group of the class.
        account: Account that posted it.
        language: BCP-47 code of its language.
    """

    id: str
    network: str
    label: str
    group: str
    account: str
    language: str

    @property
    def is_charity_that_warns(self) -> bool:
        """Whether a charity warns in it of a network's number."""
        return self.account.startswith("demo_charity_")

    @property
    def misleads(self) -> bool:
        """Whether it is the one post that reviewers take for an advert: the mistake."""
        return self.account == "demo_charity_00"


def read_truth(path: Path) -> Mapping[str, Known]:
    """Return what each post is, by its id."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: _known(row) for row in rows}


def _known(row: Mapping[str, str]) -> Known:
    names = ("id", "network", "class", "group", "account", "language")
    return Known(*(row[name] for name in names))


def by_item(truth: Mapping[str, Known]) -> Mapping[str, Known]:
    """Return what each post is, by its name in reviews."""
    return {item_name(name): one for name, one in truth.items()}
