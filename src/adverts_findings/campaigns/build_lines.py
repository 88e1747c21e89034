"""What a person reads of a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import plural
from adverts_findings.campaigns.build import Made
from adverts_findings.campaigns.found import JudgementHeld
from adverts_findings.campaigns.grouping.giants import GIANT_LEAST, find_giant
from adverts_findings.campaigns.judgements.calibration import (
    LEAST_OF_EACH,
    LEAST_PAIRS,
    LEAST_RANDOM,
    Calibration,
)
from adverts_findings.campaigns.rebuild import Rebuilt

_MOST_LISTED = 5


def build_lines(rebuilt: Rebuilt) -> Iterator[str]:
    """Yield lines on who entered, what was found, and what a person should look at."""
    made, gathered = rebuilt.made, rebuilt.gathered
    tables = made.tables
    yield f"{plural(len(gathered.entrants), 'advert')} that a person judged, {gathered.new:,} new"
    for number, why in (
        (gathered.barred, "no longer in the bank: people judged otherwise, or it was erased"),
        (gathered.expired, "no longer in the bank: the last day on which it may be kept is over"),
        (gathered.late, "did not enter: the last day on which it may be kept is over"),
        (len(gathered.restricted), "kept under a hold, and used for nothing else"),
    ):
        if number:
            yield f"{plural(number, 'advert')} {why}"
    if waiting := len(gathered.candidates):
        yield f"{plural(waiting, 'advert')} that only a model flagged: waiting for a person"
    yield from _lack_lines(gathered.entrants)
    yield _campaigns_line(tables)
    yield from _merged_lines(tables["replaced"], rebuilt.build)
    yield from _listed_lines(tables["listed"])
    yield from _no_longer_listed_lines(rebuilt)
    yield from _component_lines(made)
    yield from judgement_lines(made.found.held)
    yield _calibration_line(made.calibration)


def _lack_lines(entrants: pa.Table) -> Iterator[str]:
    """Yield what most adverts lack that would link them."""
    times = pc.coalesce(entrants["posted_at"], entrants["collected_at"])
    shown = pc.greater(pc.list_value_length(entrants["contacts"]), 0)
    lacks = {
        "no contact": len(entrants) - int(pc.sum(shown).as_py() or 0),
        "no account": entrants["account"].null_count,
        "no time": times.null_count,
    }
    told = [f"{number:,} {what}" for what, number in lacks.items() if number > len(entrants) / 2]
    if told:
        yield (
            f"{', '.join(told)}: where these are missing, little but people can link adverts; name "
            "their columns (data.columns.account, data.columns.posted_at) when you score or prepare"
        )


def _calibration_line(calibration: Calibration) -> str:
    judged = f"{plural(calibration.pairs, 'judged pair')}, {calibration.at_random:,} at random"
    if calibration.error is None:
        return (
            f"probabilities are uncalibrated ({judged}; wanted {LEAST_PAIRS} and {LEAST_RANDOM}, "
            f"at least {LEAST_OF_EACH} of them different): judge pairs with sheet=200"
        )
    error = calibration.error
    return (
        f"probabilities are calibrated by {judged}: error {error.error:.2f} ± "
        f"{error.standard_error:.2f}, of which {error.by_chance:.2f} would be chance"
    )


def _campaigns_line(tables: Mapping[str, pa.Table]) -> str:
    open_ones = tables["campaigns"].filter(pc.is_null(tables["campaigns"]["closed_build"]))
    inside = len(tables["adverts"]) - tables["adverts"]["campaign"].null_count
    identities = len(tables["identities"])
    told = f"{plural(len(open_ones), 'campaign')} with {plural(inside, 'advert')}, "
    return told + f"{identities:,} posting identities"


def _merged_lines(replaced: pa.Table, build: int) -> Iterator[str]:
    """Yield which campaigns a build merged into others, in the order of their names."""
    now = pc.equal(replaced["build"], build)
    merged = pc.and_(pc.equal(replaced["level"], "campaign"), pc.equal(replaced["how"], "merged"))
    rows = replaced.filter(pc.and_(now, merged)).sort_by("old").to_pylist()
    if rows:
        pairs = [f"{one['old']} into {one['new']}" for one in rows]
        yield f"merged {plural(len(rows), 'campaign')}: {_few(pairs)}"


def _no_longer_listed_lines(rebuilt: Rebuilt) -> Iterator[str]:
    """Yield what joined nothing in the build before, and may join adverts in this one."""
    if "listed" not in rebuilt.before:
        return
    tables = rebuilt.made.tables
    listed = set(tables["listed"]["value"].to_pylist())
    values = set(rebuilt.before["listed"]["value"].to_pylist()) - listed
    shown = values.intersection(tables["identities"]["value"].to_pylist()) if values else values
    if shown:
        names = [f"{one[:14]}…" for one in sorted(shown)]
        yield f"may join adverts now, and joined nothing in the build before: {_few(names)}"


def _few(names: Sequence[str]) -> str:
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def _listed_lines(listed: pa.Table) -> Iterator[str]:
    if len(listed):
        reasons = listed["reason"].to_pylist()
        worst = listed.sort_by([("adverts", "descending")]).slice(0, _MOST_LISTED).to_pylist()
        shown = ", ".join(f"{one['value'][:14]}… ({one['reason']})" for one in worst)
        more = "" if len(reasons) <= _MOST_LISTED else f" and {len(reasons) - _MOST_LISTED} more"
        yield f"joined nothing: {shown}{more}"


def _component_lines(made: Made) -> Iterator[str]:
    told = [f"{one.campaigns:,} at {one.threshold:g}" for one in made.components]
    yield "evidence alone, by the least probability of a link: " + ", ".join(told)
    giant = find_giant(made.found.roots, large=GIANT_LEAST)
    if giant is not None:
        yield (
            f"CAUTION: one campaign holds {giant.adverts:,} adverts, {giant.share:.0%} of all in "
            f"campaigns; the next has {giant.next_adverts:,}. Look at its weakest bridges, and at "
            "what many of its accounts show, before you use it"
        )


def judgement_lines(held: Sequence[JudgementHeld]) -> Iterator[str]:
    """Yield how many judgements hold, and each that does not, by name."""
    if not held:
        return
    broken = [one for one in held if not one.holds]
    yield f"{len(held) - len(broken):,} of {plural(len(held), 'judgement')} hold"
    for one in broken:
        yield f"does not hold: {one.judgement}: {one.why}"
