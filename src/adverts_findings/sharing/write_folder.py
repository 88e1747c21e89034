"""Write the folder of a share or a withdrawal: send/ for the recipient, keep/ for the unit."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from adverts.errors import InputError
from adverts.files.bounded_reading import read_json
from adverts.files.delimited import delimited, guarded
from adverts.files.staging import staging
from adverts_findings.config.sharing import Kind, RecipientConfig, ShareConfig
from adverts_findings.sharing.folder.manifest import write_manifest
from adverts_findings.sharing.folder.readme import write_readme
from adverts_findings.sharing.hashes.readme_hashes import hashes_section
from adverts_findings.sharing.hashes.write_hashes import write_hashes
from adverts_findings.sharing.leaving.item import Item, Refusal
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.notices.readme_notices import notices_section
from adverts_findings.sharing.notices.write_notices import write_notices
from adverts_findings.sharing.notices.write_withdrawn import withdrawn_section, write_withdrawn
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.readme_stix import misp_section, stix_section
from adverts_findings.sharing.stix.write_misp import write_misp
from adverts_findings.sharing.stix.write_stix import write_stix

RECORD = "share.json"
"""Says in a folder which act of the ledger it is of."""
SEND, KEEP = "send", "keep"


def outgoing_of(
    config: ShareConfig, entries: Sequence[LedgerEntry], *, originals: Mapping[str, Item]
) -> Outgoing:
    """Return all that is written for the last of some entries.

    Args:
        config: Recipients, laws and sender.
        entries: Entries of the ledger up to that one.
        originals: The adverts of the share by reference; empty for a withdrawal.

    Raises:
        InputError: The recipient is not configured.
    """
    entry = entries[-1]
    mine = [one for one in outstanding(entries).values() if one.recipient == entry.recipient]
    mine.sort(key=lambda one: one.item.reference)
    day = _day(entry)
    return Outgoing(
        entry=entry,
        name=entry.recipient,
        recipient=_recipient(config, entry.recipient),
        sender=config.sender,
        laws=config.laws,
        originals=originals,
        current=tuple(one for one in mine if one.is_current(day)),
        removed=tuple(one for one in mine if not one.is_current(day) and one.is_active),
        history=tuple(one for one in entries if one.recipient == entry.recipient),
    )


def _recipient(config: ShareConfig, name: str) -> RecipientConfig:
    found = config.recipients.get(name)
    if found is None:
        raise InputError(
            f"the ledger has shares with {name}, and recipients= has no such name; add its file"
        )
    return found


def _day(entry: LedgerEntry) -> datetime.date:
    return datetime.datetime.fromisoformat(entry.at).date()


def require_place(folder: Path, reference: str) -> None:
    """Refuse a folder that holds another share or withdrawal, which is not to be lost.

    Raises:
        InputError: It does.
    """
    within = next((one for one in folder.resolve().parents if _is_sent(one)), None)
    if within is not None or _is_sent(folder.resolve()):
        raise InputError(
            f"{folder} is in {within or folder}, which is for a recipient; choose another share_dir"
        )
    found = reference_in(folder)
    if found not in {None, reference}:
        raise InputError(f"{folder} holds {found}; choose another share_dir")


def reference_in(folder: Path) -> str | None:
    """Return the reference of the act that a folder is of; None where it is of none."""
    try:
        return str(read_json(folder / RECORD)["reference"])[:80]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        return "something else"


def _is_sent(folder: Path) -> bool:
    return folder.name in (SEND, KEEP) and (folder.parent / RECORD).is_file()


def write_folder(
    folder: Path,
    outgoing: Outgoing,
    *,
    refusals: Sequence[Refusal],
    sign_with: Path | None,
    record: Callable[[], None] | None = None,
) -> None:
    """Write the folder of a share or a withdrawal as a whole or not at all.

    Args:
        folder: The folder.
        outgoing: What is written.
        refusals: What did not leave, for the unit alone.
        sign_with: PEM file of a private key that signs the manifest; None: it is not signed.
        record: Records it in the ledger, once all files are on disk and before they appear; None:
            nothing is recorded here.

    Raises:
        InputError: The folder holds something else, the key cannot be used, or the disk is full.
    """
    with staging(folder, marker=RECORD, also=(SEND, KEEP)) as partial:
        _write_send(partial / SEND, outgoing, sign_with)
        _write_keep(partial / KEEP, outgoing, refusals)
        told = {"schema_version": 1, "reference": outgoing.entry.reference}
        (partial / RECORD).write_text(json.dumps(told) + "\n")
        if record is not None:
            record()


def _write_send(folder: Path, outgoing: Outgoing, sign_with: Path | None) -> None:
    folder.mkdir(mode=0o700)
    sections = []
    if outgoing.shared_now("notice"):
        write_notices(folder, outgoing)
        sections.append(notices_section(outgoing))
    if outgoing.entry.withdrawn is not None:
        write_withdrawn(folder, outgoing)
        sections.append(withdrawn_section(outgoing))
    writers: tuple[tuple[Kind, Callable[[Path, Outgoing], None], Callable[[Outgoing], str]], ...]
    writers = (
        ("hashes", write_hashes, hashes_section),
        ("stix", write_stix, stix_section),
        ("misp", write_misp, misp_section),
    )
    for kind, write, section in writers:
        if outgoing.in_use(kind) or outgoing.taken_back(kind):
            write(folder, outgoing)
            sections.append(section(outgoing))
    write_readme(folder, outgoing, sections)
    write_manifest(folder, outgoing, sign_with=sign_with)


def _write_keep(folder: Path, outgoing: Outgoing, refusals: Sequence[Refusal]) -> None:
    folder.mkdir(mode=0o700)
    items = [
        (one, outgoing.originals[one].advert, outgoing.originals[one].campaign)
        for one in sorted(outgoing.originals)
    ]
    _write_csv(folder / "items.csv", ("reference", "advert", "campaign"), items)
    rows = [(one.item, one.kind, one.reason, one.until) for one in refusals]
    _write_csv(folder / "refused.csv", ("item", "kind", "reason", "until"), rows)


def _write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    cells = [[guarded(one) for one in row] for row in rows]
    path.write_bytes(delimited([header, *cells], line_end="\r\n"))
