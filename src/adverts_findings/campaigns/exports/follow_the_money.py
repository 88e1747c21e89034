"""An export as FollowTheMoney entities, one a line, as Aleph and its like read them.

The entities are chosen so that none says more than the bank knows. A campaign is an ``Event``,
since it has a time and no person: a ``LegalEntity`` would name somebody whom nobody knows. A
contact or an account is a ``UserAccount`` without owner, and a link target a ``HyperText``, both
named by a token. An advert is an ``Article``, in the ``Folder`` of its template. Evidence and
hypotheses are ``UnknownLink``, and never ``Similar``, which would invite to merge.

Source: https://followthemoney.tech, its library of version 4.11, by which tests hold it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from adverts.files.staging import open_private
from adverts_findings.campaigns.exports.columns import ADDRESSES, BETWEEN
from adverts_findings.campaigns.exports.graph import Graph
from adverts_findings.campaigns.exports.written_values import Row, rows_of

_LANGUAGES = {
    "am": "amh",
    "ar": "ara",
    "bn": "ben",
    "de": "deu",
    "en": "eng",
    "es": "spa",
    "fa": "fas",
    "fr": "fra",
    "hi": "hin",
    "it": "ita",
    "nl": "nld",
    "pl": "pol",
    "ps": "pus",
    "pt": "por",
    "ro": "ron",
    "ru": "rus",
    "sq": "sqi",
    "tr": "tur",
    "uk": "ukr",
    "ur": "urd",
    "vi": "vie",
    "zh": "zho",
}
"""Languages that FollowTheMoney has a code for; others are in the summary alone."""
Properties = Mapping[str, object]
Entity = tuple[str, object, Properties]


def write_follow_the_money(path: Path, graph: Graph) -> None:
    """Write a graph as one line of JSON for each entity, nodes first."""
    with open_private(path) as file:
        for schema, name, properties in _entities(graph):
            told = {
                "id": name,
                "schema": schema,
                "properties": {
                    key: [str(value)] for key, value in properties.items() if value is not None
                },
            }
            file.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _entities(graph: Graph) -> Iterator[Entity]:
    templates = dict(
        zip(
            *(graph.links["in_template"][end].to_pylist() for end in ("source", "target")),
            strict=True,
        )
    )
    makers: Mapping[str, Callable[[Row], Entity]] = {
        "campaigns": _campaign,
        "identities": _identity,
        "templates": _template,
        "adverts": lambda row: _advert(row, templates.get(str(row["id"]))),
    }
    for name, maker in makers.items():
        yield from map(maker, rows_of(graph.nodes[name]))
    for name in ("in_campaign", "shows"):
        for row in rows_of(graph.links[name]):
            yield _documentation(name, row)
    for row in rows_of(graph.links["of_campaign"]):
        yield _link("of_campaign", row, {"role": BETWEEN["of_campaign"][2]})
    yield from map(_evidence, rows_of(graph.links["evidence"]))
    yield from map(_hypothesis, rows_of(graph.links["hypothesis"]))


def _campaign(row: Row) -> Entity:
    summary = _told(row, "adverts", "accounts", "templates", "identities", "probability")
    return (
        "Event",
        row["id"],
        {
            "name": row["id"],
            "startDate": row.get("first_seen"),
            "endDate": row.get("last_seen"),
            "summary": f"campaign, a hypothesis about one advertiser; {summary}, "
            + ("calibrated" if row.get("calibrated") else "uncalibrated"),
        },
    )


def _identity(row: Row) -> Entity:
    summary = _told(row, "kind", "platform", "standing", "adverts", "accounts", *_SEEN)
    shared = {"name": row["id"], "summary": f"posting identity; {summary}"}
    if row["kind"] == "link_target":
        return "HyperText", row["id"], {"title": row["value"], **shared}
    return (
        "UserAccount",
        row["id"],
        {"username": row["value"], "service": row.get("platform"), **shared},
    )


_SEEN = ("first_seen", "last_seen")


def _template(row: Row) -> Entity:
    summary = f"template; {_told(row, 'adverts', 'accounts', *_SEEN)}"
    return "Folder", row["id"], {"name": row["id"], "title": row["id"], "summary": summary}


def _advert(row: Row, template: str | None) -> Entity:
    summary = _told(row, "platform", "language", "judged_by", "account", "retain_until", *_PLACES)
    return (
        "Article",
        row["id"],
        {
            "name": row["id"],
            "title": row["id"],
            "language": _LANGUAGES.get(str(row.get("language"))),
            "publishedAt": row.get("posted_at"),
            "retrievedAt": row.get("collected_at"),
            "parent": template,
            "summary": f"advert; {summary}",
            "sourceUrl": _page(row),
        },
    )


_PLACES = tuple(one for one in ADDRESSES if one != "url")


def _page(row: Row) -> str | None:
    url = str(row.get("url", ""))
    return url if url.startswith(("http://", "https://")) else None


def _documentation(kind: str, row: Row) -> Entity:
    ends = {"document": row["source"], "entity": row["target"]}
    return "Documentation", _name(kind, row), {**ends, "role": BETWEEN[kind][2]}


def _evidence(row: Row) -> Entity:
    summary = _told(
        *(row, "value", "adverts", "accounts", "silence_days", "across", "also", "against"),
        *("weight", "probability", "bridge"),
    )
    return _link(
        "evidence",
        row,
        {
            "role": f"evidence: {row['kind']}",
            "status": row["status"],
            "startDate": row.get("first_seen"),
            "endDate": row.get("last_seen"),
            "summary": summary,
            "description": row.get("reason") or None,
            "recordId": row["id"],
        },
    )


def _hypothesis(row: Row) -> Entity:
    summary = _told(row, "links", "kinds", "probability")
    return _link("hypothesis", row, {"role": "hypothesis of a network", "summary": summary})


def _link(kind: str, row: Row, properties: Properties) -> Entity:
    ends = {"subject": row["source"], "object": row["target"]}
    return "UnknownLink", row.get("id", _name(kind, row)), {**ends, **properties}


def _name(kind: str, row: Row) -> str:
    """Return the id of a link; FollowTheMoney wants letters, digits, dots and dashes alone."""
    return f"{kind.replace('_', '-')}-{row['source']}-{row['target']}"


def _told(row: Row, *names: str) -> str:
    """Return some columns of a row in words, those that are missing or empty left out."""
    told = [(name, row.get(name)) for name in names]
    return ", ".join(
        f"{name.replace('_', ' ')} {_word(value)}"
        for name, value in told
        if value not in (None, "")
    )


def _word(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case _:
            return str(value)
