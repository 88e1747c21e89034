import csv
import json
from dataclasses import replace

import pytest
from csv_readers import rows_everywhere
from shared_hashes import HEAD, out_item, outgoing, pdq, withdrawn

from adverts_findings.sharing.hashes.write_hashes import write_hashes
from adverts_findings.sharing.ledger.ledger_entry import Signal

A, B, C = ("1a" * 32, "2b" * 32, "3c" * 32)
ONE, TWO, THREE = (f"R-{i:016x}" for i in (1, 2, 3))


def written(folder, what):
    folder.mkdir()
    write_hashes(folder, what)
    tables = {}
    for name in ("hashes.csv", "removed.csv"):
        with (folder / name).open(newline="") as file:
            tables[name] = list(csv.DictReader(file))
    record = json.loads((folder / "hashes.json").read_text())
    return (folder / "hashes.txt").read_text(), tables, record


def test_a_hash_of_several_items_is_listed_once_with_all_references(tmp_path):
    what = outgoing(
        [
            out_item(ONE, [pdq(A, 30.0)], first_seen="", action="block", expires="2027-01-01"),
            out_item(TWO, [pdq(A, 20.0), pdq(B)], first_seen="2026-08-02"),
            out_item(THREE, [pdq(A, -1.0)], first_seen="2026-08-01", action="block"),
        ]
    )
    txt, tables, record = written(tmp_path / "s", what)
    assert txt == f"pdq {A}\npdq {B}\n"
    first, second = tables["hashes.csv"]
    assert first["references"] == f"{ONE} {TWO} {THREE}"
    assert first["first_seen"] == "2026-08-01"
    assert first["expires"] == "2027-02-01"
    assert first["false_per_million"] == "30.0"
    assert first["action"] == "review"
    assert record["hashes"][0]["references"] == [ONE, TWO, THREE]
    assert second["references"] == TWO
    assert tables["removed.csv"] == []


def test_every_reader_sees_the_rows_of_the_list(tmp_path):
    what = outgoing(
        [out_item("R-1\rx", [pdq(A), pdq(B)], first_seen="2026\r08"), out_item(TWO, [pdq(C)])]
    )
    written(tmp_path / "s", what)
    header, *rows = rows_everywhere(tmp_path / "s" / "hashes.csv")
    assert [row[header.index("references")] for row in rows] == ["R-1\rx", "R-1\rx", TWO]
    assert {row[header.index("ledger_hash")] for row in rows} == {HEAD}


def test_block_is_asked_if_it_was_asked_for_every_item(tmp_path):
    what = outgoing([out_item(name, [pdq(A)], action="block") for name in (ONE, TWO)])
    assert written(tmp_path / "s", what)[2]["hashes"][0]["action"] == "block"


def test_the_file_of_threatexchange_has_pdq_alone_and_the_others_are_in_the_tables(tmp_path):
    others = [Signal("sha256", "4d" * 32, 100, -1.0), Signal("md5", "5e" * 16, 100, -1.0)]
    others += [Signal("text_sha256", "6f" * 32, 100, -1.0)]
    txt, tables, _ = written(tmp_path / "s", outgoing([out_item(ONE, [pdq(A), *others])]))
    assert txt == f"pdq {A}\n"
    assert [one["type"] for one in tables["hashes.csv"]] == ["pdq", "sha256", "md5", "text_sha256"]


def test_what_was_taken_back_is_in_removed_unless_another_item_has_it(tmp_path):
    what = outgoing(
        [out_item(ONE, [pdq(A)])],
        [
            withdrawn(TWO, [pdq(A), pdq(B)], "reviewed anew"),
            out_item(THREE, [pdq(C)], expires="2026-11-01"),
        ],
    )
    txt, tables, record = written(tmp_path / "s", what)
    assert txt == f"pdq {A}\n"
    second, third = tables["removed.csv"]
    assert (second["value"], second["reference"]) == (B, TWO)
    assert (second["reason"], second["removed_at"]) == (
        "reviewed anew",
        "2026-11-20T10:00:00+00:00",
    )
    assert (third["value"], third["reason"], third["removed_at"]) == (C, "expired", "2026-11-01")
    assert [one["value"] for one in record["removed"]] == [B, C]


def test_every_file_but_threatexchanges_states_the_head_of_the_ledger(tmp_path):
    what = outgoing([out_item(ONE, [pdq(A)])], [withdrawn(TWO, [pdq(B)])])
    _, tables, record = written(tmp_path / "s", what)
    assert record["ledger"] == {"number": 7, "hash": HEAD}
    for rows in tables.values():
        assert [list(one)[-2:] for one in rows] == [["ledger_number", "ledger_hash"]]
        assert rows[0]["ledger_hash"] == HEAD


def test_a_list_of_nothing_is_written_with_its_columns(tmp_path):
    txt, tables, record = written(tmp_path / "s", outgoing())
    assert txt == ""
    assert tables == {"hashes.csv": [], "removed.csv": []}
    assert record["hashes"] == record["removed"] == []
    assert (tmp_path / "s" / "removed.csv").read_text().startswith("type,value,reference,")


def test_items_that_were_shared_in_other_kinds_alone_are_in_no_list(tmp_path):
    what = outgoing(
        [out_item(ONE, [pdq(A)], kinds=("stix",))], [withdrawn(TWO, [pdq(B)], kinds=("notice",))]
    )
    txt, tables, _ = written(tmp_path / "s", what)
    assert txt == ""
    assert tables["removed.csv"] == []


def test_the_same_share_gives_the_same_bytes(tmp_path):
    what = outgoing(
        [out_item(ONE, [pdq(A)]), out_item(TWO, [pdq(B)])], [withdrawn(THREE, [pdq(C)])]
    )
    for name in ("one", "two"):
        written(tmp_path / name, what)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@pytest.mark.parametrize("secret", ["c000001", "demo_social", "i" + ONE[2:]])
def test_no_campaign_platform_or_name_in_reviews_leaves(tmp_path, secret):
    what = outgoing([out_item(ONE, [pdq(A)])], [withdrawn(TWO, [pdq(B)])])
    written(tmp_path / "s", what)
    for file in (tmp_path / "s").iterdir():
        assert secret not in file.read_text()


def test_a_new_list_is_complete_and_not_only_what_a_share_adds(tmp_path):
    before = outgoing([out_item(ONE, [pdq(A)])])
    after = replace(before, current=(*before.current, out_item(TWO, [pdq(B)])))
    assert written(tmp_path / "s", after)[0].splitlines() == [f"pdq {A}", f"pdq {B}"]
