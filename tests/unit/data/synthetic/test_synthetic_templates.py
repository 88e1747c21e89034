"""Templates are legal, complete, fictional, and held out as wholes."""

import re
import unicodedata
from collections import Counter

import pytest
import yaml

from adverts.data.synthetic.slots import SLOTS, slots_of
from adverts.data.synthetic.templates import (
    FOLDER,
    deal,
    languages,
    parse_language,
    read_language,
)
from adverts.errors import InputError

TWENTY = 20
SMALL = """
lang: en
script: Latn
review: reviewed
words:
  uk: [London, Dover]
templates:
  - {id: en-news_journalism-01, class: news_journalism, signals: [], risk: 0,
     text: "News from {uk}, {price}"}
  - {id: en-news_journalism-02, class: news_journalism, signals: [], risk: 0,
     text: "More from {uk}"}
  - {id: en-news_journalism-03, class: news_journalism, signals: [], risk: 0,
     text: "The last from {uk}", image: "{uk}"}
"""


@pytest.mark.parametrize("code", languages())
def test_every_language_has_every_class_in_every_split(code):
    cells = Counter((t.label, t.split) for t in read_language(code).templates)

    assert len({label for label, _ in cells}) == TWENTY
    assert len(cells) == 3 * TWENTY


@pytest.mark.parametrize("code", languages())
def test_languages_share_the_same_classes(code, violating):
    labels = [t.label for t in read_language(code).templates]

    assert set(labels) == {t.label for t in read_language("en").templates}
    assert set(labels) >= violating


@pytest.mark.parametrize("code", ["en", "fr"])
def test_splits_hold_about_55_15_and_30_percent_of_the_reviewed_templates(code):
    counts = Counter(t.split for t in read_language(code).templates)
    whole = sum(counts.values())

    assert 0.46 < counts["train"] / whole < 0.60
    assert 0.14 < counts["validation"] / whole < 0.22
    assert 0.25 < counts["test"] / whole < 0.35


def test_a_template_number_has_one_split_in_all_languages():
    splits = {
        (t.label, t.id[-2:], t.split) for code in languages() for t in read_language(code).templates
    }

    assert len(splits) == len({(label, number) for label, number, _ in splits})


def test_the_first_three_numbers_of_any_class_lie_in_three_splits():
    assert {deal("any_class", number) for number in (1, 2, 3)} == {"train", "validation", "test"}


def test_later_numbers_keep_the_shares():
    counts = Counter(deal("any_class", number) for number in range(1, 101))

    assert counts == {"train": 50, "validation": 20, "test": 30}


@pytest.mark.parametrize("code", languages())
def test_no_two_templates_have_the_same_text(code):
    texts = Counter(t.text for t in read_language(code).templates)

    assert max(texts.values()) == 1


@pytest.mark.parametrize("code", languages())
def test_words_come_from_lists_that_every_group_uses(code, violating):
    language = read_language(code)
    used = {
        group: {
            slot
            for t in language.templates
            if (t.label in violating) == group
            for slot in slots_of(t.text + (t.image or ""))
        }
        for group in (True, False)
    }

    shared = set(language.words) & used[True] & used[False]
    assert len(shared) >= 0.8 * len(language.words)


def test_only_english_and_french_are_reviewed():
    assert {code for code in languages() if read_language(code).reviewed} == {"en", "fr"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_template_file_holds_a_contact(path):
    text = path.read_text(encoding="utf-8")
    ascii_digits = "".join(str(unicodedata.digit(c, c)) for c in text)

    assert not re.search(r"(?:\+|00)\d|\d[\d ().-]{5,}\d", ascii_digits)
    assert not re.search(r"(?<!\w)@\w|https?:|www\.|\.(?:com|net|org|me|example)\b", text)


def test_a_small_file_is_read():
    language = parse_language(SMALL, "en")

    assert [t.id for t in language.templates] == [
        "en-news_journalism-01",
        "en-news_journalism-02",
        "en-news_journalism-03",
    ]
    assert language.templates[2].image == "{uk}"
    assert language.words == {"uk": ("London", "Dover")}
    assert language.reviewed


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{price}", "{prize}", "en-news_journalism-01: unknown slots ['prize']"),
        ("{price}", "+44 7700 900123", "en-news_journalism-01 holds a contact"),
        ("London", "'@demo_fictional_01'", "words.uk holds a contact"),
        ("uk: [London, Dover]", "uk: []", "words.uk needs at least one word"),
        ("uk: [London, Dover]", "{uk: [x], price: [y]}", "words.price has the name of a slot"),
        (
            "en-news_journalism-03",
            "en-news_journalism-02",
            "class news_journalism: templates must be numbered",
        ),
        ("en-news_journalism-03", "en-news_journalism-04", "numbered 01, 02"),
        ("en-news_journalism-01", "fr-news_journalism-01", "the id must be en-news_journalism-NN"),
        ("lang: en", "lang: fr", "lang is 'fr', wanted 'en'"),
        ("signals: []", "signals: [boats]", "the taxonomy has no signals ['boats']"),
        ("risk: 0", "risk: 9", "templates.0.risk"),
        ("script: Latn", "script: latin", "script"),
        ("risk: 0,", "", "templates.0.risk: Field required"),
        ("risk: 0,", "risk: 0, stance: promote,", "templates.0.stance: Extra inputs"),
        ("words:", "words: [", "en.yaml is not YAML"),
    ],
)
def test_a_fault_is_named_in_one_line(old, new, message):
    with pytest.raises(InputError) as error:
        parse_language(SMALL.replace(old, new), "en")

    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_class_with_two_templates_is_refused():
    content = yaml.safe_load(SMALL)
    content["templates"].pop()

    with pytest.raises(
        InputError, match="class news_journalism has 2 templates, wanted at least 3"
    ):
        parse_language(yaml.safe_dump(content), "en")


def test_an_unknown_language_names_the_known_ones():
    with pytest.raises(InputError, match="'xx'; choose from ar, ckb, en"):
        read_language("xx")


def test_slots_are_found_in_a_pattern():
    assert slots_of("{uk} for {price}, {price}") == {"uk", "price"}
    assert "uk" not in SLOTS
