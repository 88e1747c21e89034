"""Write the page of a bank and those of its campaigns, each as HTML for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from adverts.errors import InputError
from adverts.evaluation.report.templating import FOLDER, fill_html
from adverts.files.staging import open_private, staging
from adverts.work.paused_collection import paused_collection
from adverts_findings.campaigns.networks.find_networks import find_networks
from adverts_findings.campaigns.networks.network import NetworkLink
from adverts_findings.campaigns.pages import (
    drawing,
    edge_words,
    fact_words,
    page_words,
    shown_values,
    timeline,
)
from adverts_findings.campaigns.pages.asked_campaigns import asked_campaigns, kept_pages
from adverts_findings.campaigns.pages.bank_record import BankRecord, CampaignLine, GiantCampaign
from adverts_findings.campaigns.pages.beside.beside import NOTHING, Beside
from adverts_findings.campaigns.pages.beside.judged import JudgedCampaigns
from adverts_findings.campaigns.pages.campaign_lines import campaign_lines
from adverts_findings.campaigns.pages.campaign_record import CampaignRecord
from adverts_findings.campaigns.pages.campaign_rows import CampaignRows, rows_of
from adverts_findings.campaigns.pages.describe_bank import bank_record
from adverts_findings.campaigns.pages.describe_campaign import Doubt, Surroundings, campaign_record
from adverts_findings.campaigns.pages.former_ids import CampaignHistory
from adverts_findings.campaigns.pages.graph import graph
from adverts_findings.campaigns.pages.graph.drawn_prices import drawn_prices
from adverts_findings.campaigns.pages.hypotheses.networks_record import (
    NetworksRecord,
    networks_record,
)
from adverts_findings.campaigns.pages.hypotheses.shown_links import links_by_campaign
from adverts_findings.campaigns.pages.index.index_data import index_data
from adverts_findings.campaigns.pages.index.index_page import TEMPLATES, script_values

INDEX, INDEX_JSON, LINES = "index.html", "index.json", "campaigns.jsonl"
"""Page of the bank, what it states as JSON, and one line for each campaign."""
NEWS = "new-*"
"""Pattern of the names of the pages of what is new, which go when a build writes its pages."""
NETWORKS, NETWORKS_JSON = "networks.html", "networks.json"
"""Page of the hypotheses of networks, and what it states as JSON."""
_OURS = ("c*.html", "c*.json", INDEX_JSON, LINES, "networks.*", NEWS)
_FOLDERS = (TEMPLATES, FOLDER)


@paused_collection()
def write_pages(
    folder: Path,
    tables: Mapping[str, pa.Table],
    *,
    campaigns: Sequence[str] | None = None,
    most: int = 100,
    beside: Beside = NOTHING,
    keep: bool = False,
) -> list[Path]:
    """Write the pages of a bank into a folder that only its owner can read.

    The folder is replaced as a whole or not at all, so that no page of an earlier build remains:
    what was erased from the bank is on no page. Equal tables give equal files.

    Args:
        folder: Folder of the pages; one with anything else in it is refused.
        tables: All tables of the bank.
        campaigns: Campaigns that get a page, as a person writes them; one that was merged stands
            for what took its place. None: those with most adverts.
        most: Number of campaigns that get a page if ``campaigns`` is None.
        beside: What people said, what was exported, and what was read from the source.
        keep: Whether other pages of the same build stay as they are.

    Returns:
        The files that were written: the page of the bank first, its JSON, the lines of all
        campaigns, the page of hypotheses and its JSON, and the two files of each campaign.

    Raises:
        InputError: A campaign is not there, or the folder holds something else or cannot be
            written.
        IntegrityError: The tables contradict each other.
    """
    if folder.is_symlink():
        raise InputError(f"{folder} leads out of the bank; remove that link")
    lines = campaign_lines(tables, beside.exports)
    networks = find_networks(tables)
    bank = bank_record(tables, networks=len(networks), day=beside.day)
    history = CampaignHistory(tables["replaced"])
    open_now = [one.campaign for one in lines]
    names = asked_campaigns(campaigns, open_now, history, most=most)
    kept = kept_pages(folder, bank.last_build, _OURS) if keep else []
    ours = {f"{one}{end}" for one in names for end in (".html", ".json")}
    ours |= {INDEX, INDEX_JSON, LINES, NETWORKS, NETWORKS_JSON}
    kept = [path for path in kept if path.name not in ours]
    with_page = frozenset([*names, *(path.stem for path in kept)])
    lines = [_with_page(one, with_page) for one in lines]
    links = links_by_campaign(networks)
    records = campaign_records(tables, names, history, bank, links=links, beside=beside)
    shown = networks_record(
        networks,
        {one.campaign: one.adverts for one in lines},
        calibrated=any(one.calibrated for one in lines),
        build=bank.last_build.build,
        built_at=bank.last_build.built_at,
        as_of=bank.as_of,
    )
    if not (folder / INDEX).exists():
        for alone in folder.glob(NEWS):
            alone.unlink()
    with staging(folder, marker=INDEX, also=_OURS) as place:
        for path in kept:
            _write(place / path.name, path.read_text("utf-8"))
        written = [INDEX, INDEX_JSON, LINES, NETWORKS, NETWORKS_JSON]
        _write(place / INDEX_JSON, json_of(bank))
        _write(place / LINES, "".join(map(json_of, lines)))
        _write(place / NETWORKS_JSON, json_of(shown))
        _write(place / NETWORKS, networks_page(shown, with_page))
        for record in records:
            written += [f"{record.campaign}.html", f"{record.campaign}.json"]
            _write(place / written[-2], campaign_page(record, with_page))
            _write(place / written[-1], json_of(record))
        _write(place / INDEX, bank_page(bank, lines, history.all_current(frozenset(open_now))))
    return [folder / name for name in written]


def campaign_records(
    tables: Mapping[str, pa.Table],
    names: Sequence[str],
    history: CampaignHistory,
    bank: BankRecord,
    *,
    links: Mapping[str, Sequence[NetworkLink]] = MappingProxyType({}),
    beside: Beside = NOTHING,
) -> Iterable[CampaignRecord]:
    """Yield what the page of each campaign states, in the order of the names.

    Args:
        tables: All tables of the bank.
        names: Names of campaigns.
        history: What replaced what.
        bank: What the page of the bank states.
        links: Hypotheses by campaign, the most probable first.
        beside: What people said, what was exported, and what was read from the source.
    """
    facts = {one["campaign"]: one for one in tables["campaigns"].to_pylist()}
    judged = JudgedCampaigns(beside.judgements, tables)
    last = bank.last_build
    inside = tables["adverts"]["campaign"].drop_null().value_counts().to_pylist()
    sizes = {str(one["values"]): int(one["counts"]) for one in inside}
    for rows in rows_of(tables, names):
        opened = int(_number(facts[rows.campaign]["opened_build"]) or 0)
        former = history.of(rows.campaign)
        known = {rows.campaign, *(one.old for one in former)}
        exports = beside.exports
        if exports is not None:
            exports = tuple(one for one in exports if one.concerns(known, opened))
        around = Surroundings(
            build=last.build,
            built_at=last.built_at,
            former=former,
            links=links.get(rows.campaign, ()),
            listed=tables["listed"],
            judged=judged,
            exports=exports,
            originals=beside.originals.get(rows.campaign),
            sizes=sizes,
            last_week=bank.recent_weeks[1] if bank.recent_weeks else None,
            day=beside.day,
        )
        yield campaign_record(rows, _doubt(rows, facts[rows.campaign], bank.giant), around)


def campaign_page(record: CampaignRecord, pages: frozenset[str] = frozenset()) -> str:
    """Return the page of a campaign: no contact of an advert, and no script.

    Args:
        record: What it states.
        pages: Campaigns that have a page.
    """
    values = {**_values(record), "pages": pages}
    return fill_html("campaign.html.j2", values, folders=_FOLDERS)


def networks_page(record: NetworksRecord, pages: frozenset[str]) -> str:
    """Return the page of hypotheses: nothing of any advert, and no script.

    Args:
        record: What it states.
        pages: Campaigns that have a page.
    """
    values = {**_values(record), "pages": pages}
    return fill_html("networks.html.j2", values, folders=_FOLDERS)


def bank_page(record: BankRecord, lines: Sequence[CampaignLine], former: Mapping[str, str]) -> str:
    """Return the page of a bank: no text, picture or contact of an advert, and one own script.

    Args:
        record: What it states.
        lines: All campaigns, those with most adverts first.
        former: Maps former ids to the campaigns that took their place.
    """
    values = {**_values(record), "lines": lines, **script_values(index_data(lines, former))}
    return fill_html("bank.html.j2", values, folders=_FOLDERS)


def json_of(record: CampaignRecord | BankRecord | CampaignLine | NetworksRecord) -> str:
    """Return what a page states as a line of JSON, whose keys are the attributes of the record."""
    return json.dumps(record, allow_nan=False, default=_attributes) + "\n"


def _values(record: object) -> Mapping[str, object]:
    return {
        "record": record,
        "values": shown_values,
        "words": page_words,
        "seen": fact_words,
        "number": page_words.number,
        "name": page_words.name,
        "probability": page_words.probability,
        "timeline": timeline,
        "drawing": drawing,
        "graph": graph,
        "drawn_prices": drawn_prices,
        "csv_header": edge_words.CSV_HEADER,
    }


def _with_page(line: CampaignLine, names: frozenset[str]) -> CampaignLine:
    return replace(line, page=f"{line.campaign}.html") if line.campaign in names else line


def _doubt(rows: CampaignRows, facts: Mapping[str, object], giant: GiantCampaign | None) -> Doubt:
    return Doubt(
        probability=_number(facts["probability"]),
        calibrated=bool(facts["calibrated"]),
        communities=int(_number(facts["part_count"]) or 1),
        largest_piece=_number(facts["largest_piece"]),
        giant=page_words.giant(giant) if giant and giant.campaign == rows.campaign else "",
    )


def _number(found: object) -> float | None:
    return float(found) if isinstance(found, int | float) else None


def _attributes(record: object) -> dict[str, object]:
    return {one.name: getattr(record, one.name) for one in fields(record)}  # type: ignore[arg-type]


def _write(path: Path, content: str) -> None:
    with open_private(path) as file:
        file.write(content.encode(errors="replace"))
