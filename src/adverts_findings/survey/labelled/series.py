"""Whether two samples are of one series, so that their figures may be compared."""

from __future__ import annotations

import re

from adverts_findings.survey.sample import Sample

_MONTH = r"(january|february|march|april|may|june|july|august|september|october|november|december)"
_DATE = re.compile(
    r"\b(\d{4}-\d{2}-\d{2}([t ]\d{2}:\d{2}(:\d{2})?(z|[+-]\d{2}:\d{2})?)?|\d{4}-w\d{2}"
    rf"|\d{{1,2}} {_MONTH}( \d{{4}})?|{_MONTH} (\d{{1,2}}, )?\d{{4}})(?!\w)"
)
_SPAN = re.compile(r"(…|\b\d{1,2}) (and|to) …")  # the first date may lack its month


def new_series(earlier: Sample, later: Sample) -> str | None:
    """Return why two samples are of two series, as a sentence; None if they can be compared.

    Another model or another design is no new series: neither changes what is estimated. Dates may
    differ in the descriptions of what was collected, and nothing else.
    """
    was, now = earlier.frame.description, later.frame.description
    if _undated(was) != _undated(now):
        return (
            f"What was collected changed, from “{was}” to “{now}”: a new series begins, and "
            "nothing is said of a change."
        )
    if earlier.question != later.question:
        return (
            f"{_asked_otherwise(earlier, later)} between {earlier.name} and {later.name}, so the "
            "figures cannot be compared."
        )
    return None


def _asked_otherwise(earlier: Sample, later: Sample) -> str:
    was, now = earlier.question, later.question
    if was.task != now.task:
        return f"What reviewers were asked about changed from {was.task} to {now.task}"
    answers = [[(one.label, one.positive) for one in each.choices] for each in (was, now)]
    differ = "answers" if answers[0] != answers[1] else "definitions of the answers"
    return f"The {differ} differ"


def _undated(description: str) -> str:
    return _SPAN.sub("…", " ".join(_DATE.sub("…", description.casefold()).split()))
