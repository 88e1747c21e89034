"""A description grows by sections; a repeated record changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.tracking.run_description import with_section, within

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


def test_a_full_description_loses_its_oldest_evaluations_and_nothing_else():
    told = with_section("Ask before you delete this.", "Training", "a")
    for number in range(9):
        heading = f"Evaluation on set{number}.test"
        told = within(with_section(told, heading, "* " + "b" * 80), heading, 400) or ""
    assert told.startswith("### Evaluation on set8.test\n\n* b")
    assert "set7" in told
    assert "set1" not in told
    assert told.endswith("### Training\n\na\n\nAsk before you delete this.")
    assert with_section(told, "Training", "a") == told


def test_a_description_that_people_filled_is_left_as_it_is():
    assert within(with_section("mine " * 81, "Evaluation on test", "b"), "Training", 400) is None


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(HEADINGS, LINES), min_size=1, max_size=6))
def test_a_repeated_section_changes_nothing(sections):
    known = ""
    for heading, text in sections:
        known = with_section(known, heading, text)
        assert with_section(known, heading, text) == known
    assert known.count("### ") == len({heading for heading, _ in sections})
