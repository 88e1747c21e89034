import hashlib
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from made_notices import AT, EXPIRES, HASH, SHARE, WITHDRAWAL, item, outgoing, withdrawing

from adverts.errors import InputError, IntegrityError
from adverts.runtime.opening.signature import check_signature
from adverts_findings.sharing.folder.manifest import write_manifest
from adverts_findings.sharing.ledger.verify_sent import read_stated


@pytest.fixture
def key():
    return Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def pem(tmp_path, key):
    path = tmp_path / "key.pem"
    nothing = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, nothing)
    )
    path.chmod(0o600)
    return path


def sent(folder, what, sign_with=None):
    folder.mkdir()
    (folder / "notices.json").write_text("{}\n")
    (folder / "README.md").write_text("read\n")
    write_manifest(folder, what, sign_with)
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def test_a_manifest_names_every_other_file_with_its_hash(tmp_path):
    found = json.loads(sent(tmp_path / "send", outgoing(item()))["manifest.json"])
    assert found["files"] == {
        "README.md": hashlib.sha256(b"read\n").hexdigest(),
        "notices.json": hashlib.sha256(b"{}\n").hexdigest(),
    }
    assert (found["reference"], found["at"], found["expires"]) == (SHARE, AT, EXPIRES)
    assert (found["sender"], found["recipient"], found["purpose"]) == (
        "Demo unit",
        "Demo platform",
        "removal",
    )
    assert found["ledger"] == {"number": 1, "hash": HASH}


def test_a_withdrawal_has_neither_purpose_nor_last_day(tmp_path):
    what = withdrawing({1: "asked"}, item())
    found = json.loads(sent(tmp_path / "send", what)["manifest.json"])
    assert (found["reference"], found["purpose"], found["expires"]) == (WITHDRAWAL, "", "")


def test_nothing_is_signed_without_a_key(tmp_path):
    assert "signature.json" not in sent(tmp_path / "send", outgoing(item()))


def test_the_signature_is_of_the_bytes_of_the_manifest(tmp_path, pem, key):
    files = sent(tmp_path / "send", outgoing(item()), pem)
    public = key.public_key().public_bytes_raw()
    check_signature(files["manifest.json"], files["signature.json"], public)
    with pytest.raises(IntegrityError):
        check_signature(files["manifest.json"] + b" ", files["signature.json"], public)


def test_the_same_share_and_key_give_the_same_bytes(tmp_path, pem):
    first = sent(tmp_path / "1", outgoing(item()), pem)
    assert first == sent(tmp_path / "2", outgoing(item()), pem)


def test_a_key_that_others_can_read_signs_nothing(tmp_path, pem):
    pem.chmod(0o644)
    with pytest.raises(InputError, match="^sign_with=.*others can read it"):
        sent(tmp_path / "send", outgoing(item()), pem)
    assert not (tmp_path / "send" / "manifest.json").exists()


def test_a_manifest_names_nobody(tmp_path):
    text = sent(tmp_path / "send", outgoing(item()))["manifest.json"].decode()
    assert "Ada Demo" not in text


def test_a_manifest_is_what_is_compared_later(tmp_path):
    sent(tmp_path / "send", outgoing(item()))
    stated = read_stated(tmp_path / "send")
    assert (stated.reference, stated.recipient) == (SHARE, "Demo platform")
    assert (stated.number, stated.hash) == (1, HASH)
    assert stated.files.keys() == {"README.md", "notices.json"}
