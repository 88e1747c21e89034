"""Sign a bundle, so that whoever has the public key knows who exported it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import InputError
from adverts.runtime.manifest import MANIFEST_NAME
from adverts.runtime.opening.bundle import open_bundle
from adverts.runtime.opening.signature import SIGNATURE_NAME, check_signature, signature_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_OTHERS_MAY = 0o077


def sign_bundle(folder: Path, private_key: Path) -> None:
    """Write the signature of a bundle beside its files, in place of an older one.

    The same bundle and key give the same bytes.

    Args:
        folder: A whole bundle, which is verified first: nobody should sign what is broken.
        private_key: Path of an unencrypted PEM file with an Ed25519 private key (PKCS #8), which
            nobody but its owner can read.

    Raises:
        InputError: There is no bundle or no such key.
        IntegrityError: The bundle is not as it was exported.
    """
    key = read_private_key(private_key)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a bundle: only a folder is signed")
    open_bundle(folder)
    manifest = (folder / MANIFEST_NAME).read_bytes()
    public = key.public_key().public_bytes_raw()
    text = signature_json(public, key.sign(manifest))
    check_signature(manifest, text.encode(), public)
    partial = folder.parent / f".{folder.name}.{SIGNATURE_NAME}.partial"
    partial.write_text(text, encoding="utf-8")
    partial.replace(folder / SIGNATURE_NAME)


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key that a PEM file holds.

    Raises:
        InputError: It cannot be read, others can read it too, or it is no such key; no message
            holds a part of it.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        data, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise InputError(f"signing_key={path}: {error.strerror}; give a PEM file") from None
    if os.name == "posix" and mode & _OTHERS_MAY:
        raise InputError(
            f"signing_key={path}: others can read it; run chmod 600 on it, or make a new key"
        )
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(
            f"signing_key={path} is no unencrypted Ed25519 private key; make one with "
            "openssl genpkey -algorithm ed25519"
        )
    return key
