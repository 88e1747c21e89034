"""Made-up reports for the tests of the gate: figures with intervals of a chosen width."""

from typing import get_args

import numpy as np

from adverts.advert import Task
from adverts.config.gate import Absolute, Relative
from adverts.evaluation.comparison.compared import ChampionComparison, ComparedFigure
from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.figures.planned_figures import EvaluationSettings, ModelFigures
from adverts.evaluation.figures.planned_slices import Slice
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.gate_facts import Gate, GateFacts
from adverts.evaluation.predictions.model_facts import Origin
from adverts.evaluation.report_content import Evaluation, Report, Summary, TaskSummary
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.runtime.rules.thresholds import Threshold

REFER = Task("refer", "single", ("no", "yes"), "yes")
MANY = Evidence(8000, 5000, 2000, 1000, 4000)
AP = "average_precision"
RECALL = "recall_at_precision"
USUAL = {
    "task": None,
    "by": None,
    "weight": 1.0,
    "if_insufficient": "fail",
    "at_least": None,
    "worst_of_draws": False,
    "strengths": (),
}


def asked(condition, **given):
    """Return a condition of a gate; what is not given is as usual."""
    fields = condition.model_fields
    usual = {name: value for name, value in USUAL.items() if name in fields}
    (kind,) = get_args(fields["kind"].annotation)
    return condition(**{**usual, "kind": kind, **given})


def estimate(value, error=0.01):
    """Return a figure whose interval is that of a normal value with this standard error."""
    return Estimate(value, value - 1.959964 * error, value + 1.959964 * error)


def model(**figures):
    return (ModelFigures("text", figures),)


def cell(value, figures=(), evidence=MANY, dimension=CELL):
    return Slice(dimension, value, evidence, model(**dict(figures)) if figures else (), ())


def task(figures, *, slices=(), evidence=MANY):
    return TaskSummary(
        task=REFER,
        primary=AP,
        evidence=evidence,
        not_judged=0,
        prevalence=None,
        models=model(**figures),
        comparisons=(),
        slices=tuple(slices),
        labels=(),
        confusion=None,
        precision_recall=(),
        reliability=None,
    )


def origin(**changes):
    facts = {
        "kind": "bundle",
        "place": "runs/x",
        "dataset": "made up",
        "data_hash": "ab" * 32,
        "trained_on": "made up, data abababababab",
        "split": "test",
        "selection": None,
        "refusal": None,
        "notes": (),
        "command": "adverts evaluate",
        "created": "2026-01-02T03:04:05+00:00",
        "commit": "c0ffee",
        "machine": "x86_64 Linux",
        "created_by": "adverts 0.1.0",
    }
    return Origin(**{**facts, **changes})


def report(figures=None, *, slices=(), evidence=MANY, refusal=None, **changes):
    summary = task(figures or {AP: estimate(0.9)}, slices=slices, evidence=evidence)
    settings = EvaluationSettings(precision=0.9, resamples=1000, seed=0)
    reviewed = Summary(8000, 5000, (summary,))
    evaluation = Evaluation("text", "refer", settings, reviewed, None)
    return Report(evaluation=evaluation, origin=origin(refusal=refusal), **changes)


def against(difference, *, error=0.005, figure=RECALL, slice_="", candidate=0.9, independent=1000):
    """Return a comparison with the champion whose paired resamples have this standard error."""
    samples = difference + error * np.random.default_rng(0).standard_normal(4000)
    both = ComparedFigure(
        task="refer",
        figure=figure,
        slice=slice_,
        candidate=estimate(candidate),
        champion=estimate(candidate - difference),
        difference=estimate(difference, error),
        answer="no detectable difference",
        smallest_visible=None,
        adverts_needed=None,
        samples=samples,
        independent=independent,
    )
    return ChampionComparison("text", "champion", 0.03, (both,), ())


def point(*, purpose="recall", promised=0.9, found=0.95, error=0.01, groups=()):
    threshold = Threshold("refer", "yes", purpose, promised, 0.4, operating_prevalence=0.1)
    return OperatingPoint(
        threshold=threshold,
        adverts=8000,
        flagged=2000,
        precision=estimate(0.5, error),
        precision_at_prevalence=estimate(found, error),
        recall=estimate(found, error),
        false_positive_rate=estimate(0.1, error),
        kept=None,
        groups=tuple(groups),
    )


def facts(**changes):
    return GateFacts(**{"model": "m" * 64, "champion": None, "adverts": 8000, **changes})


def gate(**conditions):
    return Gate("made up", conditions)


def at_least(bar=0.8, **changes):
    return asked(
        Absolute, **{"figure": AP, "at_least": bar, "at_most": None, "must_see": 0.05, **changes}
    )


def not_worse(tolerated=0.005, must_see=0.03, **changes):
    return asked(
        Relative, **{"figure": RECALL, "tolerated": tolerated, "must_see": must_see, **changes}
    )
