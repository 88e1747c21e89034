"""Write an audit as JSON and as one HTML page; both hold ids and figures, no advert content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from adverts.auditing.audit_conditions import AuditCondition, passed_words
from adverts.auditing.findings import AuditOrigin, AuditSettings, Findings
from adverts.errors import InputError
from adverts.evaluation.report.pages import render_html
from adverts.evaluation.report.templating import FOLDER
from adverts.files.bounded_reading import read_json
from adverts.files.file_hash import file_sha256
from adverts.files.staging import open_private

SCHEMA_VERSION = 1
FILE_NAME, PAGE, SHEET, RESTRICTED = "audit.json", "audit.html", "review.csv", "restricted"
HOLDS = (PAGE, SHEET, RESTRICTED)
"""Names of the files and the folder next to ``audit.json``."""
SHOWN = 12
"""Largest number of rows of a table on the page; the JSON holds all."""
_FOLDERS = (Path(__file__).parent, FOLDER)


def write_report(
    folder: Path,
    findings: Findings,
    conditions: Sequence[AuditCondition],
    *,
    origin: AuditOrigin,
    settings: AuditSettings,
    review_rows: int,
) -> None:
    """Write ``audit.json`` and ``audit.html``, readable by their owner alone.

    Args:
        folder: Folder that already holds ``review.csv``.
        findings: Findings of the audit.
        conditions: Conditions with their outcomes.
        origin: Origin of the audit.
        settings: Settings of the audit.
        review_rows: Number of rows of the review sheet.
    """
    record = {
        "format": "adverts-audit",
        "schema_version": SCHEMA_VERSION,
        "origin": asdict(origin),
        "settings": asdict(settings),
        "conditions": [asdict(one) for one in conditions],
        "findings": asdict(findings),
        "review_sha256": file_sha256(folder / SHEET),
    }
    text = _in_lines(record)
    context = {"findings": findings, "conditions": conditions, "origin": origin}
    context |= {"settings": settings, "most": SHOWN, "review_rows": review_rows}
    context |= {"passed_words": passed_words(conditions)}
    page = render("audit.html.j2", context)
    for name, content in ((FILE_NAME, text), (PAGE, page)):
        with open_private(folder / name) as file:
            file.write(content.encode())


def render(template: str, values: Mapping[str, object]) -> str:
    """Return one self-contained HTML page of an audit: no font, no network."""
    return render_html(template, values, folders=_FOLDERS)


def refuse_filled_in(folder: Path) -> None:
    """Check that an audit to be replaced has a review sheet that nobody has changed.

    Raises:
        InputError: ``review.csv`` is not the one that was written.
    """
    record, sheet = folder / FILE_NAME, folder / SHEET
    if not (record.is_file() and sheet.is_file()):
        return
    try:
        written = read_json(record).get("review_sha256")
    except (ValueError, AttributeError):
        written = None
    if file_sha256(sheet) != written:
        raise InputError(
            f"{sheet} was filled in since it was written; move it, or choose another audit_dir"
        )


def _in_lines(record: Mapping[str, object]) -> str:
    """Return JSON with a line for each key and each kind of finding; an indent takes minutes."""
    lines = []
    for key, value in record.items():
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if key == "findings" and isinstance(value, dict):
            text = _in_lines(value).strip()
        lines.append(f"{json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
