"""Excerpts: which are found, that they join no cluster, and what is no excerpt."""

import random

import numpy as np
import pytest

from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.link_excerpts import MOST_CLUSTERS, link_held, passages
from adverts.clusters.links import Traits

LETTERS = "abcdefghijklmnoprstuvz"


def words(draw, count):
    return ["".join(draw.choices(LETTERS, k=draw.randrange(3, 9))) for _ in range(count)]


def find(texts, pages=None):
    pages = pages or [""] * len(texts)
    traits = [
        Traits(id=f"a{row:05}", text=text, page=page)
        for row, (text, page) in enumerate(zip(texts, pages, strict=True))
    ]
    return find_clusters(traits)


def excerpts(found):
    return {frozenset(pair) for pair in found.links.of_kinds("excerpt").pairs()}


def test_both_halves_of_a_text_are_linked_to_it_and_stay_clusters_of_their_own():
    draw = random.Random(0)
    texts = [" ".join(words(draw, 24)) for _ in range(40)]
    halves = [part for text in texts for part in (text[: len(text) // 2], text[len(text) // 2 :])]
    found = find([*texts, *halves])
    wanted = {frozenset({40 + place, place // 2}) for place in range(80)}
    assert wanted <= excerpts(found)
    assert len(excerpts(found)) == len(wanted)
    assert len(set(found.names)) == 120


@pytest.mark.parametrize(
    "text",
    [
        "Wir suchen Fahrer für Nächte nach Dover, bar bezahlt, keine Fragen, schreib uns heute",
        "نبحث عن سائقين للليل إلى الشاطئ والدفع نقدا بلا أسئلة راسلنا اليوم قبل المساء من فضلك",
        "我们正在寻找今晚前往海边的司机现金支付没有任何问题请今天晚上之前给我们发消息谢谢大家的支持和信任欢迎咨询",
    ],
)
def test_an_excerpt_is_found_in_any_script_however_it_is_written(text):
    half = text[: len(text) * 2 // 3]
    spread = "-".join(half.upper())
    long = f"{' '.join(words(random.Random(1), 60))} {text} {' '.join(words(random.Random(2), 60))}"
    assert excerpts(find([half, long])) == {frozenset({0, 1})}
    assert excerpts(find([spread, long])) == {frozenset({0, 1})}


def test_a_caption_that_stands_in_a_picture_is_linked():
    draw = random.Random(3)
    text = " ".join(words(draw, 14))
    page = f"{' '.join(words(draw, 30))}\n{text}"
    assert excerpts(find([text, "see below"], ["", page])) == {frozenset({0, 1})}


def test_a_text_whose_pieces_stand_in_several_others_is_linked_to_them():
    draw = random.Random(8)
    texts = [words(draw, 30) for _ in range(12)]
    pieces = [
        " ".join(
            [*texts[i][:10], *texts[(i + 1) % 12][10:20], *texts[(i + 2) % 12][20:]],
        )
        for i in range(12)
    ]
    found = find([*map(" ".join, texts), *pieces])
    linked = {row for pair in excerpts(found) for row in pair}
    assert linked == set(range(24))
    assert len(set(found.names)) == 24


def test_texts_that_share_less_than_a_fifth_or_a_set_phrase_are_not_linked():
    draw = random.Random(4)
    shared = " ".join(words(draw, 5))
    apart = [f"{shared} {' '.join(words(draw, 40))}" for _ in range(2)]
    assert excerpts(find(apart)) == set()
    phrase = " ".join(words(draw, 12))
    few = [f"{phrase} {' '.join(words(draw, 90))}" for _ in range(MOST_CLUSTERS - 1)]
    assert len(excerpts(find([phrase, *few]))) == len(few)
    many = [*few, *(f"{phrase} {' '.join(words(draw, 90))}" for _ in range(2))]
    assert excerpts(find(many)) == set()


@pytest.mark.parametrize(("letters", "is_linked"), [(24, False), (60, True)])
def test_a_few_words_are_no_excerpt_though_they_stand_there_whole(letters, is_linked):
    draw = random.Random(11)
    said = "".join(draw.choices(LETTERS, k=letters))
    short = " ".join(said[place : place + 6] for place in range(0, letters, 6))
    long = f"{' '.join(words(draw, 40))} {short} {' '.join(words(draw, 40))}"
    assert (excerpts(find([short, long])) == {frozenset({0, 1})}) is is_linked


@pytest.mark.parametrize("times", [1, MOST_CLUSTERS, 3 * MOST_CLUSTERS])
def test_a_text_that_is_quoted_whole_is_linked_however_often_that_is(times):
    draw = random.Random(9)
    texts = [" ".join(words(draw, 24)) for _ in range(4)]
    quoting = [
        f"{' '.join(words(draw, 30))} {text} {' '.join(words(draw, 30))}"
        for text in texts
        for _ in range(times)
    ]
    found = excerpts(find([*texts, *quoting]))
    to_texts = [pair for pair in found if min(pair) < 4]
    assert {min(pair) for pair in to_texts} == set(range(4))
    assert all((max(pair) - 4) // times == min(pair) for pair in to_texts)


def test_what_earlier_adverts_hold_in_set_phrases_is_linked_to_one_of_them():
    draw = random.Random(9)
    texts = [words(draw, 24) for _ in range(6)]
    pieces = [" ".join(text[place : place + 6]) for text in texts[:3] for place in range(0, 24, 6)]
    phrases = [" ".join(draw.sample(pieces, 3)) for _ in range(60)]
    rows = [*map(" ".join, texts), *phrases]
    is_later = np.arange(len(rows)) < 6
    found = link_held(passages(rows), ~is_later, is_later)
    assert found.first.tolist() == [0, 1, 2]
    for one, other in found.pairs():
        assert any(piece in rows[other] for piece in pieces[4 * one : 4 * one + 4])
    assert (found.similarity > 0.5).all()
    assert not len(link_held(passages(rows), is_later & False, is_later))


def test_less_than_a_tenth_of_an_advert_in_earlier_ones_is_no_link():
    draw = random.Random(4)
    phrase = words(draw, 8)
    rows = [" ".join(words(draw, count) + phrase) for count in (20, 400, 30)]
    is_later = np.array([True, True, False])
    assert list(link_held(passages(rows), ~is_later, is_later).pairs()) == [(0, 2)]


def test_copies_of_one_template_do_not_make_it_a_set_phrase():
    draw = random.Random(5)
    template = words(draw, 30)
    copies = [" ".join([*template, *words(draw, 2)]) for _ in range(3 * MOST_CLUSTERS)]
    found = find([" ".join(template[:12]), *copies])
    assert len(set(found.names)) == 2
    assert any(0 in pair for pair in excerpts(found))


def test_equal_stretches_of_text_share_a_passage_and_others_none():
    draw = random.Random(6)
    for _ in range(200):
        stretch = "".join(draw.choices(LETTERS, k=27))
        pair = [
            "".join(draw.choices(LETTERS, k=draw.randrange(40)))
            + stretch
            + "".join(draw.choices(LETTERS, k=draw.randrange(40)))
            for _ in range(2)
        ]
        found = passages(pair)
        one, other = (set(found.hashes[found.owners == place].tolist()) for place in (0, 1))
        assert one & other
    apart = passages(["".join(draw.choices(LETTERS, k=500)) for _ in range(200)])
    assert len(np.unique(apart.hashes)) == len(apart.hashes)


def test_many_texts_have_the_passages_of_each_alone(monkeypatch):
    draw = random.Random(7)
    texts = [" ".join(words(draw, draw.randrange(12))) for _ in range(60)] + ["", "a"]
    monkeypatch.setattr("adverts.clusters.link_excerpts._LETTERS_AT_ONCE", 100)
    found = passages(texts)
    for place, text in enumerate(texts):
        alone = passages([text])
        assert found.hashes[found.owners == place].tolist() == alone.hashes.tolist()
    assert len(passages([]).hashes) == 0
