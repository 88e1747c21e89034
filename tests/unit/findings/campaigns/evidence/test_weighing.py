import json
import logging
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import TestCase

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_linking import Made, campaign, entrants, random_adverts, templates, token

from adverts.errors import IntegrityError
from adverts_findings.campaigns.edges import EDGE_KINDS, Edges, join_edges
from adverts_findings.campaigns.evidence import weighing
from adverts_findings.campaigns.evidence.finding import find_edges
from adverts_findings.campaigns.evidence.model import BESIDE, PRIOR, EvidenceModel
from adverts_findings.campaigns.evidence.weighing import uncalibrated, weigh
from adverts_findings.campaigns.rules import LinkingRules

PHONE, HANDLE, PAGE = token("PHONE", 0), token("HANDLE", 0), token("LINK", 0)
FIRST: dict[str, Any] = EvidenceModel().settings()
WAYS = {
    "contact": ("weeks", "months", "longer", "unknown", "across"),
    "account": ("weeks", "months", "longer", "unknown", "across"),
    "link_target": ("weeks", "months", "longer", "unknown", "across"),
    "template": ("one", "alone", "several", "campaigns"),
}
SILENCES = {"weeks": 28.0, "months": 28.1, "longer": 182.1, "unknown": math.nan, "across": 0.0}
REASONS = {
    "one": "",
    "alone": "one template, and nothing else",
    "several": "3 campaigns show this template",
    "campaigns": "the same template, and no contact, account or target in common",
}


def edge(kind: str, way: str, accounts: int = 2, also: int = 0, against: int = 0) -> Edges:
    """Return one edge that shares something of a kind in one way."""
    content = kind == "template"
    return Edges(
        first=np.array([0]),
        second=np.array([1]),
        kind=np.array([EDGE_KINDS.index(kind)]),  # type: ignore[arg-type]
        value=("value",),
        adverts=np.array([7]),
        accounts=np.array([accounts]),
        silence=np.array([0.0 if content else SILENCES[way]]),
        across=np.array([way == "across"]),
        also=np.array([also]),
        weight=np.array([math.nan]),
        probability=np.array([math.nan]),
        status=np.array([1 if content and way != "one" else 0]),
        reason=(REASONS[way] if content else "",),
        against=np.array([against]),
    )


def level(comparison: str, label: str) -> tuple[float, float]:
    """Return m and u of a level of the model, as its settings have them."""
    (found,) = (
        one
        for part in FIRST["comparisons"]
        if part["output_column_name"] == comparison
        for one in part["comparison_levels"]
        if one["label_for_charts"] == label
    )
    return found["m_probability"], found["u_probability"]


def by_hand(kind: str, way: str, owners: int, also: int, against: int) -> float:
    """Return the weight by Fellegi and Sunter's formula, with Winkler's for rarity."""
    m, u = level("shared", f"{kind}/{way}")
    bits = math.log2(m / u) + 0.5 * math.log2(u / (1e-6 * owners))
    for side in BESIDE:
        bit = 1 << EDGE_KINDS.index(side)  # type: ignore[arg-type]
        if (also | against) & bit:
            label = "the same" if also & bit else "nothing the same"
            m, u = level(f"{side}_beside", label)
            bits += math.log2(m / u)
    return bits


def many(cases: Sequence[tuple[str, str]]) -> Edges:
    """Return one edge of each case."""
    return join_edges([edge(kind, way) for kind, way in cases])


CASES = [(kind, way) for kind, ways in WAYS.items() for way in ways]


def test_a_weight_is_that_of_fellegi_and_sunter() -> None:
    rng = random.Random(29)
    drawn = [
        (*rng.choice(CASES), rng.randint(1, 2_000), rng.randrange(16), rng.randrange(16))
        for _ in range(1_000)
    ]
    edges = join_edges([edge(*one[:4], against=one[4] & ~one[3]) for one in drawn])
    owners = {"one": 2, "campaigns": 2, "several": 3}
    wanted = [
        by_hand(kind, way, owners.get(way, accounts), also, against & ~also)
        for kind, way, accounts, also, against in drawn
    ]
    assert weigh(edges, EvidenceModel())[0].tolist() == pytest.approx(wanted)


def test_every_comparison_of_the_model_has_probabilities_that_add_up_to_one() -> None:
    for part in FIRST["comparisons"]:
        levels = [one for one in part["comparison_levels"] if "m_probability" in one]
        for name in ("m_probability", "u_probability"):
            assert sum(one[name] for one in levels) == pytest.approx(1)
            assert all(0 < one[name] < 1 for one in levels)


def test_what_more_accounts_show_weighs_less() -> None:
    edges = join_edges([edge("contact", "weeks", n) for n in (1, 10, 100, 1_000)])
    assert (np.diff(weigh(edges, EvidenceModel())[0]) < 0).all()


def test_adverts_count_where_no_account_is_known() -> None:
    (unknown,), _ = weigh(edge("contact", "weeks", 0), EvidenceModel())
    (seven,), _ = weigh(edge("contact", "weeks", 7), EvidenceModel())
    assert unknown == seven


def test_text_and_picture_of_one_template_weigh_as_one_kind() -> None:
    before, after = campaign("a", [0, 200], contacts=[PHONE], template="t", pictures=["p"])
    both = weights_of([before, after])
    assert both == weights_of([replace(before, pictures=[]), replace(after, pictures=[])])
    assert both == weights_of([replace(before, template=None), replace(after, template=None)])


def weights_of(adverts: Sequence[Made]) -> list[float]:
    found = find_edges(entrants(adverts), templates(adverts), LinkingRules())
    return [round(one, 9) for one in weigh(found.edges, EvidenceModel())[0].tolist()]


def test_without_other_evidence_a_rule_that_joins_is_likely_and_one_that_refuses_is_not() -> None:
    joins = [("contact", "weeks"), ("account", "weeks"), ("link_target", "weeks")]
    joins.append(("template", "one"))
    doubtful = [("contact", "months"), ("contact", "longer"), ("contact", "across")]
    doubtful += [("template", "several"), ("template", "campaigns")]
    assert (uncalibrated(weigh(many(joins), EvidenceModel())[0]) > 0.9).all()
    assert (uncalibrated(weigh(many(doubtful), EvidenceModel())[0]) <= 0.51).all()


def test_what_people_judged_is_not_weighed() -> None:
    judged = replace(edge("contact", "weeks"), kind=np.array([EDGE_KINDS.index("judged")]))
    weight, model = weigh(judged, EvidenceModel())
    assert math.isnan(weight[0])
    assert model.weights == {}


def test_no_edges_have_no_weights() -> None:
    none = edge("contact", "weeks").chosen(np.zeros(1, np.bool_))
    assert len(weigh(none, EvidenceModel())[0]) == 0


def test_known_patterns_are_not_weighed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    adverts = random_adverts(random.Random(5), 40)
    edges = find_edges(entrants(adverts), templates(adverts), LinkingRules()).edges
    weights, model = weigh(edges, EvidenceModel())
    monkeypatch.setattr(weighing, "_side_table", None)
    again, same = weigh(edges, EvidenceModel.from_json(model.to_json()))
    assert again.tolist() == weights.tolist()
    assert same.to_json() == model.to_json()


@settings(deadline=None, max_examples=4)
@given(st.integers(0, 10**6), st.integers(0, 30), st.integers(0, 30))
def test_weights_are_the_same_whether_edges_come_at_once_or_one_after_another(
    seed: int, first: int, more: int
) -> None:
    adverts = random_adverts(random.Random(seed), first + more)
    edges = find_edges(entrants(adverts), templates(adverts), LinkingRules()).edges
    at_once, model = weigh(edges, EvidenceModel(), threads=2)
    part = edges.chosen(np.arange(len(edges)) < len(edges) // 2)
    _, knowing = weigh(part, EvidenceModel())
    later, extended = weigh(edges, knowing)
    assert later.tolist() == at_once.tolist()
    assert extended.to_json() == model.to_json()


def test_nothing_is_printed_logged_or_left_behind(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with TestCase().assertNoLogs(level=logging.WARNING):
        weigh(edge("contact", "weeks"), EvidenceModel())
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_probability_is_the_prior_where_nothing_speaks_for_either() -> None:
    assert uncalibrated(np.zeros(1)).tolist() == pytest.approx([PRIOR])
    assert uncalibrated(np.array([1.0]), 0.5).tolist() == pytest.approx([2 / 3])
    assert uncalibrated(np.array([-1e9, 1e9])).tolist() == pytest.approx([0.0, 1.0])
    assert math.isnan(uncalibrated(np.array([math.nan]))[0])


@pytest.mark.parametrize("prior", [0.0, 1.0, -1.0, math.nan])
def test_a_prior_that_is_no_doubt_is_refused(prior: float) -> None:
    with pytest.raises(ValueError, match="the prior is"):
        uncalibrated(np.zeros(1), prior)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"version": 1}',
    ],
)
def test_what_is_no_model_is_named(text: str) -> None:
    with pytest.raises(IntegrityError, match="the model of evidence"):
        EvidenceModel.from_json(text)


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"prior": 0},
        {"rare": "much"},
        {"rarity_counts": math.nan},
        {"shared": {}},
        {"shared": {"1 = 1 or 'contact/weeks": 0.5}},
        {"beside": {kind: [0.5] for kind in BESIDE}},
        {"weights": []},
        {"weights": {"contact/weeks/2/----": "much"}},
        {"weights": {"contact/weeks/2/----": math.inf}},
    ],
)
def test_a_damaged_model_is_named(changed: dict[str, object]) -> None:
    text = json.dumps(json.loads(EvidenceModel().to_json()) | changed)
    with pytest.raises(IntegrityError, match="the model of evidence"):
        EvidenceModel.from_json(text)
