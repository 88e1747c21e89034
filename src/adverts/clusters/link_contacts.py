"""Which adverts show the same contact, and which contacts say nothing about who stands behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from adverts.clusters.links import Traits


@dataclass(frozen=True, slots=True)
class UnlinkedContact:
    """A contact that several adverts show and that joins none of them.

    Attributes:
        token: Its keyed token.
        reason: ``public: <whose it is>``, or ``busy`` where too many accounts show it.
        rows: Adverts that show it, as the caller counts them.
    """

    token: str
    reason: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SharedContacts:
    """Pairs of rows that share a contact, each with the first row that shows it."""

    pairs: tuple[tuple[int, int], ...]
    unlinked: tuple[UnlinkedContact, ...]


def share_contacts(traits: Sequence[Traits], *, max_accounts: int) -> SharedContacts:
    """Pair rows that show the same contact.

    Contacts of emergency services, helplines and hosts of links make no pair, nor does one that
    more than ``max_accounts`` accounts show: a number that everybody quotes. Adverts of unknown
    account do not count as accounts.
    """
    rows: dict[str, list[int]] = defaultdict(list)
    public: dict[str, str] = {}
    for row, trait in enumerate(traits):
        for contact in dict.fromkeys(trait.contacts):  # caption and picture may show the same
            rows[contact.token].append(row)
            if contact.public is not None:
                public[contact.token] = contact.public
    pairs: list[tuple[int, int]] = []
    unlinked = []
    for token, showing in rows.items():
        accounts = {traits[row].account for row in showing} - {None}
        if token in public or len(accounts) > max_accounts:
            reason = f"public: {public[token]}" if token in public else "busy"
            unlinked.append(UnlinkedContact(token, reason, tuple(showing)))
        else:
            pairs += [(showing[0], row) for row in showing[1:]]
    return SharedContacts(tuple(pairs), tuple(sorted(unlinked, key=lambda one: one.token)))
