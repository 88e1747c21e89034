import string
import subprocess
import sys

import pytest

from adverts.errors import InputError, MissingExtraError
from adverts.ocr.easyocr import recogniser_models
from adverts.ocr.easyocr.recogniser_models import ENGLISH, recogniser_of

pytest.importorskip("easyocr")


def test_english_is_described_here_as_easyocr_describes_it():
    model = recogniser_models._easyocr_config().recognition_models["gen2"]["english_g2"]
    assert ENGLISH.characters == model["characters"]
    assert ENGLISH.file == model["filename"]
    assert recogniser_of(["en"]) == ENGLISH
    assert frozenset(string.printable[:95] + "€") == ENGLISH.alphabet
    assert "£" not in ENGLISH.alphabet


@pytest.mark.parametrize(
    ("languages", "name", "file", "generation"),
    [
        (["fr"], "latin_g2", "latin_g2.pth", 2),
        (["en", "tr", "vi"], "latin_g2", "latin_g2.pth", 2),
        (["ar", "fa", "en"], "arabic_g1", "arabic.pth", 1),
        (["ru"], "cyrillic_g2", "cyrillic_g2.pth", 2),
        (["hi", "en"], "devanagari_g1", "devanagari.pth", 1),
        (["bn"], "bengali_g1", "bengali.pth", 1),
        (["th", "en"], "thai_g1", "thai.pth", 1),
        (["ch_sim"], "zh_sim_g2", "zh_sim_g2.pth", 2),
    ],
)
def test_each_language_has_the_network_that_easyocr_chooses(languages, name, file, generation):
    found = recogniser_of(languages)
    assert (found.name, found.file, found.generation) == (name, file, generation)


@pytest.mark.parametrize(
    ("languages", "message"),
    [
        (["ar", "fr"], r"wanted EasyOCR languages that one of its networks reads.*'ar', 'fr'"),
        (["ja", "ko"], "alone or with en"),
        ([], "alone or with en"),
        (["ckb"], "does not know the language 'ckb'"),
        (["en", "xx"], "does not know the language 'xx'"),
    ],
)
def test_languages_that_no_network_reads_are_refused(languages, message):
    with pytest.raises(InputError, match=message):
        recogniser_of(languages)


@pytest.mark.parametrize("languages", [["fr"], ["ar", "en"], ["ru"]])
def test_what_a_network_may_not_write_is_what_easyocr_ignores(languages):
    import easyocr

    stock = easyocr.Reader(
        languages, gpu=False, detector=False, recognizer=False, download_enabled=False,
        verbose=False,
    )  # fmt: skip
    assert recogniser_of(languages).alphabet == set(stock.character) & set(stock.lang_char)


def test_a_network_of_many_languages_writes_the_letters_of_those_chosen():
    french, turkish = recogniser_of(["fr"]).alphabet, recogniser_of(["tr"]).alphabet
    assert "ç" in french & turkish
    assert "ğ" in turkish - french
    assert "ê" in french - turkish


def test_only_the_arabic_network_writes_lines_as_they_look():
    assert recogniser_of(["ar"]).right_to_left
    assert not ENGLISH.right_to_left


def test_without_easyocr_english_is_known_and_french_says_what_to_install(monkeypatch):
    recogniser_models._easyocr_config.cache_clear()
    monkeypatch.setitem(sys.modules, "easyocr", None)
    monkeypatch.setattr(recogniser_models, "find_spec", lambda name: None)
    assert recogniser_of(["en"]) == ENGLISH
    with pytest.raises(MissingExtraError, match=r'"adverts\[easyocr\]"'):
        recogniser_of(["fr"])


def test_describing_a_network_imports_neither_easyocr_nor_torch():
    program = (
        "import sys; from adverts.ocr.easyocr.recogniser_models import recogniser_of; "
        "recogniser_of(['fr']);"
        "print([name for name in ('torch', 'easyocr') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"
