"""Deciding again: each different disguise once, and what no draw changes counts as unchanged."""

import numpy as np

from adverts.evaluation.robustness.disguise_attempt import randomness
from adverts.evaluation.robustness.drawn_adverts import decide_again

PLAIN = ["boat", "ferry", "", "sea"]
BEFORE = np.array([True, False, True, False])
DRAWS = {  # what each draw makes of each advert
    0: {0: "b0at", 1: "ferry", 3: "zea"},
    1: {0: "bo4t", 1: "ferry", 3: "zea"},
    2: {0: "boat", 1: "ferry", 3: "zea"},
}


def again(asked):
    def flag(rows, contents):
        asked.extend(zip(rows, contents, strict=True))
        return np.array([content in {"zea", "bo4t"} for content in contents])

    return decide_again(
        PLAIN,
        BEFORE,
        draws=3,
        disguise=lambda row, draw: DRAWS[draw][row],
        flag=flag,
        told=lambda done: None,
    )


def test_each_different_disguise_is_decided_once_and_the_plain_text_never():
    asked = []
    again(asked)
    assert asked == [(0, "b0at"), (3, "zea"), (0, "bo4t")]


def test_decisions_stand_by_draw_and_an_unchanged_advert_keeps_its_own():
    found = again([])
    assert found.after_KN.tolist() == [
        [False, False, True, True],
        [True, False, True, True],
        [True, False, True, True],
    ]


def test_an_advert_that_some_draw_changes_is_changed_and_an_empty_one_is_neither():
    found = again([])
    assert found.changed_N.tolist() == [True, False, False, True]
    assert found.unchanged == 1


def test_pictures_are_told_apart_by_their_bytes():
    asked = []

    def flag(rows, contents):
        asked.extend(contents)
        return np.ones(len(rows), dtype=bool)

    decide_again(
        [(b"one", b"two"), ()],
        np.zeros(2, dtype=bool),
        draws=3,
        disguise=lambda row, draw: (b"one", b"two" if draw else b"three"),
        flag=flag,
        told=lambda done: None,
    )
    assert asked == [(b"one", b"three")]


def test_what_happens_to_an_advert_depends_on_its_names_alone():
    one, same = (randomness(0, "leet", "heavy", 1, "a7").random() for _ in range(2))
    others = {randomness(*n).random() for n in [(0, "leet", "heavy", 2, "a7"), (1, "leet", "x")]}
    assert one == same
    assert one not in others
