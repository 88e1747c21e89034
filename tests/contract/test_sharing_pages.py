"""What the pages on sharing say is what the formats and the README of each folder do."""

import pytest
from documents import ROOT, blocks

from adverts_findings.sharing.folder.readme import CHECK_SIGNATURE
from adverts_findings.sharing.hashes.readme_hashes import LOAD, LOAD_AGAIN
from adverts_findings.sharing.ledger.answers_csv import ANSWERS, APPEALS, COLUMNS
from adverts_findings.sharing.stix.carries import CARRIES

SHARING = (ROOT / "docs/sharing.md").read_text(encoding="utf-8")
RECEIVING = (ROOT / "docs/receiving.md").read_text(encoding="utf-8")
NOTHING = "–"


def rows():
    """Return the cells of the table of what each format carries, by its first column."""
    _, _, after = SHARING.partition("| | notice | hashes | stix | misp |\n")
    lines = after.partition("\n\n")[0].splitlines()[1:]
    cells = [[one.strip() for one in line.strip("|").split("|")] for line in lines]
    return {first: dict(zip(("notice", "hashes", "stix", "misp"), rest, strict=True))
            for first, *rest in cells}  # fmt: skip


@pytest.mark.parametrize("one", CARRIES, ids=lambda one: one.thing)
def test_the_table_says_which_format_carries_a_thing(one):
    row = rows()[one.thing]
    assert (row["stix"] != NOTHING) == bool(one.stix)
    assert (row["misp"] != NOTHING) == bool(one.misp)


def test_the_table_has_no_thing_that_both_formats_would_carry_unknown_to_the_code():
    known = {one.thing for one in CARRIES} | {"files", "one record is"}
    more = {name: row for name, row in rows().items() if name not in known}
    assert all(row["stix"] == row["misp"] == NOTHING for row in more.values())


def test_the_receiving_page_has_the_commands_of_the_readme():
    loading, again = blocks(ROOT / "docs/receiving.md")
    assert tuple(loading.splitlines()) == LOAD
    assert tuple(again.splitlines()) == LOAD_AGAIN
    indented = "".join(f"   {line}\n" for line in CHECK_SIGNATURE.splitlines())
    assert indented in RECEIVING


def test_the_pages_name_every_column_and_word_of_answers():
    assert ",".join(COLUMNS) in RECEIVING
    for word in (*COLUMNS, *ANSWERS, *APPEALS):
        assert f"`{word}`" in SHARING
