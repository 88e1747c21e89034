"""What one advert may have in common with others: what clusters are found from."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.inputs.contacts.contact_tokens import ContactToken


@dataclass(frozen=True, slots=True)
class Traits:
    """What one advert may share with others.

    Attributes:
        id: Identifier; the smallest of a cluster names it.
        text: Caption, contacts masked.
        page: Text of its pictures, contacts masked; empty where none was read.
        images: sha256 of each of its pictures.
        group: As the source gives it, or None.
        account: Who posted it, or None where that is not known.
        contacts: Keyed tokens of its contacts; none without a key.
    """

    id: str
    text: str = ""
    page: str = ""
    images: tuple[str, ...] = ()
    group: str | None = None
    account: str | None = None
    contacts: tuple[ContactToken, ...] = ()
