import hashlib
import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_hashes import LONG

from adverts.inputs.contacts.masking import mask_contacts
from adverts_findings.sharing.hashes.reference_code import REFERENCE_CODE
from adverts_findings.sharing.hashes.text_fingerprint import SIMHASH_RADIUS, fingerprint_text

CODE: dict = {}
exec(REFERENCE_CODE, CODE)
LETTERS = "anordinarysentenceaboutboatsandtheweatherthatnobodywouldeverwanttoremove"


def by_reference(text):
    kept = CODE["letters"](text)
    return CODE["text_sha256"](kept), CODE["text_simhash"](kept)


def test_a_text_is_hashed_by_its_letters_as_a_recipient_would_by_hand():
    found = fingerprint_text(LONG)
    assert found.sha256 == hashlib.sha256(LETTERS.encode()).hexdigest()


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=30, max_size=120))
def test_the_code_that_recipients_get_gives_what_is_shared(text):
    found = fingerprint_text(text + LONG)
    assert (found.sha256, found.simhash) == by_reference(text + LONG)


@pytest.mark.parametrize(
    "contact",
    [
        "+44 7700 900123",
        "https://chat.example/join",
        "shop.example",
        "@demo_fictional_01",
        "somebody@mail.example",
        "call:+447700900123!",
        "demo_fictional_07",
        "(+44 7700 900 124)",
        "WhatsApp+447700900125",
    ],
)
def test_a_recipient_who_has_the_contact_gets_the_fingerprint_of_the_masked_text(contact):
    posted = f"{LONG} {contact} and come at once"
    masked = mask_contacts(posted)
    assert masked != posted
    assert fingerprint_text(masked) == fingerprint_text(posted)
    assert by_reference(posted) == by_reference(masked)


def test_another_contact_price_case_or_punctuation_gives_the_same_fingerprint():
    one = fingerprint_text(f"{LONG}, from 500 euros, +44 7700 900123.")
    assert one == fingerprint_text(f"{LONG.upper()} FROM EUROS")
    assert one == fingerprint_text(f"{LONG}!!! from 9,000 euros <PHONE>")


def test_a_text_of_39_letters_has_no_fingerprint_and_one_of_40_has():
    assert fingerprint_text("a" * 39 + " <PHONE> 12345 https://chat.example/abcdef") is None
    assert fingerprint_text("a" * 40) is not None


def test_the_empty_text_and_one_of_contacts_alone_have_no_fingerprint():
    assert fingerprint_text("") is None
    assert fingerprint_text("https://chat.example/a " * 40) is None


def test_letters_of_every_script_count_and_marks_belong_to_them():
    vietnamese = "tôi sẽ đưa bạn đến nơi an toàn bằng thuyền lớn vào tuần tới nhé bạn ơi"
    arabic = "نقل آمن بالقارب الكبير الى الجهة الاخرى في الاسبوع القادم ان شاء الله"
    for text in (vietnamese, arabic):
        found = fingerprint_text(text)
        assert (found.sha256, found.simhash) == by_reference(text)
    assert fingerprint_text(vietnamese) != fingerprint_text(vietnamese.replace("ô", "o"))


def test_lone_surrogates_are_hashed_as_question_marks():
    assert fingerprint_text(LONG + "\ud800") == fingerprint_text(LONG + "?")


def test_a_word_more_stays_within_the_radius_and_another_text_does_not():
    text = f"{LONG} and {LONG[::-1]} with all that belongs to it in the harbour"
    one = int(fingerprint_text(text).simhash, 16)
    near = int(fingerprint_text(text + " today").simhash, 16)
    far = int(fingerprint_text("completely different words of quite another advert").simhash, 16)
    assert 0 < (one ^ near).bit_count() <= SIMHASH_RADIUS < (one ^ far).bit_count()


@pytest.mark.parametrize("marks", ["\u0301\u0323", "\uff9e\u0301", "\u0344\u0f73\u0323"])
@pytest.mark.parametrize("fingerprint", [fingerprint_text, CODE["letters"]])
def test_the_time_for_marks_grows_with_their_number_and_not_with_its_square(marks, fingerprint):
    def seconds(count):
        text = LONG + marks * (count // len(marks))
        began = time.process_time()
        fingerprint(text)
        return time.process_time() - began

    assert seconds(64_000) < 8 * max(seconds(16_000), 0.01)  # 16 times as long where it is squared


def test_a_letter_keeps_thirty_marks_and_no_more():
    thirty = LONG + "\u0323" * 30
    assert fingerprint_text(thirty + "\u0301" * 1_000) == fingerprint_text(thirty)
    assert fingerprint_text(LONG + "\u0323" * 29) != fingerprint_text(thirty)


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=120))
def test_a_text_without_long_runs_of_marks_has_the_letters_that_it_always_had(text):
    kind = unicodedata.category
    words = [
        word
        for word in unicodedata.normalize("NFKC", text).split()
        if not re.search(r"[@/_]|<[A-Z]+>|\w[.:]\w", word)
        and not any(kind(c)[0] == "N" for c in word)
    ]
    assert CODE["letters"](text) == "".join(
        c for c in "".join(words).casefold() if kind(c)[0] in "LM"
    )
