"""Edges between adverts, made for tests of what is found from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES, EdgeKind, Edges, EdgeStatus

NAN = float("nan")


class Link(NamedTuple):
    """One edge; two of them are of one value only if it is named."""

    first: int
    second: int
    probability: float = 0.9
    status: EdgeStatus = "joins"
    kind: EdgeKind = "contact"
    value: str = ""
    silence: float = 1.0
    across: bool = False


def drawn_links(*fields: SearchStrategy[object]) -> SearchStrategy[Link]:
    """Return a strategy of links from those of their first fields."""
    return st.tuples(*fields).map(lambda drawn: Link(*drawn))  # type: ignore[arg-type]


def made_edges(links: Sequence[Link]) -> Edges:
    """Return edges in columns."""
    count = len(links)
    twos, none = np.full(count, 2, np.int64), np.zeros(count, np.int64)
    return Edges(
        first=np.array([link.first for link in links], np.int64),
        second=np.array([link.second for link in links], np.int64),
        kind=np.array([EDGE_KINDS.index(link.kind) for link in links], np.int64),
        value=tuple(link.value or f"PHONE:{place:032x}" for place, link in enumerate(links)),
        adverts=twos,
        accounts=twos,
        silence=np.array([link.silence for link in links], np.float64),
        across=np.array([link.across for link in links], np.bool_),
        also=none,
        weight=np.full(count, NAN),
        probability=np.array([link.probability for link in links], np.float64),
        status=np.array([EDGE_STATUSES.index(link.status) for link in links], np.int64),
        reason=tuple("" if link.status == "joins" else "made so" for link in links),
    )
