"""Check who signed a bundle: an Ed25519 signature over the exact bytes of its manifest.

The manifest lists the sha256 of every other file, so its signature covers them all. A signature is
not part of the bundle's identity, and proves nothing without a public key to check it with.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import InputError, IntegrityError
from adverts.files.bounded_reading import open_file
from adverts.runtime.stored_fields import parse_object

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIGNATURE_NAME = "signature.json"
SCHEMA_VERSION = 1
ALGORITHM = "Ed25519"
PublicKey = Path | str | bytes
"""Path of a file with PEM text or 32 raw bytes, or the PEM text or the bytes themselves."""
_RAW_BYTES = 32
_MAX_KEY_BYTES = 10_000
_PEM_START = "-----BEGIN"


def check_signature(
    manifest: bytes,
    signature: bytes | None,
    public_key: PublicKey,
    *,
    name: str = SIGNATURE_NAME,
    signed: str = "manifest",
    whole: str = "bundle",
) -> None:
    """Refuse a manifest, or another file, that the owner of a key has not signed.

    Args:
        manifest: Bytes of the manifest.
        signature: Bytes of the file of the signature; None where there is no such file.
        public_key: Key of the expected signer.
        name: Name of that file.
        signed: What is signed, in words.
        whole: What it stands for, in words, which one asks the signer for.

    Raises:
        InputError: ``public_key`` is not an Ed25519 public key.
        IntegrityError: The signature is missing, malformed, of another key or of other bytes.
    """
    from cryptography.exceptions import InvalidSignature

    raw = read_public_key(public_key)
    if signature is None:
        raise IntegrityError(f"{name} is missing: nobody signed this {whole}; ask for a signed one")
    found_id, value = _parse(signature)
    if found_id != key_id(raw):
        raise IntegrityError(
            f"{name} was made with the key {found_id[:40]!r}, wanted {key_id(raw)}; ask its owner "
            f"for the public key, or for a {whole} that they signed"
        )
    try:
        _key(raw).verify(value, manifest)
    except InvalidSignature:
        raise IntegrityError(
            f"{name} does not match this {signed}: one of the two was changed after signing; ask "
            f"for the {whole} again"
        ) from None


def read_public_key(given: PublicKey) -> bytes:
    """Return the 32 raw bytes of a public key.

    Raises:
        InputError: ``given`` is not an Ed25519 public key, or cannot be read.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = _key_bytes(given)
    if len(data) == _RAW_BYTES:
        return data
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("public_key is not an Ed25519 public key; give a PEM file or 32 raw bytes")
    return key.public_bytes_raw()


def key_id(raw_public_key: bytes) -> str:
    """Return the short name of a public key: 16 hex digits of the sha256 of its raw bytes."""
    return hashlib.sha256(raw_public_key).hexdigest()[:16]


def signature_json(raw_public_key: bytes, signature: bytes) -> str:
    """Return the content of :data:`SIGNATURE_NAME`."""
    return (
        json.dumps(
            {
                "schema_version": SCHEMA_VERSION,
                "algorithm": ALGORITHM,
                "key_id": key_id(raw_public_key),
                "signature": base64.b64encode(signature).decode(),
            },
            indent=1,
        )
        + "\n"
    )


def _parse(data: bytes) -> tuple[str, bytes]:
    try:
        fields = parse_object(data, "")
        version, algorithm = fields.number("schema_version"), fields.text("algorithm")
        found_id, text = fields.text("key_id"), fields.text("signature")
        fields.end()
        if (version, algorithm) != (SCHEMA_VERSION, ALGORITHM):
            raise ValueError(
                f"version {version:g} of {algorithm!r}, wanted {SCHEMA_VERSION} of {ALGORITHM}"
            )
        return found_id, base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise IntegrityError(f"{SIGNATURE_NAME} is not valid ({error}); sign it again") from None


def _key(raw: bytes) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(raw)


def _key_bytes(given: PublicKey) -> bytes:
    if isinstance(given, bytes):
        return given
    if isinstance(given, str) and given.lstrip().startswith(_PEM_START):
        return given.encode()
    try:
        with open_file(Path(given)) as file:
            return file.read(_MAX_KEY_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"public_key={str(given)[:200]}: {reason}; give a PEM file") from None
