"""Names of platforms and languages, with whatever may be a contact withheld."""

from __future__ import annotations

import re
from functools import lru_cache

from adverts.inputs.contacts.masking import find_contacts

WITHHELD = "withheld"
"""What stands in place of a value that is not what belongs there, and so may be a contact."""
_NAME = re.compile(r"\w[\w .()+-]{0,39}")
_MOST_DIGITS = 4
_HOST = re.compile(r"(?i)(?:[a-z0-9-]+\.)+[a-z]{2,}")


@lru_cache(maxsize=10_000)
def plain_name(value: str) -> str:
    """Return the name of a platform or language, or :data:`WITHHELD` if it may be more.

    Columns of a source may hold anything. A name has at most 40 letters, spaces and few digits,
    begins with a letter or digit, and holds no contact; the name of a site is one.
    """
    is_name = _NAME.fullmatch(value) and sum(map(str.isnumeric, value)) <= _MOST_DIGITS
    if is_name and (_HOST.fullmatch(value) or not find_contacts(value)):
        return value
    return WITHHELD
