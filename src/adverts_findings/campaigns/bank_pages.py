"""Pages of a bank that somebody asks for, with what stands beside its tables."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc

from adverts_findings.campaigns.bank.access_log import read_log
from adverts_findings.campaigns.bank.as_of import judgements_until
from adverts_findings.campaigns.judgements.judgement_file import read_judgements
from adverts_findings.campaigns.originals.read_originals import OriginalSources
from adverts_findings.campaigns.pages.asked_campaigns import asked_campaigns
from adverts_findings.campaigns.pages.beside.beside import Beside, read_all
from adverts_findings.campaigns.pages.beside.exports import logged_exports
from adverts_findings.campaigns.pages.campaign_rows import rows_of
from adverts_findings.campaigns.pages.former_ids import CampaignHistory
from adverts_findings.campaigns.pages.write_pages import write_pages
from adverts_findings.campaigns.rebuild import read_before

JUDGEMENTS = "judgements.jsonl"
"""File of all that people said of links, in the folder of a bank."""


def beside_of(folder: Path, day: datetime.date | None = None) -> Beside:
    """Return what pages show from the files beside the tables of a bank.

    Args:
        folder: Folder of the bank.
        day: What was recorded until the end of this day, in UTC; None: all of it.

    Raises:
        InputError: A file cannot be read.
        IntegrityError: A file is damaged.
    """
    judgements, log = read_judgements(folder / JUDGEMENTS), read_log(folder)
    if day is not None:
        judgements = judgements_until(judgements, day)
        log = tuple(one for one in log if one.at[:10] <= day.isoformat())
    return Beside(judgements, logged_exports(log), day=day)


class AskedPages:
    """Pages of campaigns that somebody asks for, which are checked before they are written.

    Attributes:
        names: Names of the campaigns.
        words: What is asked for, for the log.
    """

    def __init__(self, folder: Path, campaigns: Sequence[str], prepared: Sequence[Path]) -> None:
        """Read a bank, and open the datasets whose texts and pictures are to be shown.

        Args:
            folder: Folder of the bank.
            campaigns: Campaigns as a person writes them; one that was merged stands for what took
                its place.
            prepared: Datasets from which the bank was built; none: no text or picture is shown.

        Raises:
            InputError: There is no such campaign, or a dataset is not one of the bank's.
            IntegrityError: A file is damaged.
        """
        self._folder, self._tables = folder, read_before(folder)
        history = CampaignHistory(self._tables["replaced"])
        open_now = pc.unique(self._tables["adverts"]["campaign"]).drop_null().to_pylist()
        self.names = asked_campaigns(campaigns, open_now, history, most=0)
        self._sources = OriginalSources(prepared, self._tables["builds"]) if prepared else None
        self.words = ", ".join(self.names) + (" with texts and pictures" if prepared else "")

    def write(self, pages: Path) -> list[Path]:
        """Write the pages into a folder, in which others of the same build stay, and return them.

        Raises:
            InputError: The folder holds something else, or cannot be written.
            IntegrityError: The tables contradict each other, or a picture's file has changed.
        """
        beside = beside_of(self._folder)
        if self._sources is not None:
            originals = read_all(self._sources, rows_of(self._tables, self.names))
            beside = replace(beside, originals=originals)
        written = write_pages(pages, self._tables, campaigns=self.names, beside=beside, keep=True)
        return [one for one in written if one.stem in self.names and one.suffix == ".html"]
