"""Records that form a chain of hashes, with what names a person beside a salt, so erasable.

Each record states the hash of the record before and its own, so that one which was changed, moved
or removed is noticed. The chain covers a hash of what names a person and a random salt, not the
value itself: both can be erased and the chain still holds, and what was erased cannot be guessed
from the hash.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeVar

from adverts.errors import IntegrityError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    class ChainedRecord(DataclassInstance, Protocol):
        """A record that states its number, from 1, the hash of the record before, and its own."""

        @property
        def number(self) -> int: ...  # noqa: D102
        @property
        def before(self) -> str: ...  # noqa: D102
        @property
        def hash(self) -> str: ...  # noqa: D102


CHAIN = ("number", "before", "hash")
"""Fields by which a record is a link of its chain."""
LATER = {"is_later": True}
"""Metadata of a field that earlier releases did not write: where it is empty, nobody writes it."""
NOTHING_BEFORE = "0" * 64
"""What the first record states as the hash of the record before."""


@dataclass(frozen=True, slots=True)
class Personal:
    """A value that names a person, or may.

    Attributes:
        digest: Hex sha256 of its salt and the value.
        salt: 32 random hexadecimal digits; empty once it is erased.
        value: The value; empty once it is erased.
    """

    digest: str
    salt: str
    value: str

    @property
    def is_erased(self) -> bool:
        """Whether salt and value were erased."""
        return not self.salt

    @property
    def is_whole(self) -> bool:
        """Whether the value is the one that the digest was made of, or was erased."""
        if self.is_erased:
            return self.value == ""
        return self.digest == _digest(self.salt, self.value)

    def erased(self) -> Personal:
        """Return it without salt and value."""
        return Personal(self.digest, "", "")


def salted(value: str) -> Personal:
    """Return a value with a new salt; what is no text becomes question marks."""
    value = value.encode("utf-8", "replace").decode()
    salt = secrets.token_hex(16)
    return Personal(_digest(salt, value), salt, value)


def _digest(salt: str, value: str) -> str:
    return hashlib.sha256(f"{salt}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()


C = TypeVar("C", bound="DataclassInstance")


def personal_fields(record: DataclassInstance) -> Mapping[str, Personal]:
    """Return the fields of a record that name a person, by their names."""
    values = ((one.name, getattr(record, one.name)) for one in fields(record))
    return {name: value for name, value in values if isinstance(value, Personal)}


def chained(record: C, version: int) -> C:
    """Return a record with the hash of what the chain covers.

    Args:
        record: A dataclass with ``number``, from 1, ``before``, the hash of the record before, and
            ``hash``.
        version: Its ``schema_version``, which the hash covers.
    """
    covered = _written(record)
    del covered["hash"]
    covered |= {name: one.digest for name, one in personal_fields(record).items()}
    text = json.dumps({"schema_version": version, **covered}, sort_keys=True)
    return replace(record, hash=hashlib.sha256(text.encode()).hexdigest())


def line_of(record: DataclassInstance, version: int) -> bytes:
    """Return a record as a line of its file."""
    plain = {"schema_version": version, **_written(record)}
    return json.dumps(plain, ensure_ascii=False).encode() + b"\n"


def _written(record: DataclassInstance) -> dict[str, object]:
    """Return what is written of a record, so that older ones keep their hashes."""
    plain = asdict(record)
    for name in later_fields(type(record)):
        if not plain[name]:
            del plain[name]
    return plain


@cache
def later_fields(kind: type[DataclassInstance]) -> frozenset[str]:
    """Return the fields of a class of records that have :data:`LATER` as metadata."""
    return frozenset(one.name for one in fields(kind) if one.metadata == LATER)


def first_broken(records: Sequence[ChainedRecord], version: int) -> int:
    """Return the number of the first record that is not as it was chained; 0 if all are.

    Each has its number, the hash of the record before and its own, and every value that names a
    person is erased or the one that was written.
    """
    before = NOTHING_BEFORE
    for number, one in enumerate(records, start=1):
        follows = one.number == number and one.before == before
        whole = all(value.is_whole for value in personal_fields(one).values())
        if not follows or not whole or one.hash != chained(one, version).hash:
            return number
        before = one.hash
    return 0


def require_known(
    records: Sequence[ChainedRecord], number: int, head: str, *, noun: str, when: str
) -> None:
    """Refuse records that are fewer or other than those that were known; more may follow them.

    Args:
        records: The records, all of the chain.
        number: Number of the last one that was known.
        head: Its hash; empty where only the number was noted.
        noun: What they are called.
        when: When they were known, in words.

    Raises:
        IntegrityError: They are.
    """
    if len(records) < number:
        other = ", or give the file that holds them all as reviews=" * (noun == "reviews")
        raise IntegrityError(
            f"there were {number:,} {noun} {when}, and {len(records):,} are left; bring back the "
            f"file as it was{other}"
        )
    if head and records[number - 1].hash != head:
        raise IntegrityError(
            f"line {number} of the {noun} is another than {when}, so one of the first {number} was "
            "changed, moved or removed; bring back the file as it was"
        )


def without(record: C, names: Iterable[str]) -> C:
    """Return a record with some of its personal fields erased; its hash is the same."""
    kept = personal_fields(record)
    return replace(record, **{name: kept[name].erased() for name in names})
