"""Whether a folder is what was sent, and whether the ledger still holds the line of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.errors import InputError, IntegrityError, plural, printable
from adverts.files.bounded_reading import read_json
from adverts.files.file_hash import file_sha256
from adverts.runtime.opening.signature import check_signature
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry
from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.outstanding import OutItem, listed_by

MANIFEST, SIGNATURE = "manifest.json", "signature.json"
_SEND = "send"
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Stated:
    """What the manifest of a sent folder states.

    Attributes:
        folder: The folder.
        reference: Reference of the share or withdrawal.
        recipient: Name of the recipient, as the manifest states it.
        number: Number of the ledger's line of it.
        hash: Hash of that line.
        files: Maps the name of each file to its sha256.
        told: What else it states that the ledger knows: time, purpose and last day.
    """

    folder: Path
    reference: str
    recipient: str
    number: int
    hash: str
    files: Mapping[str, str]
    told: Mapping[str, str]


def verify_sent(folder: Path, ledger: Path, *, public_key: Path | None = None) -> tuple[str, ...]:
    """Return a line for each way in which a folder, or the ledger's line of it, is not as sent.

    Args:
        folder: The folder that was sent, or the folder of the share that holds it as ``send/``.
        ledger: The ledger.
        public_key: Key that must have signed the manifest; None: no signature is checked.

    Returns:
        Lines, each with what is wrong and where; none if all is as it was sent.

    Raises:
        InputError: There is no such folder, or it or the ledger cannot be read.
        IntegrityError: The manifest is damaged, so that nothing can be compared.
    """
    stated = read_stated(folder)
    lines = list(_file_faults(stated))
    if public_key is not None:
        lines += _signature_faults(stated.folder, public_key)
    try:
        lines += _ledger_faults(stated, ledger, read_ledger(ledger))
    except IntegrityError as error:
        lines.append(str(error))
    return tuple(printable(one) for one in lines)


def _signature_faults(folder: Path, public_key: Path) -> Iterator[str]:
    path = folder / SIGNATURE
    signature = path.read_bytes() if path.is_file() else None
    try:
        check_signature((folder / MANIFEST).read_bytes(), signature, public_key)
    except IntegrityError as error:
        yield f"{folder}: {error}"


def verified_words(folder: Path) -> str:
    """Return in one line what was compared of a folder that is as it was sent.

    Raises:
        InputError: There is no such folder, or it cannot be read.
        IntegrityError: The manifest is damaged.
    """
    stated = read_stated(folder)
    files = plural(len(stated.files), "file")
    return printable(
        f"{stated.folder} is what was sent as {stated.reference}: {files} as written, and line "
        f"{stated.number:,} of the ledger is there; that nobody wrote a manifest to fit changed "
        "files, only its signature shows"
    )


def ended_lines(folder: Path, entries: Sequence[LedgerEntry], today: datetime.date) -> list[str]:
    """Return what of a folder that is as it was sent may be used no longer: since when, and why.

    Args:
        folder: The folder.
        entries: All entries of the ledger, which has the line of the folder.
        today: Day of today in UTC.

    Returns:
        A line that counts, and one for each act that withdrew some of it, the oldest first; none if
        all of it may be used.
    """
    stated = read_stated(folder)
    listed = listed_by(entries, stated.number)
    ended = {name: one for name, one in listed.items() if not one.is_current(today)}
    if not ended:
        return []
    told, acts = [], {one.reference: one for one in entries}
    groups: dict[tuple[str, str, str], list[OutItem]] = {}
    for one in ended.values():
        taken = one.withdrawal
        key = (taken.at, taken.reference, taken.cause) if taken else (one.expires, "", "expired")
        groups.setdefault(key, []).append(one)
    for (at, act, cause), several in sorted(groups.items()):
        names = ", ".join(one.item.reference for one in several[:_MOST_NAMED])
        more = f" and {len(several) - _MOST_NAMED:,} more" if len(several) > _MOST_NAMED else ""
        if not act:
            told.append(f"expired on {at}, and not withdrawn: {names}{more}")
            continue
        reason = acts[act].reason.value
        gone = sum(bool(one.confirmed_at) for one in several)
        told.append(
            f"withdrawn on {at[:10]} by {act} ({cause}{f': {reason}' if reason else ''}), "
            f"{gone:,} of {len(several):,} confirmed gone: {names}{more}"
        )
    first = "withdrawn" if any(one.withdrawal for one in ended.values()) else "expired"
    number = f"{len(ended):,} of {plural(len(listed), 'item')}"
    head = f"{first}: {number} of {stated.reference} may be used no longer"
    return [printable(one) for one in (head, *told)]


def read_stated(folder: Path) -> Stated:
    """Return what the manifest of a sent folder states.

    Raises:
        InputError: There is no such folder, or it cannot be read.
        IntegrityError: The manifest is damaged.
    """
    if not (folder / MANIFEST).is_file() and (folder / _SEND / MANIFEST).is_file():
        folder = folder / _SEND
    path = folder / MANIFEST
    try:
        plain = read_json(path, max_values=10_000_000)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); give the folder send/ of a share"
        ) from None
    except ValueError as error:
        raise IntegrityError(f"{error}, or ask for the folder again") from None
    try:
        return _stated(folder, plain)
    except (KeyError, TypeError) as error:
        raise IntegrityError(f"{path} is no manifest of a share: {error}") from None


def _stated(folder: Path, plain: object) -> Stated:
    fields = _mapping(plain, "the manifest")
    head = _mapping(fields["ledger"], "ledger")
    files = _mapping(fields["files"], "files")
    return Stated(
        folder=folder,
        reference=_text(fields["reference"], "reference"),
        recipient=str(fields.get("recipient", "")),
        number=_number(head["number"]),
        hash=_text(head["hash"], "hash"),
        files={name: _text(value, name) for name, value in files.items()},
        told={one: str(fields[one]) for one in ("at", "purpose", "expires") if one in fields},
    )


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{name} is no object")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError("the number of the ledger's line is no whole number")
    return value


def _file_faults(stated: Stated) -> Iterator[str]:
    """Yield a line for each file that is missing, changed, or was not sent."""
    for name, sha256 in sorted(stated.files.items()):
        path = stated.folder / name
        if path.parent != stated.folder or name in ("", ".", ".."):
            yield f"{stated.folder / MANIFEST} names {name!r}, which is no file of the folder"
        elif path.is_symlink() or not path.is_file():
            yield f"{path} is missing; it was sent"
        elif _sha256(path) != sha256:
            yield f"{path} is not the file that was sent: its sha256 is another one"
    known = {*stated.files, MANIFEST, SIGNATURE}
    for path in sorted(stated.folder.iterdir()):
        if path.name not in known:
            yield f"{path} was not sent: the manifest does not name it"


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None


def _ledger_faults(stated: Stated, path: Path, entries: Sequence[LedgerEntry]) -> Iterator[str]:
    """Yield why the ledger does not hold the line that a manifest states."""
    number = stated.number
    if not 0 < number <= len(entries):
        yield (
            f"{path} ends at line {len(entries):,}, but {stated.reference} was sent with line "
            f"{number:,}: its end was cut off, or it was begun anew; bring back the ledger"
        )
        return
    found = entries[number - 1]
    if found.hash != stated.hash:
        yield (
            f"{path}, line {number:,} is not the one that {stated.reference} was sent with: it is "
            "another ledger, or was begun anew; bring back the ledger"
        )
    elif found.reference != stated.reference:
        yield (
            f"{stated.folder / MANIFEST} states {stated.reference}, but line {number:,} of {path} "
            f"is of {found.reference}: the manifest was changed"
        )
    else:
        share = found.shared
        known = {
            "at": found.at,
            "purpose": "" if share is None else share.purpose,
            "expires": "" if share is None else share.expires,
        }
        for name, value in stated.told.items():
            if value != known[name]:
                yield (
                    f"{stated.folder / MANIFEST} states {name} {value[:80]!r}, but line {number:,} "
                    f"of {path} has {known[name]!r}: the manifest was changed"
                )
