"""Write what a recipient is told of a withdrawal: JSON, CSV, and a page to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from adverts_findings.config.sharing import Kind
from adverts_findings.sharing.ledger.ledger_entry import Cause
from adverts_findings.sharing.notices.describe_notice import sender_of
from adverts_findings.sharing.notices.notice_words import Action, NoticeWords, words_for
from adverts_findings.sharing.notices.write_notices import notice_page
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.written_files import ledger_head, write_csv, write_json, write_text

SCHEMA_VERSION = 1
"""Version of ``withdrawn.json``."""
COLUMNS = (
    *("reference", "withdrawal", "withdrawn_at", "cause", "what_to_do", "what_to_do_in_words"),
    *("language", "language_note"),
)
"""Columns of ``withdrawn.csv`` but those of the ledger."""
_WAS_WRONG: frozenset[Cause] = frozenset(("asked", "reviewed anew", "appeal upheld"))
"""Causes that may mean that the content was lawful."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing that is asked.

    Attributes:
        action: What, as a machine reads it.
        statement: The same in a sentence.
    """

    action: Action
    statement: str


@dataclass(frozen=True, slots=True)
class WithdrawnItem:
    """An item that is withdrawn, as its recipient is told.

    Attributes:
        reference: Its reference, ``R-…``.
        cause: Why, in a sentence.
        what_to_do: What is asked, for each kind that the recipient got of it.
    """

    reference: str
    cause: str
    what_to_do: tuple[ToDo, ...]


def withdrawn_items(outgoing: Outgoing, words: NoticeWords) -> tuple[WithdrawnItem, ...]:
    """Return what is withdrawn, by reference; nothing for a share."""
    withdrawn = outgoing.entry.withdrawn
    causes = {} if withdrawn is None else withdrawn.causes
    kinds = {one.item.reference: one.kinds for one in outgoing.removed}
    return tuple(
        WithdrawnItem(
            reference=reference,
            cause=words.causes[cause],
            what_to_do=tuple(
                ToDo(action, words.actions[action])
                for action in _actions(kinds.get(reference, outgoing.recipient.kinds), cause)
            ),
        )
        for reference, cause in sorted(causes.items())
    )


def write_withdrawn(folder: Path, outgoing: Outgoing) -> None:
    """Write ``withdrawn.json``, ``withdrawn.csv`` and ``withdrawn.html``.

    Args:
        folder: Folder that holds none of them yet.
        outgoing: What is sent.
    """
    words, note = words_for(outgoing.recipient.language)
    items, entry = withdrawn_items(outgoing, words), outgoing.entry
    told = {
        "schema_version": SCHEMA_VERSION,
        "ledger": ledger_head(entry),
        "withdrawal": entry.reference,
        "withdrawn_at": entry.at,
        "sender": asdict(sender_of(outgoing)),
        "recipient": outgoing.recipient.name,
        "language": words.language,
        "language_note": note,
        "withdrawn": [asdict(one) for one in items],
    }
    write_json(folder / "withdrawn.json", told)
    rows = [_row(outgoing, one, words.language, note) for one in items]
    write_csv(folder / "withdrawn.csv", COLUMNS, rows, entry)
    values = {
        "withdrawn": items,
        "note": note,
        "sender": sender_of(outgoing),
        "confirm": words.sentence("confirm", reference=entry.reference),
    }
    page = notice_page("withdrawn.html.j2", outgoing, words, values)
    write_text(folder / "withdrawn.html", page)


def withdrawn_section(outgoing: Outgoing) -> str:
    """Return what the README says of a withdrawal, in Markdown."""
    return f"""## Withdrawn

`withdrawn.json`, `withdrawn.csv` and `withdrawn.html`, which prints, say the same: which references
must no longer be used, why, and what to do.

* `reinstate`: look again at what you decided because of the notice, and reinstate the content
  unless you have another ground.
* `disregard`: do not act on the notice any more; what you decided on your own ground can stay.
* `delete hashes`: delete the hashes that `removed.csv` lists under the reference.
* `stop using`: stop using the indicators; in STIX they are revoked, in MISP deleted.

Tell us when it is done, and quote `{outgoing.entry.reference}`. Until then we count it as in use.
"""


def _actions(kinds: Sequence[Kind], cause: Cause) -> tuple[Action, ...]:
    found: list[Action] = []
    if "notice" in kinds:
        found.append("reinstate" if cause in _WAS_WRONG else "disregard")
    if "hashes" in kinds:
        found.append("delete hashes")
    if "stix" in kinds or "misp" in kinds:
        found.append("stop using")
    return tuple(found)


def _row(outgoing: Outgoing, one: WithdrawnItem, language: str, note: str) -> tuple[str, ...]:
    return (
        one.reference,
        outgoing.entry.reference,
        outgoing.entry.at,
        one.cause,
        "; ".join(todo.action for todo in one.what_to_do),
        " ".join(todo.statement for todo in one.what_to_do),
        language,
        note,
    )
