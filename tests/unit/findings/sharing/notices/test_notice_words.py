import re
from dataclasses import replace

import pytest
from made_notices import reviewed_template

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts_findings.sharing.notices.notice_words import TEMPLATES, read_words, words_for

pytestmark = pytest.mark.promise

DRAFTS = ("fr", "de", "ar")
ENGLISH = read_words("en")


def test_every_template_that_ships_is_english_or_a_draft():
    assert {one.stem for one in TEMPLATES.glob("*.yaml")} == {
        "notice_en",
        *(f"notice_{one}" for one in DRAFTS),
    }


@pytest.mark.parametrize("language", DRAFTS)
def test_a_draft_says_all_that_english_says_with_the_same_values(language):
    words = read_words(language)
    assert words.language == language
    for part in ("captions", "sentences", "regimes", "causes", "actions"):
        there, here = getattr(ENGLISH, part), getattr(words, part)
        assert there.keys() == here.keys()
        assert {one: values(text) for one, text in there.items()} == {
            one: values(text) for one, text in here.items()
        }
    assert words.classes.keys() == {one.id for one in read_taxonomy().classes if one.group == "V"}


def values(text):
    return sorted(re.findall(r"{\w+}", text))


@pytest.mark.parametrize("language", [*DRAFTS, "fr-CA", "tlh"])
def test_words_that_nobody_reviewed_are_not_used_and_the_notice_says_so(language):
    words, note = words_for(language)
    assert words == ENGLISH
    assert note == f"No reviewed template in {language} exists, so this notice is in English."


@pytest.mark.parametrize("language", ["en", "en-GB"])
def test_english_needs_no_excuse(language):
    assert words_for(language) == (ENGLISH, "")


@pytest.mark.parametrize("language", ["fr", "fr-CA"])
def test_reviewed_words_are_used(language, tmp_path, monkeypatch):
    reviewed_template(tmp_path, monkeypatch, "fr")
    words, note = words_for(language)
    assert (words.language, note) == ("fr", "")


def test_a_review_without_reviewer_or_day_is_none():
    assert not replace(ENGLISH, reviewed_by=" ").is_reviewed
    assert not replace(ENGLISH, reviewed_at="").is_reviewed


def test_direction_follows_the_script_and_else_the_language():
    directions = {one: replace(ENGLISH, language=one).direction for one in DIRECTIONS}
    assert directions == DIRECTIONS


DIRECTIONS = {
    **{"en": "ltr", "ar": "rtl", "ckb": "rtl", "fa-AF": "rtl", "ku-Arab": "rtl", "pa-Guru": "ltr"},
    **{"ar-Latn": "ltr", "ur-PK": "rtl"},
}


def test_a_class_outside_of_the_taxonomy_is_its_own_name():
    found = ENGLISH.class_words("sells_fake_boats")
    assert (found.name, found.definition) == ("sells fake boats", "")


def test_an_advert_without_a_class_is_described_without_one():
    assert ENGLISH.class_words("").name.startswith("content that may break the law")
