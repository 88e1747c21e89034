from __future__ import annotations

import datetime
import errno
import os
import random
import resource
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import made_bank
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bank import advert, build_row, numbered, rows, tables, token

from adverts.errors import InputError, IntegrityError
from adverts_findings.campaigns.bank import bank_files, write_bank
from adverts_findings.campaigns.bank.access_log import read_log, record_access, verify_log
from adverts_findings.campaigns.bank.bank_files import only_builder, read_pointer
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.stored_tables import content_sha256
from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.campaigns.bank_tables import TABLES

pytestmark = pytest.mark.promise


def _environment() -> dict[str, str]:
    tests = Path(made_bank.__file__).parent
    return os.environ | {"PYTHONPATH": f"{tests}:{tests.parent / 'src'}"}


def _start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, made_bank.__file__, str(folder)]
    process = subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _as_before_or_after_every_kill(folder: Path, kills: int, seed: int) -> None:
    draw, built = random.Random(seed), 0
    for _ in range(kills):
        process = _start(folder)
        time.sleep(draw.uniform(0.0, 0.6))
        process.kill()
        process.wait()
        pointer = read_pointer(folder) if folder.exists() else None
        if pointer is None:
            continue
        assert pointer.build >= built
        built = pointer.build
        with open_bank(folder) as bank:
            bank.verify()
            wanted = numbered(built)
            assert bank.table("adverts").equals(wanted["adverts"])
            assert bank.table("builds").equals(wanted["builds"])
    before = read_pointer(folder)
    number = None if before is None else before.build
    write_build(folder, numbered((number or 0) + 1), expected=number)
    assert sorted(path.name for path in folder.iterdir()) == [
        f"bank-{(number or 0) + 1:06d}.duckdb",
        "bank.json",
        "bank.lock",
        f"campaigns-{(number or 0) + 1:06d}.parquet",
    ]


def test_after_sigkill_at_random_moments_the_bank_is_as_before_or_as_after(tmp_path):
    _as_before_or_after_every_kill(tmp_path / "bank", kills=3, seed=1)


@pytest.mark.slow
def test_after_twenty_sigkills_at_random_moments_the_bank_is_as_before_or_as_after(tmp_path):
    _as_before_or_after_every_kill(tmp_path / "bank", kills=20, seed=2)


@pytest.mark.slow
def test_killed_before_or_after_any_call_that_changes_files_the_bank_is_whole(tmp_path):
    bank, copies = tmp_path / "bank", tmp_path / "copies"
    write_build(bank, numbered(1, size=20), expected=None)
    copies.mkdir()
    command = [sys.executable, made_bank.__file__, str(bank), str(copies)]
    subprocess.run(command, env=_environment(), check=True)
    builds = []
    for copy in sorted(copies.iterdir()):
        with open_bank(copy) as opened:
            opened.verify()
            builds.append(opened.build)
        write_build(copy, numbered(3, size=20), expected=builds[-1])
        assert sorted(path.name for path in copy.iterdir()) == [
            "bank-000003.duckdb",
            "bank.json",
            "bank.lock",
            "campaigns-000003.parquet",
        ]
    assert builds == sorted(builds)
    assert builds.count(1) > 20
    assert builds.count(2) > 2


def logs(bank):
    """Return what logs a build of a bank."""

    def log(build):
        at = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
        return record_access(bank, "build", build=build, who="Ana", asked="", why="x", at=at).number

    return log


def test_a_build_is_in_the_log_before_it_is_the_current_one(tmp_path):
    bank = tmp_path / "bank"

    def log(build):
        assert read_pointer(bank) is None
        return logs(bank)(build)

    write_build(bank, numbered(1), expected=None, log=log)
    assert [(one.act, one.build) for one in read_log(bank)] == [("build", 1)]
    assert read_pointer(bank).log_lines == 1
    write_build(bank, numbered(2), expected=1, log=logs(bank))
    write_build(bank, numbered(3), expected=2)
    assert read_pointer(bank).log_lines == 2


@pytest.mark.parametrize("before", [None, 1])
def test_a_builder_killed_after_its_line_in_the_log_hinders_no_other(tmp_path, before):
    bank, copy = tmp_path / "bank", tmp_path / "copy"
    if before:
        write_build(bank, numbered(1), expected=None, log=logs(bank))

    def log(build):
        number = logs(bank)(build)
        shutil.copytree(bank, copy)
        return number

    new = (before or 0) + 1
    write_build(bank, numbered(new), expected=before, log=log)
    assert (read_pointer(copy) is None) == (before is None)
    write_build(copy, numbered(new), expected=before, log=logs(copy))
    assert verify_log(copy) == new + 1
    with open_bank(copy) as opened:
        opened.verify()
        assert opened.build == new


@pytest.mark.parametrize("lost", [True, False])
def test_a_build_that_cannot_be_logged_is_not_made(tmp_path, lost):
    bank = tmp_path / "bank"
    write_build(bank, numbered(1), expected=None, log=logs(bank))
    for name in ("log.jsonl", "log_count.json"):
        (bank / name).unlink() if lost else (bank / name).write_text("damaged")
    with pytest.raises(IntegrityError, match="bring back the log as it was"):
        write_build(bank, numbered(2), expected=1, log=logs(bank))
    with open_bank(bank) as opened:
        assert opened.build == 1
    assert not list(bank.glob("bank-000002*"))


@pytest.mark.parametrize(
    "step", ["sync", "write_pointer", "file_sha256", "_write_file", "_write_campaigns"]
)
def test_an_error_at_any_step_leaves_the_bank_as_it_was(tmp_path, monkeypatch, step):
    bank = tmp_path / "bank"
    write_build(bank, numbered(1), expected=None)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(write_bank, step, fail)
    with pytest.raises(InputError, match=r"the disk is full; the bank is as it was$"):
        write_build(bank, numbered(2), expected=1)
    with open_bank(bank) as opened:
        opened.verify()
        assert opened.build == 1
    assert sorted(path.name for path in bank.iterdir()) == [
        "bank-000001.duckdb",
        "bank.json",
        "bank.lock",
        "campaigns-000001.parquet",
    ]


def test_a_disk_with_too_little_room_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(InputError, match="are needed and 0.0 MB are free"):
        write_build(tmp_path / "bank", numbered(1), expected=None)
    assert not (tmp_path / "bank" / "bank.json").exists()


def test_a_file_that_may_not_grow_leaves_the_bank_as_it_was(tmp_path):
    bank = tmp_path / "bank"
    write_build(bank, numbered(1), expected=None)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    try:
        with pytest.raises(InputError, match="the bank is as it was"):
            write_build(bank, numbered(2, size=5_000), expected=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with open_bank(bank) as opened:
        opened.verify()
        assert opened.build == 1


def test_of_two_builders_at_once_the_second_learns_who_builds(tmp_path):
    bank = tmp_path / "bank"
    bank.mkdir()
    with (
        only_builder(bank),
        pytest.raises(InputError, match=f"is being built by process {os.getpid()} on "),
    ):
        write_build(bank, numbered(1), expected=None)
    write_build(bank, numbered(1), expected=None)


@pytest.mark.parametrize(
    ("expected", "message"), [(None, "has build 2, wanted none"), (1, "has 2")]
)
def test_a_builder_that_read_an_older_bank_is_refused(tmp_path, expected, message):
    bank = tmp_path / "bank"
    write_build(bank, numbered(1), expected=None)
    write_build(bank, numbered(2), expected=1)
    with pytest.raises(InputError, match=message.replace("has 2", "has build 2, wanted 1")):
        write_build(bank, numbered(3), expected=expected)
    with open_bank(bank) as opened:
        assert opened.build == 2


def test_a_builder_that_expects_a_bank_where_there_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="has build none, wanted 1"):
        write_build(tmp_path / "bank", numbered(2), expected=1)


def test_a_number_of_a_build_is_never_used_again(tmp_path):
    bank = tmp_path / "bank"
    write_build(bank, numbered(2), expected=None)
    with pytest.raises(ValueError, match="newest of the builds is 2, wanted above 2"):
        write_build(bank, numbered(2), expected=2)
    with pytest.raises(ValueError, match="is 0, wanted above 0"):
        write_build(bank, tables(builds=[]), expected=None)


def test_only_the_owner_can_read_the_bank_whatever_the_umask(tmp_path):
    bank = tmp_path / "bank"
    bank.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        write_build(bank, numbered(1), expected=None)
    finally:
        os.umask(before)
    assert stat.S_IMODE(bank.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in bank.iterdir()} == {0o600}


def test_a_folder_with_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "holiday.txt").write_text("sun")
    with pytest.raises(InputError, match="is no bank and holds holiday.txt"):
        write_build(tmp_path, numbered(1), expected=None)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.txt"]


def test_judgements_that_were_there_before_the_first_build_stay(tmp_path):
    (tmp_path / "judgements.jsonl").write_text("{}\n")
    write_build(tmp_path, numbered(1), expected=None)
    write_build(tmp_path, numbered(2), expected=1)
    assert (tmp_path / "judgements.jsonl").read_text() == "{}\n"


def test_a_bank_is_made_below_folders_that_are_not_there_yet(tmp_path):
    write_build(tmp_path / "cases" / "bank", numbered(1), expected=None)
    with open_bank(tmp_path / "cases" / "bank") as opened:
        assert opened.build == 1


def test_a_path_that_is_a_file_is_refused_in_one_line(tmp_path):
    (tmp_path / "bank").write_text("no folder")
    with pytest.raises(InputError, match="cannot be written"):
        write_build(tmp_path / "bank", numbered(1), expected=None)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_is_wanted(tmp_path, name):
    given = numbered(1)
    del given[name]
    with pytest.raises(ValueError, match=f"missing or unknown tables: {name}"):
        write_build(tmp_path / "bank", given, expected=None)


def test_a_column_too_many_or_too_few_is_refused_by_name(tmp_path):
    given = numbered(1)
    given["edges"] = (
        given["edges"].drop_columns(["edge"]).append_column("colour", pa.array([], pa.string()))
    )
    with pytest.raises(ValueError, match="table edges: missing or unknown columns colour, edge"):
        write_build(tmp_path / "bank", given, expected=None)
    assert not (tmp_path / "bank").exists()


def test_every_value_of_every_type_comes_back_as_it_was_written(tmp_path):
    full = advert(
        "a",
        contacts=[token("one"), token("two")],
        text_hash=b"\0" * 16,
        text_signature=bytes(256),
        text_groups=-1,
        picture_sha256=[b"\xff" * 32, b""],
        picture_hashes=[None, b"\0"],
        url="https://site.example/\u202e'\"; DROP TABLE adverts; --",
        template="",
    )
    edge = {"edge": "e", "silence_days": float("nan"), "across": True, "also": ["template"]}
    given = tables(adverts=[full, {"id": "b"}], edges=[edge], builds=[build_row(7)])
    write_build(tmp_path / "bank", given, expected=None)
    with open_bank(tmp_path / "bank") as bank:
        bank.verify()
        for name, table in bank.tables().items():
            assert str(table.to_pylist()) == str(given[name].to_pylist())
            assert table.schema.equals(TABLES[name])


def test_equal_rows_in_another_order_and_other_pieces_are_stored_equally(tmp_path):
    given = numbered(1)
    back = {name: range(len(table) - 1, -1, -1) for name, table in given.items()}
    turned = {name: given[name].take(pa.array(order, pa.int64())) for name, order in back.items()}
    turned["adverts"] = pa.concat_tables(
        [turned["adverts"].slice(0, 7), turned["adverts"].slice(7)]
    )
    write_build(tmp_path / "one", given, expected=None)
    write_build(tmp_path / "other", turned, expected=None)
    with open_bank(tmp_path / "one") as one, open_bank(tmp_path / "other") as other:
        assert one.table("about").equals(other.table("about"))


def _ids(values: list[str | None]) -> pa.Table:
    return rows("adverts", [{"id": value, "contacts": None if value else []} for value in values])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.none() | st.text(max_size=3), max_size=6),
    st.lists(st.none() | st.text(max_size=3), max_size=6),
)
def test_hashes_are_equal_for_equal_tables_alone(one, other):
    assert (content_sha256(_ids(one)) == content_sha256(_ids(other))) == (one == other)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.none() | st.lists(st.none() | st.binary(max_size=2), max_size=3), max_size=5),
    st.lists(st.none() | st.lists(st.none() | st.binary(max_size=2), max_size=3), max_size=5),
    st.integers(0, 5),
)
def test_hashes_of_lists_tell_apart_where_each_value_stands(one, other, cut):
    made = [pa.table({"a": pa.array(x, pa.list_(pa.binary()))}) for x in (one, other)]
    hashes = [content_sha256(table) for table in made]
    assert (hashes[0] == hashes[1]) == (one == other)
    cut_up = pa.concat_tables([made[0].slice(0, cut), made[0].slice(cut)])
    assert content_sha256(cut_up) == hashes[0]


def test_the_file_holds_no_temporary_files_of_duckdb(tmp_path):
    write_build(tmp_path / "bank", numbered(1), expected=None)
    assert bank_files.PARTIAL not in os.listdir(tmp_path / "bank")


def test_readers_see_whole_builds_alone_while_another_process_builds(tmp_path):
    bank = tmp_path / "bank"
    write_build(bank, numbered(1), expected=None)
    process, seen = _start(bank), set()
    try:
        rounds, latest = 0, time.monotonic() + 120  # until then a busy machine has built another
        while rounds < 12 or (len(seen) < 2 and time.monotonic() < latest):
            rounds += 1
            with open_bank(bank) as opened:
                opened.verify()
                seen.add(opened.build)
                assert opened.table("builds")["build"].to_pylist()[-1] == opened.build
    finally:
        process.kill()
        process.wait()
    assert len(seen) > 1
