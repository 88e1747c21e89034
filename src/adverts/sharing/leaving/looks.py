"""Names as a reader sees them: letters that imitate others, and signs that nobody sees, are none.

Two people who are told apart by such a sign alone count as one, so that nobody approves what they
reviewed under a name that only looks like theirs.
"""

from __future__ import annotations

import unicodedata

from adverts.data.review.reviews import person
from adverts.inputs.letters.lookalikes import to_latin


def looks(name: str) -> str:
    """Return a name as it looks, without capitals, accents and signs without a width."""
    plain = unicodedata.normalize("NFKD", person(name).translate(to_latin()))
    return person("".join(one for one in plain if unicodedata.category(one)[0] not in "CM"))
