"""Traffic lights (TLP 2.0) as STIX marking definitions.

STIX 2.1 itself knows TLP 1 alone: no ``clear`` and no ``amber+strict``. OASIS published TLP 2.0 as
an extension, with objects that everybody takes over unchanged. They are used for all five colours:
the official validator and stix2 accept them, and the converter of MISP makes ``tlp:`` tags of them.
``amber`` of TLP 1 would be wrong for ``amber+strict``: it lets a recipient pass things on to its
clients. A reader without the extension sees a marking that it does not know, with a name that a
person can read, instead of a weaker one.

Source: https://github.com/oasis-open/cti-stix-common-objects, tlp-2.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from adverts_findings.config.sharing import Tlp

_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_IDS: Mapping[Tlp, str] = {
    "clear": "94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "e828b379-4e03-4974-9ac4-e53a884c97c1",
}


def marking_id(tlp: Tlp) -> str:
    """Return the id of the marking definition of a colour."""
    return f"marking-definition--{_IDS[tlp]}"


def marking_definition(tlp: Tlp) -> dict[str, object]:
    """Return the marking definition of a colour, as OASIS published it."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": marking_id(tlp),
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{tlp.upper()}",
        "extensions": {_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp}},
    }
