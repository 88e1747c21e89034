"""The campaign of each advert, as a bank or a CSV file gives it, checked against the dataset."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from adverts.data.dataset.dataset_manifest import CampaignsTaken
from adverts.data.dataset.tombstones import read_tombstones
from adverts.errors import InputError, plural
from adverts.files.delimited import read_spreadsheet, unguarded
from adverts.formats.campaigns import read_campaigns
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id

if TYPE_CHECKING:
    from adverts.data.mapping.map_rows import MappedRow

_COLUMNS = ("id", "campaign")
_MOST_COMPARED = 1_000
_MOST_UNLIKE = 0.8  # another release may mask or fold some texts in another way
_LONGEST_NAME = 200
HashTexts = Callable[[Sequence[str]], Sequence[bytes | None]]
"""Returns the hash of each caption with masked contacts, as in evidence; None of an empty one."""


@dataclass(frozen=True, slots=True, eq=False)
class GivenCampaigns:
    """The campaigns of some adverts, by id; all other adverts are in none.

    Attributes:
        name: Bank or file as the user named it, for messages.
        of: Maps the id of each advert that is in a campaign to the campaign.
        kind: Whether a bank or a CSV file gives them.
        build: Number of the build of the bank; None for a CSV file.
        texts: Maps ids of adverts to the hash of their caption; empty where captions are unknown.
        hash_texts: Returns the same hash of captions with masked contacts; None of an empty one.
            Without it no caption is compared.
    """

    name: str
    of: Mapping[str, str]
    kind: Literal["bank", "csv"]
    build: int | None = None
    texts: Mapping[str, bytes] = field(default_factory=dict)
    hash_texts: HashTexts | None = None

    @property
    def taken(self) -> CampaignsTaken:
        """What a manifest says of them before it is known which adverts are in the dataset."""
        text = json.dumps(sorted(self.of.items()))
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return CampaignsTaken(self.kind, digest, self.build, elsewhere=len(self.of))

    def given_to(self, rows: Sequence[MappedRow]) -> list[MappedRow]:
        """Return the rows of a dataset, each with its campaign if it is in one.

        Raises:
            InputError: No advert of the dataset is in a campaign, or nearly all adverts of the same
                ids have other captions.
        """
        inside = [row for row in rows if row.id in self.of]
        if not inside:
            raise InputError(
                f"data.campaigns={self.name} has {plural(len(self.of), 'advert')} in campaigns, "
                f"and none of them is among the {len(rows):,} of this dataset; give the bank that "
                "was linked from these adverts, or a CSV file of their ids"
            )
        self._require_same_texts(inside)
        return [
            replace(row, context={**row.context, "campaign": self.of[row.id]})
            if row.id in self.of
            else row
            for row in rows
        ]

    def _require_same_texts(self, inside: Sequence[MappedRow]) -> None:
        if self.hash_texts is None:
            return
        compared = [row for row in inside if row.id in self.texts][:_MOST_COMPARED]
        found = self.hash_texts([row.text for row in compared])
        unlike = sum(self.texts[row.id] != made for row, made in zip(compared, found, strict=True))
        if unlike > _MOST_UNLIKE * len(compared):
            raise InputError(
                f"data.campaigns={self.name}: of {plural(len(compared), 'advert')} with an id of "
                f"this dataset, {unlike:,} have another text there, so it is a bank of other "
                "adverts; give the bank that was linked from this dataset"
            )


def read_campaigns_of_bank(
    folder: Path,
    *,
    key: bytes | None,
    hash_texts: HashTexts | None,
    who: str,
    now: datetime.datetime,
) -> GivenCampaigns:
    """Return the campaigns of the current build of a bank, after it was logged that they are read.

    Adverts that were erased or restricted, or whose last day is over, are left out, also where the
    bank was not built again since.

    Args:
        folder: Folder of the bank.
        key: Secret key of the tokens of the dataset, if there is one.
        hash_texts: Returns the hashes of captions with that key; None: no caption is compared.
        who: Who prepares the dataset.
        now: The time now, in UTC.

    Raises:
        InputError: There is no bank, its tokens are of another key, its log cannot be written, or
            no advert is in a campaign.
        IntegrityError: A file of it is damaged.
    """
    found = read_campaigns(folder)
    if key is not None and found.token_key_id != token_key_id(key):
        raise InputError(
            f"data.campaigns={folder}: the tokens of the bank were made with the key "
            f"{found.token_key_id}, but ${TOKEN_KEY} is the key {token_key_id(key)}; give that "
            "key, or the bank of these adverts"
        )
    shown = found.in_campaigns(read_tombstones(folder), now.date())
    of = {advert: campaign for advert, campaign, _ in shown}
    if not of:
        raise InputError(
            f"data.campaigns={folder}: no advert of build {found.build} is in a campaign; judge "
            "more adverts and build the bank again, or leave data.campaigns out"
        )
    asked = f"campaigns of {plural(len(of), 'advert')}"
    found.log_taken(who, asked, "campaigns for a prepared dataset", now)
    texts = {advert: text for advert, _, text in shown if text is not None}
    return GivenCampaigns(str(folder), of, "bank", found.build, texts, hash_texts)


def read_campaign_csv(path: Path) -> GivenCampaigns:
    """Return the campaigns that a CSV file gives in its columns ``id`` and ``campaign``.

    Other columns are not read. An empty campaign means that the advert is in none.

    Raises:
        InputError: The file is missing or too large, lacks a column, gives an advert two campaigns,
            or names no campaign.
    """
    _require_csv(path)
    header, rows = read_spreadsheet(path)
    absent = [name for name in _COLUMNS if header.count(name) != 1]
    if absent:
        raise InputError(
            f"data.campaigns={path}: the header must name {' and '.join(absent)} once; it has the "
            f"columns {', '.join(header)[:_LONGEST_NAME]}"
        )
    places = [header.index(name) for name in _COLUMNS]
    found: dict[str, tuple[str, int]] = {}
    for number, cells in rows:
        advert, campaign = (unguarded(cells[place]) for place in places)
        where = f"data.campaigns={path}, row {number}"
        if not advert:
            raise InputError(f"{where}: id is empty; every row is of an advert")
        if len(campaign) > _LONGEST_NAME:
            raise InputError(f"{where}: campaign has {len(campaign):,} characters; give its id")
        before, first = found.setdefault(advert, (campaign, number))
        if before != campaign:
            raise InputError(
                f"{where}: the same advert is in another campaign in row {first}; an advert is in "
                "one campaign"
            )
    of = {advert: campaign for advert, (campaign, _) in found.items() if campaign}
    if not of:
        raise InputError(f"data.campaigns={path} names no campaign; fill in the column campaign")
    return GivenCampaigns(str(path), of, "csv")


def _require_csv(path: Path) -> None:
    if not path.is_file():
        raise InputError(
            f"data.campaigns={path}: there is no such bank and no such file; give the folder of a "
            f"bank, or a CSV file with the columns {', '.join(_COLUMNS)}"
        )
    if path.suffix == ".parquet":
        raise InputError(
            f"data.campaigns={path}: give the folder of its bank, which logs who takes campaigns"
        )
