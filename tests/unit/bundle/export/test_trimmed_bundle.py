"""A bundle with the words of some scripts alone: proved on their adverts, blind to no disguise."""

import json
from dataclasses import replace

import pytest

from adverts.bundle.export import served_inputs
from adverts.bundle.export.write import write_bundle
from adverts.errors import InputError, ParityError
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.stream.verification import verify

FERRY, BOAT = "\u043f\u0430\u0440\u043e\u043c", "b\u043eat"
KEPT = frozenset({"Latn", "Arab"})


@pytest.fixture(scope="module")
def dataset(tiny, tmp_path_factory):
    """The tiny adverts, two of them with letters of another script."""
    rows = tiny.rows()
    rows[1] = replace(rows[1], text=f"boat {FERRY}")
    rows[3] = replace(rows[3], text=f"{BOAT} sale")
    return tiny.prepared(tmp_path_factory.mktemp("scripts") / "prepared", rows)


@pytest.fixture(scope="module")
def checkpoint(tiny, dataset):
    """A text model that knows a word in Cyrillic letters and one that mixes two scripts."""
    made = tiny.checkpoint("text", data_hash=dataset.data_hash)
    text = made.tokenizer_json.replace('"ferry"', f'"{FERRY}"').replace('"room"', f'"{BOAT}"')
    assert json.loads(text)["model"]["vocab"][FERRY] == 5
    return replace(made, tokenizer_json=text)


@pytest.fixture(scope="module")
def export(tiny, checkpoint, dataset):
    def call(folder, model=checkpoint, data=dataset):
        requirement = tiny.requirement.model_copy(update={"scripts": sorted(KEPT)})
        return write_bundle(folder, model, data, rules=tiny.rules, requirement=requirement)

    return call


@pytest.fixture(scope="module")
def written(export, tmp_path_factory):
    return export(tmp_path_factory.mktemp("trimmed") / "bundle")


def test_the_words_of_other_scripts_are_gone_and_the_manifest_says_which_stay(written):
    vocabulary = json.loads((written.folder / "tokenizer.json").read_text())["model"]["vocab"]
    assert len(vocabulary) == 12
    assert not {FERRY, BOAT} & set(vocabulary)
    assert open_bundle(written.folder).manifest.scripts == ("Arab", "Latn")


def test_what_stays_agrees_with_the_checkpoint_and_what_is_left_out_is_counted(written):
    assert written.record.trial.max_difference < 1e-5
    assert (written.record.left_out, written.record.trial.flipped) == (2, 0)
    assert written.record.adverts - written.record.extremes == 16
    assert "2 of other scripts were left out" in (written.folder / "README.md").read_text()
    assert "Arab, Latn; others are for a person" in (written.folder / "README.md").read_text()


def test_it_verifies_itself(written):
    verdict = verify("b", lambda: Classifier.load(written.folder, threads=1))
    assert verdict.fit, list(verdict.lines())


def test_an_advert_in_other_letters_is_for_a_person_and_keeps_its_probability(written):
    loaded = Classifier.load(written.folder, threads=1)
    plain, foreign, disguised = loaded.predict(texts=["boat sale", FERRY, f"cheap {BOAT}"])
    assert "letters of" not in plain.reason
    for answer in (foreign, disguised):
        assert answer.review_band == "abstain"
        assert "letters of Cyrl" in answer.reason
        assert answer.probabilities


def test_a_tokenizer_that_cuts_a_text_otherwise_is_refused(export, tmp_path, monkeypatch):
    real = served_inputs.trim

    def careless(text, scripts):
        return real(text.replace('"boat"', f'"boat{FERRY}"'), scripts)

    monkeypatch.setattr(served_inputs, "trim", careless)
    with pytest.raises(ParityError, match=r"is cut into other tokens .* keep the whole vocabulary"):
        export(tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_split_without_an_advert_of_the_scripts_proves_nothing(
    export, tiny, checkpoint, tmp_path
):
    rows = [replace(row, text=FERRY) for row in tiny.rows()]
    other = tiny.prepared(tmp_path / "prepared", rows)
    record = replace(checkpoint.record, data_hash=other.data_hash)
    with pytest.raises(
        InputError, match="no advert of the split validation is written only in Arab"
    ):
        export(tmp_path / "b", replace(checkpoint, record=record), other)


def test_a_model_without_tokens_has_no_vocabulary_to_trim(export, tiny, dataset, tmp_path):
    without = tiny.checkpoint("tfidf", data_hash=dataset.data_hash)
    with pytest.raises(InputError, match="tfidf reads no tokens, so it has no vocabulary"):
        export(tmp_path / "b", without)
