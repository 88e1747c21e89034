"""Scanned receipts as adverts: pictures, and what is read on them without names of companies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import regex  # type: ignore[import-untyped]
from names import least_changes, squeezed

from adverts.data.dataset.prepared import open_prepared
from adverts.inputs.contacts.contact_tokens import ContactToken
from adverts.inputs.letters.folding import fold

_SHORTEST = 3
_ANYWHERE = 4
_WITH_A_CHANGE = 5
_WITH_TWO = 8
_READ = ("PHONE:", "HANDLE:", "EMAIL:", "WALLET:", "LINK:")
"""Kinds of contacts that the linker reads; it leaves numbers of documents alone."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt.

    Attributes:
        id: Its id in the data.
        company: Its company: the letters and digits of the name.
        words: Words of the name.
        picture: Bytes of its picture.
        page: Folded text that was read, contacts masked, without words of names of companies.
        read: The same with them.
        contacts: What was read of contacts.
    """

    id: str
    company: str
    words: tuple[str, ...]
    picture: bytes
    page: str
    read: str
    contacts: tuple[ContactToken, ...]

    def of_kinds(self, kinds: tuple[str, ...] = _READ) -> tuple[ContactToken, ...]:
        """Return the contacts of some kinds; of all that the linker reads if none are given."""
        return tuple(one for one in self.contacts if one.token.startswith(kinds))


def read_receipts(path: Path, prepared: Path) -> list[Receipt]:
    """Return the receipts of a file, with what was read when they were prepared."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    adverts = open_prepared(prepared).split("all")
    tokens: Sequence[Sequence[str] | None] = adverts.values("contacts")  # type: ignore[assignment]
    read = {
        one: (fold(text or ""), tuple(ContactToken(token, None) for token in shown or ()))
        for one, text, shown in zip(adverts.ids, adverts.ocr_texts, tokens, strict=True)
    }
    words = company_patterns(row["company"] for row in rows)
    return [
        Receipt(
            row["id"],
            company_of(row["company"]),
            tuple(words_of(row["company"])),
            (path.parent / row["image"]).read_bytes(),
            without(read[row["id"]][0], words),
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


@dataclass(frozen=True, slots=True)
class Words:
    """Words of names that leave texts.

    Attributes:
        short: A pattern of those that are found as words alone.
        long: Patterns of those that are found anywhere, though a letter or two are misread.
    """

    short: regex.Pattern[str]
    long: tuple[regex.Pattern[str], ...]


def company_patterns(names: Iterable[str]) -> Words:
    """Return what finds the words of all names, the longest first.

    A word of four letters or more is found wherever it is, whatever signs are between: of five or
    more with one misread letter, of eight or more with two. A shorter one is found as a word alone.
    Words of all names leave all receipts, so that no gap tells whose it is.
    """
    found = {word for name in names for word in words_of(name)}
    words = sorted(found, key=lambda one: (-len(one), one))
    short = [word for word in words if len(word) < _ANYWHERE]
    return Words(
        regex.compile(rf"(?<!\w)(?:{'|'.join(short) or '(?!)'})(?!\w)"),
        tuple(
            regex.compile(f"(?e)(?:{word}){{e<={_changes(word)}}}")
            for word in words
            if len(word) >= _ANYWHERE
        ),
    )


def _changes(word: str) -> int:
    return (len(word) >= _WITH_A_CHANGE) + (len(word) >= _WITH_TWO)


def without(text: str, words: Words) -> str:
    """Return a folded text with a space in place of each word of a name."""
    text = words.short.sub(" ", text)
    for pattern in words.long:
        places = [place for place, sign in enumerate(text) if sign.isalnum()]
        letters = "".join(text[place] for place in places)
        for match in reversed(list(pattern.finditer(letters))):
            begin, end = places[match.start()], places[match.end() - 1] + 1
            text = f"{text[:begin]} {text[end:]}"
    return " ".join(text.split())


def words_left(texts: Iterable[str], words: Iterable[Sequence[str]]) -> int:
    """Return how many texts hold a word of their own name, if need be with one letter changed.

    Words of four letters count as they are, shorter ones not at all.

    Args:
        texts: Folded texts.
        words: Words of the name of each.
    """
    return sum(
        any(
            least_changes(squeezed(text), word) <= (len(word) >= _WITH_A_CHANGE)
            for word in own
            if len(word) >= _ANYWHERE
        )
        for text, own in zip(texts, words, strict=True)
    )
