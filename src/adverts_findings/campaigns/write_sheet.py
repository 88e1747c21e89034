"""Write a sheet of pairs to judge into the folder of a bank."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Bools
from adverts.errors import InputError, plural
from adverts_findings.campaigns.bank.overdue import overdue
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.build import memory_of
from adverts_findings.campaigns.desk import SHEETS, Desk
from adverts_findings.campaigns.judgements.apply_judgements import judged_rows
from adverts_findings.campaigns.judgements.judgement_sheet import write_judgement_sheet
from adverts_findings.campaigns.judgements.which_to_judge import pairs_left, which_to_judge
from adverts_findings.campaigns.rebuild import Tables
from adverts_findings.campaigns.tables.stored_edges import stored_edges


@dataclass(frozen=True, slots=True)
class SheetWritten:
    """A sheet of pairs to judge.

    Attributes:
        path: The sheet.
        pairs: Number of its pairs.
        left: Number of pairs of the bank that nobody has judged, those of the sheet among them.
        asked: Number of pairs that were asked for.
    """

    path: Path
    pairs: int
    left: int
    asked: int

    def __str__(self) -> str:
        """Say what is in it, and why that is less than was asked for, if it is."""
        told = f"{self.path}  holds {plural(self.pairs, 'pair')} to judge"
        if self.pairs >= self.asked:
            return told
        if self.left <= self.asked:
            why = "no other pairs share something and are not judged yet"
        else:
            why = "some were drawn twice, at random and for their doubt"
        return f"{told}, not {self.asked:,}: {why}"


def write_sheet(desk: Desk, pairs: int, *, seed: int) -> SheetWritten:
    """Write a sheet of pairs to judge; adverts whose last day is over are on none.

    Args:
        desk: Who asks for it, and where.
        pairs: How many to ask about.
        seed: Seed of the draw.

    Raises:
        InputError: There is no bank, or no pair is left to judge.
        IntegrityError: The bank is damaged.
    """
    with open_bank(desk.folder) as bank:
        tables = {name: bank.table(name) for name in ("adverts", "edges", "bridges", "builds")}
    memory = memory_of({"builds": tables["builds"]})
    tables["edges"] = _shown(tables, overdue(tables["adverts"]["retain_until"], desk.now.date()))
    stored = stored_edges(tables)
    rows = {one: row for row, one in enumerate(tables["adverts"]["id"].to_pylist())}
    judged = judged_rows(desk.judgements(), rows)
    drawn = which_to_judge(
        stored.edges,
        roots=stored.roots,
        bridges=stored.bridges,
        judged=judged,
        budget=pairs,
        seed=seed,
    )
    if not drawn:
        raise InputError(f"no pair of {desk.folder} is left to judge")
    desk.log("export", f"sheet of {plural(len(drawn), 'pair')}")
    sheet = _new_folder(desk, memory.build) / "pairs.csv"
    write_judgement_sheet(
        sheet, drawn, stored.edges, tables["adverts"], build=memory.build, bank=memory.bank
    )
    return SheetWritten(sheet, len(drawn), pairs_left(stored.edges, judged), pairs)


def _shown(tables: Tables, hidden: Bools) -> pa.Table:
    """Return the edges of which neither advert is hidden."""
    ids = tables["adverts"]["id"].filter(pa.array(hidden))
    edges = tables["edges"]
    touches = pc.or_(*(pc.is_in(edges[end], value_set=ids) for end in ("first", "second")))
    return edges.filter(pc.invert(touches))


def _new_folder(desk: Desk, build: int) -> Path:
    while True:
        place = desk.free_place(SHEETS, f"build-{build:04d}")
        try:
            place.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return place
