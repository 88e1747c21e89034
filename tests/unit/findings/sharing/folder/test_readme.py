import re
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from made_notices import EXPIRES, HASH, SHARE, WITHDRAWAL, item, outgoing, recipient, withdrawing

from adverts_findings.config.sharing import SenderConfig
from adverts_findings.sharing.folder.manifest import write_manifest
from adverts_findings.sharing.folder.readme import CHECK_SIGNATURE, write_readme
from adverts_findings.sharing.ledger.answers_csv import ANSWERS, COLUMNS
from adverts_findings.sharing.notices.readme_notices import notices_section


def readme(folder, what, sections=()):
    write_readme(folder, what, sections)
    return (folder / "README.md").read_text(encoding="utf-8")


def test_a_readme_says_until_when_and_joins_its_sections(tmp_path):
    text = readme(tmp_path, outgoing(item()), ["## One\n", "## Two\n\nmore\n"])
    assert text.startswith(f"# Share {SHARE} for Demo platform\n")
    assert f"Do not use it after {EXPIRES}." in text
    assert HASH in text
    assert text.endswith("\n\n## One\n\n## Two\n\nmore\n")
    assert "Ada Demo" not in text


def test_a_withdrawal_is_called_so_and_has_no_last_day(tmp_path):
    text = readme(tmp_path, withdrawing({1: "asked"}, item()))
    assert text.startswith(f"# Withdrawal {WITHDRAWAL} for ")
    assert "Do not use it after" not in text


def test_a_folder_without_an_address_is_answered_to_whoever_sent_it(tmp_path):
    nobody = SenderConfig(organisation="", email="", reply_to="")
    assert "whoever sent you this folder" in readme(tmp_path, outgoing(item(), sender=nobody))


def test_a_hostile_name_is_no_markup(tmp_path):
    to = recipient(name="[a](javascript:x)\n# <b>\u202e")
    first = readme(tmp_path, outgoing(item(), to=to)).splitlines()[0]
    assert "](" not in first.replace("\\](", "")
    assert "<b>" not in first
    assert "\u202e" not in first


def test_the_section_of_notices_counts_them_and_names_the_columns_of_answers():
    text = notices_section(outgoing(item(1), item(2)))
    assert text.startswith("## Notices\n\n* `notices.json` holds 2 notices,")
    assert ",".join(COLUMNS) in text
    assert ", ".join(ANSWERS) in text


@pytest.fixture
def signed(tmp_path):
    """A folder as it is sent, and the files of both keys beside it."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    secret = tmp_path / "key.pem"
    pem, nothing = serialization.Encoding.PEM, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, nothing))
    secret.chmod(0o600)
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(public)
    folder = tmp_path / "send"
    folder.mkdir()
    readme(folder, outgoing(item()))
    write_manifest(folder, outgoing(item()), sign_with=secret)
    return folder


def checked(folder):
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    run = [sys.executable, "-c", code]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_its_program_accepts_the_folder_as_it_was_sent_and_refuses_any_other(signed):
    assert checked(signed) == "as it was sent\n"
    (signed / "more.csv").write_text("reference\n")
    assert checked(signed) == "refuse it\n"
    (signed / "more.csv").unlink()
    (signed / "README.md").write_text((signed / "README.md").read_text() + "more\n")
    assert checked(signed) == "refuse it\n"


@pytest.mark.system("openssl")
@pytest.mark.system("jq")
def test_its_commands_check_the_signature(signed, tmp_path):
    assert CHECK_SIGNATURE in (signed / "README.md").read_text()
    commands = CHECK_SIGNATURE.replace("/tmp/signature", str(tmp_path / "signature"))

    def status():
        run = ["sh", "-c", commands]
        return subprocess.run(run, cwd=signed, capture_output=True, check=False).returncode

    assert status() == 0
    (signed / "manifest.json").write_text("{}\n")
    assert status() != 0
