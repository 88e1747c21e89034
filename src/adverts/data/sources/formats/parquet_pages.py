"""Unpacked sizes of the pages of a Parquet file, read from the page headers.

A decoder of pages does not use the sizes in the file's footer, so they prove nothing. It uses the
header of each page.

Source: Parquet format, ``parquet.thrift`` (PageHeader) and the compact protocol of Thrift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

_FIRST_WINDOW, _LAST_WINDOW = 8_192, 16_777_216  # bytes of a header, which may hold statistics
_DATA_PAGE, _DICTIONARY_PAGE, _DATA_PAGE_V2 = 0, 2, 3
_HEADER_OF_KIND = {_DATA_PAGE: 5, _DATA_PAGE_V2: 8}
_ENCODING_OF_KIND = {_DATA_PAGE: 2, _DATA_PAGE_V2: 4}
_DELTA_BYTE_ARRAY = 7
_MAX_DEPTH, _MAX_VARINT_BYTES = 8, 10
_FIXED_BYTES = {1: 0, 2: 0, 3: 1, 7: 8}  # true, false, byte, double
_INTEGERS = (4, 5, 6)
_BINARY, _LIST, _SET, _MAP, _STRUCT = 8, 9, 10, 11, 12


class PageError(ValueError):
    """Raised if the header of a page cannot be read."""


@dataclass(frozen=True, slots=True)
class ChunkPages:
    """Sizes of the pages of one column in one row group.

    Attributes:
        largest_bytes: Size of the largest unpacked page; no value is longer.
        largest_grown_bytes: The same, over pages that grow to more than twice their packed size.
        values: Number of values in all data pages, nulls included; larger than the number of rows
            if rows hold lists.
        shares_prefixes: Whether a value may be longer than the bytes that it takes in its page.
    """

    largest_bytes: int
    largest_grown_bytes: int
    values: int
    shares_prefixes: bool


def read_pages(file: BinaryIO, start: int, *, num_values: int) -> ChunkPages:
    """Return what the page headers of a column report.

    Args:
        file: The Parquet file.
        start: Offset of the first page.
        num_values: Number of values of the column; pages are read until they hold this many.

    Raises:
        PageError: A header is damaged, or the file ends too early.
    """
    largest, grown, values, shares_prefixes = 0, 0, 0, False
    while values < num_values:
        header, length = _read_header(file, start)
        kind, unpacked, packed = (_integer(header, field) for field in (1, 2, 3))
        if unpacked < 0 or packed < 0:
            raise PageError("a page has a size below zero")
        largest = max(largest, unpacked)
        grown = max(grown, unpacked if unpacked > 2 * packed else 0)
        if kind in _HEADER_OF_KIND:
            about = header.get(_HEADER_OF_KIND[kind])
            if not isinstance(about, dict) or _integer(about, 1) < 0:
                raise PageError("a page of values has no count")
            values += _integer(about, 1)
            shares_prefixes |= _integer(about, _ENCODING_OF_KIND[kind]) == _DELTA_BYTE_ARRAY
        start += length + packed
    return ChunkPages(largest, grown, values, shares_prefixes)


ThriftFields = dict[int, "int | ThriftFields"]


def _read_header(file: BinaryIO, start: int) -> tuple[ThriftFields, int]:
    """Return the fields of the header at offset ``start``, and its length in bytes."""
    window = _FIRST_WINDOW
    while True:
        file.seek(start)
        data = file.read(window)
        reader = _Compact(data)
        try:
            return reader.struct(0), reader.position
        except IndexError:
            if len(data) < window or window >= _LAST_WINDOW:
                raise PageError("the header of a page is cut off") from None
            window *= 8


def _integer(fields: ThriftFields, field: int) -> int:
    value = fields.get(field)
    if not isinstance(value, int):
        raise PageError(f"the header of a page lacks field {field}")
    return value


class _Compact:
    """Reads the integers of a structure in Thrift's compact protocol and skips the other values."""

    def __init__(self, data: bytes) -> None:
        self._data, self.position = data, 0

    def struct(self, depth: int) -> ThriftFields:
        if depth > _MAX_DEPTH:
            raise PageError("the header of a page is nested too deep")
        fields: ThriftFields = {}
        field = 0
        while head := self._byte():
            delta, kind = head >> 4, head & 0x0F
            field = field + delta if delta else _zigzag(self._varint())
            value = self._value(kind, depth)
            if value is not None:
                fields[field] = value
        return fields

    def _value(self, kind: int, depth: int) -> int | ThriftFields | None:
        if kind in _INTEGERS:
            return _zigzag(self._varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            self._skip_list(depth)
        elif kind == _MAP:
            self._skip_map(depth)
        elif kind == _BINARY:
            self._skip(self._varint())
        elif kind in _FIXED_BYTES:
            self._skip(_FIXED_BYTES[kind])
        else:
            raise PageError("the header of a page is damaged")
        return None

    def _skip_list(self, depth: int) -> None:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        for _ in range(count):
            self._item(head & 0x0F, depth)

    def _skip_map(self, depth: int) -> None:
        count = self._varint()
        kinds = self._byte() if count else 0
        for _ in range(count):
            self._item(kinds >> 4, depth)
            self._item(kinds & 0x0F, depth)

    def _item(self, kind: int, depth: int) -> None:
        if kind in (1, 2):  # in a list a Boolean takes a byte
            self._skip(1)
        else:
            self._value(kind, depth + 1)

    def _byte(self) -> int:
        self.position += 1
        return self._data[self.position - 1]

    def _skip(self, count: int) -> None:
        self.position += count
        if self.position > len(self._data):
            raise IndexError

    def _varint(self) -> int:
        value = 0
        for shift in range(_MAX_VARINT_BYTES):
            byte = self._byte()
            value |= (byte & 0x7F) << 7 * shift
            if byte < 0x80:
                return value
        raise PageError("the header of a page is damaged")


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)
