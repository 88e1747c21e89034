"""What is told of the language of adverts at serving."""

import warnings

import pytest

from adverts.inputs.letters import language
from adverts.inputs.letters.language import identifier_facts, identify
from adverts.runtime.rules import languages
from adverts.runtime.rules.languages import Language, LanguageTeller, normal_tag, whole_text

ENGLISH = "There are two seats left in the coach on Friday evening"
FRENCH = "Il reste deux places dans le car de vendredi soir"
PERSIAN = "این هفته دو صندلی خالی در اتوبوس مانده است"


def test_what_a_caller_tells_wins_and_the_script_is_that_of_the_letters():
    teller = LanguageTeller(identifier_facts())
    assert teller.tell(ENGLISH, "fa") == Language("fa", "Latn", identified=False)


def test_what_nobody_tells_is_identified_as_in_training():
    texts = [ENGLISH, FRENCH, PERSIAN, "<PHONE> 123", "ok"]
    found = LanguageTeller(identifier_facts()).tell_all(texts, [None] * 5)
    assert [(one.tag, one.script) for one in found] == [
        (one.lang, one.script) for one in identify(texts)
    ]
    assert [one.identified for one in found] == [True, True, True, False, False]


def test_a_batch_says_what_its_adverts_say_alone():
    teller = LanguageTeller(identifier_facts())
    texts, told = [ENGLISH, FRENCH, PERSIAN, ""], [None, "sq", None, "en"]
    alone = [teller.tell(text, tag) for text, tag in zip(texts, told, strict=True)]
    assert teller.tell_all(texts, told) == alone
    assert [one.tag for one in alone] == ["en", "sq", "fa", "en"]


def test_placeholders_of_contacts_are_no_letters():
    found = LanguageTeller(None).tell("<HANDLE> <PHONE> قارب", None)
    assert found == Language(None, "Arab", identified=False)


def test_without_a_pinned_identifier_languages_are_only_told():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        teller = LanguageTeller(None)
    assert not teller.identifies
    assert teller.tell(ENGLISH, None) == Language(None, "Latn", identified=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"package": "other"},
        {"version": "0.3.9"},
        {"sha256": "0" * 64},
        {"min_confidence": 0.4},
        {"renamed": {}},
    ],
)
def test_another_identifier_than_the_pinned_one_tells_nothing_and_warns_once(changes):
    with pytest.warns(UserWarning, match="install that version, or give languages"):
        teller = LanguageTeller({**identifier_facts(), **changes})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = teller.tell_all([ENGLISH, ENGLISH], [None, "en"])
    assert [one.tag for one in found] == [None, "en"]


def test_an_identifier_that_is_not_installed_tells_nothing(monkeypatch):
    def absent():
        raise ModuleNotFoundError("py3langid")

    facts = dict(identifier_facts())
    monkeypatch.setattr(languages, "identifier_facts", absent)
    with pytest.warns(UserWarning, match="but none is installed"):
        teller = LanguageTeller(facts)
    assert teller.tell(ENGLISH, None).tag is None


def test_no_model_is_loaded_for_languages_that_are_told(monkeypatch):
    monkeypatch.setattr(language, "_model", lambda: pytest.fail("the model was loaded"))
    teller = LanguageTeller(identifier_facts())
    assert teller.tell(ENGLISH, "en").tag == "en"
    assert teller.tell("<PHONE> 7", None).tag is None


@pytest.mark.parametrize(
    ("told", "tag"),
    [
        ("en", "en"),
        ("EN-gb", "en-GB"),
        ("pa_guru_in", "pa-Guru-IN"),
        (" ckb ", "ckb"),
        ("sr-1995-x-y", "sr-1995-x-y"),
        (None, None),
        ("", None),
        ("und", None),
        ("und-Latn", None),
        ("mul", None),
        ("e", None),
        ("en-", None),
        ("en--GB", None),
        ("en GB", None),
        ("français", None),
        ("en-abcdefghi", None),
        ("en" + "-abcdefgh" * 10, None),
        ("en\n", "en"),
        ("x" * 10_000, None),
    ],
)
def test_a_tag_gets_its_usual_case_and_a_malformed_one_is_as_if_not_told(told, tag):
    assert normal_tag(told) == tag


def test_caption_and_text_of_pictures_are_joined_as_in_training():
    assert whole_text("boat", "sale") == "boat\nsale"
    assert whole_text("boat", None) == "boat"
    assert whole_text("", "sale") == "sale"
