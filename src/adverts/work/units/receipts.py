"""The receipt of a unit: proof that its output is there, and what was counted in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from adverts.errors import IntegrityError
from adverts.files.bounded_reading import parse_json
from adverts.files.file_hash import file_sha256
from adverts.files.staging import open_private
from adverts.work.units.place import Place, aside
from adverts.work.units.plan import Plain, Plan

RECEIPTS = "receipts"
_RECEIPT = re.compile(r"([0-9]{6}|[1-9][0-9]{6,8})\.json")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_COUNTED = 2**53  # beyond any count; hashes of texts are below it, too
_MOST_BYTES, _MOST_VALUES = 16_000_000, 2_000_000  # most of it a sample of 20,000 rows


@dataclass(frozen=True, slots=True)
class Output:
    """A file that a unit wrote.

    Attributes:
        sha256: Hex sha256 of its content.
        bytes: Size of its content.
    """

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of a unit that is done.

    Attributes:
        unit: Number of the unit.
        plan: Key of its plan.
        outputs: Maps the name of each file that it wrote to its hash and size.
        counts: What was counted in it, as values of JSON.
        seconds: How long it took.
        processor: Processor that did it; outputs are equal to the last byte on equal ones.
    """

    unit: int
    plan: str
    outputs: Mapping[str, Output]
    counts: Mapping[str, Plain]
    seconds: float
    processor: str


def receipt_name(unit: int) -> str:
    """Return the name of the receipt of a unit."""
    return f"{RECEIPTS}/{unit:06d}.json"


def hand_in(
    place: Place,
    plan: Plan,
    unit: int,
    files: Mapping[str, Path],
    *,
    counts: Mapping[str, Plain],
    seconds: float,
    processor: str,
) -> None:
    """Let the finished files of a unit appear, then its receipt.

    Where another process did the same unit first, its files stay, and the receipt is of them.

    Args:
        place: Where they appear.
        plan: The plan of the unit.
        unit: Number of the unit.
        files: Maps names to finished files below a folder of :func:`aside`.
        counts: What was counted.
        seconds: How long the unit took.
        processor: Processor that did it.

    Raises:
        InputError: The place cannot be written, or is full.
    """
    outputs = {}
    for name, written in files.items():
        outputs[name] = Output(file_sha256(written), written.stat().st_size)
        if not place.create(name, written):
            content = place.read(name)
            there = Output(sha256(content).hexdigest(), len(content))
            if there != outputs[name]:
                processor = "unknown"
            outputs[name] = there
    receipt = Receipt(unit, plan.key, outputs, counts, seconds, processor)
    with aside(place) as folder:
        path = folder / "receipt.json"
        with open_private(path) as file:
            file.write(json.dumps(asdict(receipt), ensure_ascii=False, sort_keys=True).encode())
        place.create(receipt_name(unit), path)


def units_done(place: Place) -> frozenset[int]:
    """Return the numbers of the units that have a receipt; only names are listed."""
    numbers = map(_RECEIPT.fullmatch, place.sizes(RECEIPTS))
    return frozenset(int(found[1]) for found in numbers if found)


def read_receipts(
    place: Place, plan: Plan, units: Sequence[int], names: Callable[[int], AbstractSet[str]]
) -> Iterator[Receipt]:
    """Yield the receipts of some units, in the order given.

    Args:
        place: Where they are.
        plan: Their plan.
        units: Numbers of the units.
        names: Returns the names of the files that a unit writes. No receipt may name others: what
            it names may be removed, so that the unit is done again.

    Raises:
        IntegrityError: A receipt is damaged, is of another plan, or names other files.
    """
    for unit in units:
        name = receipt_name(unit)
        content = place.read(name, most=_MOST_BYTES)
        try:
            receipt = _parsed(parse_json(content, max_values=_MOST_VALUES))
        except ValueError:
            raise IntegrityError(
                f"{place}/{name} is damaged; remove it, and its unit is done again"
            ) from None
        if receipt.plan != plan.key or receipt.unit != unit:
            raise IntegrityError(
                f"{place}/{name} is of other work; remove it, and its unit is done again"
            )
        if receipt.outputs.keys() != names(unit):
            raise IntegrityError(
                f"{place}/{name} names other files than those of its unit; remove it, and its unit "
                "is done again"
            )
        yield receipt


def _parsed(raw: Any) -> Receipt:  # noqa: ANN401 - any JSON value
    """Return the receipt that a value of JSON describes; each field is of the kind it should be."""
    match raw:
        case {
            "unit": int(),
            "plan": str(),
            "outputs": {**outputs},
            "counts": {**counts},
            "seconds": int() | float() as seconds,
            "processor": str(),
        } if len(raw) == len(fields(Receipt)) and seconds is not True and seconds is not False:
            _require_counted([counts, seconds])
            sizes = {name: _output(one) for name, one in outputs.items()}
            return Receipt(**{**raw, "outputs": sizes, "counts": counts})
    raise ValueError("it is no receipt")


def _require_counted(value: object) -> None:
    """Refuse a number, at any depth, that nothing can have been counted or measured as."""
    left = [value]
    while left:
        match left.pop():
            case {**inner}:
                left.extend(inner.values())
            case [*inner]:
                left.extend(inner)
            case int() | float() as number if not 0 <= number < _MOST_COUNTED:
                raise ValueError("a count is negative or too large")


def _output(raw: object) -> Output:
    match raw:
        case {"sha256": str(sha256), "bytes": int(size), **more} if not more:
            if _SHA256.fullmatch(sha256) and size >= 0 and size is not True:
                return Output(sha256, size)
    raise ValueError("it is no file of a receipt")


def units_lost(place: Place, receipts: Sequence[Receipt]) -> list[int]:
    """Return the units with a file that is missing or of another size than its receipt says."""
    sizes: dict[str, Mapping[str, int]] = {}
    lost = []
    for receipt in receipts:
        for name, output in receipt.outputs.items():
            folder, _, file = name.rpartition("/")
            if folder not in sizes:
                sizes[folder] = place.sizes(folder)
            if sizes[folder].get(file) != output.bytes:
                lost.append(receipt.unit)
                break
    return lost


def forget(place: Place, receipts: Sequence[Receipt]) -> None:
    """Remove the receipts of units, then their files, so that the units are done again."""
    for receipt in receipts:
        place.remove(receipt_name(receipt.unit))
        for name in receipt.outputs:
            place.remove(name)


def read_output(place: Place, receipt: Receipt, name: str) -> bytes:
    """Return the content of a file of a unit, after it was compared with the receipt.

    Raises:
        IntegrityError: The file is gone, or is not the one that the unit wrote.
    """
    try:
        content = place.read(name)
    except FileNotFoundError:
        content = b""
    if name not in receipt.outputs or sha256(content).hexdigest() != receipt.outputs[name].sha256:
        raise IntegrityError(
            f"{place}/{name} is not the file of its receipt; remove it and "
            f"{receipt_name(receipt.unit)}, and run the command that wrote it again"
        )
    return content


def units_changed(
    place: Place,
    receipts: Sequence[Receipt],
    *,
    look: Callable[[Receipt, str, bytes], None] = lambda receipt, name, content: None,
) -> list[int]:
    """Return the units with a file whose content is not that of its receipt; reads every file.

    Args:
        place: Where the files are.
        receipts: Receipts of the units.
        look: Called with the receipt, the name and the content of each file that is as it was.
    """
    changed = []
    for receipt in receipts:
        for name, output in receipt.outputs.items():
            try:
                content = place.read(name)
            except FileNotFoundError:
                content = b""
            if sha256(content).hexdigest() != output.sha256:
                changed.append(receipt.unit)
                break
            look(receipt, name, content)
    return changed
