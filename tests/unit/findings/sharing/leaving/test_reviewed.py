"""Group and class of an advert by the last words of people."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_items import at, review

from adverts.advert import LabelSchema, Task
from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.review.counted_labels import counted_labels
from adverts.data.review.reviews import item_name
from adverts_findings.campaigns.entering.words import words_of
from adverts_findings.sharing.leaving.reviewed import reviewed_of

pytestmark = pytest.mark.promise

COUNTED = counted_labels(read_taxonomy().label_schema())
OWN = counted_labels(LabelSchema("own", (Task("fake", "single", ("no", "yes"), "yes"),), "fake"))
CLASSES = read_taxonomy().classes


def of_class(label, *given, **changes):
    return review(label, *given, task="advert_class", **changes)


def found(*words, counted=COUNTED):
    return reviewed_of(words, counted)[item_name("a1")]


def test_without_reviews_nothing_is_known():
    assert reviewed_of([], COUNTED) == {}


@pytest.mark.parametrize(
    ("label", "group"), [("yes", "V"), ("no", "N"), ("unsure", "U"), ("maybe", "U")]
)
def test_the_headline_gives_the_group_and_no_class(label, group):
    one = found(review(label))
    assert (one.group, one.label, one.reviewers, one.at) == (group, "", ("Cleo Demo",), at(-10))


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: one.id)
@pytest.mark.parametrize("refer", [[], [review("yes", "Dan Demo")]])
def test_a_class_gives_its_group_even_where_the_headline_says_yes(one, refer):
    told = found(of_class(one.id), *refer)
    assert (told.group, told.label) == (one.group, one.id)


def test_a_class_of_group_v_where_the_headline_says_no_is_a_disagreement():
    assert found(of_class("offer_crossing"), review("no")).group == "?"


def test_a_class_of_group_a_decides_where_people_disagree_in_the_headline():
    words = (of_class("seek_service"), review("yes"), review("no", "Dan Demo"))
    assert found(*words).group == "A"


def test_a_doubt_in_one_task_is_no_group_v():
    assert found(of_class("unsure"), review("yes")).group == "U"
    assert found(of_class("offer_crossing"), review("unsure")).group == "?"


def test_people_who_give_different_classes_disagree_and_give_none():
    told = found(of_class("offer_crossing"), of_class("promo_testimonial", "Dan Demo"))
    assert (told.group, told.label) == ("?", "")


def test_the_last_word_of_each_reviewer_counts():
    assert found(review("yes"), review("no", day=-9)).group == "N"
    assert found(review("no"), review("yes", day=-9)).group == "V"


def test_a_third_decides_and_gives_the_time():
    told = found(review("yes", day=-3), review("no", "Dan"), review("yes", "Eve", -7, round=3))
    assert (told.group, told.at) == ("V", at(-7))


def test_a_word_that_does_not_decide_is_no_new_review():
    third = review("yes", "Eve", -7, round=3)
    assert found(third, review("no", "Dan", -2, round=2)).at == at(-7)


def test_a_word_on_another_task_is_no_new_review_of_the_group():
    told = found(review("yes"), review("none", day=-1, task="safeguarding"))
    assert (told.group, told.at, told.safeguarding) == ("V", at(-10), ())


def test_who_only_saw_danger_gives_no_group():
    told = found(review("minor_present", task="safeguarding"))
    assert (told.group, told.at, told.safeguarding) == ("?", "", ("minor_present",))


def test_everybody_who_said_anything_is_a_reviewer_once():
    words = (
        review("no", "Dan Demo", -12),
        review("yes", "dan  demo", -11),
        review("yes"),
        review("none", "Eve Demo", task="safeguarding"),
        review("3", "Fay Demo", task="risk"),
        review("yes", " "),
    )
    assert found(*words).reviewers == ("Cleo Demo", "Dan Demo", "Eve Demo", "Fay Demo")


def test_a_time_without_a_zone_is_in_utc_and_one_in_another_zone_is_converted():
    assert found(review("yes", reviewed_at="2030-01-01T10:00:00")).at == "2030-01-01T10:00:00+00:00"
    east = review("yes", reviewed_at="2030-01-01T10:00:00+02:00")
    assert found(east).at == "2030-01-01T08:00:00+00:00"


def test_what_is_no_time_is_none():
    assert found(review("yes", reviewed_at="yesterday")).at == ""


def test_a_class_of_the_taxonomy_bars_beside_a_headline_of_ones_own():
    yes = review("yes", task="fake")
    assert found(yes, counted=OWN).group == "V"
    assert found(yes, of_class("seek_service"), counted=OWN).group == "A"
    told = found(yes, of_class("offer_crossing"), counted=OWN)
    assert (told.group, told.label) == ("V", "offer_crossing")
    assert found(of_class("offer_crossing"), counted=OWN).group == "?"


def test_a_class_that_inputs_count_in_opposite_ways_is_no_group_v():
    torn = {**COUNTED, ("advert_class", "offer_crossing"): None}
    assert found(of_class("offer_crossing"), review("yes"), counted=torn).group == "?"


PEOPLE = st.sampled_from(["Cleo", "Dan", "Eve"])
WORDS = st.lists(
    st.one_of(
        st.builds(
            lambda label, who, day, number: review(label, who, day, round=number),
            st.sampled_from(["yes", "no", "unsure"]),
            PEOPLE,
            st.integers(-9, -1),
            st.sampled_from([1, 2, 3]),
        ),
        st.builds(
            lambda label, who, day, number: of_class(label, who, day, round=number),
            st.sampled_from(
                ["offer_crossing", "promo_testimonial", "seek_service", "unusable", "unsure"]
            ),
            PEOPLE,
            st.integers(-9, -1),
            st.sampled_from([1, 2, 3]),
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(WORDS)
@settings(deadline=None)
def test_group_v_is_what_may_enter_the_bank(words):
    enters = words_of(words, COUNTED).of("a1")
    assert (found(*words).group == "V") == (enters is True)


@given(WORDS)
@settings(deadline=None)
def test_a_person_said_group_v_at_the_time_that_is_named(words):
    told = found(*words)
    positive = ("yes", "offer_crossing", "promo_testimonial")
    said = [one.reviewed_at for one in words if one.label in positive]
    assert told.group != "V" or told.at in said
