"""Disguised copies of training adverts: which there are, and what they keep."""

import pytest

from adverts.training.disguised_copies import Augmentation

pytestmark = pytest.mark.promise

TEXTS = [f"small boats to dover number {i}, call me tonight" for i in range(60)]


class Table:
    """What of a table the copies are made from."""

    def __init__(self, texts, rows=None, langs=None):
        self.texts, self.rows = list(texts), list(rows or range(len(texts)))
        self.ids = [f"a{row}" for row in self.rows]
        self.langs = langs or ["en"] * len(self.texts)

    def __len__(self):
        return len(self.texts)

    def select(self, rows):
        return Table([self.texts[row] for row in rows], [self.rows[row] for row in rows])

    def with_texts(self, texts):
        return Table(texts, self.rows)


def extend(texts=TEXTS, share=1.0, disguises=("leet",), seed=0):
    return Augmentation(share, disguises, seed).extend(Table(texts))


def test_every_advert_stays_and_copies_come_behind_it_with_its_row():
    found = extend()
    assert found.texts[:60] == TEXTS
    assert found.rows == [*range(60), *range(60)]
    assert all(copy != text for copy, text in zip(found.texts[60:], TEXTS, strict=True))


def test_about_the_share_gets_a_copy():
    assert 15 <= len(extend(share=0.5)) - 60 <= 45
    assert len(extend(share=0.0)) == 60


def test_a_caption_that_cannot_be_disguised_gets_no_copy():
    assert extend(["", "  ", "12345", "<PHONE>"]).texts == ["", "  ", "12345", "<PHONE>"]


def test_only_the_named_disguises_are_used():
    copies = extend(disguises=("zero_width",)).texts[60:]
    unseen = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a\u202c\u2068\u2069"))
    assert [copy.translate(unseen) for copy in copies] == TEXTS


def test_the_same_seed_gives_the_same_copies_whatever_other_adverts_there_are():
    assert extend().texts == extend().texts
    assert extend(TEXTS[:5]).texts[5:] == extend().texts[60:65]
    assert extend(seed=1).texts != extend().texts
