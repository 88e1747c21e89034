"""Write what one round of reviewers needs: a page, a spreadsheet, and files of Label Studio."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.review.answers import Round
from adverts.errors import IntegrityError
from adverts.files.bounded_reading import read_json
from adverts.files.staging import open_private, staging
from adverts_findings.survey.sample import Sample
from adverts_findings.survey.sheets.items import Item
from adverts_findings.survey.sheets.label_studio import labelling_config, write_tasks
from adverts_findings.survey.sheets.review_page import write_review_page
from adverts_findings.survey.sheets.sheet_csv import write_sheet

PAGE, SHEET = "review.html", "sheet.csv"
TASKS, LABELLING = "label_studio.json", "label_studio.xml"
ASKED = "asked.json"
"""Names of the items that all of them ask about."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets that ask about what is left of a round.

    Attributes:
        folder: Their folder.
        asked: Names of the items to write sheets for, in order; empty where sheets that are there
            ask about all that is left.
    """

    folder: Path
    asked: tuple[str, ...]


def next_sheets(
    folder: Path, left: Sequence[str], number: Round, *, reviewer: str | None = None
) -> Sheets:
    """Return the sheets for what is left of a round.

    A sheet is never replaced, since somebody may be filling it in: a new one asks only about what
    the others do not.

    Args:
        folder: Folder of the sample.
        left: Names of the items that are left, in the order of a sheet, see
            :func:`adverts_findings.survey.sheets.rounds.to_review`.
        number: The round.
        reviewer: Who will look, if these are left for one person; None: anybody.
    """
    name = f"round-{number}" if reviewer is None else f"round-{number}-for-{_plain(reviewer)}"
    last, count, known = folder / name, 1, set[str]()
    while (found := folder / _name(name, count)).exists():
        last, count = found, count + 1
        known |= _asked(found)
    asked = tuple(one for one in left if one not in known)
    return Sheets(folder / _name(name, count) if asked else last, asked)


def _plain(reviewer: str) -> str:
    name = unicodedata.normalize("NFKC", reviewer).casefold()
    return re.sub(r"\W+", "-", name).strip("-")[:40] or "somebody"


def _name(name: str, count: int) -> str:
    return name if count == 1 else f"{name}-part-{count}"


def _asked(folder: Path) -> set[str]:
    try:
        return set(read_json(folder / ASKED))
    except (OSError, ValueError, TypeError):
        raise IntegrityError(
            f"{folder / ASKED} is missing or damaged; bring it back, or move {folder.name} away"
        ) from None


def write_round(
    sheets: Sheets,
    sample: Sample,
    number: Round,
    *,
    items: Mapping[str, Item],
    earlier: Sequence[str] = (),
) -> None:
    """Write new sheets; as a whole or not at all.

    Args:
        sheets: The sheets.
        sample: The sample.
        number: The round.
        items: What reviewers see, by name.
        earlier: Names of people who reviewed any of it in an earlier round, whom the page refuses.

    Raises:
        IntegrityError: The content of an item is missing.
    """
    lost = [one for one in sheets.asked if one not in items]
    if lost:
        raise IntegrityError(f"{lost[0]} of sample {sample.name} has no content any more")
    shown = [items[one] for one in sheets.asked]
    with staging(sheets.folder, marker=ASKED) as partial:
        with open_private(partial / ASKED) as file:
            file.write(json.dumps(sheets.asked).encode())
        write_sheet(partial / SHEET, sheets.asked, sample, number)
        write_tasks(partial / TASKS, shown, sample, number)
        with open_private(partial / LABELLING) as file:
            file.write(labelling_config(sample.question).encode())
        write_review_page(
            partial / PAGE,
            shown,
            sample.question,
            sample=sample.seal,
            round=number,
            design=sample.design,
            name=sample.name,
            earlier=earlier,
        )
