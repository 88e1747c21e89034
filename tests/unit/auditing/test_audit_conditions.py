"""What a dataset must hold to pass: too much fails, what is not known passes nothing."""

from dataclasses import replace

import pytest
from audit_examples import NO, YES, row, subject_of

from adverts.auditing.annotator_agreement import measure_agreement
from adverts.auditing.audit_conditions import judge
from adverts.auditing.conflicts import find_conflicts
from adverts.auditing.counts import count_adverts
from adverts.auditing.duplicates import find_duplicates
from adverts.auditing.findings import Findings
from adverts.auditing.label_errors import nothing
from adverts.auditing.shortcuts import nothing_found
from adverts.config import FailOnConfig

NO_LIMITS = FailOnConfig(**dict.fromkeys(FailOnConfig.model_fields))


@pytest.fixture
def findings(tmp_path):
    """One leak, one conflict, one language without training; votes that agree by three of four."""
    rows = [row(f"a{i}", (NO, YES)[i % 2], lang="en") for i in range(40)]
    rows = [
        replace(
            one, annotations={"refer": ["no", "yes"] if i % 4 == 0 else [("no", "yes")[i % 2]] * 2}
        )
        for i, one in enumerate(rows)
    ]
    rows += [row("t1", cluster="a0", split="test", lang="fa"), row("t2", YES, cluster="a0")]
    links = [("a0", "t1", "same_text"), ("a0", "t2", "near_text"), ("a1", "t1", "near_text", False)]
    subject = subject_of(tmp_path, rows, links)
    return Findings(
        counts=count_adverts(subject, min_clusters=1),
        duplicates=find_duplicates(subject, largest=1),
        conflicts=find_conflicts(subject),
        label_errors=(nothing(subject, subject.headline, "no text"),),
        shortcuts=nothing_found("refer", 0.1, "too few clusters"),
        agreement=measure_agreement(subject, resamples=200, seed=0),
    )


def outcome(findings, name, limit):
    limits = NO_LIMITS.model_copy(update={name: limit})
    return next(one for one in judge(findings, "refer", limits) if one.name == name)


@pytest.mark.parametrize(
    "name", ["leaking_adverts", "kept_apart_pairs", "conflicting_clusters", "untrained_languages"]
)
def test_more_than_the_limit_fails_and_the_limit_itself_passes(findings, name):
    assert outcome(findings, name, 0).outcome == "failed"
    assert outcome(findings, name, 1).outcome == "passed"
    assert outcome(findings, name, None).outcome == "reported only"
    assert outcome(findings, name, 0).sentence.endswith(": 1, at most 0 allowed")


@pytest.mark.parametrize("name", ["likely_label_errors", "shortcut"])
def test_what_was_not_looked_for_passes_no_limit(findings, name):
    assert outcome(findings, name, 5).outcome == "could not be judged"
    assert outcome(findings, name, None).outcome == "reported only"


def test_agreement_is_held_by_the_lower_end_of_its_interval(findings):
    alpha = findings.agreement_on("refer").alpha
    assert outcome(findings, "min_alpha", alpha.low - 0.01).outcome == "passed"
    assert outcome(findings, "min_alpha", alpha.value).outcome == "failed"


def test_one_annotation_each_passes_no_limit(findings):
    one_each = replace(findings.agreement_on("refer"), reason="one each")
    one_each = replace(one_each, alpha=replace(one_each.alpha, value=None))
    without = replace(findings, agreement=(one_each,))
    assert outcome(without, "min_alpha", 0.5).outcome == "could not be judged"
