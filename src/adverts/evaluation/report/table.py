"""Print the headlines of reports as one table.

Usage::

    python -m adverts.evaluation.report.table runs/a/report.json runs/b/report.json
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from adverts.errors import AdvertsError, InputError, plural, say
from adverts.evaluation.figures import wording
from adverts.evaluation.report.headline import SHOWN, Headline, read_headline


def render(headlines: Sequence[Headline]) -> str:
    """Return a table for the terminal, one block for each headline, and its sentences below.

    What one headline says in short stands above its table, as on the page. Several say what is
    found with one budget of reviews, since each has thresholds of its own.
    """
    present = {name for one in headlines for model in one.models for name in model.figures}
    shown = [name for name in SHOWN if name in present]
    precision = headlines[0].precision if headlines else 0.0
    header = ["model", "n", *(wording.in_sentence(name, precision) for name in shown)]
    blocks = [[_row(one, index, shown) for index in range(len(one.models))] for one in headlines]
    rows = [header, *(row for block in blocks for row in block)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    alone = len(headlines) == 1
    lines = [headlines[0].in_short, ""] if alone and headlines[0].in_short else []
    lines += [_line(header, widths), "-" * (sum(widths) + 2 * (len(widths) - 1))]
    for one, block in zip(headlines, blocks, strict=True):
        lines.append(f"{one.set_name}, task {one.task}, {plural(one.clusters, 'cluster')}")
        if one.refusal:
            lines.append(f"  No headline: {one.refusal}")
        lines += [_line(row, widths) for row in block]
        below = ("" if alone else one.at_budget or one.in_short, *one.cautions, *one.sentences)
        lines += [f"  {said}" for said in below if said]
        lines.append("")
    return "\n".join([*lines, "Figures are shown with their 95 % interval."])


def _row(headline: Headline, index: int, shown: Sequence[str]) -> list[str]:
    model = headline.models[index]
    cells = [
        wording.with_interval(model.figures[name]) if name in model.figures else ""
        for name in shown
    ]
    return [model.model, f"{headline.adverts:,}", *cells]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def main(arguments: Sequence[str]) -> int:
    """Print the table of the named reports; return the exit status."""
    try:
        if not arguments:
            raise InputError("name one or more report.json files")
        say(render([read_headline(Path(argument)) for argument in arguments]))
    except AdvertsError as error:
        say(f"adverts.evaluation.report.table: {error}", error=True)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
