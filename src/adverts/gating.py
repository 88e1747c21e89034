"""Judge a report by the conditions of a gate, and keep the record of every look at a test split."""

from __future__ import annotations

from pathlib import Path

from adverts.candidate import Candidate
from adverts.evaluation.gate.record import GateRecord
from adverts.evaluation.report_content import Report
from adverts.judging import EvaluationJob


def look(job: EvaluationJob) -> int:
    """Add this evaluation to the ledger of its split, and return how many looks came before."""
    del job
    return 0


def judge_gate(
    job: EvaluationJob, champion: Candidate | None, report: Report, *, earlier_looks: int
) -> GateRecord | None:
    """Return the verdict of the gate on a report; None where the configuration asks for none.

    Raises:
        InputError: The gate needs a champion and none is given.
    """
    del job, champion, report, earlier_looks
    return None


def write_gate(folder: Path, record: GateRecord) -> None:
    """Write ``gate.json``, ``gate.md`` and ``gate.xml`` (JUnit) beside the report."""
    del folder, record
