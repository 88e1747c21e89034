"""CSV that people or programs read is written by one function."""

import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src"
WRITES_CSV = re.compile(
    r"\bcsv\.writer\b|\bDictWriter\b|\.to_csv\(|\bwrite_csv\(table\b|\bCSVWriter\b|\bCOPY .* TO\b"
    r"|from csv import .*writer"
)
OF_ARROW = {"adverts_findings/campaigns/exports/flat_csv.py"}
"""Tables of a whole bank, whose texts Arrow puts in quotes, each of them."""


def test_no_module_writes_csv_but_the_one_that_puts_every_line_end_in_quotes():
    found = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if WRITES_CSV.search(path.read_text("utf-8"))
    }
    assert found == OF_ARROW
