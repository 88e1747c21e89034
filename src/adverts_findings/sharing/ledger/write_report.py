"""Write the page of what is out and what came of it."""

from __future__ import annotations

from pathlib import Path

from adverts.errors import InputError
from adverts.evaluation.report.templating import FOLDER, fill_html
from adverts.files.durable import replace_file
from adverts_findings.campaigns.pages import page_words, shown_values
from adverts_findings.sharing.ledger.report import STATES, LedgerReport
from adverts_findings.sharing.ledger.report_lines import removal_words

PAGE = "ledger.html"
MOST_ROWS = 1_000
"""Most rows of each table of the page; the rest are counted."""
_FOLDERS = (
    Path(__file__).parent / "templates",
    Path(page_words.__file__).parent / "templates",
    FOLDER,
)


def write_report(folder: Path, report: LedgerReport) -> Path:
    """Write the page into a folder, and return its path; an earlier page is replaced.

    Args:
        folder: The folder; made private if there is none.
        report: What the page states.

    Raises:
        InputError: It cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        page = folder / PAGE
        replace_file(page, report_page(report).encode(errors="replace"))
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror or error})") from None
    return page


def report_page(report: LedgerReport) -> str:
    """Return the page: no name of a person, text or address of an advert, and no script."""
    return fill_html(
        "ledger.html.j2",
        {
            "report": report,
            "states": STATES,
            "answers": tuple(report.all.answers),
            "most_rows": MOST_ROWS,
            "removal_words": removal_words,
            "values": shown_values,
            "number": page_words.number,
            "name": page_words.name,
        },
        folders=_FOLDERS,
    )
