"""All objects of STIX 2.1 that a recipient gets at once, as plain values of JSON."""

from __future__ import annotations

from collections.abc import Sequence

from adverts.errors import plural
from adverts_findings.sharing.ledger.ledger_entry import SharedItem
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.names import sender_name, sender_uuid, uuid_of
from adverts_findings.sharing.stix.objects_of_stays import (
    HASHES,
    Plain,
    StayWriter,
    stamp,
    without_nothing,
)
from adverts_findings.sharing.stix.stays import Key, Stay, stays, time_of_message
from adverts_findings.sharing.stix.tlp import marking_definition, marking_id


def stix_objects(outgoing: Outgoing) -> tuple[Plain, ...]:
    """Return the objects of the bundle for a recipient, in an order that is always the same.

    Raises:
        ValueError: The history of what is sent is not whole, see :func:`stays`.
    """
    every = stays(outgoing, "stix", _keys_of)
    write = StayWriter(
        outgoing.name,
        f"identity--{sender_uuid(outgoing.name, outgoing.sender)}",
        outgoing.recipient.tlp,
    )
    by_key: dict[Key, list[Stay]] = {}
    for one in every:
        by_key.setdefault(one.key, []).append(one)
    campaigns = [one for one in every if one.key[0] == "campaign"]
    indicators = [one for one in every if one.key[0] == "indicator"]
    found = [
        _identity(outgoing, write),
        *(write.campaign(one) for one in campaigns),
        *(write.indicator(one) for one in indicators),
        *(
            write.relationship(
                one,
                indicator=_went_on(one, by_key["indicator", *one.key[1:3]]),
                campaign=_went_on(one, by_key["campaign", one.key[3]]),
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


def _went_on(stay: Stay, several: Sequence[Stay]) -> Stay:
    """Return the one of several stays of a key that went on when another one began."""
    return max((one for one in several if one.since <= stay.since), key=lambda one: one.since)


def _identity(outgoing: Outgoing, write: StayWriter) -> Plain:
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
    return without_nothing(found)


def _report(
    outgoing: Outgoing, write: StayWriter, objects: Sequence[str], indicators: Sequence[Stay]
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
    text = f"{plural(len(indicators) - over, 'indicator')} to use, {over} revoked."
    shared = outgoing.entry.shared
    if shared is not None:
        text += f" Shared for {shared.purpose}; legal basis: {shared.legal_basis}."
    return text
