"""Write the page of what is new, as HTML for people and as JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

from adverts.errors import InputError
from adverts.evaluation.report.templating import FOLDER, fill_html
from adverts.files.durable import replace_file
from adverts_findings.campaigns.news.news_record import NewsRecord
from adverts_findings.campaigns.pages import page_words, shown_values

_FOLDERS = (
    Path(__file__).parent / "templates",
    Path(page_words.__file__).parent / "templates",
    FOLDER,
)


def write_news(folder: Path, record: NewsRecord) -> Path:
    """Write the page of what is new into the folder of the pages of a bank, and return its path.

    The next build removes it with all other pages, so that no page shows what left the bank.

    Args:
        folder: Folder of the pages; made if there is none.
        record: What the page states.

    Raises:
        InputError: It cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        pages = {one.stem for one in folder.glob("c*.html")}
        linked = replace(
            record,
            campaigns=tuple(
                replace(one, page=f"{one.campaign}.html") if one.campaign in pages else one
                for one in record.campaigns
            ),
        )
        page = folder / f"new-{record.since}.html"
        _write(page.with_suffix(".json"), json_of(linked))
        _write(page, news_page(linked))
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror or error})") from None
    return page


def news_page(record: NewsRecord) -> str:
    """Return the page of what is new: no text, picture or contact of an advert, and no script."""
    return fill_html("news.html.j2", _values(record), folders=_FOLDERS)


def json_of(record: NewsRecord) -> str:
    """Return what the page states as a line of JSON, whose keys are the attributes of it.

    Times are ISO 8601 in UTC.
    """
    return json.dumps(record, allow_nan=False, default=_plain) + "\n"


def _values(record: NewsRecord) -> Mapping[str, object]:
    return {
        "record": record,
        "values": shown_values,
        "words": page_words,
        "number": page_words.number,
        "name": page_words.name,
    }


def _plain(record: object) -> object:
    if isinstance(record, datetime.datetime):
        return shown_values.moment(record)
    return {one.name: getattr(record, one.name) for one in fields(record)}  # type: ignore[arg-type]


def _write(path: Path, content: str) -> None:
    replace_file(path, content.encode(errors="replace"))
