"""Write a build of the bank: one new file, complete and durable before it replaces the old one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import InputError, first_line
from adverts.files.durable import sync
from adverts.files.file_hash import file_sha256
from adverts.files.staging import is_disk_full, require_disk
from adverts.formats.campaigns import COLUMNS, FILES, POINTER, campaigns_file, write_campaigns
from adverts_findings.campaigns.bank.bank_files import (
    BUILDS,
    LOCK,
    PARTIAL,
    Pointer,
    build_file,
    only_builder,
    read_pointer,
    write_pointer,
)
from adverts_findings.campaigns.bank.stored_tables import (
    ABOUT,
    ABOUT_COLUMNS,
    as_stored,
    content_sha256,
    create_statement,
)
from adverts_findings.campaigns.bank_tables import LAST_DAYS, SCHEMA_VERSION, TABLES

_OURS = frozenset({LOCK, PARTIAL, POINTER, POINTER + ".new"})
_LINES = ("*.jsonl", "*_count.json*")
"""The files of lines of a bank and the count of its log, which may be there before a build is."""
_CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


def write_build(
    folder: Path,
    tables: Mapping[str, pa.Table],
    *,
    expected: int | None,
    log: Callable[[int], int] | None = None,
) -> None:
    """Write a build, which replaces the one before as a whole or not at all.

    Whenever the process is killed, the bank is as before or as after, and the next builder removes
    what was left. The folder and its files are readable for their owner alone.

    Args:
        folder: Folder of the bank; made if missing.
        tables: Every table of :data:`adverts_findings.campaigns.bank_tables.TABLES`, with its
            history where it keeps one. The newest row of ``builds`` gives the number of the build.
        expected: Number of the build that the caller read; None if there was none.
        log: Logs a build by its number, just before it becomes the current one, and returns how
            many lines the log has then; None: it is not logged.

    Raises:
        InputError: Another process is building or has built meanwhile, the folder holds something
            else, or the disk is full or cannot be written.
        IntegrityError: What says which build is the current one is damaged.
        ValueError: A table or column is missing, or the number of the build is not a new one.
    """
    stored = _all_stored(tables)
    build = int(pc.max(stored["builds"]["build"]).as_py() or 0)
    if build <= (expected or 0):
        raise ValueError(f"the newest of the builds is {build}, wanted above {expected or 0}")
    try:
        _require_ours(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_builder(folder):
            folder.chmod(0o700)
            _require_expected(folder, expected)
            _write(folder, stored, build, log)
    except duckdb.Error as error:
        raise _cannot_write(folder, first_line(error)) from error
    except OSError as error:
        raise _cannot_write(folder, str(error.strerror), full=is_disk_full(error)) from error


def _all_stored(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    unlike = sorted(set(TABLES) ^ set(tables))
    if unlike:
        raise ValueError(f"missing or unknown tables: {', '.join(unlike)}")
    return {name: as_stored(name, tables[name]) for name in TABLES}


def _require_ours(folder: Path) -> None:
    """Refuse a folder that holds no bank and something else."""
    if not folder.exists() or (folder / POINTER).exists():
        return
    found = next((path.name for path in sorted(folder.iterdir()) if not _is_ours(path)), None)
    if found is not None:
        raise InputError(f"{folder} is no bank and holds {found}; choose a new folder for the bank")


def _is_ours(path: Path) -> bool:
    return path.name in _OURS or any(map(path.match, (BUILDS, FILES, *_LINES)))


def _require_expected(folder: Path, expected: int | None) -> None:
    pointer = read_pointer(folder)
    found = None if pointer is None else pointer.build
    if found != expected:
        raise InputError(
            f"{folder} has build {found or 'none'}, wanted {expected or 'none'}: another process "
            "has built it meanwhile; run the command again"
        )


def _write(
    folder: Path, stored: Mapping[str, pa.Table], build: int, log: Callable[[int], int] | None
) -> None:
    _remove_all_but_current(folder)
    require_disk(folder, sum(table.nbytes for table in stored.values()))
    partial = folder / PARTIAL
    partial.mkdir(mode=0o700)
    try:
        written, campaigns = partial / build_file(build), partial / campaigns_file(build)
        _write_file(written, stored)
        _write_campaigns(campaigns, stored, build)
        before = read_pointer(folder)
        pointer = Pointer(
            build,
            file_sha256(written),
            written.stat().st_size,
            log_lines=0 if before is None else before.log_lines,
            campaigns_sha256=file_sha256(campaigns),
        )
        os.replace(campaigns, folder / campaigns.name)
        os.replace(written, folder / written.name)
        sync(folder)
        if log is not None:
            pointer = replace(pointer, log_lines=log(build))
        write_pointer(folder, pointer)
    finally:
        _remove_all_but_current(folder)


def _remove_all_but_current(folder: Path) -> None:
    """Remove earlier builds, and what killed builders left; their folder is removed last."""
    pointer = read_pointer(folder)
    current = () if pointer is None else (build_file(pointer.build), campaigns_file(pointer.build))
    for path in (*folder.glob(BUILDS + "*"), *folder.glob(FILES)):
        if path.name not in current:
            path.unlink()
    shutil.rmtree(folder / PARTIAL, ignore_errors=True)


def _write_file(path: Path, stored: Mapping[str, pa.Table]) -> None:
    spilled = path.with_suffix(".spilled")
    with (
        ThreadPoolExecutor(1) as beside,
        duckdb.connect(path, config={**_CLOSED, "temp_directory": str(spilled)}) as connection,
    ):
        path.chmod(0o600)
        about = beside.submit(_about, stored)
        for name, table in stored.items():
            _insert(connection, name, table)
        _insert(connection, ABOUT, about.result())
        connection.execute("CHECKPOINT")
    sync(path)


def _write_campaigns(path: Path, stored: Mapping[str, pa.Table], build: int) -> None:
    """Write which advert is in which campaign, for those who know no table of the bank."""
    tables = []
    for name, last_day in LAST_DAYS.items():
        rows, size = stored[name], len(stored[name])
        held = rows.select(["id"]).append_column("held", pa.repeat(name, size))
        for column in ("campaign", "text_hash"):  # of others it is known only that they are held
            nothing = pa.nulls(size, COLUMNS.field(column).type)
            held = held.append_column(column, rows[column] if name == "adverts" else nothing)
        tables.append(held.append_column("last_day", rows[last_day]))
    key_id = stored["builds"]["token_key_id"].to_pylist()[-1]  # of the newest, as they are stored
    write_campaigns(path, pa.concat_tables(tables), build=build, token_key_id=key_id)
    sync(path)


def _insert(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.execute(create_statement(name))
    connection.register("given", table)
    connection.execute(f'INSERT INTO "{name}" SELECT * FROM given')  # noqa: S608
    connection.unregister("given")


def _about(stored: Mapping[str, pa.Table]) -> pa.Table:
    rows = [
        (name, len(table), content_sha256(table), SCHEMA_VERSION) for name, table in stored.items()
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return pa.table(columns, schema=ABOUT_COLUMNS)


def _cannot_write(folder: Path, why: str, *, full: bool = False) -> InputError:
    if full or "No space left" in why:
        return InputError(f"{folder}: the disk is full; the bank is as it was")
    return InputError(f"{folder} cannot be written ({why}); the bank is as it was")
