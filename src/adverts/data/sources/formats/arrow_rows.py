"""Checks untrusted Arrow files, and bounds the size of rows before they become Python objects."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adverts.data.sources.bad_rows import RowFault
from adverts.errors import InputError

_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3  # kinds of a message's header
_HEADER_TYPE, _HEADER = 1, 2  # fields of Message
_COMPRESSION, _DATA = 3, 1  # fields of RecordBatch and DictionaryBatch
PICTURE_BYTES_OF_ROW = 100_000_000
"""Largest total size, in bytes, of the pictures of one row."""
_VALUE_BYTES = 8  # size counted for a number or a null, and for each text besides its own bytes
_UNFOLDED_AT_ONCE = 64_000_000


def check_arrow(path: Path) -> None:
    """Refuse an Arrow stream that is compressed or damaged.

    A compressed stream states itself how much memory it needs. A damaged one may point outside of
    the file. Arrow trusts both.

    Raises:
        InputError: The stream is compressed or damaged.
    """
    try:
        with pa.memory_map(str(path)) as file:
            reader = pa.ipc.MessageReader.open_stream(file)
            while (message := _next(reader)) is not None:
                if _is_packed(message.metadata.to_pybytes()):
                    raise InputError(f"{path} is compressed; save it without compression")
        with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as stream:
            for batch in stream:
                batch.validate(full=True)
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError, struct.error) as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}); save it again") from None


def _next(reader: pa.ipc.MessageReader) -> pa.ipc.Message | None:
    try:
        return reader.read_next_message()
    except StopIteration:
        return None


def _is_packed(message: bytes) -> bool:
    """Return whether the metadata of a message says that its body is compressed."""
    (root,) = struct.unpack_from("<I", message, 0)
    kind_place = _field(message, root, _HEADER_TYPE)
    kind = message[kind_place] if kind_place else 0
    if kind not in (_DICTIONARY_BATCH, _RECORD_BATCH):
        return False
    batch = _table(message, root, _HEADER)
    if batch and kind == _DICTIONARY_BATCH:
        batch = _table(message, batch, _DATA)
    return bool(batch and _field(message, batch, _COMPRESSION))


def _table(message: bytes, table: int, field: int) -> int:
    """Return the offset of the table in a field of another table; 0 if there is none."""
    place = _field(message, table, field)
    return place + _unsigned(message, place) if place else 0


def _unsigned(message: bytes, place: int) -> int:
    (value,) = struct.unpack_from("<I", message, place)
    return int(value)


def _field(message: bytes, table: int, field: int) -> int:
    """Return the offset of a field of a flatbuffer table; 0 if the field has its default."""
    (back,) = struct.unpack_from("<i", message, table)
    layout = table - back
    if layout < 0:
        raise ValueError("a table of the message has no layout")
    (size,) = struct.unpack_from("<H", message, layout)
    entry = 4 + 2 * field
    if entry + 2 > size:
        return 0
    (offset,) = struct.unpack_from("<H", message, layout + entry)
    return table + int(offset) if offset else 0


@dataclass(frozen=True, slots=True)
class RowWeights:
    """Sizes of the rows of a batch in bytes, each an ``(N,)`` int64 array.

    Attributes:
        texts: Size of everything except pictures.
        pictures: Size of the binary values.
    """

    texts: NDArray[np.int64]
    pictures: NDArray[np.int64]

    @property
    def total(self) -> int:
        """Size of all rows in bytes."""
        return int(self.texts.sum() + self.pictures.sum())

    def within(self, *, max_bytes: int) -> RowWeights:
        """Return the weights of the rows that are not too large."""
        kept = (self.texts <= max_bytes) & (self.pictures <= PICTURE_BYTES_OF_ROW)
        return RowWeights(self.texts[kept], self.pictures[kept])


def weigh(batch: pa.RecordBatch) -> RowWeights:
    """Return the size that each row of a batch has as Python objects, without creating them."""
    total = RowWeights(np.zeros(len(batch), np.int64), np.zeros(len(batch), np.int64))
    for column in batch.columns:
        total = _sum(total, _weights(column))
    return total


def unfold(
    batch: pa.RecordBatch, weights: RowWeights, *, max_bytes: int
) -> Iterator[dict[str, object] | RowFault]:
    """Yield each row as a dictionary of cells by column, or the fault that makes it unusable.

    Args:
        batch: The rows.
        weights: Result of :func:`weigh` for the batch.
        max_bytes: Largest size of a row without its pictures.
    """
    too_large = [_too_large(*both, max_bytes) for both in zip(*_lists(weights), strict=True)]
    if not any(too_large) and weights.total <= _UNFOLDED_AT_ONCE:
        try:
            yield from batch.to_pylist()
        except Exception:  # a value that Python cannot hold, such as a date of the year 300000
            pass
        else:
            return
    for number, fault in enumerate(too_large):
        yield fault or _row(batch.slice(number, 1))


def _lists(weights: RowWeights) -> tuple[list[int], list[int]]:
    return weights.texts.tolist(), weights.pictures.tolist()


def _too_large(texts: int, pictures: int, max_bytes: int) -> RowFault | None:
    if texts > max_bytes:
        return RowFault(
            "",
            f"has {texts:,} bytes, at most {max_bytes:,} are read; shorten it, or raise "
            "data.row_limits.max_bytes",
        )
    if pictures > PICTURE_BYTES_OF_ROW:
        return RowFault(
            "",
            f"has pictures of {pictures:,} bytes, at most {PICTURE_BYTES_OF_ROW:,} are read; "
            "leave some out",
        )
    return None


def _row(row: pa.RecordBatch) -> dict[str, object] | RowFault:
    values: dict[str, object] = {}
    for name, column in zip(row.schema.names, row.columns, strict=True):
        try:
            values[name] = column.to_pylist()[0]
        except Exception as error:  # Arrow and the Python types raise exceptions of every kind
            return RowFault(name, f"cannot be read ({type(error).__name__})")
    return values


def _weights(array: pa.Array) -> RowWeights:
    kind, types = array.type, pa.types
    if types.is_dictionary(kind):
        return _picked(array)
    if types.is_nested(kind):
        return _nested(array)
    if isinstance(kind, pa.BaseExtensionType):
        return _weights(array.storage)
    return _of_values(array)


def _nested(array: pa.Array) -> RowWeights:
    kind, types = array.type, pa.types
    if types.is_struct(kind):
        fields = [array.field(place) for place in range(kind.num_fields)]
        return functools.reduce(_sum, map(_weights, fields), _plain(len(array)))
    if types.is_map(kind):
        pair = pa.StructArray.from_arrays([array.keys, array.items], names=["key", "value"])
        return _of_lists(array.offsets, _weights(pair))
    if types.is_fixed_size_list(kind):
        offsets = (np.arange(len(array) + 1) + array.offset) * kind.list_size
        return _of_lists(offsets, _weights(array.values))
    return _of_lists(array.offsets, _weights(array.values))  # other kinds lack these, and raise


def _of_values(array: pa.Array) -> RowWeights:
    kind, types = array.type, pa.types
    plain = _plain(len(array))
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return RowWeights(plain.texts + _lengths(array), plain.pictures)
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return RowWeights(plain.texts, _lengths(array))
    if types.is_fixed_size_binary(kind):
        return RowWeights(plain.texts, np.full(len(array), kind.byte_width, np.int64))
    return plain


def _lengths(array: pa.Array) -> NDArray[np.int64]:
    if pa.types.is_string_view(array.type):
        array = array.cast(pa.large_string())
    elif pa.types.is_binary_view(array.type):
        array = array.cast(pa.large_binary())
    lengths = pc.binary_length(array)
    if lengths.null_count:
        lengths = pc.fill_null(lengths, 0)
    return np.asarray(lengths.to_numpy(zero_copy_only=False), dtype=np.int64)


def _picked(array: pa.DictionaryArray) -> RowWeights:
    """Return the weights of the values of a dictionary-encoded array."""
    held = _weights(array.dictionary)
    plain = _plain(len(array))
    if not len(array.dictionary):
        return plain
    places = pc.fill_null(array.indices, 0).to_numpy(zero_copy_only=False)
    there = array.is_valid().to_numpy(zero_copy_only=False)
    return RowWeights(
        np.where(there, held.texts[places], plain.texts), np.where(there, held.pictures[places], 0)
    )


def _of_lists(offsets: pa.Array | NDArray[np.int64], inner: RowWeights) -> RowWeights:
    """Return the weights of lists whose values lie between consecutive offsets."""
    ends = np.asarray(offsets)
    texts, pictures = (np.concatenate([[0], np.cumsum(one)]) for one in _both(inner))
    return RowWeights(_VALUE_BYTES + np.diff(texts[ends]), np.diff(pictures[ends]))


def _both(weights: RowWeights) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return weights.texts, weights.pictures


def _plain(count: int) -> RowWeights:
    return RowWeights(np.full(count, _VALUE_BYTES, np.int64), np.zeros(count, np.int64))


def _sum(first: RowWeights, second: RowWeights) -> RowWeights:
    return RowWeights(first.texts + second.texts, first.pictures + second.pictures)
