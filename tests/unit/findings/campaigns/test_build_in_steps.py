"""A bank that grew in steps, lost adverts and was judged is the bank of one build."""

from __future__ import annotations

import datetime
import random

import pyarrow as pa
import pytest
from bench_link import NOW, made_up

from adverts.data.dataset.tombstones import Tombstones
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.build import Circumstances, make_build
from adverts_findings.campaigns.entering.gather import Held, gather
from adverts_findings.campaigns.entering.inputs import Input, candidates_table
from adverts_findings.campaigns.entering.words import Words
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.rules import LinkingRules

ADVERTS = 600
STEPS = 5


@pytest.fixture(scope="module")
def adverts():
    return made_up(ADVERTS, seed=3)


def build(parts, before, judgements=(), erased=()):
    """Extend a bank by some tables of adverts."""
    inputs = [
        Input(f"part {i}", str(i), "key", part, candidates_table([]), frozenset(), len(part))
        for i, part in enumerate(parts)
    ]
    held = None
    if before:
        nobody = TABLES["restricted"].empty_table()
        held = Held(before["adverts"], before["candidates"], "key", nobody, {}, before["barred"])
    tombstones = Tombstones().and_of(erased)
    gathered = gather(inputs, held, Words(), erased=tombstones, today=NOW.date())
    return make_build(
        gathered, judgements, LinkingRules(), Circumstances({}, {}, "test", NOW), before=before
    ).tables


def judged(tables, number):
    """Return judgements on random pairs: half of them the same, half different."""
    rng = random.Random(7)
    ids = tables["adverts"]["id"].to_pylist()
    at = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    found = []
    for i in range(number):
        one, other = rng.sample(ids, 2)
        said = "same" if i % 2 else "different"
        when = (at + datetime.timedelta(seconds=i)).isoformat()
        found.append(Judgement(said, one, other, ((one, other),), "Ana", when, ""))
    return found


def partition(tables):
    found = {}
    for one in tables["adverts"].to_pylist():
        found.setdefault(one["campaign"] or one["id"], set()).add(one["id"])
    return {frozenset(ids) for ids in found.values()}


def evidence(tables):
    """Return the links without names that only last within one bank."""
    columns = ("first", "second", "kind", "status", "weight", "probability", "also", "against")
    return sorted(
        str([one[name] for name in columns])
        for one in tables["edges"].select([*columns]).to_pylist()
        if one["kind"] != "judged"
    )


@pytest.fixture(scope="module")
def grown(adverts):
    """All builds of a bank: 80 %, the rest in five steps, then 1 % erased."""
    rng = random.Random(5)
    order = rng.sample(range(ADVERTS), ADVERTS)
    first, rest = order[: ADVERTS * 4 // 5], order[ADVERTS * 4 // 5 :]
    steps = [first, *(rest[i::STEPS] for i in range(STEPS))]
    erased = [adverts["id"][i].as_py() for i in rng.sample(range(ADVERTS), ADVERTS // 100)]
    builds, words = [], []
    for i, rows in enumerate(steps):
        before = builds[-1] if builds else {}
        builds.append(build([adverts.take(pa.array(sorted(rows)))], before, words))
        if i == 0:
            words = judged(builds[0], 40)
    builds.append(build([adverts], builds[-1], words, erased))
    return builds, words, erased


@pytest.mark.slow
def test_partition_and_evidence_are_those_of_one_build(adverts, grown):
    builds, words, erased = grown
    at_once = build([adverts], {}, words, erased)
    assert partition(builds[-1]) == partition(at_once)
    assert evidence(builds[-1]) == evidence(at_once)
    assert any(len(one) > 10 for one in partition(at_once))


def test_every_judgement_holds_or_is_reported_after_every_build(grown):
    builds, words, erased = grown
    for tables in builds[1:]:
        told = {one["judgement"]: one for one in tables["judged"].to_pylist()}
        assert set(told) == {one.id for one in words}
        home = dict(
            zip(*(tables["adverts"][name].to_pylist() for name in ("id", "campaign")), strict=True)
        )
        for one in words:
            first, second = one.anchors[0]
            if told[one.id]["holds"]:
                together = home[first] is not None and home[first] == home[second]
                assert together == (one.said == "same"), one
            else:
                assert told[one.id]["why"]
    gone = [one for one in words if set(one.anchors[0]) & set(erased)]
    last = {one["judgement"]: one for one in builds[-1]["judged"].to_pylist()}
    assert all("not in the bank any more" in last[one.id]["why"] for one in gone)


def test_no_id_is_used_again_and_what_is_gone_is_recorded(grown):
    builds, _, _ = grown
    for column, table, level in (
        ("campaign", "adverts", "campaign"),
        ("template", "adverts", "template"),
        ("identity", "identities", "identity"),
    ):
        used, ended = set(), set()
        for tables in builds:
            names = set(tables[table][column].to_pylist()) - {None}
            assert not names & ended
            gone = used - names
            replaced = {
                one["old"]: one for one in tables["replaced"].to_pylist() if one["level"] == level
            }
            assert gone <= set(replaced), level
            ended |= gone
            used |= names


def test_an_advert_that_stays_keeps_the_campaign_that_only_grows(grown):
    builds, _, _ = grown
    for before, after in zip(builds[1:-2], builds[2:-1], strict=True):
        old = {one["id"]: one["campaign"] for one in before["adverts"].to_pylist()}
        new = {one["id"]: one["campaign"] for one in after["adverts"].to_pylist()}
        changed = {old[one] for one in old if old[one] is not None and old[one] != new[one]}
        told = {one["old"] for one in after["replaced"].to_pylist()}
        assert changed <= told
