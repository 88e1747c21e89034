"""Agreement of annotators as a dataset stores their votes."""

from dataclasses import replace

import pytest
from audit_examples import NO, REFER, RISK, SIGNALS, YES, row, subject_of

from adverts.advert import LabelSchema
from adverts.auditing.annotator_agreement import ONE_EACH, measure_agreement
from adverts.data.mapping.taxonomy import read_taxonomy

SCHEMA = LabelSchema("three", (REFER, SIGNALS, RISK), "refer")


def measured(tmp_path, rows, schema=SCHEMA):
    found = measure_agreement(subject_of(tmp_path, rows, schema=schema), resamples=200, seed=0)
    return {one.task: one for one in found}


def voted(name, votes, task="refer", **changes):
    return replace(row(name, **changes), annotations={task: votes})


def test_one_annotation_each_is_nothing_to_compare(tmp_path):
    found = measured(tmp_path, [row("a"), row("b")])
    assert {one.reason for one in found.values()} == {ONE_EACH}
    assert found["refer"].alpha.value is None


def test_alpha_is_that_of_the_votes_with_an_interval_over_clusters(tmp_path):
    rows = [voted(f"a{i}", ["yes", "yes"] if i % 2 else ["no", "no"]) for i in range(20)]
    rows += [voted(f"b{i}", ["yes", "no"]) for i in range(5)]
    found = measured(tmp_path, rows)["refer"]
    # 25 units, 5 in dispute: observed 10 of 50 pairs, expected 2·25·25/49 of 50
    assert found.alpha.value == pytest.approx(1 - (10 / 50) / (2 * 25 * 25 / 49 / 50), abs=1e-4)
    assert found.alpha.low < found.alpha.value < found.alpha.high
    assert (found.adverts, found.annotations, found.clusters) == (25, 50, 25)


def test_copies_of_one_campaign_are_one_observation(tmp_path):
    def rows(cluster):
        votes = [["yes", "yes"], ["no", "no"], ["yes", "no"]]
        return [voted(f"a{i}", votes[i % 3], cluster=cluster(i)) for i in range(60)]

    apart = measured(tmp_path / "apart", rows(lambda i: f"c{i}"))["refer"].alpha
    joined = measured(tmp_path / "joined", rows(lambda i: f"c{i % 6}"))["refer"].alpha
    assert apart.value == joined.value
    assert joined.high - joined.low != apart.high - apart.low


def test_a_value_that_is_no_label_counts_as_missing(tmp_path):
    rows = [voted("a", ["yes", "?", "yes"]), voted("b", ["no", "no"]), voted("c", ["?", "no"])]
    found = measured(tmp_path, rows)["refer"]
    assert (found.adverts, found.annotations, found.alpha.value) == (2, 4, 1)


def test_signals_are_judged_one_by_one(tmp_path):
    rows = [voted(f"a{i}", ["price", "price urgency"], "signals") for i in range(6)]
    rows += [voted(f"b{i}", ["", ""], "signals") for i in range(6)]
    found = measured(tmp_path, rows)["signals"]
    assert found.labels["price"].value == 1
    assert found.labels["urgency"].value < 0.5
    assert found.alpha.value == pytest.approx((1 + found.labels["urgency"].value) / 2)


def test_levels_are_ordinal(tmp_path):
    rows = [voted(f"a{i}", [str(i % 3), str(i % 3)], "risk") for i in range(6)]
    assert measured(tmp_path, rows)["risk"].level == "ordinal"


def test_classes_of_the_taxonomy_count_by_what_they_mean_for_a_task(tmp_path):
    schema = read_taxonomy().label_schema()
    violating = [item.id for item in read_taxonomy().classes if item.refer == "yes"][:2]
    benign = [item.id for item in read_taxonomy().classes if item.refer == "no"][:2]
    rows = [
        replace(
            row(name, label),
            annotations={"refer": votes, "advert_class": votes},
        )
        for name, label, votes in (("a", YES, violating), ("b", NO, benign))
    ]
    found = measured(tmp_path, rows, schema)
    assert found["refer"].alpha.value == 1
    assert found["advert_class"].alpha.value < 0.5
