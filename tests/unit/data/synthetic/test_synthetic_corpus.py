"""The corpus: base rates, held-out templates, modalities, contacts, signals, and equal bytes."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter, defaultdict

import pytest

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.synthetic.corpus import plan_corpus, write_corpus
from adverts.data.synthetic.slots import UNITED_KINGDOM
from adverts.data.synthetic.templates import languages
from adverts.errors import InputError
from adverts.inputs.contacts.masking import find_contacts

COLUMNS = [
    *("id", "text", "image", "class", "signals", "risk"),
    *("lang", "script", "template", "split", "reviewed", "modality"),
]
LATIN = {"en", "fr", "sq", "tr", "vi"}


def _small(folder, **changes):
    settings = {
        "adverts": 120,
        "images": 12,
        "image_scripts": ["Latn", "Arab"],
        "languages": ["en", "ar"],
        "seed": 3,
        "progress": False,
    }
    return write_corpus(folder, **(settings | changes))


def _digest(folder):
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()


def test_the_corpus_has_the_numbers_asked_for(corpus):
    rows = [row for row, _ in corpus]

    assert len(rows) == 2400
    assert sum(row.modality != "text" for row in rows) == 600
    assert {row.language.code for row in rows} == set(languages())


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_every_language_and_split_has_the_same_base_rate(code, split, judged, violating):
    rows = [row for row, _ in judged if row.language.code == code and row.template.split == split]

    violating = sum((row.template.label in violating) for row in rows)
    assert abs(violating - 0.3 * len(rows)) <= 1.5


@pytest.mark.parametrize("code", languages())
def test_classes_are_even_within_a_language(code, corpus):
    counts = Counter(r.template.label for r, _ in corpus if r.language.code == code)
    whole = sum(counts.values())
    unusable = counts.pop("unusable")

    assert abs(unusable - 0.02 * whole) <= 2
    assert len(counts) == 20
    assert all(abs(count - 0.049 * whole) <= 2 for count in counts.values())


def test_english_and_french_have_three_and_two_times_the_others(corpus):
    counts = Counter(row.language.code for row, _ in corpus)

    assert counts["en"] == 600
    assert counts["fr"] == 400
    assert counts["vi"] == counts["ps"] == 200


def test_no_template_occurs_in_two_splits(corpus):
    splits = defaultdict(set)
    for row, _ in corpus:
        splits[row.template.id].add(row.template.split)

    assert all(len(found) == 1 for found in splits.values())


def test_no_text_occurs_in_two_splits(judged):
    splits = defaultdict(set)
    for row, post in judged:
        splits[post.picture_text or post.text].add(row.template.split)

    assert all(len(found) == 1 for found in splits.values())


def test_rows_are_split_55_15_30(corpus):
    counts = Counter(row.template.split for row, _ in corpus)

    assert counts["train"] == pytest.approx(1320, abs=10)
    assert counts["validation"] == pytest.approx(360, abs=10)
    assert counts["test"] == pytest.approx(720, abs=10)


@pytest.mark.parametrize("modality", ["text", "image", "both"])
def test_both_groups_have_the_same_modalities(modality, judged, violating):
    shares = {}
    for group in (True, False):
        rows = [row for row, _ in judged if (row.template.label in violating) == group]
        shares[group] = sum(row.modality == modality for row in rows) / len(rows)

    assert shares[True] == pytest.approx(shares[False], abs=0.02)


def test_a_modality_shows_what_it_says(corpus):
    for row, post in corpus:
        assert (post.text != "") == (row.modality != "image")
        assert (post.picture_text is not None) == (row.modality != "text")
        assert (post.style is not None) == (row.modality != "text")


def test_pictures_keep_to_the_scripts_asked_for():
    rows = plan_corpus(
        adverts=900, images=200, image_scripts=["Latn"], languages=languages(), seed=1
    )

    pictured = {row.language.code for row in rows if row.modality != "text"}
    assert pictured == LATIN


def test_all_contacts_are_fictional(corpus):
    for _, post in corpus:
        text = _ascii(all_text(post))
        digits = re.sub(r"(?<=\d)[ ()-]+(?=\d)", "", text.replace("+44 (", "+44"))
        other = re.sub(r"\+447700900\d{3}|01632960\d{3}", "", digits)
        handles = re.findall(r"(?<!\w)@\w{4,}", text)
        domains = re.findall(r"(?:www\.|://)\w+\.(\w+)", text)
        assert not re.search(r"\d{8,}|\+\d", other)
        assert all(re.fullmatch(r"@demo_fictional_\d\d", handle) for handle in handles)
        assert set(domains) <= {"example"}
        assert not re.search(r"\.(?:com|net|org|info|me|co|uk)\b", text.lower())


def test_masking_finds_every_contact_and_nothing_else(corpus):
    for _, post in corpus:
        text = _ascii(post.text)
        shown = Counter(
            PHONE=len(re.findall(r"44.{0,3}7700|01632", text)),
            HANDLE=text.count("@demo_fictional"),
            LINK=text.count(".example"),
        )
        assert Counter(contact.kind for contact in find_contacts(post.text)) == +shown


def _ascii(text):
    return "".join(str(unicodedata.digit(c, c)) for c in text)


def all_text(post):
    return "\n".join(part for part in (post.text, post.picture_text) if part)


def test_unusable_adverts_have_no_risk_and_no_meaning(corpus):
    rows = [(row, post) for row, post in corpus if row.template.label == "unusable"]

    assert len(rows) > 30
    assert all(row.template.risk is None for row, _ in rows)
    assert all(len(all_text(post)) < 90 for _, post in rows)


@pytest.mark.parametrize(
    ("signal", "pattern"),
    [
        ("phone_number", r"44.{0,3}7700|01632"),
        ("messaging_handle", r"@demo_fictional"),
        ("link_out", r"\.example"),
    ],
)
def test_a_contact_is_signalled_exactly_when_it_is_shown(signal, pattern, judged):
    for row, post in judged:
        text = _ascii(all_text(post))
        assert (re.search(pattern, text) is not None) == (signal in post.signals), row.template.id


def test_the_flag_names_the_destination(judged):
    for _, post in judged:
        if UNITED_KINGDOM in all_text(post) and post.signals:
            assert "destination_uk" in post.signals


def test_signals_and_classes_are_those_of_the_taxonomy(corpus):
    tasks = {task.name: task for task in read_taxonomy().label_schema().tasks}

    signals = {signal for _, post in corpus for signal in post.signals}
    classes = {row.template.label for row, _ in corpus}
    assert signals <= set(tasks["signals"].labels)
    assert classes == set(tasks["advert_class"].labels)


def test_a_written_corpus_has_the_documented_columns(tmp_path):
    path = _small(tmp_path / "corpus")

    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 120
    assert all(list(row) == COLUMNS for row in rows)
    assert len({row["id"] for row in rows}) == 120
    pictures = {row["image"] for row in rows} - {None}
    assert len(pictures) == 12
    assert all((path.parent / picture).is_file() for picture in pictures)


def test_equal_seeds_give_equal_bytes(tmp_path):
    first, second = _small(tmp_path / "a"), _small(tmp_path / "b")

    assert _digest(first.parent) == _digest(second.parent)


def test_another_seed_gives_another_corpus(tmp_path):
    first, second = _small(tmp_path / "a", images=0), _small(tmp_path / "b", images=0, seed=4)

    assert _digest(first.parent) != _digest(second.parent)


@pytest.mark.slow
def test_bytes_do_not_depend_on_the_hash_seed_of_the_process(tmp_path):
    code = (
        "import sys; from pathlib import Path;"
        "from adverts.data.synthetic.corpus import write_corpus;"
        "write_corpus(Path(sys.argv[1]), adverts=120, images=12, image_scripts=['Latn', 'Arab'],"
        "languages=['en', 'ar'], seed=3, progress=False)"
    )
    for hash_seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", code, str(tmp_path / hash_seed)]
        subprocess.run(command, env=environment, check=True)

    assert _digest(tmp_path / "1") == _digest(tmp_path / "2")


def test_an_older_corpus_is_replaced_and_anything_else_refused(tmp_path):
    folder = tmp_path / "corpus"
    _small(folder)
    path = _small(folder, images=0, seed=4)
    assert not list((folder / "images").iterdir())
    path.unlink()
    (folder / "notes.txt").write_text("mine")

    with pytest.raises(InputError, match="did not write"):
        _small(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"languages": ["en", "xx"]}, "no templates for language 'xx'"),
        ({"languages": ["en", "en"]}, "names one twice"),
        ({"images": 121}, "images=121, but only 120 of 120 adverts"),
        ({"image_scripts": ["Cyrl"]}, "images=12, but only 0 of 120 adverts"),
    ],
)
def test_what_cannot_be_written_is_said_and_nothing_is_left(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        _small(tmp_path / "corpus", **changes)

    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_2400_adverts_with_600_pictures_take_under_a_minute(tmp_path):
    start = time.process_time()
    _small(tmp_path / "corpus", adverts=2400, images=600, languages=list(languages()), seed=0)

    assert time.process_time() - start < 60


def test_without_pictures_no_script_need_be_named():
    rows = plan_corpus(adverts=100, images=0, image_scripts=[], languages=languages(), seed=1)
    assert {row.modality for row in rows} == {"text"}
    with pytest.raises(InputError, match="ask for fewer images"):
        plan_corpus(adverts=100, images=1, image_scripts=[], languages=languages(), seed=1)
