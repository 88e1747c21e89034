"""The text and the pages of a comparison, for every kind of task."""

import json

import pytest
from evaluation_examples import predictions, targets

from adverts.errors import InputError
from adverts.evaluation.comparison.compare import compare
from adverts.evaluation.comparison.compared import Contender
from adverts.evaluation.report.headline import SHOWN
from adverts.judging.corrected_figures import chosen, corrected_decisions, corrected_figures
from adverts.judging.run_comparison import RunComparison

pytestmark = pytest.mark.promise


@pytest.fixture(scope="module")
def pairs():
    models = {"a": predictions(), "b": predictions(skill=4.0, seed=3), "c": predictions(skill=0.1)}
    against = Contender("a", models["a"], None)
    return {
        name: compare(
            Contender(name, models[name], None), against, targets(),
            precision=0.8, relevant=0.05, min_positive_clusters=10, resamples=100, seed=0,
        )
        for name in ("b", "c")
    }  # fmt: skip


def made(pairs, **changes):
    asked = {"relevant": 0.05, "min_independent": 20}
    whole = {run: chosen(one.figures, SHOWN, "refer") for run, one in pairs.items()}
    parts = {run: tuple(f for f in one.figures if f.slice) for run, one in pairs.items()}
    values = {
        "runs": ("a", "b", "c"),
        "reference": "a",
        "split": "test",
        "precision": 0.8,
        "relevant": 0.05,
        "adverts": 240,
        "clusters": 126,
        "compared": 12,
        "config_differences": [{"key": "trainer.lr", "a": 0.1, "b": None, "c": "x<b>|y"}],
        "data_differences": [{"fact": "data hash", "a": "ab", "b": "ab", "c": "cd"}],
        "figures": corrected_figures(whole, "a", **asked),
        "slices": corrected_figures(parts, "a", **asked),
        "decisions": corrected_decisions({"b": (), "c": ()}),
        "changed": [dict.fromkeys(("run", "id"), "b"), {"run": "c", "id": "advert-0001"}],
        "notes": ("One <i>note</i>.",),
        **changes,
    }
    return RunComparison(**values)


def test_every_kind_of_task_has_its_figures_and_the_headline_comes_first(pairs):
    found = made(pairs)
    assert {one.task for one in found.figures} == {"refer", "coarse", "signals", "risk"}
    assert {"quadratic_kappa", "mean_average_precision"} <= {one.figure for one in found.figures}
    assert found.headline.startswith("On average precision, against a: b better; c ")


def test_pages_show_every_word_and_escape_what_they_are_given(pairs, tmp_path):
    folder = made(pairs).write(tmp_path / "out")
    html = (folder / "comparison.html").read_text()
    text = (folder / "comparison.md").read_text()
    for page in (html, text):
        assert "Quadratic kappa" in page
        assert "language" in page
        assert "<i>" not in page
        assert "<b>" not in page
        assert "advert-0001" not in page
    assert r"x&lt;b>\|y" in text
    assert "default-src 'none'" in html
    assert "<script" not in html


def test_the_json_is_whole_but_for_the_adverts_that_changed(pairs, tmp_path):
    raw = json.loads((made(pairs).write(tmp_path / "out") / "comparison.json").read_text())
    assert raw["changes"] == {"b": 1, "c": 1}
    assert "changed" not in raw
    assert len(raw["figures"]) == len(made(pairs).figures)


def test_text_is_whole_where_nothing_differs_and_nothing_is_compared(pairs):
    found = made(pairs, config_differences=[], figures=[], slices=[], changed=[], notes=())
    assert "none that is known" in str(found)
    assert "nothing to compare" in str(found)
    assert "b: 0" in str(found)


def test_slices_of_every_dimension_are_one_group_of_their_own(pairs):
    found = made(pairs)
    places = {one.slice for one in found.slices}
    assert {"language=en", "modality=text"} <= places
    assert all(not one.slice for one in found.figures)


def test_a_folder_of_somebody_else_is_not_replaced(pairs, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="did not write"):
        made(pairs).write(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"
