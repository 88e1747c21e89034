"""What a terminal shows of an estimate."""

from made_record import ASSUMED, made_part, made_record

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.labelled.figures import GroupFigures, TwoEstimates, UnitFigures
from adverts_findings.survey.reports.lines import lines

FOUND = Estimate(1043.0, 641.0, 1577.0)
ASSISTED = Estimate(990.0, 800.0, 1200.0, ASSUMED)


def test_the_sentence_comes_first_then_the_figures_then_what_to_look_at():
    none = Estimate(None, reason="cannot say: 8 labels of this group, want at least 30")
    figures = UnitFigures("adverts", 588.0, TwoEstimates(none, None), None, None)
    groups = (GroupFigures("platform", "x", 8, 1, (figures,)),)
    record = made_record(FOUND, made_part(p_value=0.01), assisted=ASSISTED, groups=groups)
    sentence, blank, *rest = lines(record)
    assert sentence.startswith("Of the 1,204,331 posts collected from posts.example")
    assert blank == ""
    assert rest == [
        "adverts     by design  1,040 (640 to 1,580), 0.087 % (0.053 % to 0.131 %)",
        "adverts     assisted   990 (800 to 1,200)",
        "platform x  by design  cannot say: 8 labels of this group, want at least 30",
        f"assisted: {ASSUMED}",
        "alarm: The model's probabilities do not hold here: in score 1 of 1, 4 of the draws are "
        "positive where 0.3 were expected. The figure by design holds all the same. The assisted "
        "figure and the expected number lean on these probabilities.",
        "what could be wrong, first of 1: One person gave all labels.",
    ]


def test_an_assisted_figure_that_is_refuted_is_said_not_to_be_given():
    refuted = Estimate(None, reason="cannot say: 3 positives contradict it")
    told = list(lines(made_record(FOUND, assisted=refuted, provisional=True)))
    assert "assisted: Not given: 3 positives contradict it." in told
    assert not [line for line in told if " assisted  " in line]
    assert told[-1] == "provisional; final=true publishes it, and it is never changed then"
