"""Ids and names of records: the same at every writing, and of no use to join two recipients' lists.

Neither is made of the bank's name of a campaign. Those names can be counted through, so a hash of
one would give it away to whoever counts. They are made of references, which differ between
recipients.
"""

from __future__ import annotations

import hashlib
import json
import uuid

from adverts_findings.config.sharing import SenderConfig
from adverts_findings.sharing.stix.stays import Stay

_NAMESPACE = uuid.UUID("7d3f0a52-9c1e-4b7a-8e64-5b0d2c9a1f36")
"""Of all ids of this package. STIX forbids its own namespace outside of observables."""


def uuid_of(recipient: str, *parts: str) -> str:
    """Return the id of what some texts name at a recipient, as UUID of version 5."""
    return str(uuid.uuid5(_NAMESPACE, json.dumps([recipient, *parts])))


def campaign_name(recipient: str, stay: Stay) -> str:
    """Return a short name for a campaign, which only this recipient gets."""
    text = json.dumps([recipient, stay.root])
    return f"campaign-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def sender_name(sender: SenderConfig) -> str:
    """Return the name of who shares; ``unstated`` where none is configured."""
    return sender.organisation.strip() or "unstated"


def sender_uuid(recipient: str, sender: SenderConfig) -> str:
    """Return the id of who shares, the same in STIX and MISP."""
    return uuid_of(recipient, "identity", sender_name(sender))
