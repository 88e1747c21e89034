"""Scanned receipts as adverts: pictures, and what is read on them without names of companies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from adverts.data.dataset.prepared import open_prepared
from adverts.inputs.contacts.contact_tokens import ContactToken
from adverts.inputs.letters.folding import fold

_SHORTEST = 3
_WITH_A_CHANGE = 5
_WITH_TWO = 8
_PHONES = ("PHONE:",)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt.

    Attributes:
        id: Its id in the data.
        company: Its company: the letters and digits of the name.
        picture: Bytes of its picture.
        page: Folded text that was read, contacts masked, without words of names of companies.
        read: The same with them.
        contacts: What was read of contacts.
    """

    id: str
    company: str
    picture: bytes
    page: str
    read: str
    contacts: tuple[ContactToken, ...]

    @property
    def phones(self) -> tuple[ContactToken, ...]:
        """Contacts that cannot hold a name."""
        return tuple(one for one in self.contacts if one.token.startswith(_PHONES))


def read_receipts(path: Path, prepared: Path) -> list[Receipt]:
    """Return the receipts of a file, with what was read when they were prepared."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    adverts = open_prepared(prepared).split("all")
    read = {
        one: (fold(text or ""), tuple(ContactToken(token, None) for token in tokens or ()))
        for one, text, tokens in zip(
            adverts.ids,
            adverts.ocr_texts,
            adverts.values("contacts"),  # type: ignore[arg-type]
            strict=True,
        )
    }
    patterns = company_patterns(row["company"] for row in rows)
    return [
        Receipt(
            row["id"],
            company_of(row["company"]),
            (path.parent / row["image"]).read_bytes(),
            without(read[row["id"]][0], patterns),
            *read[row["id"]],
        )
        for row in rows
    ]


def company_of(name: str) -> str:
    """Return the letters and digits of a name, so that spellings with other signs are one."""
    return "".join(one for one in fold(name) if one.isalnum())


def words_of(name: str) -> Iterator[str]:
    """Yield the words of a name that have three letters or more."""
    for word in regex.split(r"[\W_]+", fold(name)):
        if len(word) >= _SHORTEST:
            yield word


def company_patterns(names: Iterable[str]) -> list[regex.Pattern[str]]:
    """Return patterns of all words of all names, the longest first.

    A word of five letters or more is found with one misread letter, one of eight with two, wherever
    it is; a shorter one as a word alone. A name as a whole is found with a fifth of its letters
    misread. Words of all names leave all receipts, so that no gap tells whose it is.
    """
    names = list(names)
    whole = {company_of(name) for name in names}
    words = {word for name in names for word in words_of(name)}
    return [
        *(_pattern(one, len(one) // 5) for one in _longest_first(whole)),
        *(
            _pattern(one, 1 + (len(one) >= _WITH_TWO))
            for one in _longest_first(words)
            if len(one) >= _WITH_A_CHANGE
        ),
        *(
            regex.compile(rf"(?<!\w){one}(?!\w)")
            for one in _longest_first(words)
            if len(one) < _WITH_A_CHANGE
        ),
    ]


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))


def _pattern(name: str, changes: int) -> regex.Pattern[str]:
    spaced = r"[\W_]{0,3}".join(name)
    return regex.compile(rf"(?b)(?:{spaced}){{e<={changes}}}")


def without(text: str, patterns: Sequence[regex.Pattern[str]]) -> str:
    """Return a folded text with a space in place of what each pattern finds."""
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return " ".join(text.split())
