"""The place of an estimate in a series: nothing is compared or replaced that should not be."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from made_frame import made_frame
from made_record import made_part, made_record
from made_sample import drawn_sample

from adverts.errors import InputError, IntegrityError
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.labelled.figures import GroupFigures
from adverts_findings.survey.reports.publish import (
    place_in_series,
    read_replaced,
    refuse_published,
    revise,
)
from adverts_findings.survey.reports.record import RECORD, Publication, record_bytes

FOUND = Estimate(1043.0, 641.0, 1577.0)
SAMPLE = drawn_sample(made_frame(np.full(40, 0.1)), 20)


def earlier(seal, last="2026-10-25T00:00:00+00:00", series="refer", sealed_at="2026-10-26"):
    """Return the estimate of a sample that was collected up to a time."""
    part = made_part(name=seal)
    frame = dataclasses.replace(part.frame, last_collected=last)
    part = dataclasses.replace(part, seal=seal, frame=frame, sealed_at=sealed_at)
    return made_record(FOUND, part, publication=Publication(series, False, None, ()))


def placed(*previous, series=None, replaced=None, final=False):
    folders = [(Path(f"runs/{i}"), one) for i, one in enumerate(previous)]
    return place_in_series(series, folders, replaced, final=final, sample=SAMPLE)


def test_an_estimate_is_in_the_series_of_its_task_unless_others_say_which():
    assert placed() == Publication("refer", True, None, ())
    assert placed(final=True).provisional is False
    assert placed(series="posts").series == "posts"
    assert placed(earlier("a", series="posts")).series == "posts"
    assert placed(replaced=earlier("a", series="posts")).series == "posts"


def test_earlier_estimates_are_named_the_latest_first():
    old, new = earlier("a", "2026-10-18T00:00:00+00:00"), earlier("b")
    assert [one.id for one in placed(old, new).previous] == [new.id, old.id]
    assert [one.id for one in placed(new, old).previous] == [new.id, old.id]
    assert placed(new).previous[0].total == FOUND


@pytest.mark.parametrize(
    ("previous", "settings", "told"),
    [
        ((earlier("a"),), {"series": "posts"}, "different series: posts, refer"),
        ((earlier("a"), earlier("b", series="posts")), {}, "different series: posts, refer"),
        ((earlier("a"), earlier("a")), {}, "runs/1 is of the same sample as runs/0; previous="),
        ((earlier(SAMPLE.seal),), {}, "runs/0 is of this same sample; previous= takes other weeks"),
        (
            (made_record(FOUND, made_part(), made_part(name="b")),),
            {},
            "runs/0 is of several samples",
        ),
        ((earlier("a", "2026-12-01T00:00:00+00:00"),), {}, "compare the later one with"),
        ((earlier("a", SAMPLE.frame.last_collected, sealed_at="2999"),), {}, "was sealed 2999"),
        ((earlier("a", None, sealed_at="2999"),), {}, "was sealed 2999; compare the later"),
    ],
)
def test_what_is_no_earlier_estimate_of_the_series_is_refused(previous, settings, told):
    with pytest.raises(InputError, match=told):
        placed(*previous, **settings)


def test_a_final_estimate_is_refused_and_a_provisional_one_may_be_replaced(tmp_path):
    refuse_published(tmp_path)
    (tmp_path / RECORD).write_bytes(record_bytes(made_record(FOUND, provisional=True)))
    refuse_published(tmp_path)
    (tmp_path / RECORD).write_bytes(record_bytes(made_record(FOUND)))
    with pytest.raises(InputError, match="revise it in another folder"):
        refuse_published(tmp_path)


@pytest.mark.parametrize("damage", ["provisional", "torn", "empty"])
def test_a_damaged_estimate_may_have_been_final(tmp_path, damage):
    content = record_bytes(made_record(FOUND))
    raw = json.loads(content)
    raw["publication"]["provisional"] = True
    damaged = {"provisional": json.dumps(raw).encode(), "torn": content[:900], "empty": b""}
    (tmp_path / RECORD).write_bytes(damaged[damage])
    with pytest.raises(IntegrityError):
        refuse_published(tmp_path)


def test_a_revision_says_that_what_was_collected_or_asked_is_another():
    old = made_record(FOUND)
    new = made_record(FOUND, made_part("posts collected elsewhere"))
    [told] = revised(new, old).changes
    assert told.startswith("It was of “posts collected from posts.example")
    assert "and is of “posts collected elsewhere” by codebook refer 0123." in told


def revised(new, old):
    return revise(new, old, "it was wrong", folder="runs/e44").publication.replaces


def test_a_revision_holds_the_old_figure_its_day_and_how_many_answers_changed():
    old = made_record(FOUND, made_part(changed_later=2))
    found = revised(made_record(Estimate(900.0, 640.0, 1_300.0), made_part(changed_later=7)), old)
    assert (found.id, found.folder, found.created_at) == (old.id, "runs/e44", old.created_at)
    assert (found.total, found.answers_changed) == (FOUND, 5)
    assert found.changes == (
        "The total of adverts: 1,040 (640 to 1,580) before, 900 (640 to 1,300) now.",
    )


def test_a_revision_says_that_labels_changed_otherwise_or_that_nothing_did():
    old = made_record(FOUND)
    assert revised(made_record(FOUND, made_part(seen_twice=130)), old).changes == (
        "Labels of the sample changed.",
    )
    assert revised(made_record(FOUND), old).changes == ("No total changed.",)


def test_a_revision_without_the_groups_of_the_old_one_says_so():
    group = GroupFigures("platform", "x", 30, 3, ())
    found = revised(made_record(FOUND), made_record(FOUND, groups=(group, group)))
    assert found.changes == ("It gives no figures by platform, which the old one gave.",)


def test_only_a_final_estimate_is_revised(tmp_path):
    (tmp_path / RECORD).write_bytes(record_bytes(made_record(FOUND, provisional=True)))
    with pytest.raises(InputError, match="is provisional, and only a final estimate is revised"):
        read_replaced(tmp_path)
    (tmp_path / RECORD).write_bytes(record_bytes(made_record(FOUND)))
    assert read_replaced(tmp_path) == made_record(FOUND)
