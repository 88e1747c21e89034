"""Objects of STIX 2.1 that a recipient gets, as plain values of JSON."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts.config.sharing import Tlp
from adverts.sharing.ledger.ledger_entry import SharedItem
from adverts.sharing.outgoing import Outgoing
from adverts.sharing.stix.names import campaign_name, sender_name, sender_uuid, uuid_of
from adverts.sharing.stix.stays import Key, Stay, stays, time_of_message
from adverts.sharing.stix.summaries import (
    action_of,
    confidence,
    counted,
    days_seen,
    end_of_use,
    facts_of_pdq,
    joined,
    labels_of,
    references_of,
    signal_of,
)
from adverts.sharing.stix.tlp import marking_definition, marking_id

Plain = dict[str, object]
HASHES: Mapping[str, str] = {"sha256": "SHA-256", "md5": "MD5", "pdq": "PDQ"}
"""Names of hashes in patterns. PDQ is not in the vocabulary of STIX, which is open."""
_ASKED = {
    "block": "The sender asks to block it.",
    "review": "The sender asks that a person looks before anything is done.",
}


def stix_objects(outgoing: Outgoing) -> tuple[Plain, ...]:
    """Return the objects of the bundle for a recipient, in an order that is always the same.

    Raises:
        ValueError: The history of what is sent is not whole, see :func:`stays`.
    """
    every = stays(outgoing, "stix", _keys_of)
    write = _Writer(
        outgoing.name,
        f"identity--{sender_uuid(outgoing.name, outgoing.sender)}",
        outgoing.recipient.tlp,
    )
    campaigns = [one for one in every if one.key[0] == "campaign"]
    indicators = [one for one in every if one.key[0] == "indicator"]
    found = [
        _identity(outgoing, write),
        *(write.campaign(one) for one in campaigns),
        *(write.indicator(one) for one in indicators),
        *(
            write.relationship(
                one,
                indicator=_within(one, indicators, ("indicator", *one.key[1:3])),
                campaign=_within(one, campaigns, ("campaign", one.key[3])),
            )
            for one in every
            if one.key[0] == "indicates"
        ),
        *(write.sighting(one) for one in indicators),
    ]
    report = _report(outgoing, write, [str(one["id"]) for one in found], indicators)
    return (marking_definition(write.tlp), *found, report)


def bundle_id(outgoing: Outgoing) -> str:
    """Return the id of the bundle."""
    entry = outgoing.entry
    return f"bundle--{uuid_of(outgoing.name, 'bundle', entry.reference, entry.hash)}"


def _keys_of(item: SharedItem) -> Sequence[Key]:
    signals = [(one.type, one.value) for one in item.signals if one.type in HASHES]
    return (
        ("campaign", item.campaign),
        *(("indicator", *signal) for signal in signals),
        *(("indicates", *signal, item.campaign) for signal in signals),
    )


def _within(stay: Stay, several: Sequence[Stay], key: Key) -> Stay:
    """Return the stay of a key that went on when another one began."""
    begun = [one for one in several if one.key == key and one.since <= stay.since]
    return max(begun, key=lambda one: one.since)


@dataclass(frozen=True, slots=True)
class _Writer:
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
        number = counted(len(stay.members), "advert")
        found = self._begun("campaign", self._campaign_id(stay), stay)
        found["name"] = campaign_name(self.recipient, stay)
        found["description"] = (
            f"{number} that the sender groups together, judged by people as "
            f"{joined(labels_of(stay))}."
        )
        found["labels"] = list(labels_of(stay))
        return _without_nothing(found | _seen(stay) | _sure(stay))

    def indicator(self, stay: Stay) -> Plain:
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
        return found | _sure(stay)

    def relationship(self, stay: Stay, *, indicator: Stay, campaign: Stay) -> Plain:
        source, target = self._indicator_id(indicator), self._campaign_id(campaign)
        identifier = self._id("relationship", source, target, stay.root)
        found = self._begun("relationship", identifier, stay)
        found |= {"relationship_type": "indicates", "source_ref": source, "target_ref": target}
        return found | _sure(stay)

    def sighting(self, stay: Stay) -> Plain:
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


def _identity(outgoing: Outgoing, write: _Writer) -> Plain:
    """Return who shares, stated anew in every bundle, since its e-mail can change."""
    found: Plain = {
        "type": "identity",
        "spec_version": "2.1",
        "id": write.sender,
        "created": stamp(time_of_message(outgoing, first=True)),
        "modified": stamp(time_of_message(outgoing)),
        "name": sender_name(outgoing.sender),
        "identity_class": "organization",
        "contact_information": outgoing.sender.reply_to or outgoing.sender.email,
    }
    return _without_nothing(found)


def _report(
    outgoing: Outgoing, write: _Writer, objects: Sequence[str], indicators: Sequence[Stay]
) -> Plain:
    """Return what names the share or the withdrawal, with the ledger's line of it.

    A bundle has no properties of its own for that, and readers drop what they do not know.
    """
    entry = outgoing.entry
    at = stamp(time_of_message(outgoing))
    return {
        "type": "report",
        "spec_version": "2.1",
        "id": f"report--{uuid_of(outgoing.name, 'report', entry.reference)}",
        "created_by_ref": write.sender,
        "created": at,
        "modified": at,
        "name": f"{'Share' if entry.shared else 'Withdrawal'} {entry.reference}",
        "description": _describe_message(outgoing, indicators),
        "report_types": ["indicator"],
        "published": at,
        "object_refs": list(objects),
        "external_references": [
            {
                "source_name": "ledger of the sender",
                "external_id": str(entry.number),
                "description": entry.hash,
            }
        ],
        "object_marking_refs": [marking_id(write.tlp)],
    }


def _describe_message(outgoing: Outgoing, indicators: Sequence[Stay]) -> str:
    over = sum(one.is_over for one in indicators)
    text = f"{counted(len(indicators) - over, 'indicator')} to use, {over} revoked."
    shared = outgoing.entry.shared
    if shared is not None:
        text += f" Shared for {shared.purpose}; legal basis: {shared.legal_basis}."
    return text


def _describe(stay: Stay) -> str:
    """Return in words what an indicator is worth, and what is asked."""
    _, kind, value = stay.key
    judged = (
        f"{counted(len(stay.members), 'advert')} with this picture, judged by people as "
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


def _without_nothing(found: Plain) -> Plain:
    """Return an object without empty values, which STIX forbids."""
    return {name: value for name, value in found.items() if value not in ("", [])}
