"""How many labels would halve an interval, and when none would."""

import pytest
from made_sample import drawing, drawn_sample, labelled, made_truth, sealed, stratum

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.labelled.figures import frame_figures
from adverts_findings.survey.labelled.more_labels import labels_that_halve

TRUTH = made_truth(40_000, 0.02)


def halved(one):
    return labels_that_halve(one, frame_figures(one)[0].total.by_design)


@pytest.mark.parametrize("found", [TRUTH.items, set()])
def test_the_number_does_halve_the_interval(found):
    sample = drawn_sample(TRUTH.frame, 500)
    first = labelled(sample, found)
    more = halved(first)
    again = labelled(drawn_sample(TRUTH.frame, more.labels, seed=1), found)
    widths = [
        total.high - total.low
        for total in (frame_figures(one)[0].total.by_design for one in (first, again))
    ]
    assert more.labels > 900
    assert widths[1] / widths[0] == pytest.approx(0.5, abs=0.12)


def test_the_labels_say_how_many_and_not_the_scores():
    sample = drawn_sample(TRUTH.frame, 500)
    none, many = halved(labelled(sample)), halved(labelled(sample, TRUTH.items))
    assert none.labels != many.labels


def test_adverts_taken_whole_stay_so():
    low = stratum("line", 50_000, 200, lowest=True)
    draws = [drawing(f"a{i}", 0, 1 / 50_000) for i in range(200)]
    seen = [drawing(f"b{i}", 1, 1.0) for i in range(70)]
    alone = halved(labelled(sealed([low], draws), {"a1", "a2"}))
    both = halved(
        labelled(sealed([low, stratum("whole", 70, 70)], [*draws, *seen]), {"a1", "a2", "b1"})
    )
    assert both.labels == alone.labels + 70


def test_errors_of_reviewers_are_not_narrowed_by_labels():
    planted = {f"p{i}": i < 5 for i in range(10)}
    sample = drawn_sample(TRUTH.frame, 500, planted=planted)
    found = halved(labelled(sample, TRUTH.items | {f"p{i}" for i in range(5)}))
    assert found.labels is None
    assert found.reason == (
        "most of the width comes from knowing the reviewers by 5 positives and 5 negatives only; "
        "plant more"
    )


def test_adverts_that_could_not_be_judged_are_not_narrowed_by_labels():
    sample = drawn_sample(TRUTH.frame, 500)
    unsure = {one.item for one in sample.draws[:200]}
    found = halved(labelled(sample, TRUTH.items - unsure, unsure=unsure))
    assert found.reason.startswith("too much of it comes from reviewers' errors, or from")


def test_a_frame_that_is_labelled_whole_has_nothing_to_halve():
    draws = [drawing(f"a{i}", 0, 1.0) for i in range(3)]
    found = halved(labelled(sealed([stratum("whole", 3, 3)], draws), {"a0"}))
    assert (found.labels, found.reason) == (None, "every advert was labelled")


def test_a_small_frame_would_have_to_be_labelled_by_more_than_half():
    draws = [drawing(f"a{i}", 0, 0.4) for i in range(40)]
    one = labelled(sealed([stratum("adverts", 100, 40, lowest=True)], draws), {"a0", "a1"})
    assert halved(one).reason == "more than half of the frame would have to be labelled"


def test_without_a_figure_there_is_nothing_to_halve():
    one = labelled(sealed([stratum("line", 9, 1, lowest=True)], [drawing("a", 0, 1 / 9)]))
    found = labels_that_halve(one, Estimate(None, reason="cannot say: because"))
    assert (found.labels, found.width, found.reason) == (None, None, "cannot say: because")
