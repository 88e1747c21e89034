import json

import pytest
import tables

RECORD = {
    "metrics": {"average_precision": "average precision", "seconds": "train, s"},
    "arms": [
        {"name": "tf-idf", "values": {"average_precision": [0.8]}},
        {"name": "e5", "values": {"average_precision": [0.9, 0.92], "seconds": [10, 12]}},
    ],
    "comparisons": [
        {
            "name": "e5 − tf-idf",
            "metric": "average_precision",
            "difference": 0.11,
            "low": 0.1,
            "high": 0.12,
        }
    ],
    "caption": "Two seeds.",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "0001-x").mkdir()
    (tmp_path / "0001-x" / "results.json").write_text(json.dumps(RECORD))
    return tmp_path


def test_a_short_table_shows_the_metrics_that_its_marker_names(folder):
    page = "<!-- table: 0001-x (seconds) -->\nold\n<!-- /table -->\n"
    rebuilt = tables.rebuild(page, folder)
    assert "| e5 | 11 ± 1 |\n<!-- /table -->" in rebuilt
    assert "average precision" not in rebuilt
    with pytest.raises(ValueError, match="no metric 'minutes'"):
        tables.rebuild(page.replace("seconds", "minutes"), folder)


def test_a_marked_table_is_rebuilt_and_the_rest_is_left(folder):
    page = "before\n<!-- table: 0001-x -->\nold\n<!-- /table -->\nafter\n"
    rebuilt = tables.rebuild(page, folder)
    assert rebuilt.startswith("before\n")
    assert rebuilt.endswith("after\n")
    assert "| e5 | 0.910 ± 0.014 | 11 ± 1 |" in rebuilt
    assert "| tf-idf | 0.800 | – |" in rebuilt
    assert "| e5 − tf-idf | +0.110 [+0.100, +0.120] |  |" in rebuilt


def test_rebuilding_twice_changes_nothing(folder):
    page = "<!-- table: 0001-x -->\n<!-- /table -->\n"
    once = tables.rebuild(page, folder)
    assert tables.rebuild(once, folder) == once


def test_a_record_without_arms_is_refused_by_name(folder):
    path = folder / "0001-x" / "results.json"
    path.write_text("{}")
    with pytest.raises(ValueError, match=r"results\.json: not a results record"):
        tables.read_results(path)


def test_a_record_may_have_more_tables_than_one(folder):
    part = RECORD | {"caption": "Without the copies."}
    (folder / "0001-x" / "unseen.json").write_text(json.dumps(part))
    page = "<!-- table: 0001-x/unseen -->\n<!-- /table -->\n"
    assert "Without the copies." in tables.rebuild(page, folder)
