"""Records made from labelled samples: their counts, their parts and their revisions."""

import dataclasses

import numpy as np
import pytest
from made_frame import made_frame
from made_sample import drawing, drawn_sample, labelled, made_truth, sealed, stratum

from adverts.errors import CannotJudgeError, InputError
from adverts_findings.survey.reports.make_record import (
    Made,
    is_made_of,
    record_of_frames,
    record_of_sample,
)
from adverts_findings.survey.reports.publish import revise
from adverts_findings.survey.reports.record import Publication

MADE = Made("2026-11-09T09:00:00+00:00", "adverts of a test", 3)
FIRST = Publication("posts", True, None, ())
N = 4_000
TRUTH = made_truth(
    N,
    0.05,
    platforms=np.array(["x", "y"])[np.arange(N) % 2],
    weeks=np.array(["2026-W43", "2026-W44"])[np.arange(N) // 2 % 2],
)
SAMPLE = drawn_sample(TRUTH.frame, 300)


@pytest.fixture(scope="module")
def record():
    return record_of_sample(labelled(SAMPLE, TRUTH.items), MADE, FIRST)


def test_equal_arguments_give_an_equal_record(record):
    assert record_of_sample(labelled(SAMPLE, TRUTH.items), MADE, FIRST).id == record.id


def test_counts_are_those_of_the_sample():
    unsure = {SAMPLE.draws[0].item, SAMPLE.draws[1].item}
    one = labelled(SAMPLE, TRUTH.items, unsure=unsure, seen_twice=9, changed_later=2, reviewers=3)
    (part,) = record_of_sample(one, MADE, FIRST).samples
    positive = TRUTH.items - unsure
    assert part.labels.adverts == len(SAMPLE.draws)
    assert part.labels.positive == sum(draw.item in positive for draw in SAMPLE.draws)
    assert part.labels.not_judged == 2
    assert (part.labels.seen_twice, part.labels.changed_later, part.labels.reviewers) == (9, 2, 3)
    assert (part.seal, part.frame, part.corrected_by) == (SAMPLE.seal, SAMPLE.frame, None)
    assert sum(row.labels for row in part.strata) == part.labels.adverts
    assert sum(row.not_judged for row in part.strata) == 2


def test_positives_of_a_stratum_stand_beside_what_its_draws_predict():
    strata = [stratum("line", 100, 5, lowest=True), stratum("adverts", 20, 3)]
    draws = [
        drawing("a", 0, 0.01, times=3, predicted=0.01),
        drawing("b", 0, 0.01, times=2, predicted=0.02),
        *(drawing(one, 1, 0.15, predicted=0.4) for one in "cde"),
    ]
    one = labelled(sealed(strata, draws), {"a", "c"}, unsure={"d"})
    low, high = record_of_sample(one, MADE, FIRST).samples[0].strata
    assert (low.labels, low.check.observed) == (2, 3)
    assert low.check.expected == pytest.approx(3 * 0.01 + 2 * 0.02)
    assert (high.labels, high.not_judged, high.check.observed) == (3, 1, 1)
    assert high.check.expected == pytest.approx(2 * 0.4)
    assert low.check.p_value < 0.05


def test_groups_and_weeks_come_where_they_are_asked_for(record):
    assert (record.groups, record.comparisons) == ((), ())
    asked = record_of_sample(labelled(SAMPLE, TRUTH.items), MADE, FIRST, by=["platform", "week"])
    assert [one.value for one in asked.groups] == ["x", "y", "2026-W43", "2026-W44"]
    assert len(asked.comparisons) == 1
    assert asked.figures == record.figures


def test_a_field_named_twice_is_refused():
    with pytest.raises(InputError, match="names a field twice"):
        record_of_sample(labelled(SAMPLE), MADE, FIRST, by=["week", "week"])


def test_an_earlier_sample_is_compared():
    earlier = labelled(drawn_sample(TRUTH.frame, 300, seed=1, name="w43"), TRUTH.items)
    found = record_of_sample(labelled(SAMPLE, TRUTH.items), MADE, FIRST, earlier=[earlier])
    assert [(one.earlier, one.later) for one in found.comparisons] == [("w43", "w44")]
    assert found.comparisons[0].total.said == "no detectable change"


def test_two_frames_make_one_figure_of_adverts_and_nothing_else():
    frames = [
        dataclasses.replace(
            made_frame(np.full(1_000, 0.1)), ids=[f"a{i}" for i in range(start, start + 1_000)]
        )
        for start in (0, 500)
    ]
    parts = [
        labelled(drawn_sample(frame, 200, name=name), {"a7", "a700"})
        for frame, name in zip(frames, "xy", strict=True)
    ]
    found = record_of_frames(parts, [set(one.ids) for one in frames], MADE, FIRST)
    (figure,) = found.figures
    assert (figure.unit, figure.frame_total, figure.expected) == ("adverts", 1_500, None)
    assert figure.share.by_design.high == pytest.approx(figure.total.by_design.high / 1_500)
    assert (found.groups, found.comparisons, found.more_labels) == ((), (), None)
    assert [one.name for one in found.samples] == ["x", "y"]
    assert found.doubts[0].startswith("Sample x: Labels are taken as true")
    with pytest.raises(CannotJudgeError):
        record_of_frames(parts, None, MADE, FIRST)


def test_a_revision_names_what_it_replaces_why_and_what_changed(record):
    new = record_of_sample(labelled(SAMPLE, TRUTH.items, changed_later=1), MADE, FIRST)
    fewer = sorted(TRUTH.items & {one.item for one in SAMPLE.draws})[5:]
    other = record_of_sample(labelled(SAMPLE, set(fewer), changed_later=5), MADE, FIRST)
    revised = revise(other, record, " five labels were wrong ", folder="e44")
    assert revised.publication.replaces.id == record.id
    assert revised.publication.replaces.reason == "five labels were wrong"
    assert revised.publication.replaces.answers_changed == 5
    assert revised.publication.replaces.changes[0].startswith("The total of adverts: ")
    assert revised.figures == other.figures
    assert revised.id != other.id
    same = revise(new, record, "a label was given twice", folder="e44").publication.replaces
    assert (same.answers_changed, same.changes) == (1, ("No total changed.",))


def test_a_revision_of_other_samples_says_so(record):
    new = record_of_sample(
        labelled(drawn_sample(TRUTH.frame, 300, seed=9), TRUTH.items), MADE, FIRST
    )
    changes = revise(new, record, "drawn again", folder="e44").publication.replaces.changes
    assert changes[0] == "It is made from other samples."


def test_a_revision_that_changes_nothing_says_so(record):
    assert revise(record, record, "set again", folder="e").publication.replaces.changes == (
        "No total changed.",
    )


def test_a_revision_without_reason_or_of_another_series_is_refused(record):
    with pytest.raises(InputError, match="needs a reason"):
        revise(record, record, "  ", folder="e44")
    other = dataclasses.replace(record, publication=Publication("pages", True, None, ()))
    with pytest.raises(InputError, match="cannot replace one of series pages"):
        revise(record, other, "because", folder="e44")


def test_an_estimate_is_made_of_its_labels_and_of_no_others(record):
    lowest = next(one.item for one in SAMPLE.draws if one.stratum == 0)
    found = next(one.item for one in SAMPLE.draws[::-1] if one.item in TRUTH.items)
    assert is_made_of(record, labelled(SAMPLE, TRUTH.items))
    swapped = labelled(SAMPLE, (TRUTH.items - {found}) | {lowest})
    assert is_made_of(record_of_sample(swapped, MADE, FIRST), swapped)
    assert not is_made_of(record, swapped)
    assert not is_made_of(record, labelled(SAMPLE, TRUTH.items, unsure=[lowest]))
    assert not is_made_of(record, labelled(SAMPLE, TRUTH.items, reviewers=2))


def test_two_labels_that_change_places_are_noticed_though_no_figure_changes(record):
    alike = [one for one in SAMPLE.draws if one.stratum == 0 and one.times == 1]
    first, second = (one.item for one in alike[:2])
    was, now = (labelled(SAMPLE, TRUTH.items | {one}) for one in (first, second))
    earlier = record_of_sample(was, MADE, FIRST)
    later = record_of_sample(now, MADE, FIRST)
    assert earlier.figures[0].total == later.figures[0].total
    assert is_made_of(earlier, was)
    assert not is_made_of(earlier, now)
