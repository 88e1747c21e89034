"""Contacts that anybody may name make no link."""

import pytest

from adverts.inputs.contacts.contact_tokens import contact_tokens

pytestmark = pytest.mark.promise

KEY = b"a key of the tests"


def names(text):
    return [one.public for one in contact_tokens(text, key=KEY)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("call Crimestoppers on 0800 555 111", "Crimestoppers"),
        ("+44 800 555 111", "Crimestoppers"),
        ("٠٨٠٠ ٥٥٥ ١١١", "Crimestoppers"),
        ("08000 121 700", "Modern Slavery Helpline"),
        ("0808 8010 503", "Migrant Help"),
        ("ring 0800 1111", "Childline"),
        ("1800 666 111", "Garda Confidential Line"),
        ("+33 4 86 51 71 61", "Alarm Phone"),
        ("04 86 51 71 61", "Alarm Phone"),
    ],
)
def test_a_helpline_is_masked_and_named_however_it_is_written(text, name):
    assert names(text) == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("facebook.com", "facebook.com"),
        ("https://m.facebook.com/", "facebook.com"),
        ("www.youtube.com", "youtube.com"),
        ("https://t.me", "t.me"),
        ("https://www.gov.uk/claim-asylum", "gov.uk"),
        ("https://assets.publishing.service.gov.uk/x.pdf", "gov.uk"),
        ("bbc.co.uk/news/uk-1", "bbc.co.uk"),
        ("https://www.google.com/maps/place/Dover", "google.com"),
        ("help@police.uk", "police.uk"),
    ],
)
def test_a_host_that_is_no_contact_by_itself_is_named(text, name):
    assert names(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "facebook.com/groups/demo",
        "t.me/demo_fictional_07",
        "chat.whatsapp.com/Demo0Fictional",
        "youtube.com/@demo_fictional_07",
        "gov.uk.ferry.example",
        "notgov.uk",
        "+44 7700 900142",
        "@demo_fictional_07",
        "police.uk@ferry.example",
    ],
)
def test_a_contact_on_a_public_site_is_a_contact(text):
    assert names(text) == [None]


def test_no_two_public_phones_share_a_value():
    from adverts.inputs.contacts import public_contacts

    written = [number for numbers in public_contacts._PHONES.values() for number in numbers]
    assert len(public_contacts._phones()) == len(written)
