"""An export for Neo4j: CSV files whose headers say what ``neo4j-admin database import`` makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from adverts_findings.campaigns.exports.columns import BETWEEN
from adverts_findings.campaigns.exports.flat_csv import without_formulas, write_table
from adverts_findings.campaigns.exports.graph import Graph
from adverts_findings.campaigns.exports.written_values import BETWEEN_NAMES, flat_table

_LABELS = {
    "campaigns": "Campaign",
    "identities": "Identity",
    "templates": "Template",
    "adverts": "Advert",
}
_ENDS = {"source": ":START_ID({})", "target": ":END_ID({})"}


def write_neo4j(folder: Path, graph: Graph) -> None:
    """Write a graph as one CSV file for each label of nodes and each type of relationships.

    Ids of nodes are in one space for each label and are also the property ``id``. The property
    ``id`` of an evidence link is its name. Lists of names are arrays. People open such files in
    spreadsheets too, so a text that is a formula there has an apostrophe in front. No id is one.
    """
    for name, table in graph.nodes.items():
        names = {"id": f"id:ID({_LABELS[name]})"}
        _write(folder / f"{name}.csv", table, names)
    for name, (first, second, _) in BETWEEN.items():
        spaces = {"source": _LABELS[first], "target": _LABELS[second]}
        names = {end: _ENDS[end].format(space) for end, space in spaces.items()}
        _write(folder / f"{name}.csv", graph.links[name], names)


def import_command(database: str = "neo4j") -> str:
    """Return the command that makes a database of the files, run in their folder."""
    return " \\\n  ".join([f"neo4j-admin database import full {database}", *_arguments()])


def _arguments() -> Iterator[str]:
    yield f"--array-delimiter='{BETWEEN_NAMES}'"
    for name, label in _LABELS.items():
        yield f"--nodes={label}={name}.csv"
    for name in BETWEEN:
        yield f"--relationships={name.upper()}={name}.csv"


def _write(path: Path, table: pa.Table, names: dict[str, str]) -> None:
    header = [
        names.get(one.name, f"{one.name}:{_type(one.name, one.type)}") for one in table.schema
    ]
    write_table(path, flat_table(without_formulas(table)).rename_columns(header))


def _type(name: str, kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return "string[]"
    if pa.types.is_timestamp(kind):
        return "datetime"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "long"
    return "double" if pa.types.is_floating(kind) else "string"
