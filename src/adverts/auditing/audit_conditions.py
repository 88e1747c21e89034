"""Conditions that a dataset must meet to pass an audit, and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adverts.auditing.findings import Findings
from adverts.config import FailOnConfig

AuditOutcome = Literal["passed", "failed", "could not be judged", "reported only"]


@dataclass(frozen=True, slots=True)
class AuditCondition:
    """One condition and its outcome.

    Attributes:
        name: Key of the condition in the configuration.
        found: The value that was found; None if it could not be determined.
        wanted: The limit; None where there is none.
        outcome: Outcome of the condition.
        sentence: Finding, and limit if any, in one line.
    """

    name: str
    found: float | None
    wanted: float | None
    outcome: AuditOutcome
    sentence: str


def judge(findings: Findings, headline: str, limits: FailOnConfig) -> tuple[AuditCondition, ...]:
    """Compare findings with limits.

    A finding that was not looked for, because labels, annotations or clusters are missing, does not
    pass a limit: it could not be judged.

    Args:
        findings: Findings of the audit.
        headline: Name of the task whose conflicts, errors and agreement count.
        limits: The limits.
    """
    errors = findings.errors_of(headline)
    shortcuts = findings.shortcuts
    duplicates = findings.duplicates
    return (
        _at_most("leaking_adverts", duplicates.leaking.adverts, limits.leaking_adverts),
        _at_most("kept_apart_pairs", duplicates.kept_apart_across, limits.kept_apart_pairs),
        _at_most(
            "conflicting_clusters",
            findings.conflicts_of(headline).clusters,
            limits.conflicting_clusters,
        ),
        _at_most(
            "likely_label_errors",
            errors.found.adverts,
            limits.likely_label_errors,
            lack=errors.reason,
        ),
        _at_most("shortcut", len(shortcuts.flagged), limits.shortcut, lack=shortcuts.reason),
        _at_most(
            "untrained_languages",
            len(findings.counts.untrained_languages),
            limits.untrained_languages,
        ),
        _alpha(findings, headline, limits.min_alpha),
    )


def _at_most(
    name: str, found: int, limit: int | None, *, lack: str | None = None
) -> AuditCondition:
    if lack is not None:
        return _unknown(name, limit, lack)
    outcome: AuditOutcome = "passed"
    if limit is None:
        outcome = "reported only"
    elif found > limit:
        outcome = "failed"
    told = f", at most {limit:,} allowed" if limit is not None else ""
    return AuditCondition(name, found, limit, outcome, f"{_NOUNS[name]}: {found:,}{told}")


def _alpha(findings: Findings, headline: str, limit: float | None) -> AuditCondition:
    agreement = findings.agreement_on(headline)
    alpha = agreement.alpha
    if alpha.value is None or alpha.low is None:
        return _unknown("min_alpha", limit, agreement.reason or alpha.reason or "no interval")
    outcome: AuditOutcome = "passed"
    if limit is None:
        outcome = "reported only"
    elif alpha.low < limit:
        outcome = "failed"
    told = f", its lower end must be at least {limit:g}" if limit is not None else ""
    sentence = (
        f"{_NOUNS['min_alpha']}: {alpha.value:.3f}, interval {alpha.low:.3f} to {alpha.high:.3f}"
    )
    return AuditCondition("min_alpha", alpha.low, limit, outcome, sentence + told)


def _unknown(name: str, limit: float | None, lack: str) -> AuditCondition:
    outcome: AuditOutcome = "reported only" if limit is None else "could not be judged"
    return AuditCondition(name, None, limit, outcome, f"{_NOUNS[name]}: not known ({lack})")


_NOUNS = {
    "leaking_adverts": "adverts with a copy or near-duplicate in an earlier split",
    "kept_apart_pairs": "pairs of near-duplicates that are in different splits and clusters",
    "conflicting_clusters": "clusters of similar texts with different headline labels",
    "likely_label_errors": "headline labels that are probably wrong",
    "shortcut": "columns that alone predict the headline label",
    "untrained_languages": "languages with held-out adverts but no training adverts",
    "min_alpha": "agreement of annotators on the headline (alpha)",
}


def passed_words(conditions: Sequence[AuditCondition]) -> str:
    """Return in words that no condition failed, or that none was set."""
    is_set = any(one.outcome == "passed" for one in conditions)
    return "passed every condition that you set" if is_set else "no conditions set"
