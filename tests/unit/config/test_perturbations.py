"""Names of perturbations: the schema and the suite know the same ones."""

import pytest
from composing import load

from adverts.config.perturbations import IMAGE_PERTURBATIONS, TEXT_PERTURBATIONS
from adverts.errors import InputError
from adverts.evaluation.robustness.picture_disguises import IMAGE
from adverts.evaluation.robustness.text_disguises import TEXT

NEEDED = ("candidate=run", "prepared=data")


def test_the_schema_knows_the_perturbations_that_there_are():
    assert set(TEXT_PERTURBATIONS) == set(TEXT)
    assert set(IMAGE_PERTURBATIONS) == set(IMAGE)


@pytest.mark.parametrize("suite", ["none", "quick", "full"])
def test_every_suite_composes(suite):
    assert load("evaluate", *NEEDED, f"robustness={suite}").robustness.seed == 0


def test_the_full_suite_holds_everything():
    full = load("evaluate", *NEEDED, "robustness=full").robustness
    assert (set(full.text), set(full.image)) == (set(TEXT), set(IMAGE))
    assert full.strengths == ("light", "heavy")


def test_the_quick_suite_scores_about_two_thousand_texts_at_the_most():
    quick = load("evaluate", *NEEDED, "robustness=quick").robustness
    assert quick.adverts * quick.draws * len(quick.strengths) * len(quick.text) <= 2000


def test_a_misspelt_perturbation_names_its_nearest_neighbour():
    with pytest.raises(InputError, match=r"robustness.text.0: found 'lookalike'.* look_alikes"):
        load("evaluate", *NEEDED, "robustness=quick", "robustness.text=[lookalike]")
