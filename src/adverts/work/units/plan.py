"""The plan of much work: what is read, how, and in which units. Once written it never changes."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from adverts.errors import InputError, IntegrityError
from adverts.files.bounded_reading import parse_json
from adverts.files.staging import open_private
from adverts.work.units.place import Place, aside

PLAN = "plan.json"
_VERSION = 1
_MOST_BYTES, _MOST_VALUES, _LONGEST_LINE = 1 << 30, 30_000_000, 1 << 20
Plain = None | bool | int | float | str | Sequence["Plain"] | Mapping[str, "Plain"]
"""A value of JSON."""


@dataclass(frozen=True)
class Plan:
    """What is done to which input, in units that do not depend on each other.

    Attributes:
        settings: Everything that decides the output, such as the identity of a model.
        inputs: Maps the name of each input to what tells that it changed, such as its size.
        units: What each unit reads, in order; the place of an entry is the number of its unit.
    """

    settings: Mapping[str, Plain]
    inputs: Mapping[str, Plain]
    units: tuple[Mapping[str, Plain], ...]

    @cached_property
    def key(self) -> str:
        """The sha256 of the plan, which each receipt of it names."""
        return hashlib.sha256(self._bytes()).hexdigest()

    def _bytes(self) -> bytes:
        record = {"schema_version": _VERSION, **asdict(self)}
        return json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1).encode()


def freeze(place: Place, plan: Plan, folders: Sequence[str]) -> Plan:
    """Write a plan, unless there is one already, and return the one that is there.

    Args:
        place: Where to write it.
        plan: The plan.
        folders: Folders that units write to; without a plan they must be empty, since a file that
            is there already is taken for that of a unit.

    Raises:
        InputError: The place holds a plan of other work, or files without a plan, or cannot be
            written.
    """
    held = [name for folder in ("", *folders) for name in place.sizes(folder)]
    if held and read_plan(place) is None:
        raise InputError(f"{place} holds {held[0]}, but no {PLAN}; choose an empty folder")
    with aside(place) as folder:
        written = folder / PLAN
        with open_private(written) as file:
            file.write(plan._bytes())
        if place.create(PLAN, written):
            return plan
    found = read_plan(place)
    assert found is not None, "a plan never goes away"
    require_same(place, found, plan.settings, plan.inputs)
    return found


def read_plan(place: Place) -> Plan | None:
    """Return the plan of a place; None if there is none yet.

    Raises:
        IntegrityError: It is no plan, or one of another release.
    """
    try:
        content = place.read(PLAN, most=_MOST_BYTES)
    except FileNotFoundError:
        return None
    try:
        if any(len(line) > _LONGEST_LINE for line in io.BytesIO(content)):  # each holds one value
            raise ValueError(f"a line has more than {_LONGEST_LINE:,} bytes")
        raw = parse_json(content, max_values=_MOST_VALUES)
    except ValueError as error:
        raise IntegrityError(
            f"{place}/{PLAN} is damaged ({error}); choose another folder"
        ) from None
    if not isinstance(raw, dict) or raw.get("schema_version") != _VERSION:
        raise IntegrityError(f"{place}/{PLAN} is no plan of this release; choose another folder")
    try:
        return Plan(dict(raw["settings"]), dict(raw["inputs"]), tuple(map(dict, raw["units"])))
    except (KeyError, TypeError, ValueError):
        raise IntegrityError(f"{place}/{PLAN} is damaged; choose another folder") from None


def require_same(
    place: Place, plan: Plan, settings: Mapping[str, Plain], inputs: Mapping[str, Plain]
) -> None:
    """Refuse work that differs from what was planned.

    Args:
        place: Where the plan is, for the message.
        plan: The plan.
        settings: Settings of now.
        inputs: Inputs of now.

    Raises:
        InputError: A setting differs, or an input changed, is gone or is new; the message names it.
    """
    settings, inputs = _plain(settings), _plain(inputs)
    for name in dict.fromkeys((*plan.settings, *settings)):
        old, new = plan.settings.get(name), settings.get(name)
        if old != new:
            raise InputError(
                f"{place} was planned with {name}={_short(old)}, now it is {_short(new)}; choose "
                "another folder for other work"
            )
    told = "what was scored is of the old content; choose another folder to read it anew"
    for name, stamp in plan.inputs.items():
        if name not in inputs:
            raise InputError(f"{name} is gone since {place} was planned; bring it back")
        if inputs[name] != stamp:
            raise InputError(f"{name} changed since {place} was planned: {told}")
    for name in inputs:
        if name not in plan.inputs:
            raise InputError(
                f"{name} is new since {place} was planned; read new files into another folder"
            )


def _plain(values: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return values as they are after they were written and read again."""
    found: dict[str, Plain] = json.loads(json.dumps(values))
    return found


def _short(value: Plain) -> str:
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= 60 else f"{told[:57]}…"  # noqa: PLR2004
