"""Parse an ONNX file without the package ``onnx``: strictly, within bounds, and without a copy.

Source: Protocol Buffers, Encoding; the messages and their numbers are those of ``onnx.proto``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MAX_DEPTH = 24
MAX_FIELDS = 200_000
MAX_NUMBERS_BYTES = 10_000
"""Most bytes of a packed list of whole numbers; longer ones are data, not dimensions."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SCALARS = {"int": _VARINT, "f32": _FIXED32, "f64": _FIXED64, "bytes": _BYTES}
_WIDTHS = {_FIXED32: 4, _FIXED64: 8}
_MAX_VARINT_BYTES = 10
# message: {number: (name, kind)}; a star marks a field that may occur several times
_MESSAGES: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "Model": {
        1: ("ir_version", "int"),
        2: ("producer_name", "bytes"),
        3: ("producer_version", "bytes"),
        4: ("domain", "bytes"),
        5: ("model_version", "int"),
        6: ("doc_string", "bytes"),
        7: ("graph", "Graph"),
        8: ("opset_import", "OperatorSet*"),
        14: ("metadata_props", "Entry*"),
        20: ("training_info", "bytes*"),
        25: ("functions", "bytes*"),
    },
    "Graph": {
        1: ("node", "Node*"),
        2: ("name", "bytes"),
        5: ("initializer", "Tensor*"),
        10: ("doc_string", "bytes"),
        11: ("input", "Value*"),
        12: ("output", "Value*"),
        13: ("value_info", "Value*"),
        14: ("quantization_annotation", "Annotation*"),
        15: ("sparse_initializer", "bytes*"),
        16: ("metadata_props", "Entry*"),
    },
    "Node": {
        1: ("input", "bytes*"),
        2: ("output", "bytes*"),
        3: ("name", "bytes"),
        4: ("op_type", "bytes"),
        5: ("attribute", "Attribute*"),
        6: ("doc_string", "bytes"),
        7: ("domain", "bytes"),
        8: ("overload", "bytes"),
        9: ("metadata_props", "Entry*"),
    },
    "Attribute": {
        1: ("name", "bytes"),
        2: ("f", "f32"),
        3: ("i", "int"),
        4: ("s", "bytes"),
        5: ("t", "Tensor"),
        6: ("g", "Graph"),
        7: ("floats", "f32*"),
        8: ("ints", "int*"),
        9: ("strings", "bytes*"),
        10: ("tensors", "Tensor*"),
        11: ("graphs", "Graph*"),
        13: ("doc_string", "bytes"),
        20: ("type", "int"),
        22: ("sparse_tensor", "bytes"),
        23: ("sparse_tensors", "bytes*"),
    },
    "Tensor": {
        1: ("dims", "int*"),
        2: ("data_type", "int"),
        4: ("float_data", "f32*"),
        5: ("int32_data", "int*"),
        6: ("string_data", "bytes*"),
        7: ("int64_data", "int*"),
        8: ("name", "bytes"),
        9: ("raw_data", "bytes"),
        10: ("double_data", "f64*"),
        11: ("uint64_data", "int*"),
        12: ("doc_string", "bytes"),
        13: ("external_data", "bytes*"),
        14: ("data_location", "int"),
        16: ("metadata_props", "Entry*"),
    },
    "Value": {
        1: ("name", "bytes"),
        2: ("type", "Type"),
        3: ("doc_string", "bytes"),
        4: ("metadata_props", "Entry*"),
    },
    "Type": {1: ("tensor_type", "TensorType"), 6: ("denotation", "bytes")},
    "TensorType": {1: ("elem_type", "int"), 2: ("shape", "Shape")},
    "Shape": {1: ("dim", "Dimension*")},
    "Dimension": {1: ("dim_value", "int"), 2: ("dim_param", "bytes"), 3: ("denotation", "bytes")},
    "OperatorSet": {1: ("domain", "bytes"), 2: ("version", "int")},
    "Annotation": {1: ("tensor_name", "bytes"), 2: ("parameters", "Entry*")},
    "Entry": {1: ("key", "bytes"), 2: ("value", "bytes")},
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its parts by name, in the order of the file; bytes are views of the file."""

    kind: str
    parts: dict[str, list[int | memoryview | Message]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Return whether there is a part of this name, even an empty one."""
        return name in self.parts

    def text(self, name: str) -> str:
        """Return a text; empty where it is missing.

        Raises:
            ValueError: The text is not UTF-8.
        """
        return next(self.texts(name), "")

    def texts(self, name: str) -> Iterator[str]:
        """Yield the texts of a name; raise the same errors as :meth:`text`."""
        for value in self.views(name):
            yield bytes(value).decode("utf-8")

    def views(self, name: str) -> list[memoryview]:
        """Return the bytes of each part of a name."""
        return [value for value in self.parts.get(name, ()) if isinstance(value, memoryview)]

    def messages(self, name: str) -> list[Message]:
        """Return the messages of a name."""
        return [value for value in self.parts.get(name, ()) if isinstance(value, Message)]

    def number(self, name: str) -> int:
        """Return a whole number; 0 where it is missing."""
        return next(iter(self.numbers(name)), 0)

    def num_bytes(self, name: str) -> int:
        """Return how many bytes the parts of a name have, without numbers that are not packed."""
        return sum(map(len, self.views(name)))

    def numbers(self, name: str) -> list[int]:
        """Return the whole numbers of a name, packed or not.

        Raises:
            ValueError: A packed list is cut off or longer than :data:`MAX_NUMBERS_BYTES`.
        """
        found: list[int] = []
        for value in self.parts.get(name, ()):
            if isinstance(value, int):
                found.append(value)
            elif isinstance(value, memoryview):
                found.extend(_packed(value))
        return found


def parse_model(data: bytes) -> Message:
    """Return the parts of an ONNX model.

    Raises:
        ValueError: The data is cut off, holds what no ONNX file of one part holds, is nested deeper
            than :data:`MAX_DEPTH`, or has more than :data:`MAX_FIELDS` fields.
    """
    return _Parser().message(memoryview(data), "Model", 0)


def raw_fields(view: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Yield each field of a message: its number, all its bytes, and those of its value.

    A value that is a number has no bytes.

    Raises:
        ValueError: The message is cut off.
    """
    place = 0
    while place < len(view):
        start = place
        tag, place = _varint(view, place)
        value, place = _value(view, place, tag & 7)
        yield tag >> 3, view[start:place], value if isinstance(value, memoryview) else view[:0]


class _Parser:
    """Parses one file and counts its fields, so that many tiny ones cannot take for ever."""

    def __init__(self) -> None:
        self._left = MAX_FIELDS

    def message(self, view: memoryview, kind: str, depth: int) -> Message:
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        found, known, place = Message(kind), _MESSAGES[kind], 0
        while place < len(view):
            tag, place = _varint(view, place)
            name, wanted = known.get(tag >> 3, ("", ""))
            if not name:
                raise ValueError(f"{kind} has the unknown field {tag >> 3}")
            self._count()
            value, place = _value(view, place, tag & 7)
            _require_kind(f"{kind}.{name}", wanted, tag & 7)
            _require_whole(f"{kind}.{name}", wanted, value)
            several, plain = wanted.endswith("*"), wanted.rstrip("*")
            if not several and name in found.parts:
                raise ValueError(f"{kind}.{name} is given twice")
            if plain not in _SCALARS:
                assert isinstance(value, memoryview)
                found.parts.setdefault(name, []).append(self.message(value, plain, depth + 1))
            else:
                found.parts.setdefault(name, []).append(value)
        return found

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"it has more than {MAX_FIELDS} fields")


def _require_kind(place: str, wanted: str, wire: int) -> None:
    usual = _SCALARS.get(wanted.rstrip("*"), _BYTES)
    packed = wanted.endswith("*") and wire == _BYTES
    if wire != usual and not packed:
        raise ValueError(f"{place} is of wire type {wire}, wanted {usual}")


def _require_whole(place: str, wanted: str, value: int | memoryview) -> None:
    """Refuse a packed list whose last number is cut off."""
    if not isinstance(value, memoryview) or not len(value):
        return
    width = {"f32*": 4, "f64*": 8}.get(wanted, 1)
    if len(value) % width or (wanted == "int*" and value[-1] >= 0x80):
        raise ValueError(f"{place} is cut off inside a number")


def _value(view: memoryview, place: int, wire: int) -> tuple[int | memoryview, int]:
    if wire == _VARINT:
        number, place = _varint(view, place)
        return _signed(number), place
    if wire == _BYTES:
        size, place = _varint(view, place)
    elif wire in _WIDTHS:
        size = _WIDTHS[wire]
    else:
        raise ValueError(f"ONNX has no wire type {wire}")
    if size > len(view) - place:
        raise ValueError(f"it is cut off: {size} bytes announced, {len(view) - place} left")
    return view[place : place + size], place + size


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for i in range(_MAX_VARINT_BYTES):
        if place + i >= len(view):
            raise ValueError("it is cut off inside a number")
        byte = view[place + i]
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            if value >= 1 << 64:
                break
            return value, place + i + 1
    raise ValueError("a number has more than 64 bits")


def _packed(view: memoryview) -> Iterator[int]:
    if len(view) > MAX_NUMBERS_BYTES:
        raise ValueError(
            f"a list of numbers has {len(view)} bytes, wanted at most {MAX_NUMBERS_BYTES}"
        )
    place = 0
    while place < len(view):
        number, place = _varint(view, place)
        yield _signed(number)


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number
