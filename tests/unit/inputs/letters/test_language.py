"""Language and script."""

import hashlib
import io
import json
import lzma
import pickle
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

from adverts.inputs.letters import language
from adverts.inputs.letters.language import Identified, identifier_facts, identify
from adverts.inputs.letters.scripts import script_of, within


@pytest.mark.parametrize(
    ("text", "lang", "script"),
    [
        ("There are two seats left in the coach on Friday evening", "en", "Latn"),
        ("Il reste deux places dans le car de vendredi soir", "fr", "Latn"),
        ("این هفته دو صندلی خالی در اتوبوس مانده است", "fa", "Arab"),
        ("Xe khách tối thứ sáu vẫn còn hai chỗ trống", "vi", "Latn"),
        ("لە ئێوارەی هەینیدا دوو کورسی لە پاسەکەدا ماوە", "ckb", "Arab"),
    ],
)
def test_a_plain_sentence_is_identified(text, lang, script):
    assert identify([text]) == [Identified(lang, script)]


@pytest.mark.parametrize("text", ["", "123 456", "<PHONE> <HANDLE>", "\U0001f6a4"])
def test_a_text_without_letters_has_neither(text):
    assert identify([text]) == [Identified(None, None)]


def test_what_is_not_likelier_than_not_stays_unknown():
    assert identify(["ok"]) == [Identified(None, "Latn")]


def test_the_script_is_that_of_most_letters():
    assert script_of("abc قارب صغير") == "Arab"
    assert script_of("лодка boats x") == "Latn"


def test_it_is_the_identifier_of_the_package_but_read_without_a_file():
    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True, min_confidence=0.5)
    texts = [
        "There are two seats left in the coach on Friday evening",
        "Dy vende të lira në autobus të premten në mbrëmje",
        "هناك مقعدان شاغران في الحافلة مساء الجمعة",
        "دوه څوکۍ په بس کې پاتې دي",
        "KAMIYON BI SEVE TE RE",
    ]
    expected = [library.classify(text)[0] for text in texts]
    assert [one.lang for one in identify(texts)] == [_renamed(name) for name in expected]


def test_the_facts_name_the_package_and_the_hash_of_its_model():
    facts = identifier_facts()
    file = Path(MODEL_DIR) / MODEL_FILE
    assert facts["package"] == "py3langid"
    assert facts["version"] == metadata.version("py3langid")
    assert facts["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert json.loads(json.dumps(facts)) == facts


def test_many_threads_load_the_model_once():
    language._loaded.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: id(language._model()), range(8)))
    assert len(set(models)) == 1


def test_loading_writes_no_file_and_unpickles_nothing(monkeypatch):
    language._loaded.cache_clear()
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *_, **__: pytest.fail("a file"))
    monkeypatch.setattr(pickle, "load", lambda *_, **__: pytest.fail("a pickle"))
    monkeypatch.setattr(pickle, "loads", lambda *_, **__: pytest.fail("a pickle"))
    assert identify(["There are two seats left in the coach"])[0].lang == "en"


def test_a_model_that_holds_pickled_objects_is_refused(monkeypatch, tmp_path):
    buffer, file = io.BytesIO(), tmp_path / "model.npz.xz"
    np.savez(buffer, ptc=np.array([{}], dtype=object))
    file.write_bytes(lzma.compress(buffer.getvalue()))
    language._loaded.cache_clear()
    monkeypatch.setattr(language, "_model_file", lambda: file)
    with pytest.raises(ValueError, match="holds object, wanted plain numbers"):
        identify(["boat"])


def _renamed(name):
    return None if name == "und" else {"sdh": "ckb", "ku": "kmr"}.get(name, name)


@pytest.mark.parametrize(
    ("text", "scripts", "is_within"),
    [
        ("boats, 12 €: é ½ ² 🚤 a\u0301", {"Latn"}, True),
        ("قارب ١٢ ۳ َ", {"Arab"}, True),
        ("قارب boat", {"Latn", "Arab"}, True),
        ("قارب boat", {"Latn"}, False),
        ("boаt", {"Latn"}, False),
        ("नमस्ते", {"Deva"}, True),
        ("boat ्", {"Latn"}, False),
        ("boat ४", {"Latn"}, False),
        ("ක", {"Latn"}, False),
        ("データ々", {"Latn", "Jpan", "Hani"}, True),
        ("データ", {"Latn"}, False),
        ("", set(), True),
    ],
)
def test_a_text_is_within_scripts_where_every_letter_mark_and_number_is(text, scripts, is_within):
    assert within(text, frozenset(scripts)) is is_within
