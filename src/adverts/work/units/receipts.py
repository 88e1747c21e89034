"""The receipt of a unit: proof that its output is there, and what was counted in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from adverts.errors import IntegrityError
from adverts.files.file_hash import file_sha256
from adverts.files.staging import open_private
from adverts.work.units.place import Place, aside
from adverts.work.units.plan import Plain, Plan

RECEIPTS = "receipts"


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
    return frozenset(
        int(name.removesuffix(".json"))
        for name in place.sizes(RECEIPTS)
        if name.endswith(".json") and name.removesuffix(".json").isdigit()
    )


def read_receipts(place: Place, plan: Plan, units: Sequence[int]) -> Iterator[Receipt]:
    """Yield the receipts of some units, in the order given.

    Raises:
        IntegrityError: A receipt is damaged, or is of another plan.
    """
    for unit in units:
        name = receipt_name(unit)
        try:
            raw = json.loads(place.read(name))
            outputs = {file: Output(**one) for file, one in raw.pop("outputs").items()}
            receipt = Receipt(outputs=outputs, **raw)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise IntegrityError(
                f"{place}/{name} is damaged; remove it, and its unit is done again"
            ) from None
        if receipt.plan != plan.key or receipt.unit != unit:
            raise IntegrityError(
                f"{place}/{name} is of other work; remove it, and its unit is done again"
            )
        yield receipt


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
