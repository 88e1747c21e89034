"""A trimmed vocabulary leaves adverts with other letters to a person."""

import json
import unicodedata

import pytest

from adverts.errors import IntegrityError
from adverts.inputs.letters.scripts import scripts_outside
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.manifest import COVERAGE_NAME
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds

FAR = Thresholds(
    (
        Threshold("refer", "yes", "precision", 0.9, 0.999999, operating_prevalence=0.01),
        Threshold("refer", "yes", "recall", 0.95, 0.99999),
    ),
    data_hash="0" * 64,
)
DISGUISED = "f\N{CYRILLIC SMALL LETTER IE}rry"


@pytest.fixture
def trimmed(handmade):
    """A bundle that knows Latin alone, puts everything below, and is supported everywhere."""
    for name, text in DecisionRules(thresholds=FAR).files().items():
        (handmade.folder / name).write_text(text)
    slices = [
        CoveredSlice("en", script, modality, "supported", "meets the conditions")
        for script in ("Latn", "Cyrl", "unknown")
        for modality in ("text", "image", "text+image")
    ]
    (handmade.folder / COVERAGE_NAME).write_text(Coverage(tuple(slices)).to_json())
    handmade.rewrite(scripts=["Latn"])
    return handmade


def bands(handmade, texts, ocr=None):
    loaded = Classifier.load(handmade.folder, threads=1)
    return loaded.predict(texts=texts, ocr=ocr, languages=["en"] * len(texts))


@pytest.mark.parametrize(
    "text", ["ferry", "f\u00e9rry 7", "sale \u2605 \U0001f6a4!", "f\u0301erry"]
)
def test_letters_that_are_known_abstain_nothing(trimmed, text):
    assert bands(trimmed, [text])[0].review_band == "below"


def test_one_foreign_letter_is_for_a_person_and_keeps_its_probability(trimmed):
    plain, disguised = bands(trimmed, ["ferry", f"ferry {DISGUISED}"])
    assert plain.review_band == "below"
    assert disguised.review_band == "abstain"
    assert "letters of Cyrl, and the model knows only those of Latn" in disguised.reason
    assert sum(disguised.probabilities["refer"].values()) == pytest.approx(1)
    assert disguised.error is None


def test_a_foreign_letter_in_a_picture_counts_too(trimmed):
    assert bands(trimmed, ["ferry"], ["sale"])[0].review_band == "below"
    assert bands(trimmed, ["ferry"], [DISGUISED])[0].review_band == "abstain"


def test_a_foreign_letter_within_a_masked_contact_is_never_read(trimmed):
    (answer,) = bands(trimmed, ["ferry https://\N{CYRILLIC SMALL LETTER IE}.example/a"])
    assert answer.review_band == "below"


def test_a_letter_without_a_known_script_is_foreign(trimmed):
    letter = "\N{CHEROKEE LETTER A}"
    assert "an unknown script" in bands(trimmed, [letter])[0].reason


def test_a_whole_vocabulary_abstains_on_no_letter(trimmed):
    trimmed.rewrite(scripts=None)
    assert bands(trimmed, [f"ferry {DISGUISED}"])[0].review_band == "below"


def test_the_scripts_decide_what_is_said_so_they_are_part_of_the_identity(handmade):
    whole = open_bundle(handmade.folder).manifest.identity()
    handmade.rewrite(scripts=["Latn"])
    assert open_bundle(handmade.folder).manifest.identity() != whole


def test_a_manifest_that_was_written_before_there_were_scripts_names_none(handmade):
    path = handmade.folder / "manifest.json"
    raw = json.loads(path.read_text())
    identity = open_bundle(handmade.folder).manifest.identity()
    del raw["scripts"]
    path.write_text(json.dumps(raw))
    manifest = open_bundle(handmade.folder).manifest
    assert manifest.scripts is None
    assert manifest.identity() == identity


@pytest.mark.parametrize(
    "scripts", [[], ["latin"], ["Latn", "Arab"], ["Latn", "Latn"], "Latn", [7], {}]
)
def test_scripts_that_no_export_writes_are_refused(handmade, scripts):
    handmade.rewrite(scripts=scripts)
    with pytest.raises(IntegrityError, match="scripts is not valid"):
        open_bundle(handmade.folder)


def test_scripts_outside_are_those_of_which_some_letter_is():
    text = unicodedata.normalize("NFKC", "boat \u043b\u043e\u0434 \u8239 7")
    assert scripts_outside(text, frozenset({"Latn"})) == ["Cyrl", "Hani"]
    assert scripts_outside(text, frozenset({"Latn", "Cyrl", "Hani"})) == []
