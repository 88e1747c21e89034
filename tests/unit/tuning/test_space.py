"""A study begins with what the command gives, as far as its space holds it."""

import pytest
from composing import load

from adverts.tuning.space import build_space


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"model.encoder.text_form": "raw", "model.encoder.max_tokens": "64"}, ("raw", "64", 1.0)),
        ({"model.ngrams.inverse_regularisation": "100"}, ("folded", "128", 100.0)),
        ({"model.ngrams.inverse_regularisation": "101"}, ("folded", "128", None)),
        ({"model.encoder.max_tokens": "96"}, ("folded", None, 1.0)),
    ],
)
def test_what_is_given_is_tried_as_it_is_and_what_lies_outside_is_left_out(given, found):
    words = [f"{key}={value}" for key, value in given.items()]
    space = build_space(
        load(
            *("tune", "prepared=p", "study_dir=s", "tune=frozen", "model=text", "trainer=frozen"),
            *("model.ngrams.inverse_regularisation=1", *words),
        )
    )
    keys = ("text_form", "max_tokens", "inverse_regularisation")
    known = {key.rpartition(".")[2]: value for key, value in space.as_given().items()}
    assert tuple(known.get(key) for key in keys) == found
    assert (space.whole_as_given() is None) == (None in found)
