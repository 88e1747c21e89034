"""Templates: adverts with nearly the same text or picture, by the one engine of clusters."""

from __future__ import annotations

import pyarrow as pa

from adverts.arrays import Ints
from adverts.scoring.evidence_clusters import PooledEvidence, find_roots

_ROWS = 50_000


def template_roots(entrants: pa.Table) -> Ints:
    """Return the first row of the template of each advert, ``(N,)``.

    Contacts, accounts and groups join nothing here: a template is near-duplicates alone. The rules
    are those of a collection of scores, see :mod:`adverts.scoring.evidence_clusters`.

    Args:
        entrants: Adverts in the order of their ids, so that equal sets give equal templates.
    """
    pooled = PooledEvidence()
    for start in range(0, len(entrants), _ROWS):
        part = entrants.slice(start, _ROWS)
        rows = pa.array(range(start, start + len(part)), pa.int64())
        part = part.append_column("row", rows)
        pooled.add(part.append_column("file", pa.array([""] * len(part), pa.string())))
    return find_roots(pooled)
