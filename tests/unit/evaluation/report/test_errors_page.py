"""The worst errors: the surest first, one for each cluster, and a page that shows no more."""

import io
import re

import evaluation_examples as examples
import numpy as np
import pytest
from PIL import Image

from adverts.evaluation.report.blurred import Box, blurred_jpeg
from adverts.evaluation.report.errors_page import (
    MOST,
    MarkedWord,
    ShownError,
    Wrong,
    errors_page,
    worst_errors,
)

YES, NO = (0.0, 1.0), (1.0, 0.0)


def worst(scores, truth, *, threshold=None, **changes):
    n = len(scores)
    columns = {"clusters": [f"c{i}" for i in range(n)], "reviewed": np.ones(n, bool), **changes}
    said = examples.predictions(n, tasks=(examples.REFER,), **columns)
    said.probabilities["refer"][:] = np.stack([1 - np.array(scores), scores], axis=1)
    wanted = {"refer": np.array(truth, dtype=np.float32)}
    return worst_errors(said, wanted, examples.REFER, threshold=threshold)


def test_false_alarms_and_misses_stand_apart_the_surest_first():
    found = worst([0.6, 0.9, 0.1, 0.4, 0.8], [NO, NO, YES, YES, YES])
    assert [(one.kind, one.row) for one in found] == [
        ("false alarm", 1), ("false alarm", 0), ("miss", 2), ("miss", 3),
    ]  # fmt: skip
    assert found[0] == Wrong(1, "false alarm", "no", "yes", pytest.approx(0.9))
    assert found[2].truth == "yes"
    assert found[2].label == "yes"


def test_the_frozen_threshold_decides_where_there_is_one():
    found = worst([0.6, 0.9, 0.8], [NO, NO, YES], threshold=0.85)
    assert [(one.kind, one.row) for one in found] == [("false alarm", 1), ("miss", 2)]


def test_each_cluster_is_shown_by_its_surest_error_alone():
    found = worst([0.6, 0.9, 0.8], [NO, NO, NO], clusters=["a", "a", "b"])
    assert [one.row for one in found] == [1, 2]


def test_adverts_without_a_right_answer_or_a_review_are_not_errors():
    nothing = (np.nan, np.nan)
    found = worst(
        [0.9, 0.9, 0.9], [nothing, (0.5, 0.5), NO], reviewed=np.array([True, True, False])
    )
    assert found == ()


def test_no_more_than_the_most_of_a_kind_are_shown():
    assert len(worst([0.9] * (MOST + 9), [NO] * (MOST + 9))) == MOST


def test_a_task_without_a_positive_label_lists_what_is_taken_for_another():
    task = examples.COARSE
    said = examples.predictions(3, tasks=(task,), reviewed=np.ones(3, bool))
    said.probabilities["coarse"][:] = [[0.8, 0.1, 0.1], [0.5, 0.4, 0.1], [0.1, 0.1, 0.8]]
    truth = {"coarse": np.eye(3, dtype=np.float32)[[2, 1, 2]]}
    found = worst_errors(said, truth, task, threshold=None)
    assert [(one.row, one.truth, one.label) for one in found] == [
        (0, "benign", "offer"), (1, "recruit", "offer"),
    ]  # fmt: skip


def test_a_task_of_many_questions_lists_none():
    said = examples.predictions(9, tasks=(examples.SIGNALS,))
    assert worst_errors(said, examples.targets(9), examples.SIGNALS, threshold=None) == ()


def jpeg_of(*boxes):
    buffer = io.BytesIO()
    Image.new("RGB", (640, 400), (240, 120, 30)).save(buffer, "PNG")
    return np.asarray(Image.open(io.BytesIO(blurred_jpeg(buffer.getvalue(), boxes))).convert("L"))


def test_a_contact_is_covered_and_a_line_is_framed_in_the_pixels():
    corners = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
    plain, framed, covered = jpeg_of(), jpeg_of(Box(corners, False)), jpeg_of(Box(corners, True))
    middle = tuple(side // 2 for side in plain.shape)
    assert covered[middle] < 20
    assert framed[middle] == pytest.approx(plain[middle], abs=6)
    assert framed.min() < plain.min() - 30


def shown(**changes):
    facts = {
        "wrong": Wrong(3, "false alarm", "no", "yes", 0.987),
        "id": "a3",
        "language": "ar",
        "cluster": "c3",
        "text": (
            MarkedWord("boat ", 1.5),
            MarkedWord("<PHONE> & <script>", -0.5),
            MarkedWord(" and", 0.0),
        ),
        "picture_text": (),
        "pictures": (b"\xff\xd8picture",),
        "boxes": True,
    }
    return ShownError(**{**facts, **changes})


def page(*errors, notes=()):
    return errors_page(errors, model="text", task=examples.REFER, notes=notes)


def test_the_page_shows_words_that_push_and_escapes_what_adverts_say():
    text = page(shown())
    assert text.count("<script>") == 1  # its own
    assert "&lt;PHONE&gt; &amp; &lt;script&gt;" in text
    assert '<mark class="up" style="--share:1.0" title="+1.500">boat</mark> ' in text
    assert "Raises “yes”: <bdi>boat</bdi> +1.500." in text
    assert "Lowers it: <bdi>&lt;PHONE&gt; &amp; &lt;script&gt;</bdi> −0.500." in text
    assert re.findall(r'src="(data:image/jpeg;base64,[^"]+)"', text)
    assert 'dir="auto"' in text


def test_kinds_have_sections_of_their_own_and_notes_are_told():
    miss = shown(wrong=Wrong(4, "miss", "yes", "yes", 0.01))
    text = page(shown(), miss, notes=["No word is marked."])
    assert text.index('id="false-alarm"') < text.index('id="miss"')
    assert "No word is marked." in text


def test_a_model_without_an_error_has_a_page_that_says_so():
    assert "No judged advert is wrong" in page()
