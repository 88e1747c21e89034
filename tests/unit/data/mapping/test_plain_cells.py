"""Cells that hold one plain value."""

from adverts.data.mapping.plain_cells import caption_of, is_true, probability_of, text_of, word_of


def test_a_plain_value_is_text_in_its_usual_form():
    assert [text_of(v) for v in (True, 1.5, 3.0, "x ")] == ["true", "1.5", "3", "x"]


def test_a_column_that_is_not_mapped_or_empty_holds_nothing():
    for column, cells in ((None, {"a": "b"}), ("a", {}), ("a", {"a": None}), ("a", {"a": " "})):
        assert word_of(cells, column) is None
        assert probability_of(cells, column) is None
        assert is_true(cells, column)
    for column, cells in ((None, {"a": "b"}), ("a", {"a": None}), ("a", {"a": float("nan")})):
        assert caption_of(cells, column, most=9) == ""
