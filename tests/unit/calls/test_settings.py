"""Keywords and overrides of a call, as words of Hydra."""

from __future__ import annotations

import pytest

from adverts.calls.settings import words
from adverts.errors import InputError


def test_keywords_come_before_overrides_and_missing_ones_are_left_out():
    given = {"model": "text", "seed": None, "run_dir": "a b"}
    assert words(given, ["trainer.epochs=3"]) == [
        "model='text'",
        "run_dir='a b'",
        "trainer.epochs=3",
    ]


def test_a_mapping_is_words_too():
    assert words({}, {"trainer.epochs": 3, "ledger": None}) == ["trainer.epochs=3", "ledger=null"]


@pytest.mark.parametrize("override", ["seed=1", "+seed=1", "++seed=1"])
def test_a_keyword_and_an_override_of_one_key_are_refused(override):
    with pytest.raises(InputError, match="the call sets seed=; give it as a keyword"):
        words({"seed": 0}, [override])
    with pytest.raises(InputError, match="the call sets text="):
        words(
            {"data.columns.text": "a"},
            {"data.columns.text": "b"},
            keywords={"data.columns.text": "text"},
        )


@pytest.mark.parametrize("overrides", ["trainer.epochs=3", [3], {"a": object()}])
def test_other_overrides_are_refused(overrides):
    with pytest.raises(InputError):
        words({}, overrides)
