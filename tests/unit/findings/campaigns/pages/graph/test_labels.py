"""Labels of a drawn graph: above their point unless another side covers less."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.pages.graph.labels import placed_labels


def test_a_label_of_a_lone_point_is_above_it():
    [label] = placed_labels(["a1 (1)"], [(300.0, 200.0)], [8.0], [])
    assert (label.x, label.anchor) == (300.0, "middle")
    assert label.box[3] < 200.0 - 8.0


def test_a_label_avoids_the_line_and_the_point_above_it():
    places = [(300.0, 200.0), (300.0, 180.0)]
    label, above = placed_labels(["a1 (1)", "a2 (1)"], places, [8.0, 8.0], [(0, 1)])
    assert label.box[1] > 200.0 or label.box[0] > 300.0 or label.box[2] < 300.0
    assert above.box[3] < 180.0


def test_a_label_at_the_edge_stays_on_the_paper():
    long = "a very long name of it (1)"
    for x in (5.0, 755.0):
        [label] = placed_labels([long], [(x, 200.0)], [8.0], [])
        assert label.box[0] >= 0
        assert label.box[2] <= 760


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.floats(60, 700), st.floats(60, 380)), max_size=12))
def test_every_point_has_one_label_and_equal_graphs_have_equal_ones(places):
    asked = ["name (1)"] * len(places), places, [6.0] * len(places), []
    assert len(placed_labels(*asked)) == len(places)
    assert placed_labels(*asked) == placed_labels(*asked)
