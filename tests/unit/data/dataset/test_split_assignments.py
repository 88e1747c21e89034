"""What was recorded of adverts holds for ever: their split, their cluster's name."""

from adverts.data.dataset.split_assignments import (
    Assignment,
    read_assignments,
    read_families,
    settle_clusters,
    write_assignments,
)

TRAIN, OTHER_TRAIN = Assignment("train", "T"), Assignment("train", "U")
TEST, BRIDGE = Assignment("test", "X"), Assignment("bridge", "T")


def test_without_a_record_clusters_keep_the_names_they_are_found_with():
    settled = settle_clusters(["a", "b"], ["m", "n"], {})
    assert (settled.clusters, settled.placed, settled.bridges) == (("m", "n"), {}, (False, False))


def test_a_cluster_that_grows_keeps_its_name_and_its_split():
    settled = settle_clusters(["a", "b", "c"], ["m", "m", "n"], {"b": TRAIN})
    assert settled.clusters == ("T", "T", "n")
    assert settled.placed == {"T": "train"}
    assert settled.bridges == (False,) * 3


def test_clusters_of_one_split_that_meet_take_the_name_of_the_larger():
    recorded = {"a": OTHER_TRAIN, "b": TRAIN, "c": OTHER_TRAIN}
    settled = settle_clusters(["a", "b", "c", "d"], ["m"] * 4, recorded)
    assert settled.clusters == ("U",) * 4
    assert settled.placed == {"U": "train"}


def test_a_new_advert_between_two_splits_is_a_bridge_and_nothing_old_moves():
    settled = settle_clusters(["a", "b", "c"], ["m"] * 3, {"a": TRAIN, "c": TEST})
    assert settled.bridges == (False, True, False)
    assert (settled.clusters[0], settled.clusters[2]) == ("T", "X")
    assert settled.placed == {"T": "train", "X": "test"}


def test_a_bridge_stays_one_when_what_it_joined_is_gone():
    settled = settle_clusters(["a", "b"], ["m"] * 2, {"a": TRAIN, "b": BRIDGE})
    assert settled.bridges == (False, True)
    assert settled.placed == {"T": "train"}


def test_new_adverts_beside_a_bridge_alone_are_dealt():
    settled = settle_clusters(["a", "b"], ["m"] * 2, {"a": BRIDGE})
    assert settled.bridges == (True, False)
    assert settled.placed == {}


def test_the_record_keeps_adverts_that_are_gone(tmp_path):
    path = tmp_path / "assignments.parquet"
    gone = {"g": TEST, "a": TRAIN}
    write_assignments(
        path, ["a", "b"], ["T", "N"], ["train", "bridge"], families=["F"] * 2, gone=gone
    )
    assert read_assignments(path) == {
        "a": TRAIN,
        "b": Assignment("bridge", "N"),
        "g": TEST,
    }
    assert read_families(path) == {"a": "F", "b": "F"}
    assert path.stat().st_mode & 0o077 == 0


def test_a_cluster_whose_placed_adverts_are_gone_has_their_split_still():
    settled = settle_clusters(["a", "b"], ["m"] * 2, {"a": BRIDGE, "gone": Assignment("test", "T")})
    assert settled.clusters == ("T", "T")
    assert settled.placed == {"T": "test"}


def test_an_advert_that_was_left_out_is_new_where_two_splits_meet():
    recorded = {"a": TRAIN, "b": Assignment("left_out", "L"), "c": TEST}
    settled = settle_clusters(["a", "b", "c"], ["m"] * 3, recorded)
    assert settled.bridges == (False, True, False)
    assert settled.clusters == ("T", "T", "X")
