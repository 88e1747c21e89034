"""Draws of a sealed sample: what is refused, and what each draw counts."""

import numpy as np
import pytest
from made_sample import drawing, drawn_sample, group, labelled, made_truth, sealed, stratum

from adverts.errors import CannotJudgeError, InputError, IntegrityError
from adverts_findings.survey.labelled.answers import SampleAnswers
from adverts_findings.survey.labelled.labelled_sample import groups_of, label_sample, unit_draws

STRATA = [stratum("line", 90, 4, lowest=True), stratum("adverts", 10, 2), stratum("whole", 2, 2)]
DRAWS = [
    drawing("a", 0, 1 / 90, times=3, platform="x"),
    drawing("b", 0, 1 / 90, platform="y"),
    drawing("c", 1, 0.2, platform="x"),
    drawing("d", 1, 0.2, platform="y"),
    drawing("e", 2, 1.0, platform="x"),
    drawing("f", 2, 1.0, platform="y"),
]
GROUPS = [group("platform", "x", [60, 5, 1]), group("platform", "y", [30, 5, 1])]
KNOWN = {"p": True, "n": False}


def sample(**settings):
    return sealed(STRATA, DRAWS, GROUPS, **settings)


def answers(**changed):
    return {**dict.fromkeys("abcdef", False), **changed}


def test_an_advert_drawn_three_times_counts_three_times():
    low, high, whole = unit_draws(labelled(sample(), "ac"), "adverts", [1, 0, 1, 0, 0, 0])
    assert low.values.tolist() == [90, 90, 90, 0]
    assert high.values.tolist() == [10, 0]
    assert (low.largest, high.largest, high.finite) == (90, 10, 10)
    assert (whole.certain, len(whole.values)) == (0.0, 0)


def test_adverts_taken_whole_are_certain_only_where_labels_are_true():
    counts = [0, 0, 0, 0, 1, 0]
    assert unit_draws(labelled(sample(), "e"), "adverts", counts)[2].certain == 1.0
    erring = labelled(sample(planted=KNOWN), "ep")
    assert erring.corrected_by == "planted"
    assert unit_draws(erring, "adverts", counts)[2].values.tolist() == [2, 0]


def test_adverts_of_other_groups_count_nothing():
    x, y = GROUPS
    everything = labelled(sample(), "abcdef")
    low, high, whole = unit_draws(everything, "adverts", np.ones(6), group=y)
    assert low.values.tolist() == [0, 0, 0, 90]
    assert high.values.tolist() == [0, 10]
    assert whole.certain == 1.0
    assert unit_draws(everything, "adverts", np.ones(6), group=x)[0].values.sum() == 270


def test_where_a_group_has_no_advert_nothing_of_it_is_unseen():
    z = group("platform", "z", [7, 0, 0])
    found = unit_draws(labelled(sample()), "adverts", np.ones(6), group=z)
    assert found[0].largest == 90
    assert found[1].largest == 0


def test_a_missing_label_is_no_negative_one():
    said = {"a": True, "b": False}
    with pytest.raises(CannotJudgeError, match="4 of 6 labels of sample w44 are missing"):
        label_sample(sample(), SampleAnswers(said, {}))


def test_a_planted_advert_needs_a_label_too():
    with pytest.raises(CannotJudgeError, match="1 of 8 labels"):
        label_sample(sample(planted=KNOWN), SampleAnswers(answers(p=True), {}))


def test_an_adjudicated_advert_needs_its_third_person():
    draws = [drawing("a", 0, 1 / 90, times=4, adjudicated=True), *DRAWS[2:]]
    one = sealed(STRATA, draws)
    said = dict.fromkeys("acdef", False)
    with pytest.raises(CannotJudgeError, match="1 of 1 decisions of a third person"):
        label_sample(one, SampleAnswers(said, {}))


def test_labels_of_another_sample_are_refused():
    with pytest.raises(InputError, match="1 answers are of adverts that sample w44 did not ask"):
        label_sample(sample(), SampleAnswers(answers(z=True), {}))
    with pytest.raises(InputError, match="did not ask for, such as a"):
        label_sample(sample(), SampleAnswers(answers(), {"a": True}))


def test_a_sample_drawn_to_teach_estimates_nothing():
    with pytest.raises(InputError, match="design=learn"):
        label_sample(sample(design="learn"), SampleAnswers(answers(), {}))


@pytest.mark.parametrize(
    ("strata", "draws"),
    [
        ([], [drawing("a", 0, 0.0)]),  # what a sample to learn from holds
        (STRATA, []),
        (STRATA[:2], DRAWS[:4]),
        (STRATA, [*DRAWS[:5], drawing("f", 3, 1.0)]),
        (STRATA, [*DRAWS[:5], drawing("f", 2, 0.0)]),
    ],
)
def test_a_file_that_says_it_estimates_but_was_not_drawn_for_that_is_refused(strata, draws):
    forged = sealed(strata, draws, frame=sample().frame)
    with pytest.raises(IntegrityError, match="not drawn by chance from all 102 adverts"):
        label_sample(forged, SampleAnswers({one.item: False for one in draws}, {}))


def test_a_stratum_with_other_draws_than_were_sealed_is_refused():
    with pytest.raises(IntegrityError, match="2 draws in line, but 4 were sealed"):
        label_sample(
            sealed(STRATA, [drawing("a", 0, 1 / 90, times=2), *DRAWS[2:]]),
            SampleAnswers(dict.fromkeys("acdef", False), {}),
        )


def test_the_third_persons_word_counts_where_no_error_is_known():
    draws = [drawing("a", 0, 1 / 90, times=4, adjudicated=True), *DRAWS[2:]]
    one = labelled(sealed(STRATA, draws), "", decided={"a": True})
    assert one.labels.tolist() == [1, 0, 0, 0, 0]
    assert one.corrected_by is None


def test_where_errors_are_known_labels_stay_what_reviewers_said():
    draws = [drawing("a", 0, 1 / 90, times=4, adjudicated=True), *DRAWS[2:]]
    one = labelled(sealed(STRATA, draws, planted=KNOWN), "p", decided={"a": True})
    assert one.labels.tolist() == [0, 0, 0, 0, 0]


def test_a_field_that_no_advert_states_is_refused():
    one = sealed(STRATA, DRAWS, [group("week", "unknown", [90, 10, 2])])
    with pytest.raises(InputError, match="knows no week.*data.columns.posted_at="):
        groups_of(one, "week")
    with pytest.raises(InputError, match="knows no language"):
        groups_of(one, "language")


def test_a_unit_that_is_not_known_has_no_total():
    one = labelled(sample())
    assert one.frame_total("views") is None
    assert one.frame_total("adverts") == 102


def test_draws_of_a_real_design_add_up_to_what_the_design_says():
    truth = made_truth(3_000, 0.05)
    one = labelled(drawn_sample(truth.frame, 300), truth.items)
    draws = unit_draws(one, "adverts", np.ones(len(one.sample.draws)))
    assert sum(stratum.estimate for stratum in draws) == pytest.approx(3_000)
