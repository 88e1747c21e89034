"""A drawing of which accounts show which contacts, and in which templates."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from typing import TYPE_CHECKING

from adverts_findings.campaigns.pages.campaign_rows import AdvertRow, IdentityRow
from adverts_findings.campaigns.pages.shown_values import cut, shortened

if TYPE_CHECKING:
    from markupsafe import Markup

MOST_IN_COLUMN = 20
_COLUMN = {"account": 0, "contact": 1, "link_target": 1}
_TEMPLATES = 2
_TITLES = ("Accounts", "Contacts and link targets", "Templates")
_WIDTH, _TOP, _PITCH = 760, 34, 24
_PLACES = (150, 380, 610)
_MOST_LETTERS = (14, 28, 14)

_Key = tuple[int, str]
"""Column of a node, and its token or template; an empty one stands for the rest of a column."""


@dataclass(frozen=True, slots=True)
class Node:
    """A token or a template, or the rest of a column.

    Attributes:
        column: 0 for accounts, 1 for contacts and link targets, 2 for templates.
        label: The token, shortened, on all platforms and at all times, or the name of a template;
            empty for the rest of a column.
        adverts: Number of adverts of the campaign that show it.
        stands_for: Number of tokens or templates: 1, or more for the rest.
    """

    column: int
    label: str
    adverts: int
    stands_for: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """Adverts that show two things.

    Attributes:
        first: Place of the left node.
        second: Place of the right node.
        adverts: Number of adverts that show both.
    """

    first: int
    second: int
    adverts: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn of a campaign: at most 20 nodes in a column, and one for the rest.

    Attributes:
        nodes: Nodes, from the left column to the right, each from its top.
        lines: Lines between columns. An advert without a contact is a line past the middle column.
    """

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]


def drawing_of(adverts: Sequence[AdvertRow], identities: Sequence[IdentityRow]) -> Drawing:
    """Return what is drawn of a campaign: equal campaigns give equal drawings.

    Args:
        adverts: Its adverts.
        identities: Its posting identities.
    """
    shown: dict[str, set[_Key]] = {
        one["id"]: {(_TEMPLATES, one["template"])} if one["template"] else set() for one in adverts
    }
    for identity in identities:
        for advert in identity["shown_in"]:
            shown.get(advert, set()).add((_COLUMN.get(identity["kind"], 1), identity["value"]))
    wanted = shown.values()
    kept, rest = _kept(Counter(key for keys in wanted for key in keys))
    merged = [sorted({key if key in kept else (key[0], "") for key in keys}) for keys in wanted]
    counts = Counter(key for keys in merged for key in keys)
    lines = Counter(pair for keys in merged for pair in _pairs(keys))
    ordered = _ordered(counts, lines)
    nodes = tuple(
        Node(column, _label(column, name), counts[column, name], rest.get((column, name), 1))
        for column, name in ordered
    )
    place = {key: i for i, key in enumerate(ordered)}
    told = sorted((place[one], place[other], number) for (one, other), number in lines.items())
    return Drawing(nodes, tuple(Line(*one) for one in told))


def drawn(drawing: Drawing) -> Markup:
    """Return the drawing as SVG, styled by the page."""
    from markupsafe import Markup

    places = _places(drawing.nodes)
    most = max((one.adverts for one in drawing.lines), default=1)
    titles = "".join(
        f'<text class="axis" x="{x}" y="14" text-anchor="middle">{title}</text>'
        for x, title in zip(_PLACES, _TITLES, strict=True)
    )
    lines = "".join(
        _line(places[one.first], places[one.second], one.adverts / most) for one in drawing.lines
    )
    nodes = "".join(_node(node, *at) for node, at in zip(drawing.nodes, places, strict=True))
    height = max((y for _, y in places), default=_TOP) + _PITCH
    return Markup(
        f'<svg class="shows" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Which accounts '
        'show which contacts, and in which templates; the tables name them">'
        f"{titles}{lines}{nodes}</svg>"
    )


def _label(column: int, name: str) -> str:
    return name if column == _TEMPLATES or not name else shortened(name)


def _kept(counts: Counter[_Key]) -> tuple[frozenset[_Key], Mapping[_Key, int]]:
    """Return the nodes that are drawn one by one, and how many each rest of a column stands for."""
    kept: set[_Key] = set()
    rest: dict[_Key, int] = {}
    for column in range(len(_TITLES)):
        keys = sorted((key for key in counts if key[0] == column), key=lambda k: (-counts[k], k))
        few = keys if len(keys) <= MOST_IN_COLUMN + 1 else keys[:MOST_IN_COLUMN]
        kept.update(few)
        if len(few) < len(keys):
            rest[column, ""] = len(keys) - len(few)
    return frozenset(kept), rest


def _pairs(keys: Sequence[_Key]) -> list[tuple[_Key, _Key]]:
    columns = [[key for key in keys if key[0] == column] for column in range(len(_TITLES))]
    accounts, contacts, templates = columns
    if not contacts:
        return list(product(accounts, templates))
    return [*product(accounts, contacts), *product(contacts, templates)]


def _ordered(counts: Counter[_Key], lines: Counter[tuple[_Key, _Key]]) -> list[_Key]:
    """Return the nodes by column, so placed that lines cross little: by what is on their right.

    The rest of a column is at its end.
    """
    order: dict[_Key, float] = {}
    columns: list[list[_Key]] = []
    right: dict[_Key, list[tuple[float, int]]] = defaultdict(list)
    for column in reversed(range(len(_TITLES))):
        keys = [key for key in counts if key[0] == column]
        middle = {key: _middle(right[key]) for key in keys}
        keys.sort(key=lambda key: (key[1] == "", middle[key], -counts[key], key))  # noqa: B023
        for place, key in enumerate(keys):
            order[key] = place / max(len(keys) - 1, 1)
        for (one, other), number in lines.items():
            if other[0] == column:
                right[one].append((order[other], number))
        columns.insert(0, keys)
    return [key for keys in columns for key in keys]


def _middle(placed: Sequence[tuple[float, int]]) -> float:
    weight = sum(number for _, number in placed)
    return round(sum(at * number for at, number in placed) / weight, 9) if weight else 1.0


def _places(nodes: Sequence[Node]) -> list[tuple[int, int]]:
    """Return where each node is; a short column is in the middle of the height."""
    sizes = Counter(one.column for one in nodes)
    tallest = max(sizes.values(), default=1)
    row: Counter[int] = Counter()
    places = []
    for one in nodes:
        start = _TOP + (tallest - sizes[one.column]) * _PITCH // 2
        places.append((_PLACES[one.column], start + row[one.column] * _PITCH))
        row[one.column] += 1
    return places


def _line(one: tuple[int, int], other: tuple[int, int], share: float) -> str:
    (left, top), (right, bottom) = one, other
    bend = (right - left) // 2
    return (
        f'<path d="M{left} {top}C{left + bend} {top} {right - bend} {bottom} {right} {bottom}" '
        f'stroke-width="{0.75 + 4 * math.sqrt(share):.2f}"/>'
    )


def _node(node: Node, x: int, y: int) -> str:
    told = f"{node.adverts:,}"
    words = (
        cut(node.label, _MOST_LETTERS[node.column]) if node.label else f"{node.stands_for:,} others"
    )
    at = {0: (x - 12, "end"), 1: (x, "middle"), 2: (x + 12, "start")}[node.column]
    up = -7 if node.column == 1 else 4
    return (
        f'<circle class="c{node.column}" cx="{x}" cy="{y}" r="4"/>'
        f'<text class="label" x="{at[0]}" y="{y + up}" text-anchor="{at[1]}">'
        f"{escape(words)} ({told})</text>"
    )
