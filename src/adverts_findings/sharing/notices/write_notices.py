"""Write the notices of a share: JSON with its schema, CSV, and a page to print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

from adverts.evaluation.report.templating import fill_html
from adverts_findings.sharing.notices.describe_notice import notices_of
from adverts_findings.sharing.notices.notice import Notice
from adverts_findings.sharing.notices.notice_words import TEMPLATES, NoticeWords, words_for
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.written_files import ledger_head, write_csv, write_json, write_text

SCHEMA_VERSION = 1
"""Version of the files of notices."""
SCHEMA_NAME = "notice.schema.json"
_CELLS: Mapping[str, Callable[[Notice], str]] = {
    "reference": lambda one: one.reference,
    "share": lambda one: one.share,
    "sent_at": lambda one: one.sent_at,
    "recipient": lambda one: one.recipient,
    "url": lambda one: one.where.url,
    "platform": lambda one: one.where.platform,
    "platform_item_id": lambda one: one.where.platform_item_id,
    "posted_on": lambda one: one.where.posted_on,
    "class_id": lambda one: one.what.class_id,
    "class_name": lambda one: one.what.name,
    "advert_language": lambda one: one.what.language,
    "reasons": lambda one: " ".join(one.reasons),
    "regime": lambda one: one.rules.regime,
    "rules": lambda one: one.rules.statement,
    "laws": lambda one: "; ".join(f"{law.text} ({law.jurisdiction})" for law in one.laws),
    "pictures_sha256": lambda one: " ".join(one.evidence.pictures_sha256),
    "text_sha256": lambda one: one.evidence.text_sha256,
    "reviewed": lambda one: one.reviewed.statement,
    "reviewed_at": lambda one: one.reviewed.at,
    "sender": lambda one: one.sender.organisation,
    "email": lambda one: one.sender.email,
    "reply_to": lambda one: one.sender.reply_to,
    "good_faith": lambda one: one.good_faith,
    "purpose": lambda one: one.purpose,
    "expires": lambda one: one.expires,
    "answer": lambda one: one.answer.statement,
    "language": lambda one: one.language,
    "language_note": lambda one: one.language_note,
}
COLUMNS = tuple(_CELLS)
"""Columns of ``notices.csv`` but those of the ledger."""


def write_notices(folder: Path, outgoing: Outgoing) -> None:
    """Write ``notices.json``, ``notice.schema.json``, ``notices.csv`` and ``notices.html``.

    Args:
        folder: Folder that holds none of them yet.
        outgoing: What is sent.

    Raises:
        ValueError: A notice may not be sent, see :func:`notices_of`.
    """
    notices = notices_of(outgoing)
    write_json(folder / "notices.json", plain_notices(outgoing, notices))
    write_text(folder / SCHEMA_NAME, notice_schema())
    rows = [[cell(one) for cell in _CELLS.values()] for one in notices]
    write_csv(folder / "notices.csv", COLUMNS, rows, outgoing.entry)
    write_text(folder / "notices.html", _page(outgoing, notices))


def notice_schema() -> str:
    """Return the JSON Schema (2020-12) of ``notices.json``."""
    return (files(__package__) / "schemas" / SCHEMA_NAME).read_text(encoding="utf-8")


def plain_notices(outgoing: Outgoing, notices: Sequence[Notice]) -> Mapping[str, object]:
    """Return what ``notices.json`` holds; the keys of a notice are the attributes of its class."""
    return {
        "schema_version": SCHEMA_VERSION,
        "ledger": ledger_head(outgoing.entry),
        "share": outgoing.entry.reference,
        "notices": [asdict(one) for one in notices],
    }


def _page(outgoing: Outgoing, notices: Sequence[Notice]) -> str:
    words, _ = words_for(outgoing.recipient.language)
    return notice_page("notices.html.j2", outgoing, words, {"notices": notices})


def notice_page(
    template: str, outgoing: Outgoing, words: NoticeWords, values: Mapping[str, object]
) -> str:
    """Return a page to print, in given words: no script, and it asks for no other file.

    Args:
        template: Name of the template.
        outgoing: What is sent.
        words: Words of its captions.
        values: What else the template shows.
    """
    known = {
        "entry": outgoing.entry,
        "recipient": outgoing.recipient.name,
        "words": words,
        "say": words.captions,
    }
    return fill_html(template, {**known, **values}, folders=(TEMPLATES,))
