"""Like texts with unlike labels, and what only looks like that."""

from dataclasses import replace

from audit_examples import NO, NONE, REFER, RISK, SIGNALS, YES, row, subject_of

from adverts.advert import LabelSchema
from adverts.auditing.conflicts import find_conflicts

SCHEMA = LabelSchema("three", (REFER, SIGNALS, RISK), "refer")


def conflicts(tmp_path, rows, links, schema=SCHEMA):
    found = find_conflicts(subject_of(tmp_path, rows, links, schema))
    return {one.task: one for one in found}


def test_like_texts_with_unlike_labels_are_a_conflict(tmp_path):
    rows = [row(name, label, cluster="c") for name, label in zip("abc", (NO, YES, NO), strict=True)]
    links = [("a", "b", "near_text"), ("b", "c", "same_text")]
    found = conflicts(tmp_path, rows, links)["refer"]
    (conflict,) = found.conflicts
    assert (found.clusters, found.adverts.adverts, found.other_clusters) == (1, 3, 0)
    assert (conflict.cluster, conflict.adverts, conflict.labels) == ("c", 3, {"no": 2, "yes": 1})
    assert (conflict.minority_ids, conflict.copies) == (("b",), True)


def test_near_duplicates_alone_are_no_copies(tmp_path):
    rows = [row("a", NO, cluster="c"), row("b", YES, cluster="c")]
    (conflict,) = conflicts(tmp_path, rows, [("a", "b", "near_text")])["refer"].conflicts
    assert not conflict.copies


def test_adverts_that_a_contact_or_picture_joins_are_told_apart(tmp_path):
    rows = [row("a", NO, cluster="c"), row("b", YES, cluster="c"), row("x"), row("y", YES)]
    links = [("a", "b", "shared_contact"), ("a", "b", "near_image"), ("x", "y", "near_text", False)]
    found = conflicts(tmp_path, rows, links)["refer"]
    assert (found.clusters, found.conflicts, found.other_names) == (0, (), ("c",))


def test_an_advert_without_a_label_conflicts_with_nobody(tmp_path):
    rows = [row("a", NO, cluster="c"), row("b", NONE, cluster="c")]
    rows += [row("d", (0.5, 0.5), cluster="c")]  # annotators evenly split
    links = [("a", "b", "same_text"), ("b", "d", "same_text")]
    assert conflicts(tmp_path, rows, links)["refer"].conflicts == ()


def test_a_tie_has_the_first_label_as_its_commonest(tmp_path):
    rows = [row("a", YES, cluster="c"), row("b", NO, cluster="c")]
    (conflict,) = conflicts(tmp_path, rows, [("a", "b", "same_text")])["refer"].conflicts
    assert conflict.minority_ids == ("a",)


def test_levels_and_signals_conflict_too(tmp_path):
    nan = float("nan")
    targets = [
        {"signals": (1.0, nan), "risk": (1.0, 0.0, 0.0)},
        {"signals": (0.0, 1.0), "risk": (0.0, 0.0, 1.0)},
    ]
    rows = [
        replace(row(name, cluster="c"), targets=values)
        for name, values in zip("ab", targets, strict=True)
    ]
    found = conflicts(tmp_path, rows, [("a", "b", "same_text")])
    assert found["refer"].conflicts == ()
    assert found["risk"].conflicts[0].labels == {"0": 1, "2": 1}
    assert found["signals"].conflicts[0].labels == {"price": 1}
