"""The page that goes with every export: what it is, what must not be said, when it is deleted."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adverts.errors import plural
from adverts_findings.campaigns.exports.columns import (
    ADDRESSES,
    BETWEEN,
    EXPORT_VERSION,
    LINKS,
    NODES,
)
from adverts_findings.campaigns.exports.graph import Graph
from adverts_findings.campaigns.exports.neo4j import import_command
from adverts_findings.campaigns.exports.written_values import BETWEEN_NAMES

_NOT_TO_SAY = (
    "That campaigns are all there is: they are of what was collected, and of what people judged.",
    "That somebody is an advertiser because their contact is in a campaign. Nobody in it is guilty "
    "of anything; a standing is `unknown` until a person says otherwise.",
    "That a probability is calibrated where `calibrated` is false, or any probability without the "
    "number of its build.",
    "That two campaigns with a `hypothesis` are one network: it is a lead until somebody shows it.",
    "That a contact is the same person over years: contacts change hands.",
)


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What an export was made of.

    Attributes:
        build: Number of the build.
        built_at: When it was built, in UTC.
        created_by: Version of the package that built it.
        token_key_id: Id of the key of its tokens.
        formats: Formats of the export.
        addresses: Whether it holds ids of the source and addresses of postings.
    """

    build: int
    built_at: str
    created_by: str
    token_key_id: str
    formats: Sequence[str]
    addresses: bool


def readme_of(facts: ExportFacts, graph: Graph) -> str:
    """Return the page of an export, in Markdown."""
    return "\n".join(_lines(facts, graph)) + "\n"


def _lines(facts: ExportFacts, graph: Graph) -> Iterator[str]:
    yield f"# Export of a bank of campaigns, build {facts.build}"
    yield ""
    yield (
        "**Restricted.** Which adverts may be of one advertiser, why, and how surely: a hypothesis "
        "for people. Adverts, contacts and accounts are tokens; there is no text, picture, contact "
        "or name of an account in it."
    )
    if facts.addresses:
        yield ""
        yield (
            "**It holds addresses of postings** (`addresses=true`), which lead to persons: keep it "
            "within the unit that made it."
        )
    yield ""
    yield f"* Build {facts.build} of {facts.built_at}, made by {facts.created_by}."
    yield f"* Tokens of the key `{facts.token_key_id}`. Its owner can say whom a token stands for."
    yield f"* Columns of version {EXPORT_VERSION}. Hashes of all files are in `export.json`."
    if graph.left_out:
        yield (
            f"* {plural(graph.left_out, 'advert')} of the bank may be kept no longer and are not "
            "in it; probabilities still rest on them until the bank is refreshed."
        )
    yield f"* {delete_line(graph.delete_by)}"
    yield from ["", "## What must not be said", ""]
    yield from (f"* {one}" for one in _NOT_TO_SAY)
    yield from ["", "## Nodes"]
    for name, columns in NODES.items():
        more = ADDRESSES if facts.addresses and name == "adverts" else {}
        yield from _table(f"`{name}`: {len(graph.nodes[name]):,}", {**columns, **more})
    yield from ["", "## Links"]
    for name, (first, second, meaning) in BETWEEN.items():
        title = f"`{name}`, from {first} to {second}: {len(graph.links[name]):,}"
        yield from _table(title, LINKS[name], f"{meaning[0].upper()}{meaning[1:]}.")
    yield from ["", "## Files", ""]
    for one in facts.formats:
        yield from _FILES[one]


def delete_line(until: datetime.date | None) -> str:
    """Return the sentence that says when an export must be deleted."""
    if until is None:
        return (
            "No input says until when its adverts may be kept. Delete this when its purpose is "
            "over, and whenever adverts were erased from the bank."
        )
    return (
        f"**Delete this after {until}**, the last day on which all of its adverts may be kept, "
        "and whenever adverts were erased from the bank; then ask for a new export."
    )


def _table(title: str, columns: Sequence[str] | object, lead: str = "") -> Iterator[str]:
    assert isinstance(columns, dict), "columns come with their meaning"
    yield from ["", f"### {title}", ""]
    if lead:
        yield from [lead, ""]
    yield from ["| column | meaning |", "|---|---|"]
    yield from (f"| `{name}` | {meaning} |" for name, meaning in columns.items())


_FILES = {
    "graphml": (
        "* `bank.graphml`: all nodes and links in one file. `type` says which kind each is; lists "
        f"have `{BETWEEN_NAMES}` between their names. All links are directed, since the format "
        "wants it; `evidence` and `hypothesis` mean the same in both directions. Several links may "
        "lie between two nodes: `networkx.read_graphml(path, force_multigraph=True)`.",
    ),
    "csv": (
        "* `csv/`: one file for each kind of node and link, named as above. UTF-8 with commas and "
        "a header. A text that a spreadsheet would take for a formula has an apostrophe in front.",
    ),
    "neo4j": (
        "* `neo4j/`: files for `neo4j-admin database import full` of Neo4j 5, whose headers give "
        "types. In this folder:",
        "",
        "```",
        import_command(),
        "```",
        "",
        "  A text that a spreadsheet would take for a formula has an apostrophe in front here too, "
        "which the import keeps: only `source_id`, `url`, `platform_item_id` and `reason` can "
        "begin so.",
    ),
    "ftm": (
        "* `entities.ftm.json`: FollowTheMoney entities, one a line. Campaigns are `Event`, "
        "contacts and accounts `UserAccount` without an owner, link targets `HyperText`, adverts "
        "`Article` in the `Folder` of their template; adverts are tied to campaigns and identities "
        "by "
        "`Documentation`, and the rest are `UnknownLink`. No entity names a person or a company. "
        "Import it into a dataset of its own, since ids are those of one bank.",
    ),
}
