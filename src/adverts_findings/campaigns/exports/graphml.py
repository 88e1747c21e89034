"""An export as GraphML, a format of graphs in XML that Gephi, yEd, Cytoscape and networkx open.

Source: U. Brandes et al., "GraphML progress report" (2001), http://graphml.graphdrawing.org.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from adverts.files.staging import open_private
from adverts_findings.campaigns.exports.graph import Graph
from adverts_findings.campaigns.exports.written_values import flat_table

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_NO_XML = r"[^\t\n\r\x{20}-\x{d7ff}\x{e000}-\x{fffd}\x{10000}-\x{10ffff}]"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_ROWS = 50_000
_OF_ENDS = ("id", "source", "target")
_TYPE = "type"
_LABELS = {
    "campaigns": "campaign",
    "identities": "identity",
    "templates": "template",
    "adverts": "advert",
}


def write_graphml(path: Path, graph: Graph) -> None:
    """Write a graph as one file of GraphML.

    Each node and link states its kind in ``type``. All links are directed, since the format has no
    better place for the kinds of their ends; ``evidence`` and ``hypothesis`` mean the same in both
    directions.
    """
    with open_private(path) as file:
        for part in _parts(graph):
            file.write(part)


def _parts(graph: Graph) -> Iterator[bytes]:
    node_keys, link_keys = _keys(graph.nodes, "n"), _keys(graph.links, "l")
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="{_NAMESPACE}">\n'.encode()
    for element, keys in (("node", node_keys), ("edge", link_keys)):
        yield "".join(
            f'<key id="{one.id}" for="{element}" attr.name="{name}" attr.type="{one.type}"/>\n'
            for name, one in keys.items()
        ).encode()
    yield b'<graph id="bank" edgedefault="directed">\n'
    for name, table in graph.nodes.items():
        yield from _elements("node", table, node_keys, kind=_LABELS[name])
    for name, table in graph.links.items():
        yield from _elements("edge", table, link_keys, kind=name)
    yield b"</graph>\n</graphml>\n"


@dataclass(frozen=True, slots=True)
class _Key:
    """By which values of a column are named and typed before they are used."""

    id: str
    type: str


def _keys(tables: Mapping[str, pa.Table], letter: str) -> Mapping[str, _Key]:
    types = {_TYPE: "string"} | {
        one.name: _type(one.type)
        for table in tables.values()
        for one in flat_table(table.slice(0, 0)).schema
        if one.name not in _OF_ENDS
    }
    return {
        name: _Key(f"{letter}{place}", kind) for place, (name, kind) in enumerate(types.items())
    }


def _type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "long"
    return "double" if pa.types.is_floating(kind) else "string"


def _elements(
    element: str, table: pa.Table, keys: Mapping[str, _Key], *, kind: str
) -> Iterator[bytes]:
    """Yield the elements of a table, many at a time; what is missing in a row is left out."""
    for start in range(0, len(table), _ROWS):
        rows = flat_table(table.slice(start, _ROWS).combine_chunks())
        parts: list[pa.ChunkedArray | str] = [f"<{element}"]
        for name in _OF_ENDS:
            if name in rows.column_names:
                parts += [f' {name}="', _escaped(rows[name]), '"']
        parts.append(f'><data key="{keys[_TYPE].id}">{kind}</data>')
        for name in rows.column_names:
            if name in keys:
                opening = f'<data key="{keys[name].id}">'
                parts.append(_joined(opening, _escaped(rows[name]), "</data>", skip=False))
        lines = _joined(*parts, f"</{element}>\n", skip=True)
        yield "".join(lines.to_pylist()).encode()


def _joined(*parts: pa.ChunkedArray | str, skip: bool) -> pa.ChunkedArray:
    """Return texts put together; a missing part is skipped, or makes the whole missing."""
    handling = "skip" if skip else "emit_null"
    return pc.binary_join_element_wise(*parts, "", null_handling=handling)


def _escaped(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values as XML may hold them; control characters become question marks."""
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    found = pc.replace_substring_regex(column, _NO_XML, "?")
    for letter, written in _ESCAPES.items():
        found = pc.replace_substring(found, letter, written)
    return found
