"""Write the README of a folder: what it is, until when it may be used, and each format in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from adverts.evaluation.report.templating import escaped
from adverts.sharing.outgoing import Outgoing
from adverts.sharing.written_files import write_text

README_NAME = "README.md"


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
    if reply_to := sender.reply_to or sender.email:
        yield f"* Answers and questions: {escaped(reply_to)}. Quote the reference `R-…` of an item."
    yield (
        "* `manifest.json` has the SHA-256 of every other file. Refuse the folder if one differs, "
        "lacks or is added."
    )
    yield (
        "* `signature.json`, if it is there, is an Ed25519 signature over the bytes of "
        "`manifest.json`. Ask for the public key over another channel."
    )
