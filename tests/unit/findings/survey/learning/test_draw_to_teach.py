"""What teaches most in a frame: one of a template, none with a label, unscored adverts as such."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from made_frame import made_frame

from adverts.errors import CannotJudgeError
from adverts_findings.survey.learning.draw_to_teach import draw_to_teach

CHANCE = np.linspace(0.001, 0.999, 400)
FRAME = made_frame(CHANCE, clusters=np.arange(400) // 2)


def taught(frame, budget=40, labelled=()):
    return draw_to_teach(frame, budget, names=frame.ids, labelled=set(labelled), seed=3)


def test_no_template_is_drawn_twice_and_none_with_a_label():
    drawn, reasons = taught(FRAME, labelled=FRAME.ids[::4])
    clusters = FRAME.clusters[drawn.places].tolist()
    assert len(set(clusters)) == 40
    assert not set(clusters) & set(FRAME.clusters[::4].tolist())
    assert sum(reasons.values()) == 40


def test_an_advert_without_a_score_is_not_taken_for_an_uncertain_one():
    unscored = replace(FRAME, scored=np.abs(CHANCE - 0.5) > 0.2)
    drawn, reasons = taught(unscored)
    by_model = sum(number for reason, number in reasons.items() if reason != "at random")
    near = Counter((np.abs(CHANCE[drawn.places] - 0.5) <= 0.2).tolist())
    assert near[True] <= 40 - by_model


def test_a_frame_whose_templates_all_have_labels_teaches_nothing():
    with pytest.raises(CannotJudgeError, match="every template of the frame has a label"):
        taught(FRAME, labelled=FRAME.ids)
