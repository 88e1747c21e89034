"""A description grows by sections; a repeated record changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.tracking.run_description import with_section

HEADINGS = st.sampled_from(["Training", "Validation", "Evaluation on test"])
LINES = st.text(
    st.characters(blacklist_characters="#", blacklist_categories=["Cs", "Cc", "Zl", "Zp"])
)


def test_a_new_section_comes_first_and_an_old_one_keeps_its_place():
    first = with_section(with_section("", "Training", "a"), "Evaluation on test", "b")
    assert first == "### Evaluation on test\n\nb\n\n### Training\n\na\n"
    assert with_section(first, "Training", "c") == first.replace("\na\n", "\nc\n")


def test_what_people_wrote_before_and_after_a_section_stays():
    told = with_section("Ask before you delete this.", "Training", "a")
    told = f"For the meeting.\n\n{told}\n\nSee also the other run.\n"
    assert with_section(told, "Training", "b") == told.replace("\na\n", "\nb\n")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(HEADINGS, LINES), min_size=1, max_size=6))
def test_a_repeated_section_changes_nothing(sections):
    known = ""
    for heading, text in sections:
        known = with_section(known, heading, text)
        assert with_section(known, heading, text) == known
    assert known.count("### ") == len({heading for heading, _ in sections})
