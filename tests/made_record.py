"""Records of estimates, laid out by hand."""

from __future__ import annotations

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.designs.strata import Stratum
from adverts_findings.survey.estimators.expected_positives import StratumCheck
from adverts_findings.survey.labelled.figures import TwoEstimates, UnitFigures
from adverts_findings.survey.reports.record import (
    EstimateRecord,
    LabelCounts,
    Publication,
    SamplePart,
    StratumRow,
)
from adverts_findings.survey.sample import Choice, FrameFacts, ReviewQuestion, SealedStratum

POSTS = "posts collected from posts.example between 26 October and 1 November 2026"
QUESTION = ReviewQuestion(
    "refer",
    (Choice("no", "", False), Choice("yes", "", True), Choice("unsure", "", None)),
    "refer 0123",
)
ASSUMED = "Assumed: the lowest stratum holds at most 60 positives, 3 times the 20 of calibration."


def made_part(description=POSTS, *, question=QUESTION, p_value=0.5, name="w44", **labels):
    """Return a sample of 1,204,331 adverts with one stratum; ``labels`` are counts of labels."""
    frame = FrameFacts(
        description=description,
        scores="scores/posts",
        hash="f" * 64,
        bundle="b" * 64,
        adverts=1_204_331,
        templates=900_000,
        accounts=None,
        views=None,
        first_collected="2026-10-26T00:00:00+00:00",
        last_collected="2026-11-01T23:00:00+00:00",
        unscored=0,
        unreadable=0,
        repeated=0,
        token_key_id="k",
        expires="2999-01-01",
    )
    counts = {"adverts": 800, "positive": 40, "not_judged": 0, "seen_twice": 120}
    counts |= {"not_blind": 0, "changed_later": 0, "reviewers": 3, "hash": "c" * 64}
    inside = Stratum("score 1 of 1", 1_204_331, 500.0, 900_000)
    sealed = SealedStratum(
        inside, "line", True, 800, 0.0, 0.9, {"adverts": 1_204_331.0}, {"adverts": 1_204_331.0}
    )
    return SamplePart(
        name=name,
        seal="5" * 64,
        sealed_at="2026-11-02T09:00:00+00:00",
        frame=frame,
        question=question,
        budget=800,
        labels=LabelCounts(**{**counts, **labels}),
        known=(),
        corrected_by=None,
        strata=(StratumRow(sealed, 800, 0, StratumCheck("score 1 of 1", 4, 0.3, p_value)),),
    )


def made_record(total, *parts, assisted=None, provisional=False, **changes) -> EstimateRecord:
    """Return a record with this total of adverts by design; ``changes`` are other fields."""
    parts = parts or (made_part(),)
    whole = 1_204_331.0
    share = TwoEstimates(
        _scaled(total, 1 / whole), None if assisted is None else _scaled(assisted, 1 / whole)
    )
    figures = UnitFigures("adverts", whole, TwoEstimates(total, assisted), share, 500.0)
    fields = {
        "created_at": "2026-11-09T09:00:00+00:00",
        "created_by": "adverts of a test",
        "level": 0.95,
        "seed": 0,
        "command": "adverts estimate sample=samples/w44",
        "folders": ("samples/w44",),
        "samples": parts,
        "figures": (figures,),
        "groups": (),
        "comparisons": (),
        "more_labels": None,
        "doubts": ("One person gave all labels.",),
        "publication": Publication("refer", provisional, None, ()),
    }
    return EstimateRecord(**{**fields, **changes})


def _scaled(found: Estimate, factor: float) -> Estimate:
    ends = (None if one is None else one * factor for one in (found.value, found.low, found.high))
    return Estimate(*ends, found.reason)
