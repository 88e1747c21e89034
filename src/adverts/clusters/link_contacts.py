"""Link adverts that show the same contact, except contacts that are public or too common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from adverts.clusters.links import Traits


@dataclass(frozen=True, slots=True)
class UnlinkedContact:
    """A contact that several adverts show and that joins none of them.

    Attributes:
        token: Keyed token of the contact.
        reason: ``public: <owner>``, or ``busy`` if too many accounts show the contact.
        rows: Row numbers of the adverts that show the contact.
    """

    token: str
    reason: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SharedContacts:
    """Pairs of rows that share a contact, each paired with the first row that shows it."""

    pairs: tuple[tuple[int, int], ...]
    unlinked: tuple[UnlinkedContact, ...]


def share_contacts(traits: Sequence[Traits], *, max_accounts: int) -> SharedContacts:
    """Pair rows that show the same contact.

    Public contacts, such as emergency services, helplines and link hosts, make no pair. Nor does a
    contact that more than ``max_accounts`` accounts show. Adverts whose account is unknown do not
    count as accounts.
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
