"""What it takes to link many judged adverts, and to extend the bank by 10,000: time and memory.

The adverts are made up: advertisers of unequal size with contacts, accounts and templates that
follow each other in time, half of the adverts from accounts that post once.
"""

from __future__ import annotations

import argparse
import datetime
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from adverts.clusters.shingles import PLACES
from adverts.data.dataset.tombstones import Tombstones
from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.campaigns.bank_tables import ENTRANTS, TABLES
from adverts_findings.campaigns.build import Circumstances, make_build
from adverts_findings.campaigns.entering.gather import Gathered, Held, gather
from adverts_findings.campaigns.entering.inputs import Input, candidates_table
from adverts_findings.campaigns.entering.words import Words
from adverts_findings.campaigns.rebuild import read_before
from adverts_findings.campaigns.rules import LinkingRules

MORE = 10_000
NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
DAY = 86_400_000_000  # microseconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.folder is not None:
        measure(options.rows[0], options.folder)
        return
    print("adverts    step                seconds   peak MB   bank MB   campaigns")
    for rows in options.rows:
        with tempfile.TemporaryDirectory() as folder:
            for _ in ("build", "extend"):
                command = [sys.executable, __file__, "--rows", str(rows), "--folder", folder]
                subprocess.run(command, check=True)


def measure(rows: int, folder: Path) -> None:
    """Build the bank of a folder, or extend it if there is one, and print a line."""
    bank = folder / "bank"
    is_first = not bank.exists()
    adverts = made_up(rows if is_first else MORE, seed=1 if is_first else 2)
    began = time.perf_counter()
    before = read_before(bank, links=False)
    given = Input("made-up", "0", "made-up", adverts, candidates_table([]), frozenset(), rows)
    held = None
    if before:
        nobody = TABLES["restricted"].empty_table()
        held = Held(
            before["adverts"], before["candidates"], "made-up", nobody, {}, before["barred"]
        )
    gathered: Gathered = gather([given], held, Words(), erased=Tombstones(), today=NOW.date())
    circumstances = Circumstances({}, {}, "bench", NOW, threads=2)
    made = make_build(gathered, (), LinkingRules(), circumstances, before=before)
    write_build(bank, made.tables, expected=1 if before else None)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(one.stat().st_size for one in bank.iterdir()) / 1e6
    step = "build" if is_first else f"extend by {MORE:,}"
    print(
        f"{rows:>9,}  {step:<18} {seconds:>8.1f}  {peak:>8,.0f}  {size:>8,.0f}  "
        f"{len(made.tables['campaigns']):>10,}",
        flush=True,
    )


def made_up(rows: int, seed: int) -> pa.Table:
    """Return so many made-up adverts, in the order of their ids."""
    rng = np.random.default_rng(seed)
    sizes = np.minimum(rng.pareto(1.1, rows) * 3 + 1, 1_200).astype(np.int64)
    owner = np.repeat(np.arange(rows), sizes)[:rows]
    order = np.arange(rows) - np.searchsorted(owner, owner)  # place within its advertiser
    day = rng.integers(0, 600, rows)[owner] + order + rng.integers(0, 3, rows)
    shows = rng.random(rows) < 0.6
    throwaway = rng.random(rows) < 0.5
    template = np.where(rng.random(rows) < 0.85, owner * 100 + order // 15, -1 - np.arange(rows))
    known, of = np.unique(template, return_inverse=True)
    signatures = rng.integers(0, 2**16, (len(known), PLACES), dtype=np.uint16)
    hashes = rng.bytes(16 * len(known))
    text = [hashes[16 * i : 16 * i + 16] for i in of.tolist()]
    contacts = [
        [f"PHONE:{seed:04x}{one:012x}{part:016x}"] if shown else []
        for one, part, shown in zip(
            owner.tolist(), (order // 40).tolist(), shows.tolist(), strict=True
        )
    ]
    accounts = [
        f"{seed:04x}{row:028x}" if once else f"{seed:04x}{one:020x}{part:08x}"
        for row, (one, part, once) in enumerate(
            zip(owner.tolist(), (order // 20).tolist(), throwaway.tolist(), strict=True)
        )
    ]
    start = int(NOW.timestamp() * 1e6) - 700 * DAY
    posted = pa.array(start + day * DAY, pa.timestamp("us", "UTC"))
    columns = {field.name: pa.nulls(rows, field.type) for field in ENTRANTS}
    columns |= {
        "id": pa.array([f"{seed}-{row:08d}" for row in range(rows)]),
        "source": pa.array(["made-up"] * rows),
        "judged_by": pa.array(["review"] * rows),
        "account": pa.array(accounts),
        "platform": pa.array([f"site{one % 4}" for one in owner.tolist()]),
        "posted_at": posted,
        "collected_at": posted,
        "contacts": pa.array(contacts, pa.list_(pa.string())),
        "public_contacts": pa.array([[]] * rows, pa.list_(pa.string())),
        "text_hash": pa.array(text, pa.binary()),
        "text_signature": pa.array([signatures[i].tobytes() for i in of.tolist()], pa.binary()),
        "text_groups": pa.array(np.full(rows, 120), pa.int32()),
        "picture_sha256": pa.array([[]] * rows, pa.list_(pa.binary())),
        "picture_hashes": pa.array([[]] * rows, pa.list_(pa.binary())),
    }
    return pa.table(columns, schema=ENTRANTS)


if __name__ == "__main__":
    main()
