from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from made_bank import numbered

from adverts.errors import InputError, IntegrityError
from adverts_findings.campaigns.bank import read_bank
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.stored_tables import create_statement
from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.campaigns.bank_tables import TABLES

pytestmark = pytest.mark.promise

FILE = "bank-000001.duckdb"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "bank"
    write_build(folder, numbered(1), expected=None)
    return folder


@pytest.fixture
def bank(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "bank"))


def _point_at(folder: Path) -> None:
    """Make the pointer agree with a file that somebody exchanged."""
    path = folder / FILE
    plain = json.loads((folder / "bank.json").read_text())
    plain |= {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
    }
    (folder / "bank.json").write_text(json.dumps(plain))


def test_a_missing_bank_is_named_with_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"holds no bank; build one: adverts link prepared="):
        open_bank(tmp_path / "none")


PLACES = (0.0, 0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1.0)
SIZES = (0.0, 0.00001, 0.01, 0.5, 0.9, 0.99999)


def test_damage_at_any_place_is_named_and_crashes_nothing(whole, tmp_path):
    for place in PLACES:
        data = bytearray((whole / FILE).read_bytes())
        data[int(place * (len(data) - 1))] ^= 0xFF
        _damaged_copy(whole, tmp_path / f"flipped-{place}", bytes(data))
    for size in SIZES:
        data = (whole / FILE).read_bytes()
        _damaged_copy(whole, tmp_path / f"cut-{size}", data[: int(size * len(data))])
    damaged = sorted(tmp_path.iterdir())
    said = _opened_elsewhere(damaged)
    assert len(said) == len(damaged) == len(PLACES) + len(SIZES)
    for folder, line in zip(damaged, said, strict=True):
        assert line.startswith(f"IntegrityError: {folder / FILE}: its content was changed or cut")
        assert line.endswith("bring back the folder as it was, or move it away and build again")


def _damaged_copy(whole: Path, folder: Path, data: bytes) -> None:
    shutil.copytree(whole, folder)
    (folder / FILE).write_bytes(data)


def _opened_elsewhere(folders: list[Path]) -> list[str]:
    """Open banks in another process, so that an abort is seen; return the error of each."""
    program = (
        "import sys; from pathlib import Path\n"
        "from adverts_findings.campaigns.bank.read_bank import open_bank\n"
        "for folder in sys.argv[1:]:\n"
        "    try:\n"
        "        with open_bank(Path(folder)) as bank: bank.tables()\n"
        "    except Exception as error:\n"
        "        print(f'{type(error).__name__}: {error}', flush=True)\n"
    )
    command = [sys.executable, "-c", program, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout.splitlines()


def test_a_text_file_in_its_place_is_named(bank):
    (bank / FILE).write_text("no database")
    with pytest.raises(IntegrityError, match=FILE):
        open_bank(bank)
    _point_at(bank)
    with pytest.raises(IntegrityError, match=f"{FILE}: .*bring back the folder"):
        open_bank(bank)


def test_a_missing_file_is_named(bank):
    (bank / FILE).unlink()
    with pytest.raises(IntegrityError, match=f"{FILE}: the file is missing"):
        open_bank(bank)


def test_a_lost_pointer_is_named_and_a_build_does_not_overwrite_what_it_named(bank):
    (bank / "bank.json").unlink()
    for act in (open_bank, lambda folder: write_build(folder, numbered(1), expected=None)):
        with pytest.raises(IntegrityError, match=f"bank.json is missing beside {FILE}; bring ba"):
            act(bank)
    assert (bank / FILE).exists()


def test_a_link_in_its_place_is_refused(bank):
    (bank / FILE).rename(bank / "elsewhere")
    (bank / FILE).symlink_to(bank / "elsewhere")
    with pytest.raises(IntegrityError, match="it is not a plain file"):
        open_bank(bank)


def test_a_folder_in_its_place_is_refused(bank):
    (bank / FILE).unlink()
    (bank / FILE).mkdir()
    with pytest.raises(IntegrityError, match="it is not a plain file"):
        open_bank(bank)


def test_another_version_says_which_release_to_use(bank):
    plain = json.loads((bank / "bank.json").read_text())
    (bank / "bank.json").write_text(json.dumps(plain | {"schema_version": 3}))
    with pytest.raises(
        IntegrityError, match="has version 3, this release reads up to 2; use the rel"
    ):
        open_bank(bank)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "{}",
        "null",
        "{",
        '{"schema_version": 1}',
        "[" * 100_000,
        "\0",
        '{"schema_version": 1, "build": -1.5}',
    ],
)
def test_a_damaged_pointer_is_named(bank, said):
    (bank / "bank.json").write_text(said)
    with pytest.raises(IntegrityError, match=r"bank.json is damaged .*bring back the folder"):
        open_bank(bank)


def test_a_pointer_can_only_name_a_file_of_the_folder(bank):
    plain = json.loads((bank / "bank.json").read_text())
    (bank / "bank.json").write_text(json.dumps(plain | {"build": "../../etc"}))
    with pytest.raises(IntegrityError, match="bank.json is damaged"):
        open_bank(bank)


def test_a_log_of_changes_beside_the_file_is_never_replayed(bank):
    (bank / f"{FILE}.wal").write_bytes(b"anything")
    with pytest.raises(IntegrityError, match=f"{FILE}.wal beside it is not of this bank"):
        open_bank(bank)


def test_a_foreign_database_is_refused(bank):
    (bank / FILE).unlink()
    with duckdb.connect(bank / FILE) as made:
        made.execute("CREATE TABLE adverts(id VARCHAR)")
    _point_at(bank)
    with pytest.raises(IntegrityError, match=r"tables: about is not as this release makes it"):
        open_bank(bank)


HOSTILE = {
    "views: secrets": "CREATE VIEW secrets AS SELECT * FROM read_text('{secret}')",
    "functions: steal": "CREATE MACRO steal() AS TABLE SELECT * FROM read_text('{secret}')",
    "sequences: counting": "CREATE SEQUENCE counting",
    "indexes: quick": "CREATE INDEX quick ON edges(edge)",
    "schemas: other": "CREATE SCHEMA other",
    "types: mood": "CREATE TYPE mood AS ENUM ('sad')",
    "tables: listed": "DROP TABLE listed; CREATE VIEW listed AS SELECT * FROM glob('{secret}')",
    "tables: judged": "ALTER TABLE judged ADD COLUMN more VARCHAR",
    "tables: edges": "ALTER TABLE edges ALTER COLUMN kind SET DEFAULT 'x'",
}


@pytest.mark.parametrize("told", sorted(HOSTILE))
def test_a_file_with_anything_but_the_tables_is_refused_by_name(bank, tmp_path, told):
    (tmp_path / "secret").write_text("secret")
    with duckdb.connect(bank / FILE) as made:
        made.execute(HOSTILE[told].format(secret=tmp_path / "secret"))
    _point_at(bank)
    with pytest.raises(IntegrityError, match=f"{told} is not as this release makes it"):
        open_bank(bank)


def test_a_generated_column_is_refused(bank):
    changed = create_statement("judged").replace('"why" VARCHAR', '"why" VARCHAR AS (judgement)')
    with duckdb.connect(bank / FILE) as made:
        made.execute("DROP TABLE judged")
        made.execute(changed)
    _point_at(bank)
    with pytest.raises(IntegrityError, match="tables: judged is not as this release makes it"):
        open_bank(bank)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_csv('https://site.example/a.csv')",
        "COPY adverts TO '/tmp/adverts.csv'",
        "ATTACH '/tmp/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "DELETE FROM adverts",
        "CREATE TABLE more(a INT)",
        "CREATE TEMP TABLE more AS SELECT * FROM read_blob('/etc/hostname')",
        "SELECT * FROM local_variable",
    ],
)
def test_an_open_bank_reads_nothing_else_and_changes_nothing(bank, statement):
    local_variable = [1]  # what a scan of Python's variables would find
    before = (bank / FILE).read_bytes()
    with open_bank(bank) as opened, pytest.raises(IntegrityError, match=f"{FILE}: table adverts"):
        opened.ask(statement, about="adverts")
    assert (bank / FILE).read_bytes() == before
    assert local_variable == [1]


@pytest.mark.parametrize("name", ["adverts", "builds"])
def test_changed_rows_are_found_though_file_and_pointer_agree(bank, name):
    with duckdb.connect(bank / FILE) as made:
        column = TABLES[name].names[-1]
        made.execute(f"UPDATE {name} SET {column} = 'other'")
    _point_at(bank)
    with open_bank(bank) as opened, pytest.raises(IntegrityError, match=f"table {name} is not wh"):
        opened.verify()


def test_a_table_that_the_file_says_nothing_about_is_found(bank):
    with duckdb.connect(bank / FILE) as made:
        made.execute("DELETE FROM about WHERE \"table\" = 'edges'")
    _point_at(bank)
    with open_bank(bank) as opened, pytest.raises(IntegrityError, match="nothing about table edg"):
        opened.verify()


def test_a_reader_keeps_its_build_while_a_newer_one_is_written(bank):
    with open_bank(bank) as opened:
        write_build(bank, numbered(2), expected=1)
        opened.verify()
        assert opened.build == 1
        assert opened.table("adverts").equals(numbered(1)["adverts"])
    with open_bank(bank) as opened:
        assert opened.build == 2


def test_a_reader_whose_file_was_just_replaced_reads_the_newer_build(bank, monkeypatch):
    real, calls = read_bank.read_pointer, []

    def then_built(folder):
        pointer = real(folder)
        if not calls:
            calls.append(1)
            write_build(bank, numbered(2), expected=1)
        return pointer

    monkeypatch.setattr(read_bank, "read_pointer", then_built)
    with open_bank(bank) as opened:
        assert opened.build == 2


def test_columns_come_back_in_the_order_asked_for(bank):
    with open_bank(bank) as opened:
        assert opened.table("adverts", ["campaign", "id"]).column_names == ["campaign", "id"]
        with pytest.raises(ValueError, match="table adverts has no column colour"):
            opened.table("adverts", ["colour"])
        with pytest.raises(ValueError, match='the bank has no table "x"; DROP'):
            opened.table('"x"; DROP')


def test_opening_leaves_no_file_behind(bank):
    before = sorted(os.listdir(bank))
    with open_bank(bank) as opened:
        opened.verify()
    assert sorted(os.listdir(bank)) == before


def test_a_bank_can_be_open_twice_and_closing_one_leaves_the_other(bank):
    with open_bank(bank) as one:
        with open_bank(bank) as other:
            assert other.table("builds").equals(one.table("builds"))
        one.verify()


@pytest.mark.parametrize("stated", ["", "zz", "0" * 64, "f" * 64])
def test_a_stated_hash_of_any_other_value_is_found(bank, stated):
    with duckdb.connect(bank / FILE) as made:
        made.execute("UPDATE about SET sha256 = ? WHERE \"table\" = 'edges'", [stated])
    _point_at(bank)
    with open_bank(bank) as opened, pytest.raises(IntegrityError, match="table edges is not what"):
        opened.verify()


@pytest.mark.parametrize("rows", [0, 299, 301])
def test_a_stated_number_of_rows_of_any_other_value_is_found(bank, rows):
    with duckdb.connect(bank / FILE) as made:
        made.execute("UPDATE about SET rows = ? WHERE \"table\" = 'adverts'", [rows])
    _point_at(bank)
    with open_bank(bank) as opened, pytest.raises(IntegrityError, match="table adverts is not wha"):
        opened.verify()
