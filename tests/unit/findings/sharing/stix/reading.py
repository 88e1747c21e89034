"""Reads what was written for a recipient, as its tools would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.write_misp import write_misp
from adverts_findings.sharing.stix.write_stix import write_stix

Plain = dict[str, Any]


def stix_of(folder: Path, outgoing: Outgoing) -> dict[str, Plain]:
    """Return the objects of the bundle by id."""
    write_stix(folder, outgoing)
    bundle = json.loads((folder / "stix.json").read_bytes())
    found = {one["id"]: one for one in bundle["objects"]}
    assert len(found) == len(bundle["objects"])
    return found


def of_type(objects: dict[str, Plain], kind: str) -> list[Plain]:
    """Return the objects of one type in their order."""
    return [one for one in objects.values() if one["type"] == kind]


def indicator_of(objects: dict[str, Plain], value: str) -> Plain:
    """Return the one indicator of a hash that is not revoked, or else the one there is."""
    found = [one for one in of_type(objects, "indicator") if value in one["pattern"]]
    current = [one for one in found if not one.get("revoked")] or found
    assert len(current) == 1
    return current[0]


def misp_of(folder: Path, outgoing: Outgoing) -> Plain:
    """Return the event."""
    write_misp(folder, outgoing)
    found: Plain = json.loads((folder / "misp.json").read_bytes())["Event"]
    return found


def attributes_of(event: Plain) -> list[Plain]:
    """Return all attributes of an event but those of its ledger's line, in objects or not."""
    inside = [
        one
        for each in event.get("Object", [])
        if each["name"] != "internal-reference"
        for one in each["Attribute"]
    ]
    return [*event.get("Attribute", []), *inside]


def attribute_of(event: Plain, value: str) -> Plain:
    """Return the one attribute with a value."""
    (found,) = (one for one in attributes_of(event) if one["value"] == value)
    return found
