"""Describe the precisions that an export tried, which one ships, and what it loses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adverts.bundle.parity.figure_losses import told
from adverts.bundle.parity.parity_record import Change, PrecisionRecord, Trial

_SHOWN = 0.5e-4  # smallest change that four decimals show
_HEAD = ("tried", "model", "largest difference", "flipped", "{figure}", "recall", "verdict")


def told_lines(record: PrecisionRecord) -> Iterator[str]:
    """Yield lines for a terminal: a short table, reasons for refusal, notes and unproven slices."""
    yield _compared(record)
    rows = [_head(record), *(_row(trial) for trial in record.trials)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for trial in record.trials:
        for reason in trial.reasons:
            yield f"{trial.scheme}: {reason}"
    yield from record.notes
    unproven = _unproven(record.trial)
    if unproven:
        told = f"too few positive adverts to prove it for {', '.join(unproven)}"
        yield f"the bundle decides as the checkpoint does; {told}"


def precision_lines(record: PrecisionRecord) -> Iterator[str]:
    """Yield Markdown for a card: what ships, where it loses how much, and what is unproven."""
    trial = record.trial
    yield "## Precision"
    yield ""
    yield f"{_compared(record)} What ships is `{record.shipped}`: {_agreement(trial)}"
    yield ""
    yield "| " + " | ".join(_head(record)) + " |"
    yield "|" + "---|" * len(_HEAD)
    for one in record.trials:
        yield "| " + " | ".join(_row(one)) + " |"
    refused = [one for one in record.trials if not one.passed]
    if refused:
        yield ""
        for one in refused:
            yield f"- `{one.scheme}` is refused: {'; '.join(one.reasons)}."
    lost = [one for one in trial.changes if one.change is not None and one.change <= -_SHOWN]
    if lost:
        yield ""
        yield "What ships is below its checkpoint in:"
        yield ""
        for change in lost:
            yield f"- {change.figure}, {_place(change)}: {told(change)}"
    yield from _caveats(record)


def _caveats(record: PrecisionRecord) -> Iterator[str]:
    unproven = _unproven(record.trial)
    if unproven:
        yield ""
        yield f"Unproven, since they hold too few positive adverts: {', '.join(unproven)}."
    for note in record.notes:
        yield ""
        yield note


def _compared(record: PrecisionRecord) -> str:
    left = f"; {record.left_out} of other scripts were left out" if record.left_out else ""
    has_tokens = record.longest > 1  # a bag of words counts as one
    lengths = f", {record.shortest} to {record.longest} tokens" if has_tokens else ""
    return (
        f"Compared with its checkpoint on {record.adverts:,} adverts: the whole split "
        f"{record.split} and {record.extremes} extremes{lengths}{left}."
    )


def _agreement(trial: Trial) -> str:
    flips = "no decision flipped" if not trial.flipped else f"{trial.flipped} decisions flipped"
    return (
        f"probabilities differ by {trial.max_difference or 0:.1e} at most, {flips}. The other "
        f"adverts of a batch move a probability by {trial.neighbour_difference or 0:.1e} at most "
        "and flip no decision."
    )


def _head(record: PrecisionRecord) -> list[str]:
    figures = [one.figure for one in record.trial.changes[:1]]
    return [cell.format(figure=figures[0] if figures else "figure") for cell in _HEAD]


def _row(trial: Trial) -> list[str]:
    verdict = "ok" if trial.passed else "refused"
    if trial.model_bytes is None:
        return [trial.scheme, *["-"] * (len(_HEAD) - 2), "not made"]
    overall = [one for one in trial.changes if not one.slice]
    recalls = [one for one in overall if one.figure.startswith("recall")]
    return [
        trial.scheme,
        f"{trial.model_bytes / 1e6:,.1f} MB",
        f"{trial.max_difference or 0:.1e}",
        f"{trial.flipped}",
        told(overall[0]) if overall else "-",
        told(_worst(recalls)) if recalls else "-",
        verdict,
    ]


def _worst(changes: Sequence[Change]) -> Change:
    return min(changes, key=lambda one: one.change if one.change is not None else 0.0)


def _place(change: Change) -> str:
    return change.slice or "all adverts"


def _unproven(trial: Trial) -> list[str]:
    """Return the name of each slice with an unproven figure, once."""
    named = dict.fromkeys(_place(one) for one in trial.changes if one.verdict == "unproven")
    return list(named)
