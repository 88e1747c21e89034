"""The sentence of an estimate, which can be read out; always of what was collected.

Each figure is the one by design. Nothing is said of causes, or of adverts that were not collected.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from adverts.data.mapping.taxonomy import CLASS_TASK
from adverts.errors import plural
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.reports.amounts import Amount, count_of, percent_of
from adverts_findings.survey.reports.record import EstimateRecord, SamplePart
from adverts_findings.survey.sample import ReviewQuestion

_MOST_LABELS = 3  # of those that count, in a sentence
_COLLECTED = re.compile(
    r"(?!an? |the |all |what )[a-z][^.:;]*s,? collected "
)  # "posts collected …"
_CANNOT_SAY = "cannot say"


def lack(found: Estimate) -> str | None:
    """Return why a figure cannot be said, or None if it can be."""
    if found.reason is not None and found.reason.startswith(_CANNOT_SAY):
        return found.reason.removeprefix(_CANNOT_SAY).lstrip(":, ")
    if found.value is None or found.low is None or found.high is None:
        return found.reason or "there is no figure"
    return None


def headline(record: EstimateRecord) -> str:
    """Return the one sentence of an estimate: how many there are, of how many collected."""
    figures = record.figures[0]
    found, of = figures.total.by_design, _of_all(record.samples, figures.frame_total)
    counted = what_counts(record.samples[0].question)
    reason, number = lack(found), count_of(found, figures.frame_total)
    if reason is not None or number is None:
        return f"Of {of}, it cannot be said how many {counted}: {reason}."
    share = None if figures.share is None else percent_of(figures.share.by_design)
    if found.value == 0:
        return _at_most(record, number, share, words=(of, counted))
    provisional = "; provisional" if record.publication.provisional else ""
    told = "" if share is None else f"; that is {_percent(share)} of them"
    return (
        f"Of {of}, an estimated {number.value} (95 % interval {number.low} to {number.high}"
        f"{provisional}) {counted}{told}."
    )


def _at_most(
    record: EstimateRecord, number: Amount, share: Amount | None, *, words: tuple[str, str]
) -> str:
    of, counted = words
    told = "" if share is None else f", or {share.high} % of them"
    provisional = "provisionally, " if record.publication.provisional else ""
    return (
        f"Of {of}, {provisional}no more than {number.high} {counted}{told} (95 % interval): "
        f"{_why_none(record)}."
    )


def _why_none(record: EstimateRecord) -> str:
    labels = [one.labels for one in record.samples]
    adverts, positive = sum(one.adverts for one in labels), sum(one.positive for one in labels)
    unsure = sum(one.not_judged for one in labels)
    if positive:
        return (
            f"{positive:,} of the {adverts:,} that people looked at were called so, no more than "
            "their known errors explain"
        )
    told = f", and {unsure:,} could not be judged" if unsure else ""
    return f"none of the {adverts:,} that people looked at was{told}"


def _of_all(samples: Sequence[SamplePart], total: float | None) -> str:
    """Return the words for all adverts that an estimate is about."""
    words = [plain(one.frame.description) for one in samples]
    if len(words) > 1:
        told = "" if total is None else f"{total:,.0f} "
        return (
            f"the {told}adverts of {len(words)} collections, each counted once ({'; '.join(words)})"
        )
    [part], [described] = samples, words
    if _COLLECTED.match(described):
        return f"the {part.frame.adverts:,} {described}"
    return f"the {plural(part.frame.adverts, 'advert')} collected ({described})"


def plain(words: str) -> str:
    """Return the words of a person on one line, without a full stop at the end."""
    return " ".join(words.split()).rstrip(".")


def what_counts(question: ReviewQuestion) -> str:
    """Return what is said of adverts that count: ``are labelled …``."""
    if question.task == CLASS_TASK:
        return "are candidates for referral"
    labels = [f"“{one}”" for one in labels_that_count(question)]
    if len(labels) > _MOST_LABELS:
        return f"have one of the {len(labels)} labels of {question.task} that count"
    told = " or ".join([", ".join(labels[:-1]), labels[-1]] if labels[1:] else labels)
    return f"are labelled {told}" + ("" if _one_word(question) else f" ({question.task})")


def name_of_what_counts(question: ReviewQuestion) -> str:
    """Return the task and the labels that count; once where they are one word."""
    labels = ", ".join(labels_that_count(question))
    return labels if _one_word(question) else f"{question.task}: {labels}"


def _one_word(question: ReviewQuestion) -> bool:
    return [one.casefold() for one in labels_that_count(question)] == [question.task.casefold()]


def labels_that_count(question: ReviewQuestion) -> list[str]:
    """Return the labels of adverts that count."""
    return [one.label for one in question.choices if one.positive]


def day(at: str) -> str:
    """Return the day of a time in words: ``28 November 2026``."""
    found = datetime.datetime.fromisoformat(at)
    return f"{found.day} {found:%B %Y}"


def figure(found: Estimate, most: float | None = None) -> str:
    """Return a number with its interval, or that it cannot be said and why."""
    reason, number = lack(found), count_of(found, most)
    if reason is not None or number is None:
        return f"cannot say: {reason}"
    if found.value == 0:
        return f"no more than {number.high}"
    return f"{number.value} ({number.low} to {number.high})"


def share(found: Estimate) -> str:
    """Return a share with its interval, or that it cannot be said."""
    told = percent_of(found)
    if lack(found) is not None or told is None:
        return _CANNOT_SAY
    return f"no more than {told.high} %" if found.value == 0 else _percent(told)


def _percent(told: Amount) -> str:
    return f"{told.value} % ({told.low} % to {told.high} %)"
