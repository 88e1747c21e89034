"""Write the list of hashes that a recipient may use, and of those it must use no longer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from adverts.clusters.near_image import MIN_QUALITY, PDQ_RADIUS
from adverts.files.delimited import delimited
from adverts_findings.sharing.hashes.listed import Listed, RemovedHash, listed, taken_back
from adverts_findings.sharing.hashes.text_fingerprint import SIMHASH_RADIUS
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.written_files import LEDGER_COLUMNS

HASHES_TXT, HASHES_CSV, HASHES_JSON = "hashes.txt", "hashes.csv", "hashes.json"
REMOVED_CSV = "removed.csv"
HASHES_VERSION = 1
DISTANCES = {"pdq": PDQ_RADIUS, "text_simhash": SIMHASH_RADIUS}
"""Most bits in which hashes that match differ; others match if they are equal."""


def write_hashes(folder: Path, outgoing: Outgoing) -> None:
    """Write the complete list, not only what this share adds.

    ``hashes.txt`` has the PDQ hashes in the file format of ThreatExchange, one a line, which has no
    type for the sha256 or MD5 of a picture. ``hashes.csv`` and ``hashes.json`` have all of them,
    ``removed.csv`` those that the recipient must use no longer and has not said to be gone.

    Args:
        folder: Folder that exists.
        outgoing: What is written.
    """
    hashes, gone = listed(outgoing), taken_back(outgoing)
    lines = (f"pdq {one.value}\n" for one in hashes if one.type == "pdq")
    (folder / HASHES_TXT).write_text("".join(lines), encoding="ascii")
    (folder / HASHES_JSON).write_text(_json(outgoing, hashes, gone), encoding="ascii")
    _write_csv(folder / HASHES_CSV, outgoing, [f.name for f in fields(Listed)], hashes)
    _write_csv(folder / REMOVED_CSV, outgoing, [f.name for f in fields(RemovedHash)], gone)


def _json(outgoing: Outgoing, hashes: Sequence[Listed], gone: Sequence[RemovedHash]) -> str:
    entry = outgoing.entry
    record = {
        "schema_version": HASHES_VERSION,
        "reference": entry.reference,
        "ledger": {"number": entry.number, "hash": entry.hash},
        "distances": DISTANCES,
        "least_pdq_quality": MIN_QUALITY,
        "hashes": [asdict(one) for one in hashes],
        "removed": [asdict(one) for one in gone],
    }
    return json.dumps(record, indent=1, sort_keys=True) + "\n"


def _write_csv(
    path: Path, outgoing: Outgoing, names: Sequence[str], rows: Sequence[Listed | RemovedHash]
) -> None:
    cells: list[list[object]] = [[*names, *LEDGER_COLUMNS]]
    for one in rows:
        facts = asdict(one)
        if isinstance(one, Listed):
            facts["references"] = " ".join(one.references)
        cells.append([*(facts[name] for name in names), outgoing.entry.number, outgoing.entry.hash])
    path.write_bytes(delimited(cells))
