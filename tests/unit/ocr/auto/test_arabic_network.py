import numpy as np
import pytest

from adverts.ocr.auto import arabic_network
from adverts.ocr.auto.arabic_network import LETTERS, _words


def line(seen, sure=0.9):
    """The output for characters from left to right, each between two blanks."""
    said = np.full((2 * len(seen) + 1, len(LETTERS)), 0.0, np.float32)
    said[::2, 0] = 1.0
    for i, character in enumerate(seen):
        said[2 * i + 1, LETTERS.index(character)] = sure
        said[2 * i + 1, 0] = 1 - sure
    return said


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ("باتك", ["كتاب"]),
        ("دحاو باتك", ["واحد", "كتاب"]),
        ("+44 7700 900123 :لصتا", ["+44 7700 900123", "اتصل:"]),
        ("٠٧٧٠٠ ٩٠٠٥٥٤", ["٠٧٧٠٠ ٩٠٠٥٥٤"]),
        ("ورۆی ١٬٢٠٠", ["یۆرو", "١٬٢٠٠"]),
        ("€١٬٤٠٠", ["€١٬٤٠٠"]),
        ("23:15 تعاس", ["23:15", "ساعت"]),
        ("@ :روص", ["@", "صور:"]),
        ("@37 :روص", ["@", "صور:"]),
        ("6 ىتح 9:30", ["6", "حتى", "9:30"]),
        ("5 000 رلود", ["5 000", "دولر"]),
        ("", []),
    ],
)
def test_characters_become_words_in_logical_order_and_numbers(seen, words):
    assert [word.text for word in _words(line(seen))] == words


def test_a_word_reaches_half_way_to_the_next():
    first, second = _words(line("اب تج"))
    assert (first.left, first.right) == pytest.approx((0.0, 4 / 11))
    assert (second.left, second.right) == pytest.approx((6 / 11, 1.0))


def test_a_latin_word_reaches_to_the_spaces_beside_it():
    latin, _ = _words(line("@ اب"))
    assert (latin.left, latin.right) == pytest.approx((0.0, 3 / 9))


def test_letters_that_look_alike_share_their_confidence():
    said = line("ي", sure=0.5)
    said[1, LETTERS.index("ی")] = 0.4
    said[1, 0] = 0.1
    (word,) = _words(said)
    assert word.confidence == pytest.approx(0.9)


def test_every_output_of_the_weights_has_its_letter():
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(str(arabic_network._WEIGHTS))
    assert session.get_outputs()[0].shape[-1] == len(LETTERS)


def test_half_spaces_stand_between_letters_that_can_join(monkeypatch):
    asked = []
    monkeypatch.setattr(arabic_network, "between", lambda _p, _h, left, right: (left, right))
    monkeypatch.setattr(arabic_network, "chance", lambda seen: asked.append(seen) or 0.9)
    (word,) = _words(line("دوشیم"), np.zeros((2, 11), np.float32))
    assert word.text == "م\u200cی\u200cش\u200cود"
    assert asked == [(3, 5), (5, 7), (7, 9)]


def test_no_half_space_stands_beside_a_number_a_sign_or_a_space(monkeypatch):
    monkeypatch.setattr(arabic_network, "between", lambda *_: None)
    monkeypatch.setattr(arabic_network, "chance", lambda _: 1.0)
    words = _words(line("5 م :ه"), np.zeros((2, 13), np.float32))
    assert [word.text for word in words] == ["5", "م", "ه:"]
