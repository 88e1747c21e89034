"""What happens with an advert: danger is always told, seekers are never pursued."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adverts.advert import LabelSchema, Task
from adverts.data.mapping.taxonomy import label_facts, read_taxonomy, safeguarding_signals
from adverts.errors import InputError, IntegrityError
from adverts.runtime.rules.label_facts import LabelFacts
from adverts.runtime.rules.routing import (
    OFFICER_ROUTES,
    ClassFacts,
    RoutingFacts,
    SafeguardingSignal,
    route,
)
from adverts.runtime.rules.thresholds import SAFEGUARDING_DEFAULT, Threshold, Thresholds

pytestmark = pytest.mark.promise

SCHEMA = read_taxonomy().label_schema()
LABELS = label_facts(SCHEMA)
FACTS = LABELS.routing(SCHEMA)
CLASSES = tuple(FACTS.classes)
DANGERS = safeguarding_signals()
PRECISE = Threshold("refer", "yes", "precision", 0.9, 0.8, 0.01)
COMPLETE = Threshold("refer", "yes", "recall", 0.95, 0.3)
DISTRESS = Threshold("signals", "live_distress", "recall", 0.95, 0.2)
THRESHOLDS = Thresholds((PRECISE, COMPLETE, DISTRESS), DANGERS)

# libraries that other tests load may turn subnormal numbers off for the whole process
shares = st.floats(0, 1, allow_subnormal=False)
names = st.sampled_from(CLASSES)
reasons = st.none() | st.just("its pictures were not read")


def said(score, name, **dangers):
    return {
        "refer": {"no": 1 - score, "yes": score},
        "advert_class": {one: 1.0 if one == name else 0.0 for one in CLASSES},
        "signals": {**dict.fromkeys(DANGERS, 0.0), **dangers},
    }


def decide(score, name="offer_crossing", thresholds=THRESHOLDS, abstained=None, **dangers):
    return route(said(score, name, **dangers), thresholds, FACTS, abstained=abstained)


def test_an_offer_with_a_high_score_is_for_officers_first():
    found = decide(0.8)
    assert found.review_band == "priority"
    assert found.routes == ("refer_review", "intel_review")


def test_between_the_thresholds_an_advert_is_reviewed():
    found = decide(0.3)
    assert found.review_band == "review"
    assert found.routes == ("refer_review", "intel_review")


def test_below_both_thresholds_no_officer_sees_it():
    found = decide(0.29)
    assert (found.review_band, found.routes) == ("below", ("no_action",))
    assert "0.29 is under 0.3" in found.reason


@given(shares, names, reasons, st.floats(SAFEGUARDING_DEFAULT, 1, allow_subnormal=False))
def test_danger_is_told_whatever_class_score_and_abstention_say(score, name, abstained, danger):
    found = decide(score, name, abstained=abstained, minor_present=danger)
    assert [one.label for one in found.safeguarding] == ["minor_present"]
    assert found.safeguarding[0].probability == danger
    assert found.routes[0] == "safeguarding"
    assert "no_action" not in found.routes


@given(shares, names, shares)
def test_danger_does_not_depend_on_the_thresholds_of_the_queue(score, name, danger):
    none = Thresholds((DISTRESS,), DANGERS)
    assert (
        decide(score, name, live_distress=danger).safeguarding
        == decide(score, name, none, live_distress=danger).safeguarding
    )


def test_danger_is_told_from_its_recall_threshold_on():
    assert not decide(0.1, live_distress=0.199).safeguarding
    assert decide(0.1, live_distress=0.2).safeguarding


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99, 1.5])
def test_a_danger_with_its_own_threshold_is_told_from_there_not_from_the_default(share):
    own = SAFEGUARDING_DEFAULT * share
    given = Thresholds((Threshold("signals", "live_distress", "recall", 0.95, own),), DANGERS)
    assert decide(0.1, thresholds=given, live_distress=own).safeguarding
    assert not decide(0.1, thresholds=given, live_distress=own * 0.99).safeguarding


def test_danger_without_a_threshold_is_told_from_the_default_on():
    empty = Thresholds(safeguarding=DANGERS)
    lacking = Thresholds((replace(DISTRESS, value=None, lack="none"),), DANGERS)
    assert decide(0.1, thresholds=empty, live_distress=SAFEGUARDING_DEFAULT).safeguarding
    assert decide(0.1, thresholds=lacking, live_distress=SAFEGUARDING_DEFAULT).safeguarding


@given(shares, names, reasons, shares)
def test_a_class_without_an_officers_route_never_gets_one(score, name, abstained, danger):
    found = decide(score, name, abstained=abstained, live_distress=danger)
    assert set(found.routes) & set(OFFICER_ROUTES) <= set(FACTS.classes[name].routes)


@given(shares, reasons, shares)
def test_a_person_who_asks_for_help_is_never_referred(score, abstained, danger):
    found = decide(score, "seek_service", abstained=abstained, live_distress=danger)
    assert not set(found.routes) & {"refer_review", "intel_review"}
    assert found.review_band != "priority"


def test_a_person_who_asks_for_help_is_pointed_to_it():
    assert decide(0.05, "seek_service").routes == ("redirect_support", "safeguarding")
    assert decide(0.99, "seek_service").routes == ("redirect_support", "safeguarding")


@given(shares, names)
def test_what_the_model_abstains_from_is_for_a_person(score, name):
    found = decide(score, name, abstained="its pictures were not read")
    assert found.review_band == "abstain"
    assert found.reason == "its pictures were not read"
    assert not set(found.routes) & {*OFFICER_ROUTES, "no_action"}


@given(shares)
def test_an_unusable_advert_is_for_a_person(score):
    found = decide(score, "unusable")
    assert (found.review_band, found.routes) == ("abstain", ("requeue",))


@given(shares, names)
def test_nothing_is_called_harmless_without_a_threshold_for_it(score, name):
    assert decide(score, name, Thresholds((PRECISE,), DANGERS)).review_band != "below"


@given(shares, names)
def test_a_flagged_advert_is_never_closed(score, name):
    found = decide(score, name)
    assert (found.review_band == "below") or "no_action" not in found.routes


def test_news_with_a_high_score_is_looked_at_and_not_referred():
    found = decide(0.95, "news_journalism")
    assert (found.review_band, found.routes) == ("review", ())
    assert "no officer's route" in found.reason


def test_a_language_is_decided_by_its_own_threshold():
    own = replace(
        THRESHOLDS, thresholds=(*THRESHOLDS.thresholds, replace(COMPLETE, value=0.1, language="ps"))
    )
    assert route(said(0.2, "offer_crossing"), own, FACTS, language="ps").review_band == "review"
    assert route(said(0.2, "offer_crossing"), own, FACTS, language="en").review_band == "below"


def test_a_probability_that_is_missing_or_no_number_is_refused():
    with pytest.raises(InputError, match="'yes' of task 'refer' orders the queue"):
        route({}, THRESHOLDS, FACTS)
    with pytest.raises(InputError, match="signals, live_distress: probability nan"):
        decide(0.5, live_distress=float("nan"))


def test_a_sign_of_danger_that_was_not_asked_for_is_no_absence_of_danger():
    with pytest.raises(InputError, match="'minor_present' has no probability"):
        route({"refer": {"yes": 0.5}}, THRESHOLDS, FACTS)


def test_a_sign_of_danger_is_told_where_no_threshold_names_it():
    facts = RoutingFacts("refer", "yes", safeguarding=("live_distress",))
    said = {"refer": {"yes": 0.01}, "signals": {"live_distress": 0.1, "price": 0.9}}
    assert route(said, Thresholds(), facts).safeguarding == (
        SafeguardingSignal("live_distress", 0.1),
    )


def test_a_class_that_the_facts_do_not_know_is_refused():
    facts = replace(FACTS, safeguarding=())
    with pytest.raises(InputError, match="class 'new' has no routes"):
        route({"refer": {"yes": 0.5}, "advert_class": {"new": 1.0}}, Thresholds(), facts)


def test_the_facts_are_those_of_the_taxonomy():
    assert FACTS.classes["seek_service"] == ClassFacts("A", ("redirect_support", "safeguarding"))
    assert (FACTS.task, FACTS.positive, len(FACTS.classes)) == ("refer", "yes", 21)


def test_a_schema_without_its_classes_or_without_a_queue_says_so():
    queue = LabelSchema("mail", (Task("spam", "single", ("no", "yes")),), "spam")
    assert label_facts(queue).routing(queue) == RoutingFacts("spam", "yes")
    levels = LabelSchema("risks", (Task("risk", "ordinal", ("0", "1")),), "risk")
    assert label_facts(levels).routing(levels) == RoutingFacts("risk", None)


def test_facts_that_were_written_are_read():
    assert LabelFacts.from_json(LABELS.to_json()) == LABELS
    assert LabelFacts.from_json(LabelFacts().to_json()) == LabelFacts()


def broken(change):
    raw = json.loads(LABELS.to_json())
    change(raw)
    return json.dumps(raw)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(schema_version=2), "schema_version 2, wanted 1"),
        (lambda raw: raw["classes"][0].pop("routes"), r"classes\[0\].routes is missing"),
        (lambda raw: raw["classes"][3].update(group=None), r"classes\[3\].group is null"),
        (lambda raw: raw["classes"].append(raw["classes"][0]), "'offer_crossing' a second time"),
        (lambda raw: raw.update(colour="red"), "colour is not a known field"),
    ],
    ids=["version", "missing", "null", "twice", "unknown"],
)
def test_facts_at_fault_are_refused_by_the_name_of_the_field(change, message):
    with pytest.raises(IntegrityError, match=message):
        LabelFacts.from_json(broken(change))


PARTNERS = Thresholds(
    (
        Threshold("refer", "yes", "precision", 0.9, 0.6, operating_prevalence=0.01),
        Threshold("signals", "flag", "recall", 0.95, 0.2),
    ),
    safeguarding=("flag",),
    withheld=("recall",),
)
QUEUE = RoutingFacts("refer", "yes")


def seen(yes, flag=0.0):
    return {"refer": {"no": 1 - yes, "yes": yes}, "signals": {"flag": flag}}


def test_where_recall_thresholds_are_withheld_below_says_nothing_more():
    decision = route(seen(0.4), PARTNERS, QUEUE)
    assert (decision.review_band, decision.routes) == ("below", ())
    assert decision.reason.endswith(
        "0.6, the precision threshold; the recall threshold is withheld"
    )
    assert route(seen(0.6), PARTNERS, QUEUE).review_band == "priority"


def test_no_action_is_never_advised_where_recall_thresholds_are_withheld():
    facts = RoutingFacts("refer", "yes", "kind", {"news": ClassFacts("N", ("no_action",))})
    decision = route(seen(0.4) | {"kind": {"news": 1.0}}, PARTNERS, facts)
    assert (decision.review_band, decision.routes) == ("below", ())


def test_a_sign_of_danger_is_told_where_recall_thresholds_are_withheld():
    decision = route(seen(0.4, flag=0.2), PARTNERS, QUEUE)
    assert [one.label for one in decision.safeguarding] == ["flag"]
    assert decision.routes == ("safeguarding",)


def test_a_recall_threshold_that_lacks_evidence_abstains_for_a_partner_too():
    lacking = Threshold("refer", "yes", "recall", 0.95, None, lack="too little evidence")
    thresholds = replace(PARTNERS, thresholds=(*PARTNERS.thresholds, lacking))
    assert route(seen(0.4), thresholds, QUEUE).review_band == "abstain"


def test_without_any_precision_threshold_a_partner_s_adverts_abstain():
    thresholds = replace(PARTNERS, thresholds=PARTNERS.thresholds[1:])
    assert route(seen(0.4), thresholds, QUEUE).review_band == "abstain"


@pytest.mark.parametrize(
    ("score", "routes"),
    [(0.95, ("refer_review",)), (0.5, ("refer_review",)), (0.01, ("no_action",))],
)
def test_a_model_without_classes_sends_what_it_flags_to_an_officer(score, routes):
    thresholds = Thresholds(
        (
            Threshold("refer", "yes", "precision", 0.9, 0.9, operating_prevalence=0.1),
            Threshold("refer", "yes", "recall", 0.9, 0.1),
        )
    )
    found = route(
        {"refer": {"no": 1 - score, "yes": score}}, thresholds, RoutingFacts("refer", "yes")
    )
    assert found.routes == routes
    unknown = route({"refer": {"no": 0.1, "yes": 0.9}}, Thresholds(), RoutingFacts("refer", "yes"))
    assert (unknown.review_band, unknown.routes) == ("abstain", ())
