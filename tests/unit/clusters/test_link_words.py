"""Same words: which adverts hold those of another, however they are spelt, and which do not."""

import random
import unicodedata

import numpy as np
import pytest

from adverts.clusters import link_words as module
from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.link_words import link_words
from adverts.clusters.links import Traits

LETTERS = "abcdefghijklmnoprstuvz"
ORIGINALS = 60


def words(draw, count):
    return ["".join(draw.choices(LETTERS, k=draw.randrange(5, 10))) for _ in range(count)]


def texts(seed=0, count=ORIGINALS, length=12):
    draw = random.Random(seed)
    return [" ".join(words(draw, length)) for _ in range(count)]


def find(some):
    return find_clusters([Traits(id=f"a{row:05}", text=text) for row, text in enumerate(some)])


def linked(found):
    return {frozenset(pair) for pair in found.links.of_kinds("same_words").pairs()}


def wrapped(draw, word):
    return draw.choice(LETTERS) + word + draw.choice(LETTERS)


def replaced(draw, word):
    place = draw.randrange(len(word))
    return word[:place] + draw.choice(LETTERS) + word[place + 1 :]


def exchanged(draw, word):
    place = draw.randrange(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def added(draw, word):
    return word[: len(word) // 2] + draw.choice(LETTERS) + word[len(word) // 2 :]


def without_last(draw, word):
    return word[:-1]


def with_ending(draw, word):
    return word + "".join(draw.choices(LETTERS, k=3))


@pytest.mark.parametrize("change", [wrapped, replaced, exchanged, added, without_last, with_ending])
@pytest.mark.parametrize("copies", [1, 3])
def test_a_copy_whose_every_word_is_spelt_otherwise_is_linked(change, copies):
    draw = random.Random(1)
    originals = texts()
    changed = [
        " ".join(change(draw, word) for word in text.split())
        for text in originals
        for _ in range(copies)
    ]
    found = find([*originals, *changed])
    source = [*range(ORIGINALS), *(row // copies for row in range(ORIGINALS * copies))]
    named = {frozenset(found.names[row] for row in pair) for pair in linked(found)}
    for row, of in enumerate(source):
        pair = frozenset({found.names[row], found.names[of]})
        assert len(pair) == 1 or pair in named
    assert all(len({source[row] for row in pair}) == 1 for pair in linked(found))


@pytest.mark.parametrize(("kept", "is_linked"), [(11, True), (8, False)])
def test_half_of_the_words_of_a_text_among_others_are_enough(kept, is_linked):
    draw = random.Random(4)
    originals = texts(length=20)
    changed = [
        " ".join(draw.sample(draw.sample(text.split(), kept) + words(draw, 20 - kept), 20))
        for text in originals
    ]
    pairs = linked(find([*originals, *changed]))
    wanted = {frozenset({row, row + ORIGINALS}) for row in range(ORIGINALS)} if is_linked else set()
    assert pairs == wanted


def test_words_in_another_order_with_others_between_are_found_and_make_no_cluster():
    draw = random.Random(2)
    originals = texts()
    padded = []
    for text in originals:
        mixed = [*text.split(), *words(draw, 30)]
        draw.shuffle(mixed)
        padded.append(" ".join(mixed))
    found = find([*originals, *padded])
    assert linked(found) == {frozenset({row, ORIGINALS + row}) for row in range(ORIGINALS)}
    assert len(set(found.names)) == 2 * ORIGINALS


def test_a_text_that_keeps_every_second_word_is_linked_to_the_whole():
    originals = texts()
    halves = [" ".join(text.split()[::2]) for text in originals]
    assert linked(find([*originals, *halves])) == {
        frozenset({row, ORIGINALS + row}) for row in range(ORIGINALS)
    }


def test_common_words_and_less_than_half_link_nothing():
    draw = random.Random(3)
    common = words(draw, 12)
    alike = [" ".join([*common, *words(draw, 6)]) for _ in range(40)]
    draw.shuffle(common)
    mixed = []
    for text in alike:
        own = text.split()
        draw.shuffle(own)
        mixed.append(" ".join([*own[:5], *words(draw, 12)]))
    assert linked(find([*alike, *mixed, *texts(4)])) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Wir suchen Fahrer für dunkle Nächte Richtung Dover bezahlt keine Fragen schreib heute",
        "نبحث عن سائقين للذهاب ليلا إلى الشاطئ والدفع نقدا بلا أسئلة راسلنا اليوم",
        "ищем водителей сегодня ночью поездка оплата наличными никаких вопросов напишите",
    ],
)
def test_any_script(text):
    shorter = " ".join(word[:-1] if len(word) > 3 else word for word in text.split()[::-1])
    found = find([text, shorter, *texts()])
    assert frozenset({0, 1}) in linked(found)


def test_the_share_is_that_of_the_weight_which_the_other_holds():
    rows = [(row, row) for row in range(ORIGINALS + 1)]
    originals = texts()
    most = " ".join([*originals[0].split()[:9], "anders", "wieder", "nochmals"])
    found = link_words([*originals, most], rows, clusters=np.arange(len(rows)))
    both = dict(zip(found.pairs(), found.similarity.tolist(), strict=True))
    assert set(both) == {(0, ORIGINALS), (ORIGINALS, 0)}
    assert 0.6 < both[0, ORIGINALS] < 0.75


def test_rows_of_one_cluster_are_not_linked_and_a_text_counts_by_its_clusters():
    originals = texts()
    copies = [" ".join(reversed(text.split())) for text in originals]
    rows = [(row, row) for row in range(2 * ORIGINALS)]
    together = np.tile(np.arange(ORIGINALS), 2)
    assert len(link_words([*originals, *copies], rows, clusters=together)) == 0
    reposts = [f"{originals[0]} {word}" for word in words(random.Random(5), 200)]
    clusters = np.array([*range(ORIGINALS), *[0] * len(reposts), ORIGINALS])
    turned = " ".join(f"{word}x" for word in reversed(originals[0].split()))
    every = [*originals, *reposts, turned]
    found = link_words(every, [(row, row) for row in range(len(every))], clusters=clusters)
    assert any(ORIGINALS + len(reposts) in pair for pair in found.pairs())


def test_a_greeting_links_nothing():
    assert linked(find(["salut à tous", "salut à tous ce soir", *texts()])) == set()


def test_a_text_of_no_row_links_nothing():
    some = texts()
    rows = [(row, row) for row in range(ORIGINALS)]  # the last text is too short for a picture
    turned = " ".join(reversed(some[5].split()))
    assert len(link_words([*some, turned], rows, clusters=np.arange(ORIGINALS))) == 0


def test_nothing_and_hostile_words():
    none = link_words([], [], clusters=np.zeros(0, np.int64))
    assert len(none) == 0
    long = ["a" * 200_000, "b" * 200_000 + " " + "a" * 199_999, "x", "\ud800 lone"]
    rows = [(row, row) for row in range(len(long))]
    assert len(link_words(long, rows, clusters=np.arange(len(long)))) == 0


def test_many_texts_are_found_by_their_rare_words(monkeypatch):
    monkeypatch.setattr(module, "LEAST_PAIRS", 0)
    monkeypatch.setattr(module, "PAIRS_A_TEXT", 40)
    monkeypatch.setattr(module, "_ENTRIES_AT_ONCE", 50)
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", 7)
    draw = random.Random(6)
    common = words(draw, 8)
    originals = [" ".join([*draw.sample(common, 4), *words(draw, 9)]) for _ in range(ORIGINALS)]
    copies = [" ".join(replaced(draw, word) for word in text.split()) for text in originals]
    copies = [" ".join(draw.sample(text.split(), len(text.split()))) for text in copies]
    assert linked(find([*originals, *copies])) >= {
        frozenset({row, ORIGINALS + row}) for row in range(ORIGINALS)
    }


def same_word(one, other):
    """Whether two words are the same, by trying every way to make them equal."""

    def less(word):
        return {word[:place] + word[place + 1 :] for place in range(len(word))}

    def forms(word):
        core = {word[1:-1]} if len(word) > 4 else set()
        return {word} | (less(word) | core if 4 <= len(word) <= 24 else set())

    shorter, longer = sorted((one, other), key=len)
    within = len(shorter) >= 4 and len(longer) <= 24 and shorter in longer
    return within or bool(forms(one) & forms(other))


@pytest.mark.parametrize("seed", range(4))
def test_pairs_are_those_of_comparing_all_with_all(monkeypatch, seed):
    monkeypatch.setattr(module, "MOST_ALIKE", 10**6)
    monkeypatch.setattr(module, "SHORTEST_TEXT", 0)
    draw = random.Random(seed)
    known = ["".join(draw.choices("abcdefg", k=draw.randrange(2, 9))) for _ in range(250)]
    some = [" ".join(draw.choices(known, k=draw.randrange(1, 12))) for _ in range(60)]
    some += [" ".join(draw.sample(text.split(), len(text.split()))[:-1]) for text in some]
    some = list(dict.fromkeys(text for text in some if text))
    clusters = np.array([draw.randrange(50) for _ in some])
    held = [set(text.split()) for text in some]
    vocabulary = set().union(*held)
    spread = {
        word: sum(
            len({clusters[row] for row, words in enumerate(held) if other in words})
            for other in vocabulary
            if same_word(word, other)
        )
        for word in vocabulary
    }
    count = len(set(clusters.tolist()))
    weights = {word: 1 - np.log(min(most, count)) / np.log(count) for word, most in spread.items()}
    wanted = {}
    for one, mine in enumerate(held):
        for other, theirs in enumerate(held):
            total = sum(weights[word] for word in mine)
            both = sum(
                weights[word] for word in mine if any(same_word(word, each) for each in theirs)
            )
            if clusters[one] != clusters[other] and both - (total - both) >= 2:
                wanted[one, other] = both / total
    found = link_words(some, [(row, row) for row in range(len(some))], clusters=clusters)
    assert dict(zip(found.pairs(), found.similarity.tolist(), strict=True)) == pytest.approx(
        wanted, abs=1e-5
    )
    assert len(wanted) > 20


def test_the_order_of_the_texts_has_no_effect():
    draw = random.Random(7)
    some = texts()
    some += [" ".join(replaced(draw, word) for word in text.split()) for text in some]
    order = list(range(len(some)))
    draw.shuffle(order)
    rows = [(row, row) for row in range(len(some))]
    clusters = np.arange(len(some))
    straight = set(link_words(some, rows, clusters=clusters).pairs())
    turned = link_words([some[row] for row in order], rows, clusters=clusters).pairs()
    assert {(order[one], order[other]) for one, other in turned} == straight


@pytest.mark.parametrize(
    "between", [",", ";", "🔥", "<br>", "•", "|", "、", "...", "_", "❤️", "×", ""]
)
def test_words_in_another_order_are_found_whatever_stands_between_them(between):
    draw, some = random.Random(5), texts()
    copies = [between.join(draw.sample(text.split(), len(text.split()))) for text in some]
    found = linked(find([*some, *copies]))
    assert {frozenset((row, row + ORIGINALS)) for row in range(ORIGINALS)} == found


def test_of_endless_words_the_shortest_are_cut_first(monkeypatch):
    draw, some = random.Random(6), texts()
    copies = ["".join(draw.sample(text.split(), len(text.split()))) for text in some]
    shortest = min(range(ORIGINALS), key=lambda row: len(copies[row]))
    monkeypatch.setattr(module, "_MOST_PARTS", 21 * len(copies[shortest]))
    assert linked(find([*some, *copies])) == {frozenset((shortest, shortest + ORIGINALS))}


def test_a_text_that_is_typed_without_accents_has_the_same_words():
    draw = random.Random(5)
    syllables = [
        draw.choice("bcdđghklmnprtv") + draw.choice("aăâeêioôơuưàảãạềểễệốồổỗịỉừứửữ")
        for _ in range(400)
    ]
    accented = [" ".join(draw.choices(syllables, k=16)) for _ in range(40)]
    plain = [
        "".join(
            one
            for one in unicodedata.normalize("NFD", text.replace("đ", "d"))
            if not unicodedata.combining(one)
        )
        for text in accented
    ]
    shuffled = [" ".join(draw.sample(text.split(), 16)) for text in plain]
    found = linked(find([*accented, *shuffled]))
    assert len(found & {frozenset((i, i + 40)) for i in range(40)}) >= 38
    assert len(linked(find(accented))) == 0
