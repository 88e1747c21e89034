"""A bank that is extended week by week by what was collected in a made-up world."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import week_ranges as r
from weeks_collected import source_of
from weeks_world import FIRST_WEEK, World, monday

from adverts.data.dataset.tombstones import Tombstones
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.build import Circumstances, make_build
from adverts_findings.campaigns.entering.gather import Held, gather
from adverts_findings.campaigns.entering.inputs import Input, candidates_table
from adverts_findings.campaigns.entering.words import Words
from adverts_findings.campaigns.news.describe_news import COLUMNS, READ
from adverts_findings.campaigns.rebuild import read_before
from adverts_findings.campaigns.rules import LinkingRules

KEY = "made-up"


def build(
    tables: Mapping[str, pa.Table], world: World, weeks: Sequence[int]
) -> Mapping[str, pa.Table]:
    """Return the tables of a bank extended by what was collected in some weeks."""
    inputs = []
    for week in weeks:
        entrants, collected = world.inputs[week]
        source = source_of(week)
        inputs.append(
            Input(
                name=source,
                hash=f"{world.seed} {source}",
                token_key_id=KEY,
                entrants=entrants,
                candidates=candidates_table([]),
                barred=frozenset(),
                adverts=sum(collected["adverts"].to_pylist()),
                collected=collected,
            )
        )
    held = None
    if tables:
        nobody = TABLES["restricted"].empty_table()
        held = Held(tables["adverts"], tables["candidates"], KEY, nobody, {}, tables["barred"])
    at = datetime.datetime.combine(monday(max(weeks) + 1), datetime.time(6), datetime.UTC)
    gathered = gather(inputs, held, Words(), erased=Tombstones(), today=at.date())
    told = {one.name: {"hash": one.hash} for one in inputs}
    circumstances = Circumstances({}, told, "experiment", at)
    return make_build(gathered, (), LinkingRules(resamples=10), circumstances, before=tables).tables


def kept_banks(folder: Path, world: World) -> Iterator[tuple[int, Mapping[str, pa.Table]]]:
    """Yield what :func:`grown_bank` yields, from a folder where it is kept for another judging."""
    places = [folder / str(world.seed) / str(week) for week in range(r.ASKED_WEEKS)]
    if not places[-1].exists():
        with tempfile.TemporaryDirectory() as bank:
            for week, tables in grown_bank(Path(bank), world):
                places[week].mkdir(parents=True)
                for name, table in tables.items():
                    pq.write_table(table, places[week] / f"{name}.parquet")
    for week, place in enumerate(places):
        yield week, {name: pq.read_table(place / f"{name}.parquet") for name in READ}


def grown_bank(folder: Path, world: World) -> Iterator[tuple[int, Mapping[str, pa.Table]]]:
    """Yield each asked week, with the tables of the bank that was read on the Monday after it."""
    bank = folder / "bank"
    write_build(bank, build({}, world, range(FIRST_WEEK, 0)), expected=None)
    for week in range(r.ASKED_WEEKS):
        before = read_before(bank, links=False)
        write_build(bank, build(before, world, [week]), expected=week + 1)
        with open_bank(bank) as opened:
            yield (
                week,
                {
                    name: opened.table(name, (*COLUMNS, "id") if name == "adverts" else None)
                    for name in READ
                },
            )
