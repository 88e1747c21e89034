"""One line of the ledger: what was shared, withdrawn, confirmed or answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adverts.record_chain import Personal
from adverts_findings.config.sharing import Kind

LEDGER_VERSION = 1
SignalType = Literal["pdq", "sha256", "md5", "text_sha256", "text_simhash"]
Cause = Literal[
    "asked", "expired", "erased", "reviewed anew", "judged apart", "appeal upheld", "left the bank"
]
"""Why something is withdrawn."""
AnswerKind = Literal[
    "removed",
    "restricted",
    "account action",
    "kept",
    "already gone",
    "not found",
    "duplicate",
    "no answer",
]
Appeal = Literal["none", "open", "upheld", "reversed"]
"""What became of an uploader's complaint; reversed: the platform took its decision back."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One value that recognises a picture or a text.

    Attributes:
        type: What it is a hash of, and by which rule.
        value: Its value in lower-case hex.
        quality: PDQ's measure of detail, 0 to 100; 100 for what is no PDQ hash.
        false_per_million: Upper 95 % bound of false matches in a million pictures at distance 31
            for ``pdq``, and in a million texts at distance 8 for ``text_simhash``; -1 where it was
            not measured.
    """

    type: SignalType
    value: str
    quality: int
    false_per_million: float


@dataclass(frozen=True, slots=True)
class SharedItem:
    """One advert as it was shared with one recipient. It holds no text, address, contact or name.

    Attributes:
        reference: Its reference: the same for all kinds that this recipient got of it.
        kinds: What left of it in this share.
        item: Name of the advert in reviews.
        campaign: Its campaign in the bank.
        platform: Its platform; empty if it is not known.
        language: Its language; empty if it is not known.
        label: Class of the taxonomy.
        first_seen: Day of posting, ISO 8601; empty if it is not known.
        reviewed_at: Time of the review that it was shared by.
        signals: Hashes that were shared; empty if none were.
    """

    reference: str
    kinds: tuple[Kind, ...]
    item: str
    campaign: str
    platform: str
    language: str
    label: str
    first_seen: str
    reviewed_at: str
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """A share: what left to a recipient at once.

    Attributes:
        salt: 32 random hex digits, from which new references are made, so that nobody who lacks the
            ledger can tell from one which advert it is of.
        bank: Id of the bank that the adverts are of.
        kinds: What was asked for; of some items less left.
        purpose: What for.
        legal_basis: On which basis.
        expires: Last day on which it may be used, ISO 8601.
        action: What is asked of hashes and indicators.
        good_faith: Whether a person stated in good faith that its notices are accurate.
        probability: Maps each campaign to the bank's probability that its adverts belong together;
            it is -1 where it is not known.
        items: The adverts.
    """

    salt: str
    bank: str
    kinds: tuple[Kind, ...]
    purpose: str
    legal_basis: str
    expires: str
    action: Literal["review", "block"]
    good_faith: bool
    probability: dict[str, float]
    items: tuple[SharedItem, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Items that were withdrawn from a recipient at once.

    Attributes:
        causes: Maps the reference of each item to why it was withdrawn.
    """

    causes: dict[str, Cause]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A recipient's word that withdrawn items are gone at its side.

    Attributes:
        references: References of items.
    """

    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a recipient answered to a notice.

    Attributes:
        reference: Reference of the item.
        answer: What it did.
        at: When it did it, ISO 8601 in UTC; empty if it does not say.
        where: Countries in which it is restricted; empty if everywhere or not restricted.
        ground: Ground that it names; empty if it names none.
        automated: Whether the decision was automated; None if it does not say.
        statement_id: Id of its statement of reasons; empty if it gives none.
        appeal: What became of a complaint.
    """

    reference: str
    answer: AnswerKind
    at: str
    where: tuple[str, ...]
    ground: str
    automated: bool | None
    statement_id: str
    appeal: Appeal


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger. Exactly one of the four acts is there.

    Attributes:
        number: Number of the line, from 1.
        at: When, ISO 8601 in UTC.
        reference: Reference of this act, such as ``S-7f3a…`` of a share.
        recipient: Name of the recipient in the configuration.
        account: Account of the system that did it.
        approved_by: Person who signed it off; for an answer or a confirmation, who recorded it.
        reason: Why, in words; empty where the purpose says it.
        shared: What was shared.
        withdrawn: What was withdrawn.
        confirmed: What is gone at the recipient.
        answered: What the recipient did.
        before: Hash of the line before.
        hash: Hex sha256 of all of this but salts and values of what names a person.
    """

    number: int
    at: str
    reference: str
    recipient: str
    account: Personal
    approved_by: Personal
    reason: Personal
    shared: Shared | None
    withdrawn: Withdrawn | None
    confirmed: Confirmed | None
    answered: Answered | None
    before: str
    hash: str
