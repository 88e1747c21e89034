"""The campaigns of a bank for a prepared dataset: only of adverts that the bank may still show."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from adverts.data.dataset.tombstones import Tombstones
from adverts.data.preparing.given_campaigns import GivenCampaigns
from adverts.errors import InputError, plural
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id
from adverts.inputs.letters.folding import fold
from adverts.linking.bank.access_log import record_access
from adverts.linking.bank.erased_ids import read_erased
from adverts.linking.bank.overdue import not_overdue
from adverts.linking.bank.read_bank import Bank, open_bank
from adverts.scoring.evidence.evidence_rows import documents_of

_READ = ("id", "campaign", "text_hash", "retain_until")
_WHY = "campaigns for a prepared dataset"


def campaigns_for_data(
    folder: Path, *, key: bytes | None, who: str, now: datetime.datetime
) -> GivenCampaigns:
    """Return the campaigns of the current build of a bank, after it was logged that they are read.

    Adverts that were erased or restricted, or whose last day is over, are left out, also where the
    bank was not built again since.

    Args:
        folder: Folder of the bank.
        key: Secret key of the tokens of the dataset, with which captions are compared; None: there
            is none, and nothing is compared.
        who: Who prepares the dataset.
        now: The time now, in UTC.

    Raises:
        InputError: There is no bank, its tokens are of another key, its log cannot be written, or
            no advert is in a campaign.
        IntegrityError: A file of it is damaged.
    """
    with open_bank(folder) as bank:
        _require_key(bank, key)
        adverts, build = bank.table("adverts", _READ), bank.build
    shown = _shown(adverts, read_erased(folder), now.date())
    of = {advert: campaign for advert, campaign, _ in shown}
    if not of:
        raise InputError(
            f"data.campaigns={folder}: no advert of build {build} is in a campaign; judge "
            "more adverts and build the bank again, or leave data.campaigns out"
        )
    record_access(
        folder,
        "export",
        build=build,
        who=who,
        asked=f"campaigns of {plural(len(of), 'advert')}",
        why=_WHY,
        at=now,
    )
    texts = {advert: found for advert, _, found in shown if found is not None}
    return GivenCampaigns(
        str(folder), of, "bank", build, texts, None if key is None else partial(_hashes, key)
    )


def _require_key(bank: Bank, key: bytes | None) -> None:
    builds = bank.table("builds", ("build", "token_key_id")).sort_by("build")
    made_with = builds["token_key_id"].to_pylist()[-1]
    if key is not None and made_with != token_key_id(key):
        raise InputError(
            f"data.campaigns={bank.folder}: the tokens of the bank were made with the key "
            f"{made_with}, but ${TOKEN_KEY} is the key {token_key_id(key)}; give that key, or "
            "the bank of these adverts"
        )


def _shown(
    adverts: pa.Table, erased: Tombstones, today: datetime.date
) -> list[tuple[str, str, bytes | None]]:
    """Return id, campaign and hash of the caption of the adverts that may be shown today."""
    kept = not_overdue(adverts, today)
    inside = kept.filter(pc.is_valid(kept["campaign"]))
    columns = [inside[name].to_pylist() for name in _READ[:3]]
    return [row for row in zip(*columns, strict=True) if row[0] not in erased]


def _hashes(key: bytes, texts: Sequence[str]) -> list[bytes | None]:
    """Return the hash of captions with masked contacts, as the bank holds it."""
    found = documents_of([fold(one) for one in texts], key=key)
    return [None if one is None else one.hash for one in found]
