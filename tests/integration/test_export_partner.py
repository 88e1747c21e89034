"""The verb `export` for partners and with a signature, from a checkpoint and from a bundle."""

import contextlib
import io
import shutil
import sys

import pytest
from calling import call
from composing import load
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from told_examples import gate_record

from adverts.bundle.handing_on.gate_evidence import add_evidence
from adverts.errors import InputError
from adverts.evaluation.gate.gate_record import record_bytes
from adverts.export import export, export_for_partner, main
from adverts.runtime import open_bundle
from adverts.runtime.__main__ import main as runtime

PEM, NONE = serialization.Encoding.PEM, serialization.NoEncryption()


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A private key that its owner alone can read, and its public one."""
    folder = tmp_path_factory.mktemp("keys")
    key = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, NONE))
    private.chmod(0o600)
    public.write_bytes(
        key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


@pytest.fixture(scope="module")
def run(tiny_sharable, tmp_path_factory):
    from adverts.train import train

    folder = tmp_path_factory.mktemp("run") / "tfidf"
    places = [f"prepared={tiny_sharable}", f"run_dir={folder}"]
    train(load("train", *places, "model=tfidf", "tracking=none"))
    return folder


@pytest.fixture(scope="module")
def partner(run, tiny_sharable, keys, tmp_path_factory):
    """A partner's bundle from a checkpoint, by the command; the internal one stands beside it."""
    folder = tmp_path_factory.mktemp("exported") / "b"
    overrides = [f"checkpoint={run}", f"prepared={tiny_sharable}", f"bundle_dir={folder}"]
    wanted = ["bundle.audience=partner", f"bundle.signing_key={keys[0]}", "tracking=none"]
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(printed):
        assert call(patched, "export", *overrides, *wanted) == 0
    assert f"{folder}: a partner's bundle, made from the bundle below" in printed.getvalue()
    return folder


def internal_of(folder):
    return folder.with_name(f"{folder.name}.internal")


def from_bundle(monkeypatch, internal, folder, *wanted):
    sources = [f"from_bundle={internal}", f"bundle_dir={folder}", "bundle.audience=partner"]
    monkeypatch.setattr(sys, "argv", ["adverts export", *sources, *wanted])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code


def test_a_partner_gets_one_bundle_and_the_unit_keeps_the_other(partner):
    told, known = open_bundle(partner).manifest, open_bundle(internal_of(partner)).manifest
    assert (told.audience, known.audience) == ("partner", "internal")
    assert told.derived_from == known.identity()
    assert told.training == {}
    assert known.training["commit"]


def test_both_are_signed_and_a_draft_for_publication_stands_beside_each(partner, keys, capsys):
    for folder in (partner, internal_of(partner)):
        assert runtime([str(folder), "--verify", "--public-key", str(keys[1])]) == 0
        draft = folder.with_name(f"{folder.name}.transparency.md").read_text(encoding="utf-8")
        assert draft.startswith("**DRAFT, NOT PUBLISHED.")
    assert "fit for this machine" in capsys.readouterr().out


def test_a_finished_bundle_gives_the_same_partner_s_bundle(partner, keys, tmp_path, monkeypatch):
    folder = tmp_path / "later"
    signed = f"bundle.signing_key={keys[0]}"
    assert from_bundle(monkeypatch, internal_of(partner), folder, signed) == 0
    assert {one.name for one in folder.iterdir()} == {one.name for one in partner.iterdir()}
    for file in partner.iterdir():
        assert (folder / file.name).read_bytes() == file.read_bytes(), file.name
    assert folder.with_name("later.transparency.md").exists()


class PowerCutError(BaseException):
    """Stands in for a kill within one process."""


def power_cut(*_, **__):
    raise PowerCutError


def test_the_same_command_ends_one_that_was_killed_when_the_partner_s_bundle_stood(
    partner, tmp_path, monkeypatch
):
    given = [f"from_bundle={internal_of(partner)}", f"bundle_dir={tmp_path / 'p'}"]
    config = load("export", *given, "bundle.audience=partner")
    with monkeypatch.context() as patch:
        patch.setattr(
            "adverts.bundle.papers.transparency_record.write_transparency_record", power_cut
        )
        with pytest.raises(PowerCutError):
            export_for_partner(config)
    killed = {file.name: file.read_bytes() for file in (tmp_path / "p").iterdir()}
    made = export_for_partner(config).folder
    assert {file.name: file.read_bytes() for file in made.iterdir()} == killed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p", "p.transparency.md"]
    with pytest.raises(InputError, match="is taken; give bundle_dir a new folder$"):
        export_for_partner(config)


def test_a_promoted_bundle_gives_one_that_its_gate_vouches_for(
    partner, keys, tmp_path, monkeypatch, capsys
):
    internal, folder = shutil.copytree(internal_of(partner), tmp_path / "internal"), tmp_path / "p"
    bundle = open_bundle(internal)
    record = gate_record(bundle.manifest.identity())
    add_evidence(bundle, record, record_bytes(record), signing_key=keys[0])
    assert from_bundle(monkeypatch, internal, folder, f"bundle.signing_key={keys[0]}") == 0
    wanted = ["--verify", "--public-key", str(keys[1]), "--require-gate"]
    assert runtime([str(folder), *wanted]) == 0
    assert "the one that bom.cdx.json and gate.json name" in capsys.readouterr().out
    opened = open_bundle(folder, public_key=keys[1], require_gate=True)
    assert opened.manifest.derived_from == record.model
    secrets = ["0.654321", "leet", "platform-nine", "earlier_looks", record.champion]
    secrets += [bundle.manifest.training["commit"], *bundle.manifest.dataset["sources"]]
    for file in [*folder.iterdir(), folder.with_name("p.transparency.md")]:
        said = file.read_bytes()
        assert not [one for one in secrets if one.encode() in said], file.name


def test_an_archive_of_a_bundle_is_refused_in_one_line(partner, tmp_path, monkeypatch, capsys):
    archive = shutil.make_archive(str(tmp_path / "internal"), "zip", internal_of(partner))
    assert from_bundle(monkeypatch, archive, tmp_path / "p") == 2
    assert "is an archive; unpack it, and give from_bundle the folder" in capsys.readouterr().err
    assert not (tmp_path / "p").exists()


def test_without_a_key_nobody_signs(partner, tmp_path, monkeypatch, keys, capsys):
    assert from_bundle(monkeypatch, internal_of(partner), tmp_path / "unsigned") == 0
    assert runtime([str(tmp_path / "unsigned"), "--verify"]) == 0
    assert runtime([str(tmp_path / "unsigned"), "--verify", "--public-key", str(keys[1])]) == 2
    assert "nobody signed" in capsys.readouterr().out


def test_a_partner_s_bundle_makes_no_other(partner, tmp_path, monkeypatch, capsys):
    assert from_bundle(monkeypatch, partner, tmp_path / "b") == 2
    assert "is already a partner's bundle" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([], "checkpoint, prepared not given; give checkpoint= and prepared=, or from_bundle="),
        (["checkpoint=a"], "prepared not given"),
        (["from_bundle=a", "checkpoint=b", "bundle.audience=partner"], "give one source"),
        (["from_bundle=a"], "set bundle.audience=partner"),
    ],
)
def test_an_export_has_one_source(sources, message):
    with pytest.raises(InputError, match=message):
        load("export", *sources)


def test_a_key_that_others_can_read_is_refused_before_any_work(run, tiny_sharable, keys, tmp_path):
    key = tmp_path / "open.pem"
    key.write_bytes(keys[0].read_bytes())
    key.chmod(0o644)
    places = [f"checkpoint={run}", f"prepared={tiny_sharable}", f"bundle_dir={tmp_path / 'b'}"]
    with pytest.raises(InputError, match="others can read it"):
        export(load("export", *places, "tracking=none", f"bundle.signing_key={key}"))
    assert list(tmp_path.iterdir()) == [key]
