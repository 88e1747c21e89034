"""Read the current build of a bank: only tables of known form, from a file that is unchanged."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from adverts.errors import InputError, IntegrityError, first_line
from adverts.files.file_hash import file_sha256
from adverts_findings.campaigns.bank.bank_files import Pointer, build_file, read_pointer
from adverts_findings.campaigns.bank.stored_tables import (
    ABOUT,
    ABOUT_COLUMNS,
    content_sha256,
    create_statement,
)
from adverts_findings.campaigns.bank_tables import TABLES, tables_of

_CLOSED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "lock_configuration": "true",
}
_ATTEMPTS = 5
_BRING_BACK = "bring back the folder as it was, or move it away and build again"
Parameter = str | int | bytes | Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """The current build of a bank, open for reading; a context manager that closes it.

    A build that is written meanwhile changes nothing of what is read here.

    Attributes:
        folder: Folder of the bank.
        build: Number of the build.
        version: Version of its tables. What a later version added is read as missing: a table
            without rows, columns without values.
    """

    folder: Path
    build: int
    version: int
    _connection: duckdb.DuckDBPyConnection

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table, or some of its columns, with its rows in their stored order.

        Raises:
            IntegrityError: The file cannot be read; the message names file and table.
            ValueError: There is no such table or column.
        """
        schema = ABOUT_COLUMNS if name == ABOUT else TABLES.get(name)
        if schema is None:
            raise ValueError(f"the bank has no table {name}, only {', '.join(TABLES)}")
        chosen = schema.names if columns is None else list(columns)
        unknown = sorted(set(chosen) - set(schema.names))
        if unknown:
            raise ValueError(f"table {name} has no column {', '.join(unknown)}")
        stored = ABOUT_COLUMNS if name == ABOUT else tables_of(self.version).get(name)
        wanted = pa.schema([schema.field(column) for column in chosen])
        if stored is None:
            return wanted.empty_table()
        found = self._stored(name, [column for column in chosen if column in stored.names])
        missing = [column for column in chosen if column not in stored.names]
        for column in missing:
            found = found.append_column(column, pa.nulls(len(found), schema.field(column).type))
        return found.select(chosen).cast(wanted)

    def _stored(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Return columns that the file has; where it has none of them, as many rows as it has."""
        names = ", ".join(f'"{column}"' for column in columns) or "true"
        return self.ask(f'SELECT {names} FROM "{name}"', about=name)  # noqa: S608 - known names

    def tables(self) -> dict[str, pa.Table]:
        """Return all tables of :data:`adverts_findings.campaigns.bank_tables.TABLES`."""
        return {name: self.table(name) for name in TABLES}

    def ask(
        self, statement: str, parameters: Mapping[str, Parameter] | None = None, *, about: str
    ) -> pa.Table:
        """Return the answer to an SQL statement of this package.

        Args:
            statement: The statement; what a person typed is only in the parameters.
            parameters: Values of its ``$names``.
            about: Table that it reads, for messages.

        Raises:
            IntegrityError: The file cannot be read; the message names file and table.
        """
        try:
            return self._connection.sql(statement, params=parameters or None).to_arrow_table()
        except (duckdb.Error, pa.ArrowInvalid) as error:
            raise self._damaged(f"table {about} cannot be read ({first_line(error)})") from None

    def verify(self) -> None:
        """Check that every table holds what was written.

        Raises:
            IntegrityError: One does not; the message names file and table.
        """
        stated = {row["table"]: row for row in self.table(ABOUT).to_pylist()}
        for name, schema in tables_of(self.version).items():
            found = self.table(name, schema.names)
            row = stated.get(name)
            if row is None or row["version"] != self.version:
                raise self._damaged(f"it says nothing about table {name}")
            if row["rows"] != len(found) or row["sha256"] != content_sha256(found):
                raise self._damaged(f"table {name} is not what was written")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Bank:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _damaged(self, why: str) -> IntegrityError:
        return _damaged(self.folder / build_file(self.build), why)


def open_bank(folder: Path) -> Bank:
    """Open the current build of a bank for reading.

    The hash of the file is compared before it is opened. While it is open, nothing in it can read
    another file, reach a network or load an extension.

    Raises:
        InputError: There is no bank, or it cannot be read.
        IntegrityError: It is damaged, was changed, holds something else than the tables of the
            bank, or another release wrote it; the message names the file.
    """
    for _ in range(_ATTEMPTS):
        pointer = read_pointer(folder)
        if pointer is None:
            raise InputError(
                f"{folder} holds no bank; build one: adverts link prepared=FOLDER bank={folder}"
            )
        path = folder / build_file(pointer.build)
        with suppress(FileNotFoundError):  # a newer build has just replaced it
            _require_unchanged(path, pointer)
            connection = _connected(path, pointer.version)
            return Bank(folder, pointer.build, pointer.version, connection)
    raise _damaged(path, "the file is missing")


def _require_unchanged(path: Path, pointer: Pointer) -> None:
    try:
        if path.is_symlink() or not path.is_file():
            path.lstat()
            raise _damaged(path, "it is not a plain file")
        beside = path.with_name(path.name + ".wal")
        if os.path.lexists(beside):
            raise _damaged(path, f"{beside.name} beside it is not of this bank")
        if path.stat().st_size != pointer.bytes or file_sha256(path) != pointer.sha256:
            raise _damaged(path, "its content was changed or cut off after it was written")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None


def _connected(path: Path, version: int) -> duckdb.DuckDBPyConnection:
    try:
        connection = duckdb.connect(path, read_only=True, config=dict(_CLOSED))
    except duckdb.Error as error:
        if not path.exists():
            raise FileNotFoundError(path) from None
        raise _damaged(path, first_line(error)) from None
    try:
        _require_known(path, version, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_known(path: Path, version: int, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a file with anything but the tables of the bank, each exactly as it is created."""
    wanted = _things_as_made(version)
    try:
        found = _things(connection)
    except duckdb.Error as error:
        raise _damaged(path, first_line(error)) from None
    unlike = sorted(wanted.keys() ^ found.keys())
    unlike += sorted(name for name in wanted.keys() & found.keys() if wanted[name] != found[name])
    if unlike:
        raise _damaged(path, f"{unlike[0]} is not as this release makes it")


@cache
def _things_as_made(version: int) -> Mapping[str, str]:
    """Return what an empty bank of a version holds."""
    with duckdb.connect(":memory:", config=dict(_CLOSED)) as made:
        for name in (*tables_of(version), ABOUT):
            made.execute(create_statement(name, version))
        return _things(made)


def _things(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return how each thing in a database was created, by its kind and name."""
    found = {}
    for kind, (name, made, which) in _KINDS.items():
        statement = f"SELECT {name}, {made} FROM duckdb_{kind}() WHERE {which}"  # noqa: S608
        for one, how in connection.execute(statement).fetchall():
            found[f"{kind}: {one}"] = str(how)
    return found


_KINDS = {
    "tables": ("table_name", "sql", "NOT internal"),
    "views": ("view_name", "sql", "NOT internal"),
    "functions": ("function_name", "macro_definition", "NOT internal"),
    "types": ("type_name", "logical_type", "NOT internal"),
    "schemas": ("schema_name", "sql", "NOT internal"),
    "triggers": ("trigger_name", "sql", "true"),
    "sequences": ("sequence_name", "sql", "true"),
    "indexes": ("index_name", "sql", "true"),
}
"""Maps kinds of things to the columns of their name and definition, and which are not built in."""


def _damaged(path: Path, why: str) -> IntegrityError:
    return IntegrityError(f"{path}: {why}; {_BRING_BACK}")
