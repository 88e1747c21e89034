"""Public sets of adverts whose owner is known or can be told by a contact, as folded texts."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "0030-campaign-proxies"))

import numpy as np
from comments import read_comments
from figures import draw as draw  # how often each owner is drawn
from linkers import KEY, Posting, entrants_of, shared, templates_alone
from numpy.typing import NDArray
from receipts import company_of, company_patterns, without

from adverts.inputs.contacts.contact_tokens import mask_and_token
from adverts.inputs.letters.folding import fold

Ints = NDArray[np.int64]
Owners = Sequence[str | None]


@dataclass(frozen=True, slots=True, eq=False)
class OwnedSet:
    """Adverts of which some have a known owner, ``N`` in all.

    Attributes:
        texts: Folded texts with masked contacts.
        owners: Number of the owner of each, -1 if it is not known, ``(N,)``.
        templates: Template of each, ``(N,)``.
        joined: Group of each by contacts and templates, ``(N,)``.
    """

    texts: Sequence[str]
    owners: Ints
    templates: Ints
    joined: Ints

    def known(self) -> Ints:
        """Return the rows of adverts whose owner is known."""
        return np.flatnonzero(self.owners >= 0)

    def joined_owners(self) -> set[int]:
        """Return the owners of whom contacts or templates join two adverts."""
        rows = self.known()
        pairs = np.column_stack([self.owners[rows], self.joined[rows]])
        groups, adverts = np.unique(pairs, axis=0, return_counts=True)
        return set(groups[adverts > 1, 0].tolist())


def collect(texts: Sequence[str], owners: Callable[[Sequence[Posting]], Owners]) -> OwnedSet:
    """Return adverts with their templates and owners.

    Args:
        texts: Texts as they were posted.
        owners: Returns the owner of each advert, None where it is not known.
    """
    postings = []
    for number, text in enumerate(texts):
        masked, contacts = mask_and_token(text, key=KEY)
        kept = tuple(one for one in contacts if not one.token.startswith("DOCNO"))
        postings.append(Posting(f"{number:06d}", text=fold(masked), contacts=kept))
    entrants = entrants_of(postings)
    known = owners(postings)
    numbers = {
        one: code for code, one in enumerate(dict.fromkeys(one for one in known if one is not None))
    }
    return OwnedSet(
        [one.text for one in postings],
        np.array([-1 if one is None else numbers[one] for one in known], np.int64),
        _codes(templates_alone(entrants)),
        _codes(shared(entrants, templates=True)),
    )


def _codes(groups: Sequence[Hashable]) -> Ints:
    numbers = {one: code for code, one in enumerate(dict.fromkeys(groups))}
    return np.array([numbers[one] for one in groups], np.int64)


def by_contact(postings: Sequence[Posting]) -> Owners:
    """Return who is behind each advert: whoever shows its contacts, None if it shows none."""
    groups = shared(entrants_of(postings), templates=False)
    shows = [any(token.public is None for token in one.contacts) for one in postings]
    return [f"owner {group}" if seen else None for group, seen in zip(groups, shows, strict=True)]


def read_sets(folder: Path) -> Iterator[tuple[str, OwnedSet]]:
    """Yield every set with its name."""
    comments = read_comments(folder / "gambling/comments.csv")[0]
    sites = [None if one.brand is None else f"site {one.brand}" for one in comments]
    yield "comments", collect([one.masked for one in comments], lambda _: sites)
    yield "tubespam", collect(_spam(folder / "tubespam/comments.csv"), by_contact)
    messages = [_spam(folder / f"sms_shift/{name}.csv") for name in ("legacy", "latest")]
    yield "sms", collect([text for part in messages for text in part], by_contact)
    lines = (folder / "sroie/receipts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    words = company_patterns(row["company"] for row in rows)
    companies = [company_of(row["company"]) for row in rows]
    pages = [without(fold(row["reference_text"]), words) for row in rows]
    yield "receipts", collect(pages, lambda _: companies)


def _spam(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if row["label"] == "spam"]
