"""The manifest of what is sent: who sent it, until when it may be used, the hash of every file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from adverts.files.file_hash import file_sha256
from adverts.runtime.opening.signature import SIGNATURE_NAME
from adverts.signing import read_private_key, signature_of
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.written_files import write_json, write_text

SCHEMA_VERSION = 1
MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The newest line of the ledger when something was sent.

    Attributes:
        number: Its number, from 1.
        hash: Its hash.
    """

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class SentManifest:
    """What a manifest states.

    Attributes:
        sender: Name of the organisation that sends; empty if it is not stated.
        recipient: Name of the recipient.
        reference: Reference of the share or the withdrawal.
        at: When it was recorded, ISO 8601 in UTC.
        purpose: What for; empty for a withdrawal.
        expires: Last day on which it may be used, ISO 8601; empty for a withdrawal.
        ledger: Head of the ledger.
        files: Maps the name of every other file, but of the signature, to its hex sha256.
    """

    sender: str
    recipient: str
    reference: str
    at: str
    purpose: str
    expires: str
    ledger: LedgerHead
    files: dict[str, str]


def write_manifest(folder: Path, outgoing: Outgoing, sign_with: Path | None) -> None:
    """Write ``manifest.json``, and ``signature.json`` if there is a key.

    Args:
        folder: Folder that holds every other file, and neither of these.
        outgoing: What is sent.
        sign_with: PEM file of an Ed25519 private key; None: nothing is signed.

    Raises:
        InputError: The key cannot be used.
    """
    key = None if sign_with is None else read_private_key(sign_with, option="sign_with")
    path = folder / MANIFEST_NAME
    write_json(path, {"schema_version": SCHEMA_VERSION, **asdict(_manifest(folder, outgoing))})
    if key is not None:
        write_text(folder / SIGNATURE_NAME, signature_of(path.read_bytes(), key))


def _manifest(folder: Path, outgoing: Outgoing) -> SentManifest:
    entry, share = outgoing.entry, outgoing.entry.shared
    return SentManifest(
        sender=outgoing.sender.organisation,
        recipient=outgoing.recipient.name,
        reference=entry.reference,
        at=entry.at,
        purpose="" if share is None else share.purpose,
        expires="" if share is None else share.expires,
        ledger=LedgerHead(entry.number, entry.hash),
        files={one.name: file_sha256(one) for one in sorted(folder.iterdir())},
    )
