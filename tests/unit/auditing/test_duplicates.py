"""Copies and near-copies, counted from links that a test plants."""

import pytest
from audit_examples import YES, row, subject_of

from adverts.auditing.audited_adverts import open_subject
from adverts.auditing.duplicates import find_duplicates, leaking_rows
from adverts.data.dataset.cluster_evidence import LINKS, read_links
from adverts.data.dataset.linked_families import find_families, split_overlap
from adverts.data.dataset.prepared import open_prepared

ROWS = [
    row("a", cluster="c1", lang="en"),
    row("b", cluster="c1", lang="en"),
    row("c", YES, cluster="c1", lang="fr", split="test"),
    row("d", cluster="c2", split="validation"),
    row("e", cluster="c2", split="test"),
    row("f", cluster="c3", split="test"),
    row("g", cluster="c4"),
]
LINKED = [
    ("a", "b", "same_text"),
    ("b", "c", "shared_contact"),
    ("d", "e", "near_text"),
    ("f", "g", "near_text", False),
]


@pytest.fixture
def subject(tmp_path):
    return subject_of(tmp_path, ROWS, LINKED)


def test_leaking_adverts_are_those_that_prepare_counts(subject):
    found = find_duplicates(subject, largest=9)
    families = find_families(subject.table.clusters, [subject.links])
    assert found.leaking.by_split == split_overlap(subject.table.splits, families) == {"test": 3}
    assert found.leaking.by_language == {"fr": 1, "unknown": 2}
    assert found.leaking_clusters == ("c1", "c2", "c3")


def test_clusters_that_a_record_kept_apart_leak_where_a_link_joins_them(tmp_path):
    rows = [row("a"), row("b", split="test"), row("c", split="test", cluster="b"), row("d")]
    links = [("a", "b", "shared_contact"), ("gone", "c", "same_text"), ("d", "gone", "same_text")]
    found = find_duplicates(subject_of(tmp_path, rows, links), largest=9)
    assert {one.id for one in found.leaking_adverts} == {"b", "c"}


def test_each_leaking_advert_names_the_kinds_that_alone_join_it(subject):
    found = {one.id: one.kinds for one in find_duplicates(subject, largest=9).leaking_adverts}
    assert found == {"c": ("shared_contact",), "e": ("near_text",), "f": ()}


def test_an_advert_that_leaks_by_a_chain_of_kinds_names_none(tmp_path):
    rows = [row("a"), row("b", split="test", cluster="a"), row("c", split="test", cluster="a")]
    links = [("a", "b", "same_text"), ("b", "c", "near_image")]
    found = find_duplicates(subject_of(tmp_path, rows, links), largest=9)
    assert {one.id: one.kinds for one in found.leaking_adverts} == {"b": ("same_text",), "c": ()}


def test_pairs_are_counted_by_kind_within_and_across_splits(subject):
    found = {one.kind: one for one in find_duplicates(subject, largest=9).kinds}
    assert {name: (one.pairs, one.pairs_across) for name, one in found.items()} == {
        "same_text": (1, 0),
        "shared_contact": (1, 1),
        "near_text": (1, 1),
    }
    assert found["same_text"].linked.by_split == {"train": 2}
    assert found["same_text"].leaking.adverts == 0


def test_near_duplicates_that_were_kept_apart_across_splits_are_told(subject):
    found = find_duplicates(subject, largest=9)
    assert found.kept_apart_across == 1
    assert [(pair.first, pair.second, pair.joined) for pair in found.pairs_across] == [
        ("d", "e", True),
        ("b", "c", True),
        ("g", "f", False),
    ]


def test_the_largest_clusters_come_first_with_their_parts_and_labels(subject):
    largest, _ = find_duplicates(subject, largest=9).largest
    assert (largest.cluster, largest.adverts, largest.parts) == ("c1", 3, 2)
    assert largest.kinds == {"same_text": 1, "shared_contact": 1}
    assert largest.labels == {"no": 2, "yes": 1}
    assert largest.ids == ("a", "b", "c")
    assert len(find_duplicates(subject, largest=1).largest) == 1


def test_links_to_adverts_that_were_left_out_are_passed_over_but_join_texts(tmp_path):
    rows = [row("b", cluster="c"), row("c", cluster="c")]
    links = [("a", "b", "same_text"), ("a", "c", "same_text")]
    subject = subject_of(tmp_path, rows, links)
    assert find_duplicates(subject, largest=9).kinds[0].pairs == 0
    assert subject.links.others == ("a",)
    assert len(set(subject.parts.tolist())) == 1


def test_a_part_keeps_its_name_when_a_later_advert_joins_it(tmp_path):
    links = [("a", "b", "near_text"), ("b", "c", "same_text")]
    before = subject_of(tmp_path / "1", [row("a"), row("b")], links[:1])
    after = subject_of(tmp_path / "2", [row("c"), row("b"), row("a")], links)
    assert before.part_names == after.part_names


def test_without_links_every_advert_is_a_part_of_its_own(tmp_path):
    subject = subject_of(tmp_path, [row("a", cluster="c"), row("b", cluster="c", split="test")])
    found = find_duplicates(subject, largest=9)
    assert (found.kinds, found.leaking.adverts, len(subject.part_names)) == ((), 1, 2)


def test_no_advert_leaks_where_clusters_stay_within_their_split(tmp_path):
    subject = subject_of(tmp_path, ROWS[:2])
    assert leaking_rows(subject.clusters, subject.splits).tolist() == []
    assert find_duplicates(subject, largest=0).largest == ()


def test_links_of_a_prepared_dataset_are_read_as_they_were_written(tmp_path):
    subject_of(tmp_path, ROWS, LINKED)
    table = open_prepared(tmp_path / "prepared").split("all")
    links = read_links(tmp_path / "prepared" / LINKS, table.ids)
    assert [
        (table.ids[first], table.ids[second], links.kind_names[kind])
        for first, second, kind in zip(links.first, links.second, links.kinds, strict=True)
    ] == [link[:3] for link in LINKED]
    assert links.joined.tolist() == [True, True, True, False]
    assert open_subject(table, links).splits.tolist() == [0, 0, 2, 1, 2, 2, 0]
