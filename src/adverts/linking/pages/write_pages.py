"""Write the page of a bank and those of its campaigns, each as HTML for people and as JSON."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

import pyarrow as pa

from adverts.errors import InputError, IntegrityError, plural
from adverts.evaluation.report.templating import FOLDER, fill_html
from adverts.files.staging import open_private, staging
from adverts.linking.pages import drawing, edge_words, page_words, shown_values, timeline
from adverts.linking.pages.bank_record import BankRecord, CampaignLine, GiantCampaign
from adverts.linking.pages.campaign_lines import campaign_lines
from adverts.linking.pages.campaign_record import CampaignRecord
from adverts.linking.pages.campaign_rows import CampaignRows, rows_of
from adverts.linking.pages.describe_bank import bank_record
from adverts.linking.pages.describe_campaign import Doubt, campaign_record
from adverts.linking.pages.former_ids import CampaignHistory

INDEX, INDEX_JSON, LINES = "index.html", "index.json", "campaigns.jsonl"
"""Page of the bank, what it states as JSON, and one line for each campaign."""
NEWS = "new-*"
"""Pattern of the names of the pages of what is new, which go when a build writes its pages."""
_OURS = ("c*.html", "c*.json", INDEX_JSON, LINES, NEWS)
_FOLDERS = (Path(__file__).parent / "templates", FOLDER)
_NAME = re.compile(r"c[0-9]{6,12}")


def write_pages(
    folder: Path,
    tables: Mapping[str, pa.Table],
    *,
    campaigns: Sequence[str] | None = None,
    most: int = 100,
    day: datetime.date | None = None,
) -> list[Path]:
    """Write the pages of a bank into a folder that only its owner can read.

    The folder is replaced as a whole or not at all, so that no page of an earlier build remains:
    what was erased from the bank is on no page. Equal tables give equal files.

    Args:
        folder: Folder of the pages; one with anything else in it is refused.
        tables: All tables of the bank.
        campaigns: Campaigns that get a page; one that was merged stands for what took its place.
            None: those with most adverts.
        most: Number of campaigns that get a page if ``campaigns`` is None.
        day: Day that the pages look back at; None for those of now.

    Returns:
        The files: the page of the bank first, its JSON, the lines of all campaigns, and the two
        files of each campaign.

    Raises:
        InputError: A campaign is not there, or the folder holds something else or cannot be
            written.
        IntegrityError: The tables contradict each other.
    """
    lines = campaign_lines(tables)
    bank = bank_record(tables, day)
    history = CampaignHistory(tables["replaced"])
    names = _asked(campaigns, lines, history, most=most)
    with_page = frozenset(names)
    lines = [_with_page(one, with_page) for one in lines]
    records = campaign_records(tables, names, history, bank, day)
    if not (folder / INDEX).exists():
        for alone in folder.glob(NEWS):
            alone.unlink()
    with staging(folder, marker=INDEX, also=_OURS) as place:
        written = [INDEX, INDEX_JSON, LINES]
        _write(place / INDEX_JSON, json_of(bank))
        _write(place / LINES, "".join(map(json_of, lines)))
        for record in records:
            written += [f"{record.campaign}.html", f"{record.campaign}.json"]
            _write(place / written[-2], campaign_page(record))
            _write(place / written[-1], json_of(record))
        _write(place / INDEX, bank_page(bank, lines))
    return [folder / name for name in written]


def campaign_records(
    tables: Mapping[str, pa.Table],
    names: Sequence[str],
    history: CampaignHistory,
    bank: BankRecord,
    day: datetime.date | None = None,
) -> Iterable[CampaignRecord]:
    """Yield what the page of each campaign states, in the order of the names."""
    facts = {one["campaign"]: one for one in tables["campaigns"].to_pylist()}
    last = bank.last_build
    for rows in rows_of(tables, names):
        yield campaign_record(
            rows,
            _doubt(rows, facts[rows.campaign], bank.giant),
            build=last.build,
            built_at=last.built_at,
            former=history.of(rows.campaign),
            day=day,
        )


def campaign_page(record: CampaignRecord) -> str:
    """Return the page of a campaign: no text, picture or contact of an advert, and no script."""
    return fill_html("campaign.html.j2", _values(record), folders=_FOLDERS)


def bank_page(record: BankRecord, lines: Sequence[CampaignLine]) -> str:
    """Return the page of a bank: no text, picture or contact of an advert, and no script.

    Args:
        record: What it states.
        lines: All campaigns, those with most adverts first.
    """
    pages = frozenset(one.campaign for one in lines if one.page)
    values = {**_values(record), "lines": lines, "pages": pages}
    return fill_html("bank.html.j2", values, folders=_FOLDERS)


def json_of(record: CampaignRecord | BankRecord | CampaignLine) -> str:
    """Return what a page states as a line of JSON, whose keys are the attributes of the record."""
    return json.dumps(record, allow_nan=False, default=_attributes) + "\n"


def _values(record: object) -> Mapping[str, object]:
    return {
        "record": record,
        "values": shown_values,
        "words": page_words,
        "number": page_words.number,
        "name": page_words.name,
        "probability": page_words.probability,
        "timeline": timeline,
        "drawing": drawing,
        "csv_header": edge_words.CSV_HEADER,
    }


def _asked(
    campaigns: Sequence[str] | None,
    lines: Sequence[CampaignLine],
    history: CampaignHistory,
    *,
    most: int,
) -> list[str]:
    open_now = frozenset(one.campaign for one in lines)
    odd = next((one for one in open_now if not _NAME.fullmatch(one)), None)
    if odd is not None:
        raise IntegrityError(f"the bank has a campaign {odd[:80]!r}, wanted names such as c000123")
    if campaigns is None:
        return [one.campaign for one in lines[:most]]
    found, faults = [], []
    for name in campaigns:
        current = history.current(name, open_now)
        if current is None:
            faults.append(f"{name[:80]!r} has no page: {history.end_of(name)}")
        else:
            found.append(current)
    if faults:
        shown = faults[:10]
        rest = [f"… and {plural(len(faults) - 10, 'more')}"] if len(faults) > 10 else []
        raise InputError("\n".join([*shown, *rest, f"take ids from {LINES} of the pages"]))
    return list(dict.fromkeys(found))


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
