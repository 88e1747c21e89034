"""The table of what was collected, after a build."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.bank_tables import TABLES


def collected_table(
    brought: pa.Table, inputs: Mapping[str, object], before: Mapping[str, pa.Table]
) -> pa.Table:
    """Return how many adverts each input of this build and of earlier ones held.

    An input that is given again replaces its own counts, also under another name if its content is
    the same, so that nothing is counted twice. What inputs of earlier builds held stays.

    Args:
        brought: Counts of the inputs of this build.
        inputs: Maps each of them to what is recorded of it, its ``hash`` among that.
        before: Tables of the build before; empty for a new bank.
    """
    schema = TABLES["collected"]
    if "collected" not in before:
        return brought.select(schema.names).cast(schema)
    hashes = {_hash(one) for one in inputs.values()} - {""}
    earlier = _earlier_hashes(before["builds"]["inputs"].to_pylist())
    again = {*inputs, *(name for name, found in earlier.items() if found in hashes)}
    known = before["collected"]
    stays = pc.invert(pc.is_in(known["source"], value_set=pa.array(sorted(again), pa.string())))
    return pa.concat_tables([known.filter(stays), brought.select(schema.names)]).cast(schema)


def _earlier_hashes(builds: Iterable[str]) -> dict[str, str]:
    """Return the hash of each input when it was given last."""
    found: dict[str, str] = {}
    for one in builds:
        found |= {name: _hash(told) for name, told in json.loads(one).items()}
    return found


def _hash(told: object) -> str:
    return str(told.get("hash", "")) if isinstance(told, Mapping) else ""
