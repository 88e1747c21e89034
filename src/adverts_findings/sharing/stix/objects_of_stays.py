"""What a recipient has for a time as objects of STIX: campaigns, indicators, and their pairs."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from adverts.errors import plural
from adverts_findings.config.sharing import Tlp
from adverts_findings.sharing.stix.names import campaign_name, uuid_of
from adverts_findings.sharing.stix.stays import Stay
from adverts_findings.sharing.stix.summaries import (
    action_of,
    confidence,
    days_seen,
    end_of_use,
    facts_of_pdq,
    joined,
    labels_of,
    references_of,
    signal_of,
)
from adverts_findings.sharing.stix.tlp import marking_id

Plain = dict[str, object]
HASHES: Mapping[str, str] = {"sha256": "SHA-256", "md5": "MD5", "pdq": "PDQ"}
"""Names of hashes in patterns. PDQ is not in the vocabulary of STIX, which is open."""
_ASKED = {
    "block": "The sender asks to block it.",
    "review": "The sender asks that a person looks before anything is done.",
}


@dataclass(frozen=True, slots=True)
class StayWriter:
    """Writes the objects of stays.

    Attributes:
        recipient: Name of the recipient in the configuration.
        sender: Id of the identity of who shares.
        tlp: Traffic light.
    """

    recipient: str
    sender: str
    tlp: Tlp

    def campaign(self, stay: Stay) -> Plain:
        """Return a campaign."""
        number = plural(len(stay.members), "advert")
        found = self._begun("campaign", self._campaign_id(stay), stay)
        found["name"] = campaign_name(self.recipient, stay)
        found["description"] = (
            f"{number} that the sender groups together, judged by people as "
            f"{joined(labels_of(stay))}."
        )
        found["labels"] = list(labels_of(stay))
        return without_nothing(found | _seen(stay) | _sure(stay))

    def indicator(self, stay: Stay) -> Plain:
        """Return the indicator of a hash."""
        _, kind, value = stay.key
        found = self._begun("indicator", self._indicator_id(stay), stay)
        found |= {
            "name": f"{HASHES[kind]} {value[:12]} of a picture in adverts",
            "description": _describe(stay),
            "indicator_types": ["malicious-activity"],
            "pattern": f"[file:hashes.{_quoted(HASHES[kind])} = '{value}']",
            "pattern_type": "stix",
            "pattern_version": "2.1",
            "valid_from": stamp(stay.since),
            "valid_until": stamp(end_of_use(stay)),
            "labels": [f"action:{action_of(stay)}", *labels_of(stay)],
            "external_references": [
                {"source_name": "reference of the sender", "external_id": one}
                for one in references_of(stay)
            ],
        }
        return found

    def relationship(self, stay: Stay, *, indicator: Stay, campaign: Stay) -> Plain:
        """Return that an indicator is one of a campaign."""
        source, target = self._indicator_id(indicator), self._campaign_id(campaign)
        identifier = self._id("relationship", source, target, stay.root)
        found = self._begun("relationship", identifier, stay)
        found |= {"relationship_type": "indicates", "source_ref": source, "target_ref": target}
        return found | _sure(stay)

    def sighting(self, stay: Stay) -> Plain:
        """Return how many adverts show a hash, and when they were posted."""
        indicator = self._indicator_id(stay)
        found = self._begun("sighting", self._id("sighting", indicator), stay)
        found |= {
            "sighting_of_ref": indicator,
            "where_sighted_refs": [self.sender],
            "count": len(stay.members),
        }
        return found | _seen(stay)

    def _campaign_id(self, stay: Stay) -> str:
        return self._id("campaign", stay.root)

    def _indicator_id(self, stay: Stay) -> str:
        return self._id("indicator", *stay.key[1:], stay.root)

    def _id(self, kind: str, *parts: str) -> str:
        return f"{kind}--{uuid_of(self.recipient, kind, *parts)}"

    def _begun(self, kind: str, identifier: str, stay: Stay) -> Plain:
        """Return what every object of a stay has."""
        found: Plain = {
            "type": kind,
            "spec_version": "2.1",
            "id": identifier,
            "created_by_ref": self.sender,
            "created": stamp(stay.since),
            "modified": stamp(stay.changed),
            "object_marking_refs": [marking_id(self.tlp)],
        }
        return found | ({"revoked": True} if stay.is_over else {})


def _describe(stay: Stay) -> str:
    """Return in words what an indicator is worth, and what is asked."""
    _, kind, value = stay.key
    judged = (
        f"{plural(len(stay.members), 'advert')} with this picture, judged by people as "
        f"{joined(labels_of(stay))}."
    )
    exact = "This very file; another copy of the picture has another hash."
    pdq = "The pattern states one hash, since patterns know no distance."
    how = exact if kind != "pdq" else f"{facts_of_pdq(signal_of(stay, kind, value))} {pdq}"
    return f"{judged} {how} {_ASKED[action_of(stay)]}"


def stamp(at: datetime.datetime) -> str:
    """Return a time in whole seconds as STIX writes it."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _quoted(name: str) -> str:
    return f"'{name}'" if "-" in name else name


def _seen(stay: Stay) -> Plain:
    days = days_seen(stay)
    return {} if days is None else {"first_seen": stamp(days[0]), "last_seen": stamp(days[1])}


def _sure(stay: Stay) -> Plain:
    number = confidence(stay)
    return {} if number is None else {"confidence": number}


def without_nothing(found: Plain) -> Plain:
    """Return an object without empty values, which STIX forbids."""
    return {name: value for name, value in found.items() if value not in ("", [])}
