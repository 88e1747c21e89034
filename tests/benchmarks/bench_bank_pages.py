"""How fast the pages of a large bank are written and open in a browser, and how large they are.

Two made-up banks: one of 10,000 campaigns, and one with 500,000 adverts in a single campaign.
"""

from __future__ import annotations

import argparse
import datetime
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from page_timing import new_page, settled
from shown_bank import bank, build, campaign

from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.pages.write_pages import write_pages

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

FIRST = datetime.datetime(2025, 6, 2, tzinfo=datetime.UTC)
PLATFORMS, LANGUAGES = 12, 9


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=10_000)
    parser.add_argument("--adverts", type=int, default=500_000)
    parser.add_argument("--keep", type=Path, help="folder in which the pages stay")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        place = options.keep or Path(made)
        told = {
            f"{options.campaigns:,} campaigns": made_up(options.campaigns * 5, options.campaigns),
            f"{options.adverts:,} adverts in one": made_up(options.adverts, 1),
        }
        for name, tables in told.items():
            began = time.perf_counter()
            folder = place / name.replace(" ", "-")
            write_pages(folder, tables)
            seconds = time.perf_counter() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{name}: written in {seconds:.1f} s, at most {peak:,.0f} MB so far", flush=True)
            one = min(folder.glob("c0*.html"))
            for page in (folder / "index.html", one, folder / "networks.html"):
                size = page.stat().st_size / 1e6
                seconds, busy = opens_in(page)
                print(
                    f"  {page.name:<14} {size:>6.2f} MB   opens in {seconds:.2f} s, in which its "
                    f"process computes for {busy:.2f} s",
                    flush=True,
                )
            print(f"  {one.stem}.json  {one.with_suffix('.json').stat().st_size / 1e6:>6.2f} MB")


def made_up(count: int, campaigns: int) -> dict[str, pa.Table]:
    """Return tables of ``count`` adverts in campaigns, which a chain of contacts joins."""
    rng = np.random.default_rng(1)
    of = np.sort(rng.integers(0, campaigns, count))
    names = [f"c{number + 1:06d}" for number in of.tolist()]
    ids = [f"advert-{number:07d}" for number in range(count)]
    tokens = [f"PHONE:{number // 7:032x}" for number in range(count)]
    days = np.sort(rng.integers(0, 500, count)) if campaigns == 1 else rng.integers(0, 500, count)
    times = [FIRST + datetime.timedelta(days=int(day)) for day in days.tolist()]
    adverts = _table(
        "adverts",
        id=ids,
        source=["scores/posts"] * count,
        judged_by=["review"] * count,
        account=[f"{number // 3:032x}" for number in range(count)],
        platform=[f"platform {number}" for number in rng.integers(0, PLATFORMS, count).tolist()],
        url=[f"https://site.example/{one}" for one in ids],
        language=[f"l{number}" for number in rng.integers(0, LANGUAGES, count).tolist()],
        posted_at=times,
        contacts=[[one] for one in tokens],
        picture_sha256=[
            [number.to_bytes(32, "big")] for number in rng.integers(0, 999, count).tolist()
        ],
        template=[f"t{number // 20:06d}" for number in range(count)],
        campaign=names,
    )
    joined = np.flatnonzero(of[:-1] == of[1:])
    edges = _table(
        "edges",
        edge=[f"e{number:016x}" for number in joined.tolist()],
        first=[ids[number] for number in joined.tolist()],
        second=[ids[number + 1] for number in joined.tolist()],
        kind=["contact"] * len(joined),
        value=[tokens[number] for number in joined.tolist()],
        adverts=[7] * len(joined),
        accounts=[3] * len(joined),
        silence_days=[1.0] * len(joined),
        across=[False] * len(joined),
        also=[[]] * len(joined),
        against=[[]] * len(joined),
        probability=rng.uniform(0.6, 0.999, len(joined)).tolist(),
        status=["joins"] * len(joined),
        reason=[""] * len(joined),
        campaign=[names[number] for number in joined.tolist()],
    )
    starts = range(0, count, 7)
    identities = _table(
        "identities",
        identity=[f"i{number // 7:06d}" for number in starts],
        kind=["contact"] * len(starts),
        value=[tokens[number] for number in starts],
        first_seen=[times[number] for number in starts],
        adverts=[7] * len(starts),
        accounts=[3] * len(starts),
        campaign=[names[number] for number in starts],
        standing=["unknown"] * len(starts),
        shown_in=[ids[number : number + 7] for number in starts],
    )
    rows = [campaign(f"c{number + 1:06d}") for number in range(campaigns)]
    small = bank(campaigns=rows, builds=[build()])
    return {**small, "adverts": adverts, "edges": edges, "identities": identities}


def _table(name: str, **columns: list[object]) -> pa.Table:
    schema = TABLES[name]
    count = len(next(iter(columns.values())))
    return pa.table(
        [pa.array(columns.get(one.name, [None] * count), one.type) for one in schema], schema=schema
    )


def opens_in(page: Path) -> tuple[float, float]:
    """Return the seconds until a page is there and its scripts have run, in a new browser.

    Returns:
        Seconds on the clock, and seconds of the processor in the process of the page.
    """
    with new_page() as seen:
        session = seen.context.browser.new_browser_cdp_session()
        before = _computed(session)
        began = time.perf_counter()
        seen.goto(page.as_uri())
        settled(seen)
        seconds = time.perf_counter() - began
        busy = _computed(session) - before
    return seconds, busy


def _computed(session: CDPSession) -> float:
    told = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return sum(float(one["cpuTime"]) for one in told if one["type"] == "renderer")


if __name__ == "__main__":
    main()
