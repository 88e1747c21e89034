"""Labelled adverts whose labels an audit doubts, to be looked at again."""

from __future__ import annotations

from pathlib import Path

from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.errors import InputError
from adverts.files.delimited import read_spreadsheet, unguarded
from adverts_findings.survey.sample import UNKNOWN, Draw
from adverts_findings.survey.sheets.items import Item, item_of

_REASON, _EXAMPLE = "reason", "example"
_DOUBTED = "likely error"


def recheck(sheet: Path, prepared: Path, number: int) -> list[tuple[Draw, Item]]:
    """Return the adverts that an audit doubts most, the worst first.

    Args:
        sheet: The review.csv of an audit.
        prepared: The dataset that was audited.
        number: How many at most.

    Raises:
        InputError: The sheet is of another kind, or of another dataset.
    """
    header, rows = read_spreadsheet(sheet)
    if not {_REASON, _EXAMPLE} <= set(header):
        raise InputError(f"recheck: {sheet} is no review.csv of an audit; give that file")
    reason, example = header.index(_REASON), header.index(_EXAMPLE)
    ids = [unguarded(cells[example]) for _, cells in rows if cells[reason] == _DOUBTED][:number]
    table = open_prepared(prepared).split("all")
    places = {name: row for row, name in enumerate(table.ids)}
    strange = [one for one in ids if one not in places]
    if strange:
        raise InputError(
            f"recheck: {sheet} names adverts that {prepared} does not hold; give the sheet of the "
            "audit of this dataset"
        )
    return [(_draw(table, places[one]), item_of(table, places[one])) for one in ids]


def _draw(table: AdvertTable, row: int) -> Draw:
    return Draw(
        item=item_of(table, row).name,
        stratum=0,
        times=1,
        probability=0.0,
        predicted=0.0,
        cluster=table.clusters[row],
        sizes={},
        groups={"language": table.langs[row] or UNKNOWN},
        second=False,
        adjudicated=False,
    )
