"""Write an export of a bank into a new folder that only its owner can read, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from adverts.errors import InputError
from adverts.files.file_hash import file_sha256
from adverts.files.staging import open_private, staging
from adverts_findings.campaigns.exports.columns import EXPORT_VERSION
from adverts_findings.campaigns.exports.flat_csv import write_csv
from adverts_findings.campaigns.exports.follow_the_money import write_follow_the_money
from adverts_findings.campaigns.exports.graph import Graph
from adverts_findings.campaigns.exports.graphml import write_graphml
from adverts_findings.campaigns.exports.neo4j import write_neo4j
from adverts_findings.campaigns.exports.readme import ExportFacts, readme_of
from adverts_findings.campaigns.exports.written_values import moment

README, RECORD = "README.md", "export.json"
"""What the export is, for people, and its build, counts and hashes, for programs."""
_WRITERS: Mapping[str, tuple[str, Callable[[Path, Graph], None]]] = {
    "graphml": ("bank.graphml", write_graphml),
    "neo4j": ("neo4j/", write_neo4j),
    "csv": ("csv/", write_csv),
    "ftm": ("entities.ftm.json", write_follow_the_money),
}
_OURS = (README, *(name.rstrip("/") for name, _ in _WRITERS.values()))
FORMATS = tuple(_WRITERS)
"""Names of the formats of an export."""


def require_place(folder: Path, bank: Path, *, own: Path) -> None:
    """Refuse a place for an export where something is already, or that belongs to the bank.

    Args:
        folder: The place.
        bank: Folder of the bank.
        own: The folder in it that is for exports.

    Raises:
        InputError: It is a file, a folder that is not empty, or within the bank elsewhere.
    """
    place = folder.resolve()
    if place.is_relative_to(bank.resolve()) and place.parent != own.resolve():
        raise InputError(f"{folder} is within the bank; leave out= out, or give another place")
    _require_free(folder)


def _require_free(folder: Path) -> None:
    taken = any(folder.iterdir()) if folder.is_dir() else folder.is_symlink() or folder.exists()
    if taken:
        raise InputError(f"{folder} is there already; an export is written to a new folder")


def facts_of(builds: pa.Table, formats: Sequence[str], *, addresses: bool) -> ExportFacts:
    """Return what an export of the last build is made of.

    Args:
        builds: The table of builds of the bank.
        formats: Formats of the export.
        addresses: Whether it holds addresses of postings.
    """
    last = builds.sort_by("build").to_pylist()[-1]
    return ExportFacts(
        build=last["build"],
        built_at=moment(last["built_at"]),
        created_by=last["created_by"],
        token_key_id=last["token_key_id"],
        formats=tuple(one for one in FORMATS if one in formats),
        addresses=addresses,
    )


def write_exports(folder: Path, graph: Graph, facts: ExportFacts) -> None:
    """Write an export: equal graphs and facts give equal files.

    Args:
        folder: The new folder; one that is empty may be there.
        graph: What is exported.
        facts: What it was made of, and its formats.

    Raises:
        InputError: The folder holds something, or another process is writing it.
    """
    _require_free(folder)
    with staging(folder, marker=RECORD, also=_OURS) as place:
        for one in facts.formats:
            name, write = _WRITERS[one]
            if name.endswith("/"):
                (place / name).mkdir(mode=0o700)
            write(place / name, graph)
        _write(place / README, readme_of(facts, graph))
        _write(place / RECORD, _record(place, graph, facts))
        _require_free(folder)  # another process may have finished the same folder meanwhile


def _record(place: Path, graph: Graph, facts: ExportFacts) -> str:
    names = sorted(
        path.relative_to(place).as_posix()
        for path in place.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )
    told = {
        "schema_version": EXPORT_VERSION,
        **asdict(facts),
        "delete_by": None if graph.delete_by is None else graph.delete_by.isoformat(),
        "left_out": graph.left_out,
        "nodes": _counts(graph.nodes),
        "links": _counts(graph.links),
        "sha256": {name: file_sha256(place / name) for name in names},
    }
    return json.dumps(told, indent=1) + "\n"


def _counts(tables: Mapping[str, Sequence[object]]) -> Mapping[str, int]:
    return {name: len(table) for name, table in tables.items()}


def _write(path: Path, text: str) -> None:
    with open_private(path) as file:
        file.write(text.encode())
