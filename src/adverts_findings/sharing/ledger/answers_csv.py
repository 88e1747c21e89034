"""The CSV file in which recipients answer: one row for what became of one item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar, get_args

from adverts.data.review.review_sheet import nearest
from adverts.errors import InputError
from adverts.files.delimited import read_spreadsheet, unguarded
from adverts.inputs.contacts.masking import mask_contacts
from adverts_findings.campaigns.judgements.judgement_csv import require_columns
from adverts_findings.campaigns.judgements.spoken_words import Tried, at_of
from adverts_findings.sharing.ledger.ledger_entry import Answered, AnswerKind, Appeal
from adverts_findings.sharing.ledger.outstanding import OutItem

COLUMNS = (
    *("reference", "answer", "at", "where", "ground", "automated", "statement_id", "appeal"),
)
"""Columns of the file, in any order."""
ANSWERS: tuple[AnswerKind, ...] = get_args(AnswerKind)
APPEALS: tuple[Appeal, ...] = get_args(Appeal)
_DECISIONS: frozenset[AnswerKind] = frozenset({"removed", "restricted", "account action", "kept"})
"""Answers against which somebody can complain."""
_AUTOMATED = {"": None, "yes": True, "no": False}
_COUNTRY = re.compile(r"[A-Z]{2}")
_STATEMENT = re.compile(r"[A-Za-z0-9._:/#?=&%-]{1,200}")
_MOST_GROUND, _SHOWN = 2_000, 60
_NOWHERE: tuple[str, ...] = ()
T = TypeVar("T", bound=str)


def read_answers(path: Path, known: Mapping[str, OutItem], *, now: str) -> tuple[Answered, ...]:
    """Return what each row answers, in the order of the file; an answer given twice comes once.

    A file saved by a spreadsheet is read: with a byte-order mark, any line end, and commas,
    semicolons or tabs between cells. Contacts in a ground are masked.

    Args:
        path: The file.
        known: All that was ever shared, by reference.
        now: The time now, ISO 8601 in UTC; no answer may be of a later time.

    Raises:
        InputError: The file or its header is at fault, or rows are; then the message has a line for
            each of the first, with its number.
    """
    if not path.is_file():
        raise InputError(
            f"{path} is no file; give a CSV file with the columns {', '.join(COLUMNS)}"
        )
    header, rows = read_spreadsheet(path)
    require_columns(path, header, COLUMNS)
    tried, answers = Tried(), list[Answered | None]()
    for number, cells in rows:
        row = {name: unguarded(cell) for name, cell in zip(header, cells, strict=True)}
        answers.append(tried.of(partial(_answer, f"{path}, row {number}", row, known, now), None))
    tried.refuse()
    return tuple(dict.fromkeys(one for one in answers if one is not None))


def _answer(
    where: str, cells: Mapping[str, str], known: Mapping[str, OutItem], now: str
) -> Answered:
    tried = Tried()
    item = tried.of(partial(_item, where, cells["reference"], known), None)
    answer = tried.of(partial(_one_of, where, "answer", cells["answer"], ANSWERS), None)
    at = tried.of(partial(at_of, where, cells["at"], now), "")
    countries = tried.of(partial(_countries, where, cells["where"], answer), _NOWHERE)
    ground = tried.of(partial(_ground, where, cells["ground"]), "")
    automated = tried.of(partial(_automated, where, cells["automated"]), None)
    statement = tried.of(partial(_statement, where, cells["statement_id"]), "")
    appeal = tried.of(partial(_appeal, where, cells["appeal"], answer), None)
    if item is not None and answer is not None:
        tried.of(partial(_require_later, where, item, answer, at), None)
    tried.refuse()
    assert item is not None
    assert answer is not None
    assert appeal is not None
    reference = item.item.reference
    return Answered(reference, answer, at, countries, ground, automated, statement, appeal)


def _item(where: str, cell: str, known: Mapping[str, OutItem]) -> OutItem:
    if cell not in known:
        raise InputError(
            f"{where}: reference: found {cell[:_SHOWN]!r}, which is no item of the ledger; copy it "
            "from the notice, such as R-0123456789abcdef"
        )
    return known[cell]


def _one_of(where: str, column: str, cell: str, legal: tuple[T, ...]) -> T:
    plain = " ".join(cell.split()).casefold()
    for one in legal:
        if plain == one:
            return one
    raise InputError(f"{where}: {column}: found {cell[:_SHOWN]!r}{nearest(plain, legal)}")


def _appeal(where: str, cell: str, answer: AnswerKind | None) -> Appeal:
    appeal: Appeal = _one_of(where, "appeal", cell, APPEALS) if cell else "none"
    if appeal != "none" and answer is not None and answer not in _DECISIONS:
        raise InputError(
            f"{where}: appeal: {appeal}, but nobody can complain about {answer!r}; wanted none"
        )
    return appeal


def _countries(where: str, cell: str, answer: AnswerKind | None) -> tuple[str, ...]:
    countries = tuple(sorted(set(cell.upper().replace("|", " ").split())))
    wrong = [one for one in countries if not _COUNTRY.fullmatch(one)]
    if wrong:
        raise InputError(
            f"{where}: where: found {wrong[0][:_SHOWN]!r}, wanted countries such as DE FR"
        )
    if countries and answer not in (None, "restricted"):
        raise InputError(
            f"{where}: where: names countries, but the answer is {answer}; for some countries "
            "alone it is restricted"
        )
    return countries


def _ground(where: str, cell: str) -> str:
    if len(cell) > _MOST_GROUND:
        raise InputError(
            f"{where}: ground: has {len(cell):,} characters, at most {_MOST_GROUND:,} are kept"
        )
    return mask_contacts(cell)


def _automated(where: str, cell: str) -> bool | None:
    if cell.casefold() not in _AUTOMATED:
        raise InputError(f"{where}: automated: found {cell[:_SHOWN]!r}, wanted yes, no or nothing")
    return _AUTOMATED[cell.casefold()]


def _statement(where: str, cell: str) -> str:
    if cell and not _STATEMENT.fullmatch(cell):
        raise InputError(
            f"{where}: statement_id: found {len(cell):,} characters, wanted at most 200 letters, "
            "digits and . _ : / # ? = & % -"
        )
    return cell


def _require_later(where: str, item: OutItem, answer: AnswerKind, at: str) -> None:
    """Refuse a removal before the item was shared, which would not be ours."""
    if answer != "removed" or not at:
        return
    if datetime.fromisoformat(at).date() < datetime.fromisoformat(item.since).date():
        raise InputError(
            f"{where}: at: removed on {at[:10]}, before it was shared on {item.since[:10]}; if it "
            "was gone by then, answer already gone"
        )
