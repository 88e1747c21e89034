"""Describe the precisions that an export tried, which one ships, and what it loses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adverts.bundle.parity.figure_losses import describe_change
from adverts.bundle.parity.parity_record import Change, PrecisionRecord, Trial
from adverts.errors import plural

_SHOWN = 0.5e-4  # smallest change that four decimals show


def trial_lines(record: PrecisionRecord) -> Iterator[str]:
    """Yield lines for a terminal: a short table, reasons for refusal, notes and unproven slices."""
    yield compared(record)
    rows = table(record)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for trial in record.trials:
        for reason in trial.reasons:
            yield f"{trial.scheme}: {reason}"
    yield from record.notes
    if slices := unproven(record.trial):
        few = f"too few positive adverts to prove it for {', '.join(slices)}"
        flipped = record.trial.flipped
        but = f", but for {plural(flipped, 'advert')}" if flipped else ""
        yield f"the bundle decides as the checkpoint does{but}; {few}"


def compared(record: PrecisionRecord) -> str:
    """Return a sentence on the adverts that were compared."""
    left = f"; {record.left_out} of other scripts were left out" if record.left_out else ""
    has_tokens = record.longest > 1  # a bag of words counts as one
    lengths = f", {record.shortest} to {record.longest} tokens" if has_tokens else ""
    mixed, trial = "", record.trial
    compared = record.adverts if trial.compared is None else trial.compared
    if record.mixed is not None and record.mixed < compared:
        mixed = f"; {record.mixed:,} of them also in batches of other sizes"
    which, rest = f"the whole split {record.split}", ""
    if trial.drawn is not None:
        near = compared - record.extremes - trial.drawn
        which = f"{trial.drawn:,} drawn from the split {record.split}, {near} nearest to a decision"
        rest = f" Of the others, at most {trial.may_differ:.1%} can differ (with 95 % confidence)."
    return (
        f"Compared with its checkpoint on {compared:,} adverts: {which} "
        f"and {record.extremes} extremes{lengths}{left}{mixed}.{rest}"
    )


def table(record: PrecisionRecord) -> Sequence[Sequence[str]]:
    """Return a table of all trials, with the names of its columns first."""
    figure = next((one.figure for one in record.trial.changes), "figure")
    head = ("tried", "model", "largest difference", "flipped", figure, "recall", "verdict")
    return [head, *map(_row, record.trials)]


def _row(trial: Trial) -> Sequence[str]:
    if trial.model_bytes is None:
        return (trial.scheme, *"-----", "not made")
    overall = [one for one in trial.changes if not one.slice]
    recalls = [one for one in overall if one.figure.startswith("recall")]
    return (
        trial.scheme,
        f"{trial.model_bytes / 1e6:,.1f} MB",
        f"{trial.max_difference or 0:.1e}",
        f"{trial.flipped}" + (f" and {plural(trial.ties, 'tie')}" if trial.ties else ""),
        describe_change(overall[0]) if overall else "-",
        describe_change(min(recalls, key=lambda one: one.change or 0.0)) if recalls else "-",
        "ok" if trial.passed else "refused",
    )


def lost(trial: Trial) -> Sequence[Change]:
    """Return each figure that is lower than the checkpoint's by so much that it shows."""
    return [one for one in trial.changes if one.change is not None and one.change <= -_SHOWN]


def unproven(trial: Trial) -> Sequence[str]:
    """Return the name of each slice with an unproven figure, once."""
    names = (one.slice or "all adverts" for one in trial.changes if one.verdict == "unproven")
    return list(dict.fromkeys(names))
