import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adverts.bundle.papers.write_papers import sign_bundle
from adverts.errors import InputError, IntegrityError
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.__main__ import main as command

NONE = serialization.NoEncryption()


@pytest.fixture
def key(tmp_path):
    return made_key(tmp_path / "private.pem", bytes(32))


def made_key(path, seed):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    path.write_bytes(
        private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, NONE)
    )
    path.chmod(0o600)
    return path


def public_of(path):
    return serialization.load_pem_private_key(path.read_bytes(), None).public_key()


def pem_of(path):
    return public_of(path).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_signed_bundle_opens_with_the_key_however_it_is_given(handmade, key, tmp_path):
    sign_bundle(handmade.folder, key)
    raw = public_of(key).public_bytes_raw()
    pem_path, raw_path = tmp_path / "public.pem", tmp_path / "public.raw"
    pem_path.write_bytes(pem_of(key))
    raw_path.write_bytes(raw)
    for given in (raw, pem_of(key), pem_of(key).decode(), pem_path, str(pem_path), raw_path):
        assert open_bundle(handmade.folder, public_key=given).manifest.name == "tiny"


def test_the_signature_is_that_of_the_standard_over_the_bytes_of_the_manifest(handmade, key):
    sign_bundle(handmade.folder, key)
    raw = public_of(key).public_bytes_raw()
    stored = json.loads((handmade.folder / "signature.json").read_text())
    value = base64.b64decode(stored.pop("signature"))
    public_of(key).verify(value, (handmade.folder / "manifest.json").read_bytes())
    assert stored == {
        "schema_version": 1,
        "algorithm": "Ed25519",
        "key_id": hashlib.sha256(raw).hexdigest()[:16],
    }


def test_signing_twice_gives_the_same_bytes_and_changes_no_identity(handmade, key):
    before = open_bundle(handmade.folder).manifest.identity()
    sign_bundle(handmade.folder, key)
    first = (handmade.folder / "signature.json").read_bytes()
    sign_bundle(handmade.folder, key)
    assert (handmade.folder / "signature.json").read_bytes() == first
    assert open_bundle(handmade.folder).manifest.identity() == before


def test_an_unsigned_bundle_is_refused_only_where_a_key_is_given(handmade, key):
    open_bundle(handmade.folder)
    with pytest.raises(IntegrityError, match=r"signature\.json is missing: nobody signed"):
        open_bundle(handmade.folder, public_key=pem_of(key))


def test_a_manifest_that_was_changed_after_signing_is_refused(handmade, key):
    sign_bundle(handmade.folder, key)
    handmade.rewrite(name="other")
    with pytest.raises(IntegrityError, match=r"signature\.json does not match this manifest"):
        Classifier.load(handmade.folder, public_key=pem_of(key))


def test_a_file_that_was_changed_after_signing_is_refused(handmade, key):
    sign_bundle(handmade.folder, key)
    (handmade.folder / "labels.json").write_text("{}")
    with pytest.raises(IntegrityError, match=r"labels\.json is not the file"):
        open_bundle(handmade.folder, public_key=pem_of(key))


def test_the_signature_of_another_key_is_refused(handmade, key, tmp_path):
    other = made_key(tmp_path / "other.pem", b"1" * 32)
    sign_bundle(handmade.folder, other)
    with pytest.raises(IntegrityError, match=r"signature\.json was made with the key"):
        open_bundle(handmade.folder, public_key=pem_of(key))


def test_the_name_of_a_key_does_not_stand_in_for_its_signature(handmade, key, tmp_path):
    sign_bundle(handmade.folder, made_key(tmp_path / "other.pem", b"1" * 32))
    path = handmade.folder / "signature.json"
    raw = public_of(key).public_bytes_raw()
    stored = json.loads(path.read_text()) | {"key_id": hashlib.sha256(raw).hexdigest()[:16]}
    path.write_text(json.dumps(stored))
    with pytest.raises(IntegrityError, match="does not match this manifest"):
        open_bundle(handmade.folder, public_key=raw)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema_version": 1, "algorithm": "none"}', "[" * 9999]
)
def test_a_malformed_signature_is_refused_by_name_and_harmless_without_a_key(handmade, key, text):
    (handmade.folder / "signature.json").write_text(text)
    open_bundle(handmade.folder)
    with pytest.raises(IntegrityError, match=r"signature\.json is not valid"):
        open_bundle(handmade.folder, public_key=pem_of(key))


def test_a_manifest_that_lists_its_own_signature_is_refused(handmade, key):
    sign_bundle(handmade.folder, key)
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=r"lists 'signature\.json'"):
        open_bundle(handmade.folder)


@pytest.mark.parametrize("given", [b"short", "no/such.pem", b"-----BEGIN", "\0"])
def test_what_is_no_public_key_is_wrong_usage(handmade, given):
    with pytest.raises(InputError, match="public_key"):
        open_bundle(handmade.folder, public_key=given)


def test_a_private_key_that_others_can_read_signs_nothing(handmade, key):
    key.chmod(0o644)
    with pytest.raises(InputError, match="others can read it"):
        sign_bundle(handmade.folder, key)


def test_what_is_no_private_key_signs_nothing_and_is_not_shown(handmade, key):
    key.write_bytes(b"secret" * 9)
    with pytest.raises(InputError, match="no unencrypted Ed25519") as error:
        sign_bundle(handmade.folder, key)
    assert "secret" not in str(error.value)


def test_a_broken_bundle_is_not_signed(handmade, key):
    (handmade.folder / "labels.json").write_text("{}")
    with pytest.raises(IntegrityError, match=r"labels\.json"):
        sign_bundle(handmade.folder, key)
    assert not (handmade.folder / "signature.json").exists()


def gate(handmade, **changes):
    identity = open_bundle(handmade.folder).manifest.identity()
    record = {"schema_version": 2, "gate": "g", "verdict": "passed", "model": identity}
    (handmade.folder / "gate.json").write_text(json.dumps(record | changes))
    handmade.rewrite()
    return handmade.folder


def test_a_gate_that_passed_this_model_is_enough(handmade):
    assert open_bundle(gate(handmade), require_gate=True).manifest.name == "tiny"


def test_a_bundle_that_no_gate_judged_is_refused_only_where_one_is_wanted(handmade):
    open_bundle(handmade.folder)
    with pytest.raises(IntegrityError, match=r"gate\.json is missing.*promote it first"):
        open_bundle(handmade.folder, require_gate=True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"verdict": "failed"}, "says 'failed', wanted 'passed'"),
        ({"model": "0" * 64}, "is for the model '000000000000'"),
        ({"schema_version": 1}, "schema_version is 1"),
        ({"schema_version": True}, "schema_version is True"),
        ({"verdict": ["passed"]}, "verdict is"),
    ],
)
def test_a_gate_that_does_not_speak_for_this_model_is_refused(handmade, changes, told):
    with pytest.raises(IntegrityError, match=rf"gate\.json .*{told}"):
        open_bundle(gate(handmade, **changes), require_gate=True)


def test_a_partners_bundle_may_carry_the_gate_of_the_one_it_was_made_from(handmade):
    folder = gate(handmade, model="a" * 64)
    handmade.rewrite(audience="partner", derived_from="a" * 64)
    assert open_bundle(folder, require_gate=True).manifest.audience == "partner"
    handmade.rewrite(derived_from="a" * 64)
    with pytest.raises(IntegrityError, match="promote this bundle first"):
        open_bundle(folder, require_gate=True)


def test_the_command_wants_the_signature_of_a_key_and_a_gate_where_it_is_told(
    handmade, key, tmp_path, capsys
):
    public = tmp_path / "public.pem"
    public.write_bytes(pem_of(key))
    place = [str(handmade.folder), "--verify"]
    assert command([*place, "--require-gate"]) == 2
    assert "no gate" in capsys.readouterr().out
    assert command([*place, "--public-key", str(public)]) == 2
    assert "signature.json is missing" in capsys.readouterr().out
    assert command([*place[:1], "--public-key", str(public)]) == 2
    assert "signature.json is missing" in capsys.readouterr().err
    assert command([*place[:1], "--require-gate"]) == 2
    assert "no gate" in capsys.readouterr().err
