"""Extend a bank week by week, ask each week what is new, and compare with what is true.

Usage::

    python experiments/0032-what-is-new/judge_news.py tuning --banks /tmp/banks     # tuning.json
    python experiments/0032-what-is-new/judge_news.py judged --banks /tmp/banks     # results.json
"""

from __future__ import annotations

import argparse
import datetime
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import week_ranges as r
from week_truth import Truth
from weeks_world import FIRST_WEEK, World, make_world, monday, source_of

from adverts.data.dataset.tombstones import Tombstones
from adverts.files.file_hash import producing_commit
from adverts.linking.bank.read_bank import open_bank
from adverts.linking.bank.write_bank import write_build
from adverts.linking.bank_tables import TABLES
from adverts.linking.build import Circumstances, make_build
from adverts.linking.entering.gather import Held, gather
from adverts.linking.entering.inputs import Input, candidates_table
from adverts.linking.entering.words import Words
from adverts.linking.news.describe_news import COLUMNS, READ, news_record
from adverts.linking.news.news_record import NewsRecord
from adverts.linking.rebuild import read_before
from adverts.linking.rules import LinkingRules

HERE = Path(__file__).parent
KEY = "made-up"
CLAIMS = ("new", "revived", "grown", "first uses")
REALLY_GROWN, CERTAINLY_GROWN, ENOUGH = 1.5, 2.0, 10.0
"""A claim of growth is right from 1.5 planted times on; it should be made from twice on, where at
least ten adverts are expected in the week."""


@dataclass(slots=True)
class Score:
    """What was claimed of one kind, and what should have been.

    Attributes:
        claimed: Number of claims.
        right: Number of them that are true in what the collection reaches.
        right_whole: Number of them that are true of all that was posted.
        known: Number of truths that could be known.
        found: Number of these that were claimed.
        true: Number of truths of weeks that were collected, of all that was posted.
        true_found: Number of these that were claimed.
        doubtful: Number of times that something seemed so and was not claimed.
        doubtful_true: Number of these that were true.
        wrong: Kinds of the campaigns of wrong claims.
        missed: Kinds of the campaigns of truths that could be known and were not claimed.
    """

    claimed: int = 0
    right: int = 0
    right_whole: int = 0
    known: int = 0
    found: int = 0
    true: int = 0
    true_found: int = 0
    doubtful: int = 0
    doubtful_true: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def add(
        self,
        claimed: Mapping[object, str],
        doubtful: Mapping[object, str],
        true: Mapping[object, str],
        known: frozenset[object],
        whole: frozenset[object],
    ) -> None:
        """Count one week; each thing comes with the kind of its campaign."""
        self.claimed += len(claimed)
        self.right += len(claimed.keys() & true.keys())
        self.right_whole += len(claimed.keys() & whole)
        self.known += len(known)
        self.found += len(known & claimed.keys())
        both = true.keys() & whole
        self.true += len(both)
        self.true_found += len(both & claimed.keys())
        self.doubtful += len(doubtful)
        self.doubtful_true += len(doubtful.keys() & true.keys())
        self.wrong.update(claimed[one] for one in claimed.keys() - true.keys())
        self.missed.update(true[one] for one in known - claimed.keys())


def build(
    tables: Mapping[str, pa.Table], world: World, weeks: Sequence[int]
) -> Mapping[str, pa.Table]:
    """Return the tables of a bank extended by what was collected in some weeks."""
    inputs = []
    for week in weeks:
        entrants, collected = world.inputs[week]
        source = source_of(week)
        inputs.append(
            Input(
                name=source,
                hash=f"{world.seed} {source}",
                token_key_id=KEY,
                entrants=entrants,
                candidates=candidates_table([]),
                barred=frozenset(),
                adverts=sum(collected["adverts"].to_pylist()),
                collected=collected,
            )
        )
    held = None
    if tables:
        nobody = TABLES["restricted"].empty_table()
        held = Held(tables["adverts"], tables["candidates"], KEY, nobody, {}, tables["barred"])
    at = datetime.datetime.combine(monday(max(weeks) + 1), datetime.time(6), datetime.UTC)
    gathered = gather(inputs, held, Words(), erased=Tombstones(), today=at.date())
    told = {one.name: {"hash": one.hash} for one in inputs}
    circumstances = Circumstances({}, told, "experiment", at)
    return make_build(gathered, (), LinkingRules(resamples=10), circumstances, before=tables).tables


def kept_banks(folder: Path, world: World) -> Iterator[tuple[int, Mapping[str, pa.Table]]]:
    """Yield what :func:`grown_bank` yields, from a folder where it is kept for another judging."""
    places = [folder / str(world.seed) / str(week) for week in range(r.ASKED_WEEKS)]
    if not places[-1].exists():
        with tempfile.TemporaryDirectory() as bank:
            for week, tables in grown_bank(Path(bank), world):
                places[week].mkdir(parents=True)
                for name, table in tables.items():
                    pq.write_table(table, places[week] / f"{name}.parquet")
    for week, place in enumerate(places):
        yield week, {name: pq.read_table(place / f"{name}.parquet") for name in READ}


def grown_bank(folder: Path, world: World) -> Iterator[tuple[int, Mapping[str, pa.Table]]]:
    """Yield each asked week, with the tables of the bank that was read on the Monday after it."""
    bank = folder / "bank"
    write_build(bank, build({}, world, range(FIRST_WEEK, 0)), expected=None)
    for week in range(r.ASKED_WEEKS):
        before = read_before(bank, links=False)
        write_build(bank, build(before, world, [week]), expected=week + 1)
        with open_bank(bank) as opened:
            yield (
                week,
                {
                    name: opened.table(name, (*COLUMNS, "id") if name == "adverts" else None)
                    for name in READ
                },
            )


def judge(world: World, scores: Mapping[str, Score], banks: Path) -> None:
    """Add to the scores what is said of each week of a world."""
    truth = Truth(world)
    for week, tables in kept_banks(banks, world):
        record = news_record(tables, monday(week))
        planted = _planted(tables["adverts"])
        _judge_campaigns(record, planted, truth, week, scores)
        _judge_uses(record, planted, truth, week, scores["first uses"])


def _planted(adverts: pa.Table) -> Mapping[str, str]:
    """Return the planted campaign of most adverts of each campaign of the bank."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    columns = (adverts[name].to_pylist() for name in ("campaign", "id"))
    for campaign, advert in zip(*columns, strict=True):
        if campaign is not None:
            found[campaign][advert.rpartition("-")[0]] += 1
    return {one: counts.most_common(1)[0][0] for one, counts in found.items()}


def _judge_campaigns(
    record: NewsRecord,
    planted: Mapping[str, str],
    truth: Truth,
    week: int,
    scores: Mapping[str, Score],
) -> None:
    campaigns = truth.world.campaigns
    is_true: Mapping[str, Callable[..., bool]] = {
        "new": truth.is_new,
        "revived": truth.is_revived,
        "grown": lambda name, at, whole=False: truth.growth(name, at) >= REALLY_GROWN,
    }
    could_know = {
        "new": truth.could_know_new,
        "revived": truth.could_know_revived,
        "grown": lambda name, at: _certainly_grown(truth, name, at),
    }
    for what, true_of in is_true.items():
        sure, doubtful = (
            _by_planted(record, what, planted, campaigns, comparable=one) for one in (True, False)
        )
        true = {
            name: one.kind
            for name, one in campaigns.items()
            if week not in r.GAP and truth.posts[name] and true_of(name, week)
        }
        known = frozenset(name for name in true if could_know[what](name, week))
        whole = frozenset(one for one in campaigns if true_of(one, week, whole=True))
        scores[what].add(sure, doubtful, dict(true), known, whole)


def _by_planted(
    record: NewsRecord,
    what: str,
    planted: Mapping[str, str],
    campaigns: Mapping[str, object],
    *,
    comparable: bool,
) -> dict[object, str]:
    """Return what is said of planted campaigns; a part of one counts as one more claim."""
    found: dict[object, str] = {}
    for one in record.named(what, comparable=comparable):
        name = planted[one.campaign]
        kind = campaigns[name].kind  # type: ignore[attr-defined]
        found[name if name not in found else (name, one.campaign)] = kind
    return found


def _certainly_grown(truth: Truth, name: str, week: int) -> bool:
    campaign = truth.world.campaigns[name]
    enough = campaign.expected(week, week + 1) >= ENOUGH
    before = [one for one in truth.posts[name] if one.time < week]
    if not before or not enough or truth.growth(name, week) < CERTAINLY_GROWN:
        return False
    return truth.could_know_weeks(name, range(week - 4, week + 1))


def _judge_uses(
    record: NewsRecord, planted: Mapping[str, str], truth: Truth, week: int, score: Score
) -> None:
    campaigns = truth.world.campaigns
    found: dict[bool, dict[object, str]] = {True: {}, False: {}}
    for one in record.uses:
        if one.kind == "contact":
            names = {planted[campaign] for campaign in one.campaigns if campaign in planted}
            name = next(iter(sorted(names)), "lone adverts")
            kind = campaigns[name].kind if name in campaigns else name
            found[one.comparable][name, one.platform] = kind
    true: dict[object, str] = {}
    known = set()
    whole = set()
    for name, campaign in campaigns.items():
        if week in r.GAP or not truth.posts[name]:
            continue
        whole |= {(name, one) for one in truth.first_platforms(name, week, whole=True)}
        for platform in truth.first_platforms(name, week):
            true[name, platform] = campaign.kind
            if truth.could_know_use(name, platform, week):
                known.add((name, platform))
    score.add(found[True], found[False], true, frozenset(known), frozenset(whole))


def share(part: int, whole: int) -> float | None:
    """Return a share; None of nothing."""
    return None if not whole else part / whole


def arm(what: str, several: Sequence[Score]) -> dict[str, object]:
    """Return the figures of one claim, one value for each world."""
    values = {
        "claimed": [float(one.claimed) for one in several],
        "precision": [share(one.right, one.claimed) for one in several],
        "precision_whole": [share(one.right_whole, one.claimed) for one in several],
        "known": [float(one.known) for one in several],
        "recall": [share(one.found, one.known) for one in several],
        "true": [float(one.true) for one in several],
        "recall_of_all": [share(one.true_found, one.true) for one in several],
        "doubtful": [float(one.doubtful) for one in several],
    }
    kept = {name: [one for one in found if one is not None] for name, found in values.items()}
    return {
        "name": what,
        "values": {name: found for name, found in kept.items() if found},
        "wrong": dict(sum((one.wrong for one in several), Counter[str]())),
        "missed": dict(sum((one.missed for one in several), Counter[str]())),
    }


METRICS = {
    "claimed": "claimed",
    "precision": "precision",
    "precision_whole": "of all that was posted",
    "known": "could be known",
    "recall": "recall of these",
    "true": "true in weeks collected",
    "recall_of_all": "recall of all these",
    "doubtful": "not comparable",
}


def main() -> None:
    """Write the record of the tuning or of the judged seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", choices=("tuning", "judged"))
    parser.add_argument("--only", type=int, help="so many of the seeds, and nothing is written")
    parser.add_argument("--banks", type=Path, required=True, help="folder where banks are kept")
    options = parser.parse_args()
    seeds = r.TUNING_SEEDS if options.seeds == "tuning" else r.JUDGED_SEEDS
    began = time.perf_counter()
    scores = []
    for seed in seeds[: options.only]:
        one = {name: Score() for name in CLAIMS}
        judge(make_world(seed), one, options.banks)
        scores.append(one)
        print(f"{seed}: {time.perf_counter() - began:.0f} s", flush=True)
    arms = [arm(name, [one[name] for one in scores]) for name in CLAIMS]
    for one in arms:
        print(json.dumps(one))
    if options.only is not None:
        return
    name = "results" if options.seeds == "judged" else "tuning"
    record = {
        "commit": producing_commit(),
        "seeds": list(seeds),
        "metrics": METRICS,
        "arms": arms,
        "comparisons": [],
        "caption": f"{len(seeds)} worlds ({options.seeds} seeds) of ten asked weeks, mean ± "
        f"standard deviation. `python experiments/0032-what-is-new/judge_news.py {options.seeds}`",
    }
    (HERE / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
