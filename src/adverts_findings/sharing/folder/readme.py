"""Write the README of a folder: what it is, until when it may be used, and each format in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from adverts.evaluation.report.templating import escaped
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.written_files import write_text

README_NAME = "README.md"
CHECK_FILES = """\
import hashlib, json, pathlib
own = ("manifest.json", "signature.json")
here = [path for path in pathlib.Path().iterdir() if path.name not in own]
found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in here}
wanted = json.loads(pathlib.Path("manifest.json").read_bytes())["files"]
print("as it was sent" if found == wanted else "refuse it")
"""
"""Program that compares the folder in which it is run with its manifest."""
CHECK_SIGNATURE = """\
jq -r .signature signature.json | base64 -d > /tmp/signature
openssl pkeyutl -verify -pubin -inkey ../public.pem -rawin -in manifest.json -sigfile /tmp/signature
"""
"""Commands that check who signed the manifest, with the sender's key beside the folder."""


def write_readme(folder: Path, outgoing: Outgoing, sections: Sequence[str]) -> None:
    """Write ``README.md``.

    Args:
        folder: Folder that holds none yet.
        outgoing: What is sent.
        sections: What it says of each format, in Markdown.
    """
    parts = ["\n".join(_first(outgoing)), *(one.strip() for one in sections)]
    write_text(folder / README_NAME, "\n\n".join(parts) + "\n")


def _first(outgoing: Outgoing) -> Iterator[str]:
    entry, share, sender = outgoing.entry, outgoing.entry.shared, outgoing.sender
    what = "Withdrawal" if share is None else "Share"
    yield f"# {what} {entry.reference} for {escaped(outgoing.recipient.name)}"
    yield ""
    by = f" by {escaped(sender.organisation)}" if sender.organisation else ""
    yield f"* Recorded{by} at {entry.at}, as line {entry.number} of its ledger: `{entry.hash}`."
    if share is not None:
        yield f"* For this purpose alone: {escaped(share.purpose)}."
        yield f"* **Do not use it after {share.expires}.**"
    reply_to = sender.reply_to or sender.email
    where = escaped(reply_to) if reply_to else "whoever sent you this folder"
    yield f"* Answers and questions: {where}. Quote the reference `R-…` of an item."
    yield (
        "* `manifest.json` has the SHA-256 of every file but itself and `signature.json`. Refuse "
        "the folder if a file differs, is missing or was added. In Python:"
    )
    yield f"\n```python\n{CHECK_FILES}```\n"
    yield (
        "* `signature.json`, if it is there, is an Ed25519 signature over the bytes of "
        "`manifest.json`, in base64. Ask for the public key over another channel. With the key "
        "beside the folder:"
    )
    yield f"\n```\n{CHECK_SIGNATURE}```"
