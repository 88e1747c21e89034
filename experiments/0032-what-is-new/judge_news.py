"""Extend a bank week by week, ask each week what is new, and compare with what is true.

Usage::

    python experiments/0032-what-is-new/judge_news.py tuning --banks /tmp/banks     # tuning.json
    python experiments/0032-what-is-new/judge_news.py judged --banks /tmp/banks     # results.json
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import week_ranges as r
from week_banks import kept_banks
from week_scores import METRICS, Score, arm
from week_truth import Truth
from weeks_collected import make_world
from weeks_world import World, monday

from adverts.files.file_hash import producing_commit
from adverts_findings.campaigns.news.describe_news import news_record
from adverts_findings.campaigns.news.news_record import NewsRecord

HERE = Path(__file__).parent
CLAIMS = ("new", "revived", "grown", "first uses")
CERTAINLY_GROWN, ENOUGH = 2.0, 10.0
"""Growth should be claimed from twice as many planted adverts on, and from ten in a week."""


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
    is_true = {
        "new": truth.is_new,
        "revived": truth.is_revived,
        "grown": truth.is_grown,
    }
    could_know: Mapping[str, Callable[[str, int], bool]] = {
        "new": truth.could_know_new,
        "revived": truth.could_know_revived,
        "grown": lambda name, at: _certainly_grown(truth, name, at),
    }
    for what, true_of in is_true.items():
        sure, doubtful = (
            _by_planted(record, what, planted, campaigns, comparable=one) for one in (True, False)
        )
        true: dict[object, str] = {
            name: one.kind
            for name, one in campaigns.items()
            if week not in r.GAP and truth.posts[name] and true_of(name, week)
        }
        known = frozenset(one for one in true if could_know[what](str(one), week))
        whole: frozenset[object] = frozenset(
            one for one in campaigns if true_of(one, week, whole=True)
        )
        scores[what].add(sure, doubtful, true, known, whole)


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
    for found in arms:
        print(json.dumps(found))
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
