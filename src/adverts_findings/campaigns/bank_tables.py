"""The tables of the bank: their columns, which every part of linking reads and writes.

Version 2. Times are in UTC. Nothing here holds the text, picture or contact of an advert: contacts
and accounts are keyed tokens, texts are signatures, pictures are hashes. A bank of version 1 is
read as one of version 2 that lacks what was added, and the next build writes version 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

SCHEMA_VERSION = 2
READ_VERSIONS = (1, 2)
"""Versions of a bank that this release reads; it writes the last one."""

_TIME = pa.timestamp("us", "UTC")
_TEXT = pa.string()
_NAMES = pa.list_(pa.string())
_BYTES = pa.binary()
_MANY_BYTES = pa.list_(pa.binary())


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


ENTRANTS = _schema(
    id=_TEXT,
    source=_TEXT,
    judged_by=_TEXT,
    account=_TEXT,
    platform=_TEXT,
    platform_item_id=_TEXT,
    url=_TEXT,
    language=_TEXT,
    posted_at=_TIME,
    collected_at=_TIME,
    contacts=_NAMES,
    public_contacts=_NAMES,
    text_hash=_BYTES,
    text_signature=_BYTES,
    text_groups=pa.int32(),
    page_hash=_BYTES,
    page_signature=_BYTES,
    page_groups=pa.int32(),
    picture_sha256=_MANY_BYTES,
    picture_hashes=_MANY_BYTES,
    retain_until=pa.date32(),
    score=pa.float64(),
    review_band=_TEXT,
)
"""Adverts that may enter, each judged group V by a person; one row for each id.

``source`` names the input, such as ``scores/posts``. ``judged_by`` is ``review`` or ``dataset``.
``contacts`` are tokens as in evidence, public ones among them. ``retain_until`` is the last day on
which the advert may be kept. ``score`` and ``review_band`` are what a model said, where the advert
came from scores; version 1 lacks them.
"""

TABLES: Mapping[str, pa.Schema] = {
    "adverts": pa.schema(
        [
            *ENTRANTS,
            ("entered_build", pa.int32()),
            ("template", _TEXT),
            ("campaign", _TEXT),
        ]
    ),
    "restricted": pa.schema(
        [
            *ENTRANTS,
            ("since", pa.date32()),
            ("until", pa.date32()),
            ("held_by", _TEXT),
            ("why", _TEXT),
        ]
    ),
    "candidates": _schema(
        id=_TEXT,
        source=_TEXT,
        score=pa.float64(),
        review_band=_TEXT,
        flagged_at=_TIME,
        expires=pa.date32(),
    ),
    "barred": _schema(item=_TEXT, source=_TEXT),
    "collected": _schema(
        source=_TEXT,
        week=pa.date32(),
        platform=_TEXT,
        language=_TEXT,
        adverts=pa.int64(),
        judged=pa.int64(),
    ),
    "identities": _schema(
        identity=_TEXT,
        kind=_TEXT,
        value=_TEXT,
        platform=_TEXT,
        first_seen=_TIME,
        last_seen=_TIME,
        adverts=pa.int64(),
        accounts=pa.int64(),
        campaign=_TEXT,
        standing=_TEXT,
        shown_in=_NAMES,
    ),
    "edges": _schema(
        edge=_TEXT,
        first=_TEXT,
        second=_TEXT,
        kind=_TEXT,
        value=_TEXT,
        adverts=pa.int64(),
        accounts=pa.int64(),
        silence_days=pa.float64(),
        across=pa.bool_(),
        also=_NAMES,
        first_seen=_TIME,
        last_seen=_TIME,
        origin=_NAMES,
        weight=pa.float64(),
        probability=pa.float64(),
        status=_TEXT,
        reason=_TEXT,
        campaign=_TEXT,
        against=_NAMES,
    ),
    "campaigns": _schema(
        campaign=_TEXT,
        opened_build=pa.int32(),
        closed_build=pa.int32(),
        adverts=pa.int64(),
        accounts=pa.int64(),
        templates=pa.int64(),
        identities=pa.int64(),
        first_seen=_TIME,
        last_seen=_TIME,
        probability=pa.float64(),
        calibrated=pa.bool_(),
        part_count=pa.int32(),
        largest_piece=pa.float64(),
    ),
    "bridges": _schema(
        campaign=_TEXT,
        edge=_TEXT,
        probability=pa.float64(),
        smaller_side=pa.int64(),
        larger_side=pa.int64(),
        others=_NAMES,
    ),
    "listed": _schema(
        kind=_TEXT, value=_TEXT, reason=_TEXT, adverts=pa.int64(), accounts=pa.int64()
    ),
    "replaced": _schema(level=_TEXT, old=_TEXT, new=_TEXT, build=pa.int32(), how=_TEXT),
    "judged": _schema(judgement=_TEXT, holds=pa.bool_(), why=_TEXT),
    "said": _schema(
        judgement=_TEXT,
        level=_TEXT,
        name=_TEXT,
        said=_TEXT,
        by=_TEXT,
        at=_TEXT,
        why=_TEXT,
        counts=pa.bool_(),
    ),
    "builds": _schema(
        build=pa.int32(),
        built_at=_TIME,
        created_by=_TEXT,
        token_key_id=_TEXT,
        inputs=_TEXT,
        parameters=_TEXT,
        counts=_TEXT,
    ),
}
"""Maps each table to its columns.

* ``restricted``: adverts that would have left, and are kept under a hold until its last day; they
  are in no other table, so nothing is linked, shown or found by them.
* ``barred``: adverts that a person's label in some input bars, by the hash that
  :func:`adverts.data.review.reviews.item_name` makes of their id, so that no later build forgets.
* ``collected``: how many adverts each input held, of all groups and judged or not, by the Monday of
  the week of posting (of collection where that is not known), platform and language, each missing
  where it is not known; ``judged`` is how many of them a person had judged. Version 1 lacks it.
* ``identities``: a contact, an account or a link target on one platform in one spell of activity
  (``kind`` is that of an edge); ``standing`` is ``suspect``, ``victim``, ``witness`` or
  ``unknown``, as a person said; ``shown_in`` are the ids of its adverts.
* ``edges``: see :class:`adverts_findings.campaigns.edges.Edges`; ``origin`` are the sources of both
adverts. * ``campaigns``: closed ones stay with their ``closed_build``; ``part_count`` is the number
of
  communities within a large one; ``largest_piece`` is the share of its adverts that stay together
  when its edges are drawn anew.
* ``bridges``: the edges without which a campaign falls into two parts, the weakest first;
  ``others`` would have to go with the edge.
* ``listed``: values that join nothing: public, shown by many, or busy.
* ``replaced``: ids of a ``level`` (template, identity or campaign) that are no longer used, what
  took their place (empty: nothing did), and ``how``: merged, split, closed.
* ``judged``: whether each judgement holds after this build, and if not, why.
* ``said``: last words of people on an identity or a source (``level``), by its ``name`` now:
  ``said`` is a standing or a grade; contacts in ``by`` and ``why`` are masked; ``counts`` is false
  where people contradict each other. Version 1 lacks it.
* ``builds``: ``inputs``, ``parameters`` and ``counts`` are JSON.
"""
LAST_DAYS = {"adverts": "retain_until", "restricted": "until", "candidates": "expires"}
"""Maps each table of adverts to the column of the last day on which one is kept."""
_ADDED_TABLES = {2: ("collected", "said")}
_ADDED_COLUMNS = {2: {name: ("score", "review_band") for name in ("adverts", "restricted")}}


def tables_of(version: int) -> Mapping[str, pa.Schema]:
    """Return the tables that a version of the bank has, each with its columns.

    Args:
        version: One of :data:`READ_VERSIONS`.
    """
    later = range(version + 1, SCHEMA_VERSION + 1)
    tables = {name for number in later for name in _ADDED_TABLES[number]}
    columns = {
        (table, name)
        for number in later
        for table, names in _ADDED_COLUMNS[number].items()
        for name in names
    }
    return {
        name: pa.schema([one for one in schema if (name, one.name) not in columns])
        for name, schema in TABLES.items()
        if name not in tables
    }
