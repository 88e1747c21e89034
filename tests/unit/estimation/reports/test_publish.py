"""The place of an estimate in a series: nothing is compared or replaced that should not be."""

import dataclasses
import json

import numpy as np
import pytest
from made_frame import made_frame
from made_record import made_part, made_record
from made_sample import drawn_sample

from adverts.errors import InputError, IntegrityError
from adverts.estimation.reports.publish import place_in_series, refuse_published, revise
from adverts.estimation.reports.record import RECORD, Publication, record_bytes
from adverts.evaluation.statistics.bootstrap import Estimate

FOUND = Estimate(1043.0, 641.0, 1577.0)
SAMPLE = drawn_sample(made_frame(np.full(40, 0.1)), 20)


def earlier(seal, last="2026-10-25T00:00:00+00:00", series="refer"):
    """Return the estimate of a sample that was collected up to a time."""
    part = made_part(name=seal)
    frame = dataclasses.replace(part.frame, last_collected=last)
    part = dataclasses.replace(part, seal=seal, frame=frame)
    return made_record(FOUND, part, publication=Publication(series, False, None, ()))


def placed(*previous, series=None, replaced=None, final=False):
    return place_in_series(series, previous, replaced, final=final, sample=SAMPLE)


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
        ((earlier("a"), earlier("a")), {}, "each of another one"),
        ((earlier(SAMPLE.seal),), {}, "each of another one"),
        ((made_record(FOUND, made_part(), made_part(name="b")),), {}, "of one sample"),
        ((earlier("a", "2026-12-01T00:00:00+00:00"),), {}, "compare the later one with"),
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
    old = made_record(FOUND, provisional=True)
    new = made_record(FOUND, made_part("posts collected elsewhere"))
    changes = revise(new, old, "the collection was named wrongly").publication.replaces.changes
    assert changes[0] == "It was provisional and is final."
    assert changes[1].startswith("It was of “posts collected from posts.example")
    assert "and is of “posts collected elsewhere” by codebook refer 0123." in changes[1]
