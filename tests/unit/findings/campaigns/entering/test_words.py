"""Who may enter: group V by every last word of people, and nothing else."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.advert import LabelSchema, Task
from adverts.data.mapping.taxonomy import CLASS_TASK, read_taxonomy
from adverts.data.review.counted_labels import counted_labels
from adverts.data.review.reviews import UNSURE, Review, item_name
from adverts_findings.campaigns.entering.words import merge_counted, words_of

SPAM = LabelSchema("mail", (Task("mail", "single", ("ham", "spam"), "spam"),), "mail")
COUNTED = counted_labels(SPAM)


def review(advert="a1", label="spam", *, by="Ana", task="mail", round=1, at=0):
    return Review(
        item=item_name(advert),
        task=task,
        label=label,
        reviewer=by,
        reviewed_at=f"2026-11-01T00:00:{at:02}+00:00",
        blind=True,
        round=round,
        sample="",
        design="estimate",
        codebook="",
    )


def test_a_positive_word_enters_and_nobody_else_does():
    words = words_of([review("a1"), review("a2", "ham")], COUNTED)
    assert [words.of(one) for one in ("a1", "a2", "a3")] == [True, False, None]


def test_people_who_disagree_bar_the_advert_until_somebody_decides():
    two = [review(), review(label="ham", by="Ben", round=2)]
    assert words_of(two, COUNTED).of("a1") is False
    assert words_of([*two, review(by="Cem", round=3)], COUNTED).of("a1") is True


def test_whoever_could_not_tell_bars_the_advert():
    assert words_of([review(label=UNSURE)], COUNTED).of("a1") is False


def test_a_corrected_word_counts_in_both_directions():
    assert words_of([review(at=1), review(label="ham", at=2)], COUNTED).of("a1") is False
    assert words_of([review(at=2), review(label="ham", at=1)], COUNTED).of("a1") is True


def test_a_label_of_no_counted_task_says_nothing():
    assert words_of([review(task="tone", label="rude")], COUNTED).of("a1") is None


def test_a_label_that_the_schema_lacks_bars():
    assert words_of([review(label="spma")], COUNTED).of("a1") is False


def test_two_tasks_that_contradict_bar():
    counted = merge_counted([COUNTED, {("kind", "advert"): True, ("kind", "news"): False}])
    said = [review(), review(task="kind", label="news")]
    assert words_of(said, counted).of("a1") is False


def test_schemas_that_disagree_on_a_label_count_it_for_neither():
    other = {("mail", "spam"): False, ("mail", "ham"): True}
    assert words_of([review()], merge_counted([COUNTED, other])).of("a1") is False


def test_of_the_taxonomy_only_group_v_enters():
    counted = counted_labels(read_taxonomy().label_schema())
    for one in read_taxonomy().classes:
        words = words_of([review(task=CLASS_TASK, label=one.id)], counted)
        assert words.of("a1") is (one.group == "V"), one.id


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["spam", "ham", UNSURE]),
            st.sampled_from(["Ana", "Ben"]),
            st.sampled_from([1, 2, 3]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_order_of_lines_does_not_matter(said):
    reviews = [
        review(label=label, by=by, round=round, at=place)
        for place, (label, by, round) in enumerate(said)
    ]
    found = {
        words_of(order, COUNTED).of("a1") for order in itertools.permutations(reviews, len(reviews))
    }
    assert len(found) == 1
