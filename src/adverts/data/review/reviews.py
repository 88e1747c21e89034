"""What people said of adverts: append-only, one JSON line for each review."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Review:
    """A person's word on one advert.

    Attributes:
        item: Name of the advert, see :func:`item_name`.
        task: The task that was asked about.
        label: The answer; a label of the task, or :data:`UNSURE`.
        reviewer: Who said it.
        reviewed_at: When, ISO 8601 in UTC.
        blind: Whether the reviewer had seen neither a score nor another person's answer.
        round: 1: first reviewer; 2: second; 3: the one who decides.
        sample: Seal of the sample that asked for it.
        design: What the sample was drawn for.
        codebook: Version of the labels and their definitions.
        note: Free text of the reviewer.
    """

    item: str
    task: str
    label: str
    reviewer: str
    reviewed_at: str
    blind: bool
    round: Literal[1, 2, 3]
    sample: str
    design: Literal["estimate", "learn"]
    codebook: str
    note: str = ""


UNSURE = "unsure"
"""Answer of a reviewer who cannot tell; it is kept, and counts as no label."""


def item_name(advert_id: str) -> str:
    """Return the name of an advert on sheets: it shows no id, and the same id has the same name."""
    return "i" + hashlib.sha256(advert_id.encode("utf-8", "surrogatepass")).hexdigest()[:20]
