"""A graph that is small enough to be drawn, as a value and as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

import numpy as np

from adverts.arrays import Floats
from adverts_findings.campaigns.pages.graph.labels import Label, placed_labels
from adverts_findings.campaigns.pages.shown_values import cut

if TYPE_CHECKING:
    from markupsafe import Markup

LineKind = Literal["joins", "bridge", "weak"]
"""Whether a line joins, is a weakest place, or joins nothing."""
_WIDTH, _HEIGHT, _MARGIN = 760, 440, 60
_STEPS = 200
_LEAST, _SURE = 1e-6, 10.0
_MOST_LETTERS = 24


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A point of the drawing.

    Attributes:
        label: What is written beside it.
        adverts: Number of adverts that it stands for, which is its size.
        outside: Whether it is not of the campaign whose page this is.
    """

    label: str
    adverts: int
    outside: bool = False


@dataclass(frozen=True, slots=True)
class GraphLine:
    """Evidence between two points.

    Attributes:
        first: Place of a node.
        second: Place of the other one.
        kind: Whether it joins.
        edges: Number of edges that the line stands for.
        probability: The largest probability of these edges; None if none is weighed.
    """

    first: int
    second: int
    kind: LineKind
    edges: int
    probability: float | None


@dataclass(frozen=True, slots=True)
class Graph:
    """Points and the evidence between them.

    Attributes:
        nodes: The points.
        lines: The lines.
    """

    nodes: tuple[GraphNode, ...]
    lines: tuple[GraphLine, ...]


def drawn_graph(graph: Graph, label: str) -> Markup:
    """Return a graph as SVG, styled by the page; equal graphs give equal pictures.

    A line is the wider the more probable its evidence: by the bits ``-log2(1 - p)``. The weakest
    places have a colour of their own, and what joins nothing is dashed.

    Args:
        graph: The graph.
        label: What the picture shows, for those who do not see it.
    """
    from markupsafe import Markup

    places = _on_paper(places_of(graph))
    lines = "".join(_line(one, places) for one in graph.lines)
    inside = [one.adverts for one in graph.nodes if not one.outside]
    most = max(inside or [one.adverts for one in graph.nodes], default=1)
    radii = [_radius(one, most) for one in graph.nodes]
    texts = [_text(one) for one in graph.nodes]
    ends = [(one.first, one.second) for one in graph.lines]
    labels = placed_labels(texts, places, radii, ends)
    drawn = zip(graph.nodes, texts, places, radii, labels, strict=True)
    nodes = "".join(_node(*one) for one in drawn)
    return Markup(
        f'<svg class="graph" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{lines}{nodes}</svg>'
    )


def places_of(graph: Graph) -> Floats:
    """Return a place for each node, ``(N, 2)``: those that lines connect are close together.

    Source: T. M. J. Fruchterman and E. M. Reingold, "Graph drawing by force-directed placement"
        (1991), from a circle on, so that nothing is drawn at random.
    """
    count = len(graph.nodes)
    angles = 2 * np.pi * np.arange(count) / max(count, 1)
    places = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    pull = np.zeros((count, count))
    for line in graph.lines:
        pull[line.first, line.second] = pull[line.second, line.first] = 1.0
    apart = 1.8 / math.sqrt(max(count, 1))
    for step in range(_STEPS):
        between = places[:, None] - places[None, :]
        far = np.sqrt((between**2).sum(axis=2)) + 1e-9
        push = apart**2 / far**2 - pull * far / apart
        moves = (between * push[:, :, None]).sum(axis=1) - 0.4 * places
        length = np.sqrt((moves**2).sum(axis=1, keepdims=True)) + 1e-9
        places = places + moves / length * np.minimum(length, 0.15 * (1 - step / _STEPS))
    return places


def _on_paper(places: Floats) -> list[tuple[float, float]]:
    if len(places) < 2:
        return [(_WIDTH / 2, _HEIGHT / 2)] * len(places)
    low, high = places.min(axis=0), places.max(axis=0)
    room = np.array([_WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN])
    scaled = _MARGIN + (places - low) / np.maximum(high - low, 1e-6) * room
    return [(round(float(x), 1), round(float(y), 1)) for x, y in scaled]


def _line(line: GraphLine, places: Sequence[tuple[float, float]]) -> str:
    (left, top), (right, bottom) = places[line.first], places[line.second]
    return (
        f'<path class="{line.kind}" d="M{left} {top}L{right} {bottom}" '
        f'stroke-width="{0.8 + 0.6 * strength(line.probability):.2f}"/>'
    )


def strength(probability: float | None) -> float:
    """Return how strong evidence is, in bits, from 0 to 10; 1 bit where it is not weighed."""
    if probability is None:
        return 1.0
    return min(-math.log2(max(1 - probability, _LEAST)), _SURE)


def _text(node: GraphNode) -> str:
    return f"{cut(node.label, _MOST_LETTERS)} ({node.adverts:,})"


def _node(node: GraphNode, text: str, at: tuple[float, float], radius: float, label: Label) -> str:
    kind = "outside" if node.outside else "inside"
    return (
        f'<circle class="{kind}" cx="{at[0]}" cy="{at[1]}" r="{radius:.1f}"/>'
        f'<text class="label" x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}">'
        f"{escape(text)}</text>"
    )


def _radius(node: GraphNode, most: int) -> float:
    return 4 + 14 * math.sqrt(min(node.adverts / max(most, 1), 1))
