"""Sign a manifest: of a bundle, or of what is sent to a recipient.

:mod:`adverts.runtime.opening.signature` checks such a signature.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import InputError
from adverts.files.bounded_reading import read_bounded
from adverts.runtime.opening.signature import (
    SIGNATURE_NAME,
    check_signature,
    signature_json,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_OTHERS_MAY = 0o077
_MOST_BYTES = 1_000_000


def signature_of(manifest: bytes, key: Ed25519PrivateKey, *, name: str = SIGNATURE_NAME) -> str:
    """Return the content of a signature's file; the same bytes and key give the same signature."""
    public = key.public_key().public_bytes_raw()
    text = signature_json(public, key.sign(manifest))
    check_signature(manifest, text.encode(), public, name=name)
    return text


def read_private_key(path: Path, option: str = "signing_key") -> Ed25519PrivateKey:
    """Return the private key in a PEM file.

    Args:
        path: An unencrypted PEM file with an Ed25519 private key (PKCS #8), which only its owner
            can read.
        option: Name of the option that gave the path, for the message.

    Raises:
        InputError: The file cannot be read, others can read it too, or it is no such key; the
            message never holds a part of the key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        data, mode = read_bounded(path, most=_MOST_BYTES), path.stat().st_mode
    except OSError as error:
        raise InputError(f"{option}={path}: {error.strerror}; give a PEM file") from None
    if os.name == "posix" and mode & _OTHERS_MAY:
        raise InputError(
            f"{option}={path}: others can read it; run chmod 600 on it, or make a new key"
        )
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(
            f"{option}={path} is no unencrypted Ed25519 private key; make one with "
            "openssl genpkey -algorithm ed25519"
        )
    return key
