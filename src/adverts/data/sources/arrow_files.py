"""Arrow files of strangers, which are used as they lie on disk.

Source: Arrow columnar format, ``Message.fbs`` (RecordBatch, DictionaryBatch, BodyCompression).
"""

from __future__ import annotations

import struct
from pathlib import Path

import pyarrow as pa

from adverts.errors import InputError

_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3  # kinds of a message's header
_HEADER_TYPE, _HEADER = 1, 2  # fields of Message
_COMPRESSION, _DATA = 3, 1  # fields of RecordBatch and DictionaryBatch


def check_arrow(path: Path) -> None:
    """Refuse an Arrow stream that is packed or damaged.

    A packed one says itself how much memory it takes, and a damaged one may name places outside of
    it; both are used without another look.

    Raises:
        InputError: It is.
    """
    try:
        with pa.memory_map(str(path)) as file:
            reader = pa.ipc.MessageReader.open_stream(file)
            while (message := _next(reader)) is not None:
                if _is_packed(message.metadata.to_pybytes()):
                    raise InputError(f"{path} is packed; save it without compression")
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
    """Tell whether the metadata of a message says that its body is compressed."""
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
    """Return where the table begins that stands in a field of another; 0 where there is none."""
    place = _field(message, table, field)
    return place + _unsigned(message, place) if place else 0


def _unsigned(message: bytes, place: int) -> int:
    (value,) = struct.unpack_from("<I", message, place)
    return int(value)


def _field(message: bytes, table: int, field: int) -> int:
    """Return where a field of a flatbuffer's table stands; 0 where it has its default."""
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
