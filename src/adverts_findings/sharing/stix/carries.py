"""What a STIX bundle and a MISP event can carry of what is shared, and what they cannot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Carries:
    """How one thing is written in both formats.

    Attributes:
        thing: What it is.
        stix: Where ``stix.json`` has it; empty where it cannot.
        misp: Where ``misp.json`` has it; empty where it cannot.
    """

    thing: str
    stix: str
    misp: str


CARRIES = (
    Carries(
        "SHA-256 of a picture",
        "indicator, pattern `file:hashes.'SHA-256'`",
        "object `file`, attribute `sha256`",
    ),
    Carries(
        "MD5 of a picture",
        "indicator, pattern `file:hashes.MD5`",
        "object `file`, attribute `md5`",
    ),
    Carries(
        "PDQ hash of a picture",
        "indicator, pattern `file:hashes.PDQ`, a name that STIX leaves to producers; a pattern "
        "states equality, so the distance is in the description",
        "attribute of type `text` with a comment, in `file` where it has an exact hash; MISP has "
        "no type for PDQ and compares no distance",
    ),
    Carries("fingerprint of a text, exact or near", "", ""),
    Carries(
        "campaign",
        "campaign, with a relationship `indicates` from each indicator",
        "attribute `campaign-name`, not linked to pictures",
    ),
    Carries(
        "number of adverts and days of posting",
        "sighting: `count`, `first_seen`, `last_seen`",
        "`first_seen` and `last_seen`; the references in the comment can be counted",
    ),
    Carries(
        "the bank's probability of a campaign",
        "`confidence` of campaign and relationship, in per cent, where it is calibrated",
        "",
    ),
    Carries(
        "class that people gave",
        "labels",
        "comment",
    ),
    Carries(
        "what is asked",
        "label `action:review` or `action:block`",
        "comment; `to_ids` says whether the recipient may detect with it",
    ),
    Carries(
        "last day of use",
        "`valid_until`, the end of that day",
        "comment; `to_ids` is false once it has passed",
    ),
    Carries("withdrawal", "`revoked`", "`deleted`"),
    Carries("why it was withdrawn", "", ""),
    Carries("traffic light", "marking definition of TLP 2.0", "tag `tlp:…`"),
    Carries(
        "line of the ledger",
        "report: external reference",
        "object `internal-reference`",
    ),
)
"""One row for each thing. What neither can carry is in other files of the same share, if at all."""
