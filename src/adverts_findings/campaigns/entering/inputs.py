"""What one input brings: adverts that may enter, candidates, and adverts that people barred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from adverts_findings.campaigns.bank_tables import ENTRANTS, TABLES
from adverts_findings.campaigns.entering.collected import SCHEMA as COLLECTED
from adverts_findings.campaigns.plain_names import plain_names


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """Adverts of one input.

    Attributes:
        name: The input as the person gave it, such as ``scores/posts``.
        hash: Changes if anything of the input changes.
        token_key_id: Id of the key of its tokens.
        entrants: Adverts that a person judged group V, see :data:`ENTRANTS`.
        candidates: Adverts that only a model flagged, as the table of the bank has them.
        barred: Ids of adverts that a person's label in it bars.
        adverts: Number of adverts that were looked at.
        collected: How many of them there were by week, platform and language, as the table of the
            bank has it.
    """

    name: str
    hash: str
    token_key_id: str
    entrants: pa.Table
    candidates: pa.Table
    barred: frozenset[str]
    adverts: int
    collected: pa.Table = field(default_factory=COLLECTED.empty_table)


def entrants_table(parts: Sequence[pa.Table]) -> pa.Table:
    """Return several tables of entrants as one, with exactly the columns of :data:`ENTRANTS`.

    Of platforms and languages, what is no plain name is withheld, for it may be a contact.
    """
    tables = [one.select(ENTRANTS.names).cast(ENTRANTS) for one in parts if len(one)]
    whole = pa.concat_tables([ENTRANTS.empty_table(), *tables]).combine_chunks()
    for name in ("platform", "language"):
        place = ENTRANTS.get_field_index(name)
        whole = whole.set_column(place, ENTRANTS.field(place), plain_names(whole[name]))
    return whole


def candidates_table(parts: Sequence[pa.Table]) -> pa.Table:
    """Return several tables of candidates as one."""
    schema = TABLES["candidates"]
    tables = [one.select(schema.names).cast(schema) for one in parts]
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()
