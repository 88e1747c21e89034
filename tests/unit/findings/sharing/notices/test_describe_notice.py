import hashlib
from dataclasses import replace

import pytest
from made_notices import SENDER, item, outgoing, recipient, reference

from adverts_findings.config.sharing import SenderConfig
from adverts_findings.sharing.notices.describe_notice import notices_of

pytestmark = pytest.mark.promise

NOBODY = SenderConfig(organisation="", email="", reply_to="")


def only(share):
    (found,) = notices_of(share)
    return found


def test_a_notice_says_where_what_why_and_how_to_answer():
    found = only(outgoing(item()))
    assert found.where.url == "https://demo-social.example/post/1"
    assert (found.where.platform_item_id, found.where.posted_on) == ("post-1", "2026-11-20")
    assert found.what.name == "Offers irregular movement"
    assert "Advertises, sells or arranges movement" in found.reasons[0]
    assert found.reviewed.statement == "The content was reviewed by a trained person of Demo unit."
    assert "unit@demo.example" in found.answer.statement
    assert reference(1) in found.answer.statement


def test_evidence_is_the_hash_of_each_picture_and_of_the_masked_text():
    found = only(outgoing(item()))
    assert found.evidence.pictures_sha256 == ("c" * 64,)
    text = b"Boat to England, write <PHONE>"
    assert found.evidence.text_sha256 == hashlib.sha256(text).hexdigest()


def test_an_advert_without_text_has_no_hash_of_a_text():
    assert only(outgoing(item(text=""))).evidence.text_sha256 == ""


def test_laws_are_those_of_the_recipient_that_cover_the_class_and_fit_its_rules():
    assert [one.jurisdiction for one in only(outgoing(item())).laws] == ["GB"]
    dsa = outgoing(item(), to=recipient(regime="dsa_16"))
    assert [one.jurisdiction for one in only(dsa).laws] == ["FR"]
    other = replace(item().reviewed, label="recruit_facilitator")
    assert only(outgoing(item(reviewed=other))).laws == ()


@pytest.mark.parametrize("regime", ["uk_osa", "platform_terms", "voluntary"])
def test_good_faith_is_stated_where_somebody_stated_it_and_only_there(regime):
    to = recipient(regime=regime)
    assert "in good faith" in only(outgoing(item(), to=to)).good_faith
    assert only(outgoing(item(), to=to, good_faith=False)).good_faith == ""


def test_a_notice_under_the_dsa_is_not_made_without_good_faith():
    with pytest.raises(ValueError, match="needs good_faith="):
        notices_of(outgoing(item(), to=recipient(regime="dsa_16"), good_faith=False))


def test_a_notice_of_a_post_elsewhere_is_not_made():
    with pytest.raises(ValueError, match="not posted on a platform of"):
        notices_of(outgoing(item(platform="other")))


def test_a_share_without_a_notice_has_none():
    assert notices_of(outgoing(item(), kinds=("hashes",))) == ()


def test_a_sender_without_a_name_is_called_the_sender():
    found = only(outgoing(item(), sender=NOBODY))
    assert found.reviewed.statement.endswith("of the sender.")
    assert found.answer.statement.startswith("Answer the sender")


def test_answers_go_to_the_place_that_is_named_for_them():
    sender = SENDER.model_copy(update={"reply_to": "answers@demo.example"})
    assert only(outgoing(item(), sender=sender)).sender.reply_to == "answers@demo.example"


@pytest.mark.parametrize("language", ["x" * 30, "Ada Demo", "fa\n", "<b>", "f"])
def test_what_is_no_language_is_not_known(language):
    assert only(outgoing(item(language=language))).what.language == ""


def test_notices_are_in_the_order_of_references():
    found = notices_of(outgoing(item(1), item(2), item(3)))
    assert [one.reference for one in found] == [reference(1), reference(2), reference(3)]
