"""Make the notices of a share: what each says, and nothing that it must not say."""

from __future__ import annotations

import hashlib
import re

from adverts_findings.sharing.leaving.item import Item
from adverts_findings.sharing.leaving.legal_ground import covering_laws
from adverts_findings.sharing.leaving.posting_address import clean_id, clean_url
from adverts_findings.sharing.ledger.answers_csv import COLUMNS
from adverts_findings.sharing.ledger.ledger_entry import SharedItem
from adverts_findings.sharing.notices.notice import (
    Evidence,
    HowToAnswer,
    Law,
    Notice,
    ReviewedBy,
    Rules,
    Sender,
    What,
    Where,
)
from adverts_findings.sharing.notices.notice_words import NoticeWords, words_for
from adverts_findings.sharing.outgoing import Outgoing

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}", re.ASCII | re.IGNORECASE)


def notices_of(outgoing: Outgoing) -> tuple[Notice, ...]:
    """Return one notice for each advert that leaves as such in this share, by reference.

    Raises:
        ValueError: An advert was not posted on a platform of the recipient, or a notice under
            ``dsa_16`` lacks the statement of good faith.
    """
    words, note = words_for(outgoing.recipient.language)
    return tuple(_notice(outgoing, one, words, note) for one in outgoing.shared_now("notice"))


def sender_of(outgoing: Outgoing) -> Sender:
    """Return who sends; answers go to the e-mail where no other place is named."""
    sender = outgoing.sender
    return Sender(sender.organisation, sender.email, sender.reply_to or sender.email)


def _notice(outgoing: Outgoing, shared: SharedItem, words: NoticeWords, note: str) -> Notice:
    share = outgoing.entry.shared
    assert share is not None
    original, recipient = outgoing.originals[shared.reference], outgoing.recipient
    class_words = words.class_words(shared.label)
    return Notice(
        reference=shared.reference,
        share=outgoing.entry.reference,
        sent_at=outgoing.entry.at,
        recipient=recipient.name,
        where=_where(outgoing, shared, original),
        what=What(shared.label, class_words.name, _language(shared.language)),
        reasons=_reasons(words, class_words.name, class_words.definition),
        rules=Rules(recipient.regime, words.regimes[recipient.regime]),
        laws=_laws(outgoing, shared.label),
        evidence=_evidence(original),
        reviewed=ReviewedBy(_by_whom(outgoing, words, "reviewed"), shared.reviewed_at),
        sender=sender_of(outgoing),
        good_faith=_good_faith(outgoing, words, is_stated=share.good_faith),
        purpose=share.purpose,
        expires=share.expires,
        answer=_answer(outgoing, words, shared.reference),
        language=words.language,
        language_note=note,
    )


def _where(outgoing: Outgoing, shared: SharedItem, original: Item) -> Where:
    if original.platform not in outgoing.recipient.platforms:
        raise ValueError(
            f"{shared.reference} was not posted on a platform of {outgoing.name}; a notice goes "
            "to the platform alone"
        )
    place = clean_id(original.platform_item_id)
    url = clean_url(original.url, place)
    return Where(url, original.platform, place, shared.first_seen)


def _language(language: str) -> str:
    digits = sum(map(str.isdigit, language))  # a region or a variant has four at most
    return language if _LANGUAGE.fullmatch(language) and digits <= 4 else ""


def _reasons(words: NoticeWords, name: str, definition: str) -> tuple[str, ...]:
    first = (
        words.sentence("reason", definition=definition)
        if definition
        else words.sentence("reason_without_definition", name=name)
    )
    return first, words.sentence("about_content")


def _laws(outgoing: Outgoing, label: str) -> tuple[Law, ...]:
    names = covering_laws(outgoing.recipient, outgoing.laws, label)
    laws = (outgoing.laws[one] for one in names)
    return tuple(Law(one.text, one.jurisdiction) for one in laws)


def _evidence(original: Item) -> Evidence:
    text = original.text.encode("utf-8", "replace")
    return Evidence(
        pictures_sha256=tuple(one.sha256 for one in original.pictures),
        text_sha256=hashlib.sha256(text).hexdigest() if text else "",
    )


def _by_whom(outgoing: Outgoing, words: NoticeWords, name: str) -> str:
    organisation = outgoing.sender.organisation
    if organisation:
        return words.sentence(name, organisation=organisation)
    return words.sentence(f"{name}_by_sender")


def _good_faith(outgoing: Outgoing, words: NoticeWords, *, is_stated: bool) -> str:
    if is_stated:
        return _by_whom(outgoing, words, "good_faith")
    if outgoing.recipient.regime == "dsa_16":
        raise ValueError("a notice under dsa_16 needs good_faith=, which nobody gave")
    return ""


def _answer(outgoing: Outgoing, words: NoticeWords, reference: str) -> HowToAnswer:
    reply_to = sender_of(outgoing).reply_to
    name, more = ("answer_to", {"reply_to": reply_to}) if reply_to else ("answer", {})
    columns = ", ".join(COLUMNS)
    statement = words.sentence(name, reference=reference, columns=columns, **more)
    return HowToAnswer(statement, COLUMNS)
