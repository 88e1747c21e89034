"""The MISP event that a recipient gets, with objects made of MISP's own templates."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from adverts_findings.sharing.ledger.ledger_entry import SharedItem, Signal
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.names import campaign_name, sender_name, sender_uuid, uuid_of
from adverts_findings.sharing.stix.stays import Key, Stay, stays, time_of_message
from adverts_findings.sharing.stix.summaries import (
    action_of,
    days_seen,
    end_of_use,
    facts_of_pdq,
    joined,
    labels_of,
    references_of,
    signal_of,
)

if TYPE_CHECKING:
    from pymisp import MISPAttribute, MISPEvent, MISPObject

Fields = dict[str, object]
RELATIONS: Mapping[str, str] = {"sha256": "sha256", "md5": "md5", "pdq": "text"}
"""Where a hash stands in MISP's template ``file``. MISP has no type of attribute for PDQ."""
_ONLY_ORGANISATION, _AS_ITS_EVENT = 0, 5
_NO_THREAT_LEVEL, _COMPLETED = 4, 2


def misp_event(outgoing: Outgoing) -> MISPEvent:
    """Return the event of a recipient: one for all shares, which every message brings up to date.

    Raises:
        ValueError: The history of what is sent is not whole, see :func:`stays`.
    """
    from pymisp import MISPEvent

    every = stays(outgoing, "misp", _keys_of)
    event = MISPEvent(force_timestamps=True)
    event.from_dict(
        uuid=uuid_of(outgoing.name, "event"),
        info="Pictures in adverts that people judged",
        date=time_of_message(outgoing, first=True).date().isoformat(),
        timestamp=_seconds(time_of_message(outgoing)),
        distribution=_ONLY_ORGANISATION,
        threat_level_id=_NO_THREAT_LEVEL,
        analysis=_COMPLETED,
        published=False,
        Orgc={
            "name": sender_name(outgoing.sender),
            "uuid": sender_uuid(outgoing.name, outgoing.sender),
        },
        Tag=[{"name": f"tlp:{outgoing.recipient.tlp}"}],
    )
    event.add_object(_ledger(outgoing))
    for stay in every:
        if stay.key[0] == "campaign":
            _add_campaign(event, outgoing, stay)
        elif _has_exact(stay):
            event.add_object(_file(outgoing, stay))
        else:
            _add_pdq(event, outgoing, stay)
    return event


def _keys_of(item: SharedItem) -> Sequence[Key]:
    """Return the campaign and the pictures of an advert.

    An advert with several pictures does not say which hash is of which; each is a picture then.
    """
    hashes = [(one.type, one.value) for one in item.signals if one.type in RELATIONS]
    types = [kind for kind, _ in hashes]
    together = len(set(types)) == len(types)
    pictures = [sorted(hashes)] if together and hashes else [[one] for one in hashes]
    campaign = ("campaign", item.campaign)
    return (campaign, *(("picture", *(text for one in each for text in one)) for each in pictures))


def _signals(stay: Stay) -> tuple[Signal, ...]:
    """Return the hashes of a picture."""
    pairs = zip(stay.key[1::2], stay.key[2::2], strict=True)
    return tuple(signal_of(stay, kind, value) for kind, value in pairs)


def _has_exact(stay: Stay) -> bool:
    return not {"sha256", "md5"}.isdisjoint(stay.key[1::2])


def _file(outgoing: Outgoing, stay: Stay) -> MISPObject:
    """Return a picture as an object ``file``."""
    from pymisp import MISPObject

    made = MISPObject("file", strict=True, force_timestamps=True)
    common = _common(outgoing, stay)
    made.from_dict(
        uuid=_picture_uuid(outgoing, stay),
        comment=_comment(stay),
        **common,
        **_seen(stay),
    )
    for signal in _signals(stay):
        exact = signal.type != "pdq"
        made.add_attribute(
            RELATIONS[signal.type],
            signal.value,
            distribution=_AS_ITS_EVENT,
            uuid=_picture_uuid(outgoing, stay, signal.type),
            to_ids=exact and _detects(outgoing, stay),
            comment="" if exact else facts_of_pdq(signal),
            **common,
        )
    return made


def _add_pdq(event: MISPEvent, outgoing: Outgoing, stay: Stay) -> None:
    """Add a picture of which the PDQ hash alone is shared; no template has a place for it."""
    (signal,) = _signals(stay)
    _add(
        event,
        "text",
        signal.value,
        uuid=_picture_uuid(outgoing, stay),
        comment=f"{facts_of_pdq(signal)} {_comment(stay)}",
        **_common(outgoing, stay),
        **_seen(stay),
    )


def _add_campaign(event: MISPEvent, outgoing: Outgoing, stay: Stay) -> None:
    _add(
        event,
        "campaign-name",
        campaign_name(outgoing.name, stay),
        uuid=uuid_of(outgoing.name, "misp campaign", stay.root),
        comment=f"Adverts: {len(stay.members)}",
        **_common(outgoing, stay),
        **_seen(stay),
    )


def _add(event: MISPEvent, kind: str, value: str, **fields: object) -> MISPAttribute:
    from pymisp import MISPAttribute

    added = event.add_attribute(kind, value, to_ids=False, distribution=_AS_ITS_EVENT, **fields)
    assert isinstance(added, MISPAttribute)
    return added


def _ledger(outgoing: Outgoing) -> MISPObject:
    """Return the ledger's line of the message, in the template for references of a sender."""
    from pymisp import MISPObject

    entry, at = outgoing.entry, _seconds(time_of_message(outgoing))
    made = MISPObject("internal-reference", strict=True, force_timestamps=True)
    made.from_dict(uuid=uuid_of(outgoing.name, "ledger"), timestamp=at)
    values = {
        "identifier": entry.hash,
        "type": "ledger",
        "comment": f"line {entry.number}, {entry.reference}",
    }
    for name, value in values.items():
        uuid = uuid_of(outgoing.name, "ledger", name)
        made.add_attribute(
            name, value, uuid=uuid, timestamp=at, to_ids=False, distribution=_AS_ITS_EVENT
        )
    return made


def _common(outgoing: Outgoing, stay: Stay) -> Fields:
    """Return the time of the last change, and whether it was withdrawn.

    MISP knows no last day. What has expired and was not withdrawn loses its ``to_ids``, and that is
    a change at the end of its last day.
    """
    changed = stay.changed
    if _is_expired(outgoing, stay):
        changed = max(changed, end_of_use(stay))
    found: Fields = {"timestamp": _seconds(changed)}
    return found | ({"deleted": True} if stay.is_over else {})


def _is_expired(outgoing: Outgoing, stay: Stay) -> bool:
    return end_of_use(stay) <= time_of_message(outgoing)


def _detects(outgoing: Outgoing, stay: Stay) -> bool:
    return outgoing.recipient.to_ids and not stay.is_over and not _is_expired(outgoing, stay)


def _comment(stay: Stay) -> str:
    last = max(one.out.expires for one in stay.members)
    return (
        f"Judged by people as {joined(labels_of(stay))}. Asked: {action_of(stay)}. May be used "
        f"until {last}. References of the sender: {', '.join(references_of(stay))}."
    )


def _picture_uuid(outgoing: Outgoing, stay: Stay, *parts: str) -> str:
    return uuid_of(outgoing.name, *stay.key, stay.root, *parts)


def _seen(stay: Stay) -> Fields:
    days = days_seen(stay)
    return {} if days is None else {"first_seen": days[0], "last_seen": days[1]}


def _seconds(at: datetime.datetime) -> int:
    return int(at.timestamp())
