"""Every kind of condition: passed, failed, could not judge; and the verdict that follows."""

import dataclasses

import numpy as np
import pytest
from gate_examples import (
    AP,
    against,
    asked,
    at_least,
    cell,
    estimate,
    facts,
    gate,
    not_worse,
    point,
    report,
)
from scipy import stats

from adverts.advert import Task
from adverts.bundle.handing_on.gate_evidence import coverage_of
from adverts.config.gate import (
    BundleParity,
    CalibrationError,
    Kept,
    Latency,
    Leakage,
    LeastPromises,
    LookAlikeRates,
    LooksKnown,
    Promises,
    RobustnessKept,
    SizeCondition,
    SliceGap,
)
from adverts.evaluation.figures.evidence import Evidence, weigh_evidence
from adverts.evaluation.figures.look_alikes import GroupRate
from adverts.evaluation.gate.counted_conditions import at_worst, what_counts
from adverts.evaluation.gate.gate_facts import Caveat, Overlap, ProvenParity, Timed
from adverts.evaluation.gate.gate_record import AbstainedSlice
from adverts.evaluation.gate.judge_conditions import judge_conditions
from adverts.evaluation.predictions.lost_adverts import Lost
from adverts.evaluation.robustness.robustness_results import Perturbed, Robustness
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.truth import judge
from adverts.runtime.rules.calibration import UNCALIBRATED
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.thresholds import Threshold, Thresholds

pytestmark = pytest.mark.promise

FEW = Evidence(40, 30, 10, 8, 22)


def judged(condition, given=None, known=None):
    """Return the verdict of one condition and its only result."""
    record = judge_conditions(given or report(), known or facts(), gate(one=condition))
    assert len(record.results) == 1
    return record.verdict, record.results[0]


# --- a bar ---


def test_a_figure_above_the_bar_on_enough_adverts_passes():
    verdict, result = judged(at_least(0.8), report({AP: estimate(0.9, 0.01)}))
    assert (verdict, result.outcome) == ("passed", "passed")
    # 1.645 + 0.842 standard errors: a lone condition has the whole level
    assert result.smallest_visible == pytest.approx(0.02487, abs=1e-4)


def test_a_figure_that_is_refuted_at_the_bar_fails():
    verdict, result = judged(at_least(0.8), report({AP: estimate(0.77, 0.01)}))
    assert (verdict, result.outcome) == ("failed", "failed")
    assert "not good enough" in result.message


def test_a_figure_just_below_the_bar_is_neither_failed_nor_passed():
    verdict, result = judged(at_least(0.8), report({AP: estimate(0.79, 0.01)}))
    assert verdict == "could not judge"
    assert "by no more than chance explains" in result.message


def test_a_figure_far_above_the_bar_does_not_pass_on_adverts_that_show_nothing():
    verdict, result = judged(at_least(0.5), report({AP: estimate(0.9, 0.05)}))
    assert verdict == "could not judge"
    assert result.smallest_visible > 0.05
    assert "these adverts detect only one that is 0.124 or more beyond it" in result.message


def test_a_bar_from_above_is_judged_the_other_way_round():
    most = at_least(None, at_most=0.1, figure="brier")
    assert judged(most, report({"brier": estimate(0.05)}))[0] == "passed"
    assert judged(most, report({"brier": estimate(0.15)}))[0] == "failed"


def test_three_positives_can_never_pass_however_good_the_figure():
    three = Evidence(300, 200, 3, 3, 197)
    perfect = report({AP: Estimate(1.0, 1.0, 1.0)}, evidence=three)
    verdict, result = judged(at_least(0.5), perfect)
    assert verdict == "could not judge"
    assert result.smallest_visible > 1


def test_a_figure_that_is_not_there_names_the_nearest():
    verdict, result = judged(at_least(figure="averge_precision"))
    assert verdict == "could not judge"
    assert "nearest: average_precision" in result.message


def test_one_class_only_cannot_be_judged():
    only = report({AP: Estimate(None, reason="undefined: a label it needs does not occur")})
    verdict, result = judged(at_least(), only)
    assert verdict == "could not judge"
    assert "a label it needs does not occur" in result.message


def test_a_task_without_a_judged_advert_cannot_be_judged():
    assert judged(at_least(task="risk"))[0] == "could not judge"


def test_one_huge_cluster_among_many_small_ones_is_no_evidence():
    # 200 positive clusters, but one of them holds nearly every positive
    task = Task("refer", "single", ("no", "yes"), "yes")
    clusters = [f"p{i}" for i in range(200)] + ["p0"] * 5000 + [f"n{i}" for i in range(2000)]
    judged_adverts = judge(task, np.eye(2)[(np.arange(7200) < 5200).astype(int)])
    evidence = weigh_evidence(judged_adverts, clusters, judged_adverts.rows)
    assert evidence.positive_clusters == 200
    assert evidence.independent == pytest.approx(1.08, abs=0.01)
    verdict, _ = judged(at_least(0.5), report({AP: estimate(0.9, 0.001)}, evidence=evidence))
    assert verdict == "could not judge"


# --- against the champion ---


def test_a_drop_within_what_is_tolerated_passes():
    verdict, result = judged(not_worse(), report(comparison=against(-0.004)))
    assert verdict == "passed"
    assert result.smallest_visible == pytest.approx(0.005 + 2.4865 * 0.005, abs=3e-4)


def test_a_drop_beyond_what_is_tolerated_fails():
    verdict, result = judged(not_worse(), report(comparison=against(-0.02)))
    assert verdict == "failed"
    assert "keep the champion" in result.message


def test_the_border_of_failing_is_that_of_the_one_sided_test():
    border = -0.005 + stats.norm.ppf(0.05) * 0.005
    assert judged(not_worse(), report(comparison=against(border - 3e-4)))[0] == "failed"
    assert judged(not_worse(), report(comparison=against(border + 3e-4)))[0] == "passed"


def test_a_better_candidate_on_too_few_adverts_cannot_be_judged():
    verdict, result = judged(not_worse(), report(comparison=against(+0.05, error=0.03)))
    assert verdict == "could not judge"
    assert result.smallest_visible == pytest.approx(0.005 + 2.4865 * 0.03, abs=2e-3)
    assert "adverts like these would be enough" in result.message


def test_the_verdict_says_how_many_adverts_would_be_enough_and_for_how_many_checks():
    given = report({AP: estimate(0.9, 0.05)})
    verdict = judge_conditions(given, facts(), gate(one=at_least(0.5)))
    [result] = verdict.results
    assert result.enough == pytest.approx(facts().adverts * (0.05 * 2.4865 / 0.05) ** 2, rel=0.01)
    told = f" About {result.enough:,} adverts like these would be enough in test, where 8,000 are"
    assert verdict.meaning.endswith(f"{told} judged now.")
    both = judge_conditions(given, facts(), gate(one=at_least(0.5), two=at_least(task="risk")))
    assert f"judge it again. For 1 of the 2 open checks, about {both.results[0].enough:,}" in (
        both.meaning
    )


def with_caveat(cost):
    return facts(caveats=(Caveat(0.01, "is little"), Caveat(cost, "is chance")))


@pytest.mark.parametrize(("cost", "verdict"), [(0.05, "passed"), (0.15, "could not judge")])
def test_a_figure_must_hold_without_each_caveat(cost, verdict):
    found, result = judged(at_least(0.8), report({AP: estimate(0.9, 0.01)}), with_caveat(cost))
    assert found == verdict
    told = "it holds by 0.100, and 0.150 of the average precision here is chance"
    assert (told in result.message) == (cost > 0.1)


def test_so_must_a_model_that_is_as_good_as_its_champion_but_not_a_figure_that_should_be_low():
    given = report(comparison=against(+0.05))
    assert judged(not_worse(), given, with_caveat(0.05))[0] == "passed"
    assert judged(not_worse(), given, with_caveat(0.06))[0] == "could not judge"
    most = at_least(None, at_most=0.1, figure="brier")
    assert judged(most, report({"brier": estimate(0.05)}), with_caveat(0.2))[0] == "passed"


def test_no_number_is_named_where_more_adverts_are_not_known_to_help():
    below = judge_conditions(report({AP: estimate(0.79, 0.01)}), facts(), gate(one=at_least(0.8)))
    assert below.meaning.endswith("judge it again.")
    passed = judge_conditions(report({AP: estimate(0.9, 0.01)}), facts(), gate(one=at_least(0.8)))
    assert passed.results[0].enough is None


def test_a_figure_that_should_be_low_is_worse_where_it_rises():
    condition = not_worse(figure="macro_mae")
    assert judged(condition, report(comparison=against(+0.03, figure="macro_mae")))[0] == "failed"
    assert judged(condition, report(comparison=against(-0.03, figure="macro_mae")))[0] == "passed"


def test_the_border_of_a_figure_that_should_be_low_is_the_mirror_image():
    condition = not_worse(figure="macro_mae")
    border = 0.005 - stats.norm.ppf(0.05) * 0.005
    for gap, verdict in ((border + 3e-4, "failed"), (border - 3e-4, "passed")):
        given = report(comparison=against(gap, figure="macro_mae"))
        assert judged(condition, given)[0] == verdict


def test_without_a_champion_nothing_relative_can_be_judged():
    assert judged(not_worse())[0] == "could not judge"


def test_equal_predictions_pass_though_no_resample_differs():
    same = against(0.0)
    flat = dataclasses.replace(same.figures[0], samples=same.figures[0].samples * 0)
    equal = dataclasses.replace(same, figures=(flat,))
    assert judged(not_worse(), report(comparison=equal))[0] == "passed"


def test_two_models_that_find_next_to_nothing_do_not_pass_as_alike():
    nothing = report(comparison=against(0.0, candidate=0.004))
    condition = not_worse(at_least=0.1)
    record = judge_conditions(nothing, facts(), gate(one=condition))
    assert record.verdict == "failed"
    assert [(one.scope, one.outcome) for one in record.results] == [
        ("refer, by itself", "failed"),
        ("refer", "passed"),
    ]


@pytest.mark.parametrize(
    ("own", "verdict"), [(0.9, "passed"), (0.119, "could not judge"), (0.05, "failed")]
)
def test_the_figure_of_the_candidate_must_be_shown_above_its_floor(own, verdict):
    given = report(comparison=against(0.0, candidate=own))
    record = judge_conditions(given, facts(), gate(one=not_worse(at_least=0.1)))
    assert record.verdict == verdict


def test_a_floor_takes_next_to_nothing_of_the_level_of_the_drop():
    given = report(comparison=against(-0.004))
    alone, floored = (
        next(
            one.smallest_visible
            for one in judge_conditions(given, facts(), gate(one=condition)).results
            if one.scope == "refer"
        )
        for condition in (not_worse(), not_worse(at_least=0.1))
    )
    assert floored == pytest.approx(alone, rel=0.01)


def test_a_figure_that_should_be_low_has_its_floor_above():
    condition = not_worse(figure="macro_mae", at_least=0.5)
    low, high = (
        report(comparison=against(0.0, figure="macro_mae", candidate=own)) for own in (0.3, 0.7)
    )
    assert judge_conditions(low, facts(), gate(one=condition)).verdict == "passed"
    assert judge_conditions(high, facts(), gate(one=condition)).verdict == "failed"


# --- slices ---


def test_a_slice_without_evidence_is_left_to_people_and_the_rest_is_judged():
    slices = [cell("en, Latn, text", {AP: estimate(0.9)}), cell("ps, Arab, image", evidence=FEW)]
    condition = at_least(by="language, script and modality", if_insufficient="abstain_slice")
    record = judge_conditions(report(slices=slices), facts(), gate(everywhere=condition))
    assert record.verdict == "passed"
    assert record.abstained == (AbstainedSlice("ps", "Arab", "image"),)
    assert [one.outcome for one in record.results] == ["abstained", "passed"]


def test_a_model_that_would_leave_every_slice_to_people_does_not_pass():
    slices = [cell("ps, Arab, image", evidence=FEW), cell("en, Latn, text", evidence=FEW)]
    everywhere = at_least(by="language, script and modality", if_insufficient="abstain_slice")
    given = report({AP: estimate(0.9)}, slices=slices)
    record = judge_conditions(given, facts(), gate(all=at_least(), everywhere=everywhere))
    assert (record.verdict, record.abstained) == ("could not judge", ())
    assert "no part has enough evidence, so no part can be judged" in record.results[0].message


def test_a_slice_that_is_refuted_fails_whatever_may_abstain():
    slices = [
        cell("en, Latn, text", {AP: estimate(0.5)}),
        cell("fr, Latn, text", {AP: estimate(0.9)}),
    ]
    condition = at_least(by="language, script and modality", if_insufficient="abstain_slice")
    record = judge_conditions(report(slices=slices), facts(), gate(everywhere=condition))
    assert record.verdict == "failed"
    assert record.abstained == ()
    assert record.results[0].scope == "refer, language, script and modality en, Latn, text"


def test_a_slice_that_was_not_compared_cannot_be_judged():
    slices = [cell("en, Latn, text", {AP: estimate(0.9)})]
    verdict, result = judged(
        not_worse(by="language, script and modality"),
        report(slices=slices, comparison=against(0.0)),
    )
    assert verdict == "could not judge"
    assert "was not compared" in result.message


def test_a_slice_is_compared_with_the_same_slice_of_the_champion():
    slices = [cell("en, Latn, text", {AP: estimate(0.9)})]
    compared = against(-0.1, slice_="language, script and modality=en, Latn, text")
    verdict, _ = judged(
        not_worse(by="language, script and modality"), report(slices=slices, comparison=compared)
    )
    assert verdict == "failed"


def test_adverts_that_are_all_alike_are_told_and_no_pass():
    verdict, result = judged(at_least(by="language"))
    assert (verdict, result.outcome) == ("could not judge", "reported")
    assert "alike in language" in result.found


def test_adverts_that_are_all_of_one_language_script_and_modality_say_which():
    condition = at_least(by="language, script and modality", if_insufficient="abstain_slice")
    asked = gate(everywhere=condition, overall=at_least())
    record = judge_conditions(report(), facts(cell="en, Latn, text"), asked)
    assert record.verdict == "passed"
    assert "refer, language, script and modality en, Latn, text" in [
        one.scope for one in record.results
    ]
    assert (
        coverage_of(record).find(Language("en", "Latn", identified=False), "text").status
        == "experimental"
    )
    assert (
        coverage_of(record).find(Language("en", "Arab", identified=False), "text").status
        == "abstain"
    )


def gap(**changes):
    return asked(
        SliceGap, **{"figure": AP, "by": "language", "at_most": 0.1, "must_see": 0.1, **changes}
    )


def by_language(**values):
    return [cell(name, {AP: one}, dimension="language") for name, one in values.items()]


def test_a_worst_slice_far_behind_the_best_fails():
    far = by_language(en=estimate(0.9), fr=estimate(0.6), ar=estimate(0.85))
    verdict, result = judged(gap(), report(slices=far))
    assert verdict == "failed"
    assert result.found.startswith("0.300 between en and fr")


def test_a_slice_without_an_interval_may_be_the_one_behind():
    near = by_language(en=estimate(0.9), fr=estimate(0.85), ar=Estimate(0.88))
    verdict, result = judged(gap(), report(slices=near))
    assert verdict == "could not judge"
    assert "no figure of ar" in result.message


def test_slices_close_together_pass():
    near = by_language(en=estimate(0.9), fr=estimate(0.85))
    assert judged(gap(), report(slices=near))[0] == "passed"


def test_the_gap_of_the_worst_of_many_equal_slices_is_chance():
    # best and worst of 20 equal slices lie far apart by chance; no single pair was asked for
    values = {
        f"l{i}": estimate(0.8 + 0.05 * stats.norm.ppf((i + 0.5) / 20), 0.05) for i in range(20)
    }
    verdict, result = judged(gap(at_most=0.0, must_see=1.0), report(slices=by_language(**values)))
    assert verdict == "could not judge"
    assert result.measured.value == pytest.approx(0.196, abs=1e-3)


def test_a_gap_passes_only_where_every_pair_could_have_shown_it():
    # between en and fr a breach would show; what ar hides, nobody can tell
    dim = by_language(en=estimate(0.9), fr=estimate(0.82), ar=estimate(0.88, 0.1))
    verdict, result = judged(gap(), report(slices=dim))
    assert verdict == "could not judge"
    assert result.smallest_visible > 0.2


def test_two_equal_slices_fail_as_seldom_as_is_stated_whichever_lags():
    # either may lag by chance, so each direction has half of the level: 1.96 errors, not 1.645
    error = 0.01 * 2**0.5
    for lag, verdict in ((1.9 * error, "could not judge"), (2.0 * error, "failed")):
        dim = by_language(en=estimate(0.9), fr=estimate(0.9 - lag))
        assert judged(gap(at_most=0.0, must_see=1.0), report(slices=dim))[0] == verdict


def test_slices_without_a_figure_are_named_and_the_gap_is_not_passed():
    near = by_language(en=estimate(0.9), fr=estimate(0.9))
    few = [cell(name, evidence=FEW, dimension="language") for name in ("ps", "vi", "ckb")]
    verdict, result = judged(gap(), report(slices=[*near, *few]))
    assert verdict == "could not judge"
    assert "no figure of ps (8 positive clusters, wanted 100), vi (" in result.message
    assert "any of them may be behind" in result.message
    told = judged(gap(if_insufficient="report"), report(slices=[*near, *few]))[1]
    assert told.outcome == "reported"


def test_a_lagging_slice_fails_whatever_has_no_figure():
    far = by_language(en=estimate(0.9), fr=estimate(0.6))
    few = cell("ps", evidence=FEW, dimension="language")
    assert judged(gap(), report(slices=[*far, few]))[0] == "failed"


def test_a_gap_needs_two_slices_with_evidence():
    slices = [*by_language(en=estimate(0.9)), cell("ps", evidence=FEW, dimension="language")]
    assert judged(gap(), report(slices=slices))[0] == "could not judge"


def test_two_models_alike_on_the_few_adverts_that_both_read_are_not_shown_alike():
    # 1,000 positive clusters are judged, 12 of them by both models, which never differ there
    same = against(0.0, error=0.0, independent=12)
    verdict, result = judged(not_worse(), report(comparison=same))
    assert verdict == "could not judge"
    assert result.smallest_visible > 0.1


# --- disguises, calibration, promises, look-alikes ---


def disguised(kept, **changes):
    facts_ = {
        "name": "leet",
        "kind": "text",
        "strength": "light",
        "adverts": 2000,
        "positives": 1000,
        "found_clusters": 800,
        "recall_kept": kept,
        "worst_recall_kept": kept,
        "false_positives_gained": estimate(0.0),
        "draws": 3,
    }
    return Robustness("refer", "yes", 0.5, 2000, (Perturbed(**{**facts_, **changes}),))


@pytest.mark.parametrize(
    ("suite", "verdict"),
    [
        (disguised(estimate(0.9)), "passed"),
        (disguised(estimate(0.4)), "failed"),
        (disguised(estimate(0.9), found_clusters=5), "could not judge"),
        (disguised(Estimate(None), lack="no reader"), "could not judge"),
        (None, "could not judge"),
    ],
)
def test_recall_under_a_disguise_is_held_to_its_bar(suite, verdict):
    condition = asked(RobustnessKept, at_least=0.7, must_see=0.1)
    assert judged(condition, report(robustness=suite))[0] == verdict


def test_copies_of_a_few_adverts_do_not_show_that_a_disguise_costs_nothing():
    # a thousand posts in twelve clusters, none lost: the bootstrap sees no spread at all
    suite = disguised(Estimate(1.0, 1.0, 1.0), positives=1000, found_clusters=12)
    condition = asked(RobustnessKept, at_least=0.7, must_see=0.1)
    assert judged(condition, report(robustness=suite))[0] == "could not judge"


def test_clusters_that_are_worth_little_show_that_a_disguise_costs_little():
    condition = asked(RobustnessKept, at_least=0.7, must_see=0.1)
    sizes = disguised(estimate(0.9), found_clusters=800, found_worth=6.0)
    assert judged(condition, report(robustness=sizes))[0] == "could not judge"


def test_a_disguise_of_what_a_model_does_not_read_is_passed_over():
    condition = asked(RobustnessKept, at_least=0.7, must_see=0.1)
    other = disguised(
        Estimate(None), name="jpeg", lack="the model reads no pictures", applies=False
    )
    both = dataclasses.replace(
        other, perturbed=(*other.perturbed, *disguised(estimate(0.9)).perturbed)
    )
    assert judged(condition, report(robustness=both))[0] == "passed"
    assert judged(condition, report(robustness=other))[0] == "could not judge"


def test_strengths_that_are_not_asked_for_are_not_judged():
    condition = asked(RobustnessKept, at_least=0.7, must_see=0.1, strengths=("heavy",))
    assert (
        judge_conditions(
            report(robustness=disguised(estimate(0.1))), facts(), gate(one=condition)
        ).verdict
        == "could not judge"
    )


CALIBRATED = asked(CalibrationError, at_most=0.05, must_see=0.05, must_see_at_top=0.1)


def stated(*, everywhere=0.02, top=0.02, skill=0.5, top_error=0.01):
    """Return a report of a model whose probabilities are off by so much."""
    return report(
        {
            "calibration_error": estimate(everywhere),
            "calibration_error_at_top": estimate(top, top_error),
            "log_loss_skill": estimate(skill),
        }
    )


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (stated(), "passed"),
        (stated(everywhere=0.12), "failed"),
        (stated(top=0.12), "failed"),
        (stated(top_error=0.06), "could not judge"),
        (stated(skill=-0.5), "failed"),
        (stated(skill=0.0), "could not judge"),
        (stated(skill=0.019), "could not judge"),
    ],
)
def test_calibration_is_held_to_its_bars(given, verdict):
    assert judge_conditions(given, facts(), gate(one=CALIBRATED)).verdict == verdict


def test_a_report_without_the_figures_of_the_likeliest_is_no_pass():
    old = report({"calibration_error": estimate(0.02)})
    record = judge_conditions(old, facts(), gate(one=CALIBRATED))
    assert record.verdict == "could not judge"
    assert [one.outcome for one in record.results] == ["insufficient", "insufficient", "passed"]


@pytest.mark.parametrize(
    ("operating", "verdict"),
    [
        ((point(found=0.95),), "passed"),
        ((point(found=0.8),), "failed"),
        ((point(found=0.89),), "could not judge"),
        ((), "could not judge"),
    ],
)
def test_a_promise_must_be_shipped_and_kept(operating, verdict):
    condition = asked(Promises, purposes=("recall",), must_see=0.1)
    assert judged(condition, report(operating=operating))[0] == verdict


@pytest.mark.parametrize(("clusters", "verdict"), [(12, "could not judge"), (1000, "passed")])
def test_a_promise_rests_on_clusters_and_not_on_their_copies(clusters, verdict):
    # 8,000 adverts without a miss show no spread; 12 clusters could hide a recall of 1 - 3 / 12
    evidence = Evidence(8000, 2 * clusters, 4000, clusters, clusters)
    flawless = (point(found=1.0, error=0.0),)
    condition = asked(Promises, purposes=("recall",), must_see=0.1)
    assert judged(condition, report(operating=flawless, evidence=evidence))[0] == verdict


def test_a_promise_that_was_not_shipped_says_what_was_lacking():
    lacking = Threshold("refer", "yes", "recall", 0.9, None, lack="12 more clusters are needed")
    rules = DecisionRules(UNCALIBRATED, Thresholds((lacking,)))
    condition = asked(Promises, purposes=("recall",), must_see=0.1)
    assert judged(condition, report(rules=rules))[1].message == "12 more clusters are needed"


@pytest.mark.parametrize(
    ("paid", "now", "found", "verdict"),
    [
        (12, 12, 0.95, "passed"),
        (12, None, 0.95, "passed"),  # the model comes from elsewhere: `looks_known` speaks of that
        (None, 1, 0.95, "passed"),
        (12, 13, 0.95, "could not judge"),
        (None, 2, 0.95, "could not judge"),  # a bundle from before promises paid for selection
        (12, 13, 0.8, "failed"),
    ],
)
def test_a_promise_for_the_best_of_fewer_models_cannot_be_judged(paid, now, found, verdict):
    rules = DecisionRules(UNCALIBRATED, Thresholds((), models_compared=paid))
    condition = asked(Promises, purposes=("recall",), must_see=0.1, if_insufficient="report")
    shipped = report(rules=rules, operating=(point(found=found),))
    record = judge_conditions(shipped, facts(models_compared=now), gate(one=condition))
    assert record.verdict == verdict
    if verdict == "could not judge":
        assert "export the bundle again" in record.results[0].message


def test_a_promise_is_not_judged_where_no_ledger_knows_the_training():
    rules = DecisionRules(UNCALIBRATED, Thresholds((), models_compared=12))
    condition = asked(Promises, purposes=("recall",), must_see=0.1, if_insufficient="report")
    shipped = report(rules=rules, operating=(point(found=0.95),))
    lost = facts(models_compared=1, training_lost=True)
    record = judge_conditions(shipped, lost, gate(one=condition))
    assert record.verdict == "could not judge"
    assert "no ledger records the training" in record.results[0].message


def test_a_promise_that_is_weaker_than_the_gate_asks_for_is_not_kept():
    threshold = dataclasses.replace(point().threshold, promised=0.2)
    rules = DecisionRules(UNCALIBRATED, Thresholds((threshold,)))
    condition = asked(Promises, purposes=("recall",), must_see=0.1, if_insufficient="report")
    shipped = report(rules=rules, operating=(point(promised=0.2, found=0.95),))
    least = LeastPromises(precision=0.9, recall=0.95, confidence=0.95)
    strict = dataclasses.replace(gate(one=condition), promises=least)
    record = judge_conditions(shipped, facts(), strict)
    assert record.verdict == "could not judge"
    assert "promises recall 0.2, and the gate asks for 0.95" in record.results[0].message


@pytest.mark.parametrize(
    ("looks", "value", "verdict"),
    [
        (0, 0.601, "passed"),
        (1, 0.601, "could not judge"),
        (1, 0.61, "passed"),  # 0.55 errors
        (19, 0.61, "could not judge"),
        (19, 0.63, "passed"),  # 1.82 errors
        (999, 0.63, "could not judge"),
        (999, 0.7, "passed"),
    ],
)
def test_a_figure_must_be_further_above_its_bar_the_more_looks_there_were(looks, value, verdict):
    condition = at_least(at_least=0.6, must_see=0.2)
    given = report({AP: estimate(value, 0.0155)})
    record = judge_conditions(given, facts(earlier_looks=looks), gate(one=condition))
    assert record.verdict == verdict
    if looks and verdict != "passed":
        assert f"after {looks:,} looks of other models" in record.results[0].message


def test_twenty_trainings_of_a_model_below_the_bar_seldom_pass_one():
    # of true average precision 0.56; without a price for looks, a fifth of such series passes
    rng, passed = np.random.default_rng(0), 0
    condition = gate(one=at_least(at_least=0.6, must_see=0.2))
    for _ in range(100):
        values = 0.56 + 0.0172 * rng.standard_normal(20)
        passed += any(
            judge_conditions(
                report({AP: estimate(value, 0.0172)}), facts(earlier_looks=look), condition
            ).verdict
            == "passed"
            for look, value in enumerate(values)
        )
    assert passed <= 5


def test_a_drop_against_the_champion_must_be_seen_more_surely_the_more_looks_there_were():
    def verdict(error, looks):
        given = report(comparison=against(0.0, error=error))
        condition = not_worse(tolerated=0.005, must_see=0.03)
        return judge_conditions(given, facts(earlier_looks=looks), gate(one=condition)).verdict

    assert verdict(0.009, 0) == "passed"
    assert verdict(0.009, 20) == "could not judge"
    assert verdict(0.005, 20) == "passed"


def group(flagged, clusters, high):
    rate = flagged / clusters
    return GroupRate("news", "look_alike", clusters, clusters, flagged, rate, 0.0, high, flagged)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (group(1, 200, 0.0275), "passed"),
        (group(60, 200, 0.37), "failed"),
        (group(0, 10, 0.308), "could not judge"),
    ],
)
def test_look_alikes_are_held_to_their_upper_bound(found, verdict):
    condition = asked(LookAlikeRates, at_most=0.1, purpose="precision")
    operating = (point(purpose="precision", groups=[found]),)
    assert judged(condition, report(operating=operating))[0] == verdict


def test_a_share_of_an_ambiguous_class_is_no_false_alarm():
    told = dataclasses.replace(group(60, 200, 0.37), kind="ambiguous")
    condition = asked(LookAlikeRates, at_most=0.1, purpose="precision")
    operating = (point(purpose="precision", groups=[told]),)
    assert judged(condition, report(operating=operating))[0] == "could not judge"


# --- what is counted ---


@pytest.mark.parametrize(
    ("condition", "known", "verdict"),
    [
        (asked(Leakage, at_most=0.0), facts(overlap=Overlap(100, 0)), "passed"),
        (asked(Leakage, at_most=0.0), facts(overlap=Overlap(100, 1)), "failed"),
        (asked(Leakage, at_most=0.02), facts(overlap=Overlap(100, 2)), "passed"),
        (asked(Leakage, at_most=0.02), facts(overlap=Overlap(100, 3)), "failed"),
        (
            asked(Leakage, at_most=0.0),
            facts(overlap=Overlap(100, None, "another dataset")),
            "could not judge",
        ),
        (asked(Leakage, at_most=0.0), facts(overlap=Overlap(0, 0)), "could not judge"),
        (asked(Leakage, at_most=0.0), facts(), "could not judge"),
        (asked(BundleParity), facts(kind="bundle", parity=ProvenParity(50, 1e-4)), "passed"),
        (asked(BundleParity), facts(kind="bundle"), "failed"),
        (asked(BundleParity), facts(kind="checkpoint"), "could not judge"),
        (asked(SizeCondition, at_most=100), facts(megabytes=99.0), "passed"),
        (asked(SizeCondition, at_most=100), facts(megabytes=101.0), "failed"),
        (asked(SizeCondition, at_most=100), facts(), "could not judge"),
        (asked(LooksKnown, if_insufficient="fail"), facts(earlier_looks=3), "passed"),
        (
            asked(LooksKnown, if_insufficient="fail"),
            facts(looks_lack="line 3 cannot be read"),
            "could not judge",
        ),
        (asked(Latency, at_most_ratio=2.0, if_insufficient="fail"), facts(), "could not judge"),
        (asked(Kept, at_most=0.02), facts(), "passed"),
        (asked(Kept, at_most=0.02), facts(lost=Lost(100, unexplained=2)), "passed"),
        (asked(Kept, at_most=0.02), facts(lost=Lost(100, erased=9, relabelled=9)), "passed"),
        (asked(Kept, at_most=0.02), facts(lost=Lost(100, unexplained=3)), "could not judge"),
        (asked(Kept, at_most=0.02), facts(looks_lack="line 3 is damaged"), "could not judge"),
        (asked(Kept, at_most=0.02), facts(lost=Lost(moved=("en", 1, 60))), "passed"),
        (asked(Kept, at_most=0.02), facts(lost=Lost(moved=("en", 2, 60))), "could not judge"),
        (asked(Kept, at_most=0.02), facts(lost=Lost(rewritten=(1, 60))), "passed"),
        (asked(Kept, at_most=0.02), facts(lost=Lost(rewritten=(2, 60))), "could not judge"),
    ],
)
def test_what_is_counted_is_held_to_its_bar(condition, known, verdict):
    assert judged(condition, known=known)[0] == verdict


def test_linked_adverts_are_counted_with_those_that_were_set_aside_where_there_are_any():
    none_aside = judged(asked(Leakage, at_most=0.02), known=facts(overlap=Overlap(400, 5)))[1]
    assert none_aside.found == "5 of 400 (1.25%)"
    some = judged(
        asked(Leakage, at_most=0.02), known=facts(overlap=Overlap(400, 5, set_aside=1200))
    )[1]
    assert some.found.startswith("5 of 400 (1.25%); 1,200 more are linked, were set aside")


@pytest.mark.parametrize(("ratio", "told"), [(1.9, ""), (2.1, "slower than wanted")])
def test_a_clock_decides_nothing_and_what_it_shows_is_told(ratio, told):
    timed = facts(timed=Timed(64, 5, ratio, 1.0, ratio))
    found = judge_conditions(
        report(),
        timed,
        gate(fast=asked(Latency, at_most_ratio=2.0, if_insufficient="fail"), good=at_least()),
    )
    [result] = [one for one in found.results if one.name == "fast"]
    assert (found.verdict, result.outcome) == ("passed", "reported")
    assert result.message.startswith(told)


def test_a_ledger_that_may_be_only_told_stops_no_pass():
    lacking = facts(looks_lack="line 3 cannot be read")
    known = asked(LooksKnown, if_insufficient="report")
    assert judge_conditions(report(), lacking, gate(a=known, b=at_least())).verdict == "passed"


@pytest.mark.parametrize(("bar", "verdict"), [(0.7, "passed"), (0.95, "could not judge")])
def test_a_pass_must_hold_if_lost_adverts_count_at_their_worst(bar, verdict):
    lost = Lost(1000, erased=40, unexplained=3, positives=40, negatives=3)
    kept, known = asked(Kept, at_most=0.02), facts(lost=lost)
    passed = judge_conditions(report(), known, gate(kept=kept, good=at_least(0.5)))
    strict = gate(kept=kept, good=at_least(bar))
    told = what_counts(lost, Lost())
    found = at_worst(passed, judge_conditions(report(), known, strict), strict, told)
    [result] = [one for one in found.results if one.name == "kept"]
    assert found.verdict == verdict
    assert result.found.startswith("3 of 1,000 (0.30%); 40 were erased")
    assert ("it holds with 40 lost positives as missed" in result.found) == (verdict == "passed")
    if verdict != "passed":
        assert found.results[0] == result
        assert "good would not pass; judge on adverts that nobody" in result.message


# --- all together ---


def test_one_failure_is_enough_and_stands_first():
    both = gate(good=at_least(0.8), bad=asked(SizeCondition, at_most=1.0), unknown=not_worse())
    record = judge_conditions(report(), facts(megabytes=2.0), both)
    assert record.verdict == "failed"
    assert [one.outcome for one in record.results] == ["failed", "insufficient", "passed"]


def test_what_is_told_only_does_not_stop_a_pass():
    both = gate(good=at_least(0.8), told=not_worse(if_insufficient="report"))
    assert judge_conditions(report(), facts(), both).verdict == "passed"


def test_a_gate_of_which_nothing_was_judged_is_no_pass():
    assert judged(not_worse(if_insufficient="report"))[0] == "could not judge"


def test_size_alone_makes_no_good_model():
    both = gate(small=asked(SizeCondition, at_most=10), told=not_worse(if_insufficient="report"))
    assert judge_conditions(report(), facts(megabytes=1.0), both).verdict == "could not judge"


def test_adverts_that_chose_the_model_decide_nothing_that_is_estimated():
    refused = report(refusal="The split validation chose this checkpoint.")
    both = gate(good=at_least(0.1), small=asked(SizeCondition, at_most=100))
    record = judge_conditions(refused, facts(megabytes=1.0), both)
    assert record.verdict == "could not judge"
    assert {one.name for one in record.results} == {"held-out adverts", "small"}


def test_more_conditions_ask_for_more_evidence_of_each():
    alone = judged(not_worse(), report(comparison=against(0.0)))[1]
    six = gate(first=not_worse(), **{f"other{i}": at_least(0.8) for i in range(5)})
    among = judge_conditions(report(comparison=against(0.0)), facts(), six)
    first = next(one for one in among.results if one.name == "first")
    assert first.smallest_visible > alone.smallest_visible


def test_a_condition_of_more_weight_sees_more():
    def visible(weight):
        two = gate(heavy=not_worse(weight=weight), other=at_least(0.8))
        record = judge_conditions(report(comparison=against(0.0)), facts(), two)
        return next(one.smallest_visible for one in record.results if one.name == "heavy")

    assert visible(10.0) < visible(1.0)


@pytest.mark.parametrize(
    "other",
    [
        at_least(0.8),
        not_worse(),
        gap(),
        asked(Promises, purposes=("recall",), must_see=0.1),
        asked(LookAlikeRates, at_most=0.1, purpose="precision"),
    ],
    ids=lambda condition: condition.kind,
)
def test_conditions_without_a_weight_share_the_level_equally(other):
    precise = point(purpose="precision", groups=[group(1, 200, 0.0275)])
    near = by_language(en=estimate(0.9), fr=estimate(0.85))
    given = report(slices=near, comparison=against(0.0), operating=(point(), precise))
    record = judge_conditions(given, facts(), gate(first=at_least(0.8), other=other))
    first = next(one for one in record.results if one.name == "first")
    reach = stats.norm.ppf(1 - 0.05 / 2) + stats.norm.ppf(0.8)
    assert first.smallest_visible == pytest.approx(0.01 * reach)


def test_slices_share_the_level_of_their_condition():
    slices = [cell(f"l{i}, text", {AP: estimate(0.9)}) for i in range(10)]
    two = gate(
        headline=not_worse(), everywhere=at_least(by="language, script and modality", must_see=0.1)
    )
    record = judge_conditions(report(slices=slices, comparison=against(0.0)), facts(), two)
    first = next(one for one in record.results if one.name == "headline")
    reach = stats.norm.ppf(1 - 0.025) + stats.norm.ppf(0.8)
    assert first.smallest_visible == pytest.approx(0.005 + reach * 0.005, abs=3e-4)


def test_the_record_names_what_was_judged():
    record = judge_conditions(report(), facts(champion="c", earlier_looks=3), gate(a=at_least()))
    assert (record.model, record.champion, record.earlier_looks) == ("m" * 64, "c", 3)
    assert (record.data_hash, record.split, record.adverts) == ("ab" * 32, "test", 8000)
    assert record.created_by == "adverts 0.1.0, commit c0ffee"
