"""What posting identities and campaigns still rest on after adverts have left the bank."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from adverts.linking.bank_tables import TABLES

_SHOWN = """
    shown AS (
        SELECT id, account, coalesce(platform, '') AS platform, posted_at, campaign,
            unnest(list_distinct(contacts)) AS value, false AS is_account
        FROM adverts
        UNION ALL
        SELECT id, account, coalesce(platform, ''), posted_at, campaign, account, true
        FROM adverts WHERE account IS NOT NULL
    ),
    spells AS (
        SELECT identity, value, kind = 'account' AS is_account,
            coalesce(platform, '') AS platform, first_seen, last_seen,
            row_number() OVER (
                PARTITION BY kind, value, platform ORDER BY last_seen DESC NULLS LAST
            ) = 1 AS is_last
        FROM identities
    ),
    shows AS (
        SELECT identity, id, account, posted_at, campaign
        FROM spells JOIN shown USING (value, platform, is_account)
        WHERE CASE WHEN posted_at IS NULL THEN is_last
                ELSE first_seen IS NULL OR posted_at BETWEEN first_seen AND last_seen END
    )
"""
"""Which advert shows which posting identity: by value, platform and time, as evidence has it. An
advert of unknown time is in the last spell of activity."""

_IDENTITIES = f"""
    WITH {_SHOWN}
    SELECT identity, count(DISTINCT id) AS adverts, count(DISTINCT account) AS accounts,
        min(posted_at) AS first_seen, max(posted_at) AS last_seen
    FROM shows GROUP BY identity
"""
_CAMPAIGNS = f"""
    WITH {_SHOWN}
    SELECT campaign, count(DISTINCT adverts.id) AS adverts,
        count(DISTINCT adverts.account) AS accounts,
        count(DISTINCT adverts.template) AS templates,
        any_value(coalesce(shown_by.identities, 0)) AS identities,
        min(adverts.posted_at) AS first_seen, max(adverts.posted_at) AS last_seen
    FROM adverts LEFT JOIN (
        SELECT campaign, count(DISTINCT identity) AS identities FROM shows GROUP BY campaign
    ) AS shown_by USING (campaign)
    GROUP BY campaign
"""  # noqa: S608 - nothing but the text above
_CLOSED = {"enable_external_access": "false", "python_enable_replacements": "false"}


def supported_identities(
    identities: pa.Table, adverts: pa.Table, leaving: pa.Table
) -> tuple[pa.Table, list[str]]:
    """Return the posting identities that still have an advert, and the ids of those that have none.

    Only what an advert that leaves had shown is counted again.

    Args:
        identities: All posting identities.
        adverts: Adverts that are left.
        leaving: Adverts that leave.
    """
    touched = _answer(_IDENTITIES, identities=identities, adverts=leaving)["identity"]
    some = identities.filter(pc.is_in(identities["identity"], touched.combine_chunks()))
    now = _answer(_IDENTITIES, identities=_whole_values(identities, some), adverts=adverts)
    names = set(touched.to_pylist())
    counted = {name: row for name, row in _by("identity", now).items() if name in names}
    gone = sorted(name for name in names if name not in counted)
    return _with("identities", identities, counted, gone), gone


def _whole_values(identities: pa.Table, some: pa.Table) -> pa.Table:
    """Return every posting identity of the values of some, as the last of them is to be known."""
    return identities.filter(pc.is_in(identities["value"], some["value"].combine_chunks()))


def supported_campaigns(
    campaigns: pa.Table,
    adverts: pa.Table,
    identities: pa.Table,
    *,
    touched: Collection[str],
    least: int,
    build: int,
) -> tuple[pa.Table, list[str]]:
    """Return the campaigns with some of them counted again, and the ids of those that close.

    Args:
        campaigns: All campaigns.
        adverts: Adverts that are left.
        identities: Posting identities that are left.
        touched: Ids of the campaigns to count again; closed ones stay as they are.
        least: Number of adverts below which a campaign closes.
        build: Number of the build that closes it.
    """
    still_open = set(
        campaigns.filter(pc.is_null(campaigns["closed_build"]))["campaign"].to_pylist()
    )
    names = pa.array(sorted(still_open & set(touched)), pa.string())
    inside = adverts.filter(pc.is_in(adverts["campaign"], names))
    counted = _by("campaign", _answer(_CAMPAIGNS, identities=identities, adverts=inside))
    nothing: dict[str, object] = {
        **dict.fromkeys(("adverts", "accounts", "templates", "identities"), 0),
        **dict.fromkeys(("first_seen", "last_seen")),
        "closed_build": build,
    }
    closed = []
    for name in names.to_pylist():
        if name not in counted or int(str(counted[name]["adverts"])) < least:
            counted[name] = nothing
            closed.append(name)
    return _with("campaigns", campaigns, counted, ()), closed


def _answer(statement: str, **tables: pa.Table) -> pa.Table:
    with duckdb.connect(":memory:", config=dict(_CLOSED)) as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.sql(statement).to_arrow_table()


def _by(key: str, table: pa.Table) -> dict[str, dict[str, object]]:
    rows = table.to_pylist()
    return {row.pop(key): row for row in rows}


def _with(
    name: str, table: pa.Table, changed: Mapping[str, Mapping[str, object]], gone: Collection[str]
) -> pa.Table:
    """Return a table with other values in some rows and without others, by its first column."""
    key = table.column_names[0]
    touched = pa.array(sorted({*changed, *gone}), pa.string())
    among = pc.is_in(table[key], touched)
    rows = [
        {**row, **changed[row[key]]}
        for row in table.filter(among).to_pylist()
        if row[key] in changed
    ]
    new = pa.Table.from_pylist(rows, schema=TABLES[name])
    return pa.concat_tables([table.filter(pc.invert(among)), new]).sort_by(key)
