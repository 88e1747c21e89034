"""An export as GraphML, a format of graphs in XML that Gephi, yEd, Cytoscape and networkx open.

Source: U. Brandes et al., "GraphML progress report" (2001), http://graphml.graphdrawing.org.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa

from adverts.files.staging import open_private
from adverts.linking.exports.columns import BETWEEN
from adverts.linking.exports.graph import Graph
from adverts.linking.exports.written_values import Value, flat_table, rows_of

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTE = {'"': "&quot;"}
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
        for line in _lines(graph):
            file.write(line.encode())


def _lines(graph: Graph) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="{_NAMESPACE}">\n'
    node_keys = _Keys("node", "n", graph.nodes)
    link_keys = _Keys("edge", "l", graph.links)
    yield from node_keys.lines()
    yield from link_keys.lines()
    yield '<graph id="bank" edgedefault="directed">\n'
    for name, table in graph.nodes.items():
        for row in rows_of(table):
            yield f"<node{_attribute('id', row['id'])}>"
            yield from node_keys.data({_TYPE: _LABELS[name], **row})
            yield "</node>\n"
    for name in BETWEEN:
        for row in rows_of(graph.links[name]):
            ends = "".join(_attribute(one, row[one]) for one in _OF_ENDS if one in row)
            yield f"<edge{ends}>"
            yield from link_keys.data({_TYPE: name, **row})
            yield "</edge>\n"
    yield "</graph>\n</graphml>\n"


class _Keys:
    """The keys of one kind of element: GraphML names and types each value before it is used."""

    def __init__(self, element: str, letter: str, tables: Mapping[str, pa.Table]) -> None:
        self._element = element
        self._types = {_TYPE: "string"} | {
            one.name: _type(one.type)
            for table in tables.values()
            for one in flat_table(table.slice(0, 0)).schema
            if one.name not in _OF_ENDS
        }
        self._keys = {name: f"{letter}{place}" for place, name in enumerate(self._types)}

    def lines(self) -> Iterator[str]:
        for name, kind in self._types.items():
            yield (
                f'<key id="{self._keys[name]}" for="{self._element}" attr.name="{name}" '
                f'attr.type="{kind}"/>\n'
            )

    def data(self, row: Mapping[str, Value]) -> Iterator[str]:
        for name, value in row.items():
            if name in self._keys:
                yield f'<data key="{self._keys[name]}">{_text(value)}</data>'


def _type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "long"
    return "double" if pa.types.is_floating(kind) else "string"


def _attribute(name: str, value: Value) -> str:
    return f' {name}="{escape(_plain(value), _QUOTE)}"'


def _text(value: Value) -> str:
    return escape(_plain(value))


def _plain(value: Value) -> str:
    """Return a value as XML may hold it, without control characters."""
    if isinstance(value, bool):
        return str(value).lower()
    return _NO_XML.sub("?", str(value))
