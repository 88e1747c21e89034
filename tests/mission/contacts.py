"""Fictional contacts, from the ranges that the taxonomy allows and from nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass

OF_NETWORKS, OF_OTHERS = range(100), range(100, 1000)
"""Last three digits of phones: networks and everybody else never have the same one."""
HANDLES_OF_NETWORKS, HANDLES_OF_OTHERS = range(60), range(60, 100)
_PHONE = re.compile(r"(?:\+\d\d\D{0,3}\d{4}|\d{5})\D{0,2}\d{3}\D?\d{3}(?!\d)")
_HANDLE = re.compile(r"@demo_fictional_\d\d")
_LINK = re.compile(r"(?:https?://)?(?:www\.)?[a-z0-9-]+\.example(?:/\w+)?")


@dataclass(frozen=True, slots=True)
class Contacts:
    """How somebody can be reached.

    Attributes:
        phone: A mobile number of the fictional range.
        handle: A fictional handle.
        link: A domain under ``.example``.
    """

    phone: str
    handle: str
    link: str

    def within(self, text: str) -> str:
        """Return a text of the synthetic corpus in which every contact is one of these."""
        text = _LINK.sub(self.link, text)
        return _HANDLE.sub(self.handle, _PHONE.sub(self.phone, text))


def phone(number: int) -> str:
    """Return the mobile number of the fictional range with these last three digits."""
    return f"+44 7700 900{number:03d}"


def handle(number: int) -> str:
    """Return one of the hundred fictional handles."""
    return f"@demo_fictional_{number:02d}"
