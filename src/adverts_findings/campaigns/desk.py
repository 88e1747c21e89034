"""What is done with a bank beside building it: ask, hold, forget, and write pages.

Each act is logged before it is done, so that nothing is done that is not in the log.
"""

from __future__ import annotations

import datetime
import itertools
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import InputError, plural
from adverts.formats.log_entry import Act
from adverts_findings.campaigns.bank.access_log import erase_personal, record_access, verify_log
from adverts_findings.campaigns.bank.answers import Answer
from adverts_findings.campaigns.bank.asked_value import value_from
from adverts_findings.campaigns.bank.bank_files import read_pointer
from adverts_findings.campaigns.bank.erased_ids import add_erased, read_erased
from adverts_findings.campaigns.bank.find import find_values
from adverts_findings.campaigns.bank.holds import Hold, add_hold
from adverts_findings.campaigns.bank.overdue import (
    count_overdue,
    not_overdue,
    overdue_words,
    still_held,
)
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank_pages import JUDGEMENTS, AskedPages, beside_of
from adverts_findings.campaigns.bank_tables import LAST_DAYS
from adverts_findings.campaigns.build import memory_of
from adverts_findings.campaigns.judgements.judgement_file import read_judgements
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.pages.write_pages import write_pages
from adverts_findings.campaigns.rebuild import Tables

if TYPE_CHECKING:
    from adverts_findings.campaigns.news.news_record import NewsRecord

EXPORTS = "exports"
SHEETS = "sheets"
"""Folder of the sheets of pairs to judge."""
_PAGES, _EARLIER = "pages", "as-of-"
_MOST_LOGGED = 2_000


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's work with a bank.

    Attributes:
        folder: Folder of the bank.
        who: Who works with it.
        why: Why, in words; empty where an act needs no reason.
        now: The time now, in UTC.
    """

    folder: Path
    who: str
    why: str
    now: datetime.datetime

    @property
    def judgements_file(self) -> Path:
        """The file of all that people said of links."""
        return self.folder / JUDGEMENTS

    def judgements(self) -> tuple[Judgement, ...]:
        """Return all that people said of links.

        Raises:
            InputError: They cannot be read.
            IntegrityError: A line is damaged; the message names it.
        """
        return read_judgements(self.judgements_file)

    def require_bank(self) -> None:
        """Refuse a folder without a bank.

        Raises:
            InputError: There is none.
        """
        if read_pointer(self.folder) is None:
            raise InputError(
                f"{self.folder} holds no bank; build one: adverts link scores=… bank={self.folder}"
            )

    def log(self, act: Act, asked: str) -> None:
        """Log what is done; nothing where there is no bank yet.

        Raises:
            InputError: It cannot be written.
            IntegrityError: The log is damaged.
        """
        pointer = read_pointer(self.folder)
        if pointer is not None:
            self._record(act, asked, pointer.build)

    def log_build(self, build: int) -> int:
        """Log that a build becomes the current one, and return the number of lines of the log.

        Raises:
            InputError: It cannot be written.
            IntegrityError: The log is damaged.
        """
        return self._record("build", f"build {build}", build)

    def _record(self, act: Act, asked: str, build: int) -> int:
        why = self.why or act
        entry = record_access(
            self.folder, act, build=build, who=self.who, asked=asked, why=why, at=self.now
        )
        return entry.number

    def find(self, given: bytes, key: bytes) -> tuple[Answer, ...]:
        """Return what the bank knows of a value.

        Args:
            given: What was piped: a phone, handle, link or text, or the content of a picture.
            key: Secret key of the tokens.

        Raises:
            InputError: There is no bank, the key is another one, or the value is none.
            IntegrityError: The bank is damaged.
        """
        with open_bank(self.folder) as bank:
            memory = memory_of({"builds": bank.table("builds")})
            asked = value_from(given, key=key, bank_key_id=memory.token_key_id)
            self.log("find", asked.name)
            return find_values(bank, asked, today=self.now.date())

    def hide_overdue(self) -> int:
        """Remove pages and sheets that may show adverts whose last day is over; return how many.

        The bank holds such adverts until it is built again.

        Raises:
            InputError: There is no bank, or its build holds adverts that were erased.
            IntegrityError: The bank is damaged.
        """
        number = self.overdue()
        if number:
            self.remove_shown()
        return number

    @contextmanager
    def steady(self) -> Iterator[int]:
        """Show nothing that was erased: neither before the block, nor while it runs.

        Yields:
            The number of adverts that are kept beyond their last day, which nobody may see.

        Raises:
            InputError: There is no bank; adverts that were erased are still in its build; or the
                bank was built or erased from while the block ran, so that what it wrote into the
                folder was removed.
            IntegrityError: The bank is damaged.
        """
        known = self.state()
        yield self.overdue()
        if self.state() != known:
            self.remove_shown()
            raise self._meanwhile()

    def overdue(self) -> int:
        """Return how many adverts are kept beyond their last day.

        Raises:
            InputError: There is no bank, or its build still holds adverts that were erased, so that
                nothing of it may be shown.
            IntegrityError: The bank is damaged.
        """
        self.require_bank()
        with open_bank(self.folder) as bank:
            held = still_held(bank, read_erased(self.folder))
            late = count_overdue(bank, self.now.date(), ("adverts",))
        if held:
            raise InputError(
                f"{self.folder} still holds {plural(held, 'erased advert')}, since the "
                f"build after that did not end; run adverts link bank={self.folder} refresh=true"
            )
        return late

    def missing(self, ids: Sequence[str]) -> list[str]:
        """Return those of some ids that the bank does not hold.

        Raises:
            InputError: There is no bank.
            IntegrityError: The bank is damaged.
        """
        with open_bank(self.folder) as bank:
            tables = [bank.table(name, ("id",)) for name in LAST_DAYS]
        here = {one for table in tables for one in table["id"].to_pylist()}
        return [one for one in ids if one not in here]

    def free_place(self, room: str, name: str) -> Path:
        """Return a path in a room of the bank that is not there yet.

        Raises:
            InputError: The room is a link to somewhere else.
        """
        folder = self.folder / room
        if folder.is_symlink():
            raise InputError(f"{folder} leads out of the bank; remove that link")
        folder.mkdir(mode=0o700, exist_ok=True)
        names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
        return next(folder / one for one in names if not (folder / one).exists())

    def forget(self, ids: Sequence[str]) -> None:
        """Record adverts as erased, and remove all pages and sheets; the next build has none.

        Raises:
            InputError: There is no bank, or it cannot be written.
            IntegrityError: A file of it is damaged.
        """
        self.require_bank()
        self.log("erasure", plural(len(ids), "advert"))
        add_erased(self.folder, ids)
        self.remove_shown()

    def hold(self, ids: Sequence[str], until: datetime.date) -> int:
        """Say that adverts are restricted instead of erased until a day; return how many are here.

        They stay what they are until they would leave the bank.

        Raises:
            InputError: There is no bank, or the hold is not one.
            IntegrityError: A file of the bank is damaged.
        """
        self.require_bank()
        if until < self.now.date():
            raise InputError(f"until={until} is over; give a day to come")
        self.log("hold", plural(len(ids), "advert"))
        at = self.now.isoformat(timespec="seconds")
        for one in ids:
            hold = Hold("advert", one, by=self.who, until=until.isoformat(), why=self.why, at=at)
            add_hold(self.folder, hold)
        with open_bank(self.folder) as bank:
            tables = [bank.table(name, ("id",)) for name in ("adverts", "restricted")]
        here = {one for table in tables for one in table["id"].to_pylist()}
        return len(here.intersection(ids))

    def forget_log(self, day: datetime.date) -> int:
        """Erase who, what and why from the log until a day, and return how many lines had them.

        That it was done is logged first. The hash chain of the log holds as before.

        Args:
            day: The last day, in UTC.

        Raises:
            InputError: There is no bank, the day is not over, or the log cannot be written.
            IntegrityError: A line of the log was changed; the message names it.
        """
        self.require_bank()
        if day >= self.now.date():
            raise InputError(f"forget_log={day} is not over; give a day before today")
        verify_log(self.folder)
        self.log("erasure", f"personal fields of the log until {day}")
        until = day.isoformat()
        return erase_personal(self.folder, lambda entry: entry.at[:10] <= until)

    def write_pages(
        self,
        tables: Tables,
        campaigns: Sequence[str] = (),
        *,
        most: int,
        day: datetime.date | None = None,
    ) -> Path | None:
        """Write the pages of a build in place of all before, and return the first.

        Args:
            tables: Tables of the build.
            campaigns: Campaigns that get a page; empty: the largest.
            most: Number of the largest; 0 without ``campaigns``: no page, and none of the build
                before stays.
            day: Day that the build looks back at; None: it is the current one.
        """
        name = _PAGES if day is None else f"{_EARLIER}{day}"
        if not (most or campaigns):
            self._remove(name)
            return None
        self.log("page", f"{name} of {len(campaigns) or most} campaigns")
        with self._unchanged(name):
            if day is None:
                self._require_current(tables)
            return write_pages(
                self.folder / name,
                tables,
                campaigns=campaigns or None,
                most=most,
                beside=beside_of(self.folder, day),
            )[0]

    def write_campaign_pages(
        self, campaigns: Sequence[str], prepared: Sequence[Path] = ()
    ) -> list[Path]:
        """Write the pages of some campaigns beside those that are there, and return them.

        Args:
            campaigns: The campaigns, as a person writes them; one that was merged stands for what
                took its place.
            prepared: Datasets from which the bank was built: their texts and pictures are read for
                these pages alone.

        Raises:
            InputError: There is no bank or no such campaign, a dataset is not one of the bank's,
                or adverts that were erased or may be kept no longer are still in the build.
            IntegrityError: A file is damaged.
        """
        self.require_bank()
        with self._unchanged(_PAGES):
            if late := self.hide_overdue():
                raise InputError(
                    f"{overdue_words(late)}, and the pages of campaigns may show them; run adverts "
                    f"link bank={self.folder} refresh=true first"
                )
            asked = AskedPages(self.folder, campaigns, prepared)
            self.log("page", asked.words[:_MOST_LOGGED])
            return asked.write(self.folder / _PAGES)

    @contextmanager
    def _unchanged(self, name: str) -> Iterator[None]:
        """Remove the pages that the block wrote if the bank was changed meanwhile."""
        known = self.state()
        yield
        if self.state() != known:
            self._remove(name)
            raise self._meanwhile()

    def _require_current(self, tables: Tables) -> None:
        """Refuse tables that are no longer those of the current build, or lack an erasure."""
        made = memory_of(tables)
        pointer, erased = read_pointer(self.folder), len(read_erased(self.folder))
        known = made.kept.get("erased adverts", erased)
        if pointer is None or (pointer.build, erased) != (made.build, known):
            raise self._meanwhile()

    def _meanwhile(self) -> InputError:
        return InputError(
            f"{self.folder} was built or erased from meanwhile, so what was written there was "
            "removed; run the same command again"
        )

    def write_news(self, since: str) -> tuple[Path, NewsRecord]:
        """Write the page of what is new since a week, and return its path and what it states.

        Args:
            since: An ISO week, or a day of it.

        Raises:
            InputError: There is no bank, the week is none or to come, or the bank was built or
                erased from meanwhile.
            IntegrityError: The bank is damaged.
        """
        from adverts_findings.campaigns.news.describe_news import COLUMNS, READ, news_record
        from adverts_findings.campaigns.news.read_week import read_week
        from adverts_findings.campaigns.news.write_news import write_news
        from adverts_findings.campaigns.weeks import week_name

        week = read_week(since)
        with self._unchanged(_PAGES):
            columns = (*COLUMNS, LAST_DAYS["adverts"])
            with open_bank(self.folder) as bank:
                tables = {
                    name: bank.table(name, columns if name == "adverts" else None) for name in READ
                }
            tables["adverts"] = not_overdue(tables["adverts"], self.now.date())
            record = news_record(tables, week)
            self.log("page", f"new since {week_name(week)}")
            page = write_news(self.folder / _PAGES, record)
        return page, record

    def state(self) -> tuple[object, int]:
        """Return the current build and how many adverts were erased."""
        return read_pointer(self.folder), len(read_erased(self.folder))

    def remove_shown(self) -> None:
        """Remove pages, sheets and exports in the bank, which may show adverts that leave."""
        for name in (_PAGES, SHEETS, EXPORTS, _EARLIER):
            self._remove(name)

    def _remove(self, name: str) -> None:
        """Remove folders of this name, and what a kill left of them."""
        for one in self.folder.iterdir():
            if one.is_dir() and not one.is_symlink() and one.name.lstrip(".").startswith(name):
                shutil.rmtree(one)
