"""A notice: what a platform is told of one advert, and what its uploader may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from adverts_findings.config.sharing import Regime


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a posting.

    Attributes:
        url: Its address, see :func:`adverts_findings.sharing.leaving.posting_address.clean_url`;
            empty if it is not known.
        platform: Platform of the recipient.
        platform_item_id: Its id there; empty if it is not known.
        posted_on: Day of posting, ISO 8601; empty if it is not known.
    """

    url: str
    platform: str
    platform_item_id: str
    posted_on: str


@dataclass(frozen=True, slots=True)
class What:
    """What an advert is.

    Attributes:
        class_id: Name of its class; empty if people gave none.
        name: The same in plain words.
        language: BCP 47 tag of its language; empty if it is not known.
    """

    class_id: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules under which a notice is sent.

    Attributes:
        regime: Their name.
        statement: The same in a sentence.
    """

    regime: Regime
    statement: str


@dataclass(frozen=True, slots=True)
class Law:
    """A law or rule on which a notice rests.

    Attributes:
        text: Law and section.
        jurisdiction: ISO 3166 code of the country, ``EU``, or ``terms``.
    """

    text: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hashes by which what was reviewed can be recognised.

    Attributes:
        pictures_sha256: Hex sha256 of each picture's file.
        text_sha256: Hex sha256 of the UTF-8 of the text, contacts masked; empty without a text.
    """

    pictures_sha256: tuple[str, ...]
    text_sha256: str


@dataclass(frozen=True, slots=True)
class ReviewedBy:
    """That a person reviewed the advert.

    Attributes:
        statement: By whom, without a name.
        at: When, ISO 8601 in UTC.
    """

    statement: str
    at: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a notice; each is empty if it is not stated.

    Attributes:
        organisation: Name of the organisation.
        email: Its e-mail.
        reply_to: Where answers are sent.
    """

    organisation: str
    email: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class HowToAnswer:
    """How a recipient answers.

    Attributes:
        statement: In a sentence.
        columns: Columns of the CSV.
    """

    statement: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of one advert. It names no person, no campaign and no other posting.

    Attributes:
        reference: Reference of the item, ``R-…``.
        share: Reference of the share, ``S-…``.
        sent_at: When it was recorded, ISO 8601 in UTC.
        recipient: Name of the recipient.
        where: The place of the posting.
        what: What it is.
        reasons: Why, in sentences: what the content does, not who posted it.
        rules: Rules under which it is sent.
        laws: Laws that it rests on.
        evidence: Hashes of pictures and text.
        reviewed: That a person reviewed it.
        sender: Who sends it.
        good_faith: Statement of good faith; empty if nobody made it.
        purpose: What it is sent for.
        expires: Last day on which it may be used, ISO 8601.
        answer: How to answer it.
        language: Language of its sentences.
        language_note: Why they are not in the recipient's language; empty if they are.
    """

    reference: str
    share: str
    sent_at: str
    recipient: str
    where: Where
    what: What
    reasons: tuple[str, ...]
    rules: Rules
    laws: tuple[Law, ...]
    evidence: Evidence
    reviewed: ReviewedBy
    sender: Sender
    good_faith: str
    purpose: str
    expires: str
    answer: HowToAnswer
    language: str
    language_note: str
