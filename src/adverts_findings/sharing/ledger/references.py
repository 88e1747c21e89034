"""References of acts and items: 16 hex digits that say nothing without the ledger."""

from __future__ import annotations

import hashlib
import json
from typing import Literal

ActPrefix = Literal["S", "W", "C", "A"]
"""What an act is: a share, a withdrawal, a confirmation or an answer."""
_DIGITS = 16


def item_reference(recipient: str, item: str, salt: str) -> str:
    """Return a new reference of an item for a recipient, such as ``R-0123456789abcdef``.

    The same arguments give the same reference. Whoever lacks the salt learns nothing of the item
    from it, and cannot tell whether two recipients got the same one.

    Args:
        recipient: Name of the recipient in the configuration.
        item: Name of the advert in reviews.
        salt: Random digits of the share. An item that is shared again after a withdrawal so gets
            another reference.
    """
    return f"R-{_digits('item', recipient, item, salt)}"


def act_reference(prefix: ActPrefix, before_hash: str, *parts: str) -> str:
    """Return the reference of an act, such as ``S-0123456789abcdef``.

    Args:
        prefix: What the act is.
        before_hash: Hash of the newest line of the ledger before the act.
        parts: What tells it from others after the same line, such as the recipient.
    """
    return f"{prefix}-{_digits(prefix, before_hash, *parts)}"


def _digits(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_DIGITS]
