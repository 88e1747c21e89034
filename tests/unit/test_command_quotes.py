"""Sentences on the command line: what was typed is what is read, commas and all."""

from __future__ import annotations

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.config.override_words import typed_words

PARSER = OverridesParser.create()
sentences = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1).filter(
    lambda text: text != "null" and text[0] not in "'\""
)


@settings(deadline=None)
@given(sentences)
def test_a_sentence_without_quotes_is_read_as_typed(sentence):
    found = PARSER.parse_override(typed_words([f"collected={sentence}"])[0])
    assert found.value() == sentence


@pytest.mark.parametrize(
    ("word", "files"),
    [
        ("labels=a.csv", ["a.csv"]),
        ("labels=a.csv,b.csv", ["a.csv", "b.csv"]),
        ("labels=[a.csv, b (1).csv]", ["a.csv", "b (1).csv"]),
        ("labels=labelled-1-Ana (1).csv", ["labelled-1-Ana (1).csv"]),
        ("previous=runs/e=1", ["runs/e=1"]),
    ],
)
def test_files_are_read_as_typed(word, files):
    assert PARSER.parse_override(typed_words([word])[0]).value() == files


@pytest.mark.parametrize(
    "word",
    [
        "reason=null",
        "collected='quoted, already'",
        "seed=0,1",
        "by=[a,b]",
        "-m",
        "data=csv",
        "labels=[]",
        "labels='a.csv'",
    ],
)
def test_other_words_stay_as_they_are(word):
    assert typed_words([word])[0] == word
