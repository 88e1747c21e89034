"""Turn a bank into one that the release before this one wrote, for tests of reading it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from adverts.files.file_hash import file_sha256
from adverts.formats.campaigns import campaigns_file
from adverts_findings.campaigns.bank.bank_files import Pointer, build_file, write_pointer
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.stored_tables import ABOUT, content_sha256, create_statement
from adverts_findings.campaigns.bank_tables import tables_of


def make_older(folder: Path, version: int = 1) -> None:
    """Write the current build of a bank again as a release of an earlier version wrote it."""
    with open_bank(folder) as bank:
        build = bank.build
        tables = {
            name: bank.table(name, schema.names) for name, schema in tables_of(version).items()
        }
    path = folder / build_file(build)
    path.unlink()
    (folder / campaigns_file(build)).unlink()
    with duckdb.connect(path) as connection:
        connection.execute(create_statement(ABOUT))
        for name, table in tables.items():
            connection.execute(create_statement(name, version))
            connection.register("given", table)
            connection.execute(f'INSERT INTO "{name}" SELECT * FROM given')
            connection.unregister("given")
            about = (name, len(table), content_sha256(table), version)
            connection.execute(f"INSERT INTO {ABOUT} VALUES (?, ?, ?, ?)", about)
        connection.execute("CHECKPOINT")
    write_pointer(folder, Pointer(build, file_sha256(path), path.stat().st_size, version))
