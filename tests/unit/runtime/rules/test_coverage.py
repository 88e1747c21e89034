"""Which adverts a bundle says it is fit for."""

import itertools
import json

import pytest

from adverts.errors import IntegrityError
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.runtime.rules.languages import Language

UNJUDGED = "no gate has judged such adverts"
WIDE = CoveredSlice("pa", "Guru", "text", "abstain", "few")
OWN = CoveredSlice("pa-IN", "Guru", "text", "supported", "many")
SHAHMUKHI = CoveredSlice("pa", "Arab", "text", "experimental", "some")


def said(tag, script):
    return Language(tag, script, identified=False)


def test_a_language_takes_what_is_said_of_its_wider_one_unless_it_has_its_own():
    coverage = Coverage((WIDE, OWN))
    assert coverage.find(said("pa-PK", "Guru"), "text") == WIDE
    assert coverage.find(said("PA-in-x-old", "guru"), "text") == OWN
    assert coverage.find(said("p", "Guru"), "text").reason == UNJUDGED


def test_a_wider_language_takes_nothing_of_its_narrower_ones():
    assert Coverage((OWN,)).find(said("pa", "Guru"), "text").reason == UNJUDGED


@pytest.mark.parametrize("tag", ["pa", "pa-Guru", "pa-Arab"])
def test_the_letters_that_are_there_decide_and_not_the_script_of_the_tag(tag):
    coverage = Coverage((WIDE, SHAHMUKHI))
    assert coverage.find(said(tag, "Arab"), "text") == SHAHMUKHI
    assert coverage.find(said(tag, "Guru"), "text") == WIDE


def test_a_language_in_letters_that_no_gate_saw_is_for_people():
    arabic = CoveredSlice("ar", "Arab", "text", "supported", "many")
    found = Coverage((arabic,)).find(said("ar", "Latn"), "text")
    assert found == CoveredSlice("ar", "Latn", "text", "abstain", UNJUDGED)


def test_another_modality_is_for_people():
    found = Coverage((OWN,)).find(said("pa-IN", "Guru"), "image")
    assert found == CoveredSlice("pa-IN", "Guru", "image", "abstain", UNJUDGED)


@pytest.mark.parametrize("tag", ["en", None])
@pytest.mark.parametrize("script", ["Latn", None])
def test_what_is_not_known_is_held_against_adverts_of_which_the_gate_knew_it_neither(tag, script):
    own = CoveredSlice(tag or "unknown", script or "unknown", "text", "supported", "many")
    others = tuple(
        CoveredSlice(language, letters, "text", "experimental", "few")
        for language, letters in itertools.product(("en", "unknown"), ("Latn", "unknown"))
        if (language, letters) != (own.language, own.script)
    )
    assert Coverage((*others, own)).find(said(tag, script), "text") == own


def test_without_a_slice_nothing_is_said():
    assert Coverage().find(said("pa", "Guru"), "text") is None


def test_coverage_is_read_back_as_it_was_written():
    coverage = Coverage((WIDE, OWN, SHAHMUKHI))
    assert Coverage.from_json(coverage.to_json()) == coverage


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema_version": 1}, "schema_version 1"),
        ({"slices": [{"language": "pa", "modality": "text", "status": "abstain"}]}, "script"),
        ({"slices": 3}, "not iterable"),
    ],
)
def test_what_is_no_coverage_of_this_schema_is_refused(changes, message):
    raw = json.loads(Coverage((WIDE,)).to_json()) | changes
    with pytest.raises(IntegrityError, match=message):
        Coverage.from_json(json.dumps(raw))
