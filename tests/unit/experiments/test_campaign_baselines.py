"""What each baseline joins, on a few adverts each."""

import baselines
import pytest
from baselines import KINDS


@pytest.fixture
def seen(by_hand):
    return lambda *adverts: baselines.Visible(by_hand(adverts))


def joined(campaigns):
    """Return whether the first two adverts are in one campaign."""
    return campaigns[0] is not None and campaigns[0] == campaigns[1]


SHARED = [
    pytest.param({"contacts": ["PHONE:1"]}, id="contact"),
    pytest.param({"contacts": ["LINK:1"]}, id="link target"),
    pytest.param({"account": "a"}, id="account"),
    pytest.param({"cluster": "c"}, id="template"),
    pytest.param({"pictures": [b"p"]}, id="picture"),
]


@pytest.mark.parametrize("thing", SHARED)
def test_any_shared_evidence_joins(seen, thing):
    assert joined(baselines.shared_evidence(seen(thing, thing)))


def test_nothing_shared_joins_nothing(seen):
    found = baselines.shared_evidence(seen({}, {}))
    assert found[0] != found[1]


def test_a_public_contact_joins_nothing(seen):
    helped = {"contacts": ["PHONE:1"], "public": ["PHONE:1"]}
    assert not joined(baselines.shared_evidence(seen(helped, helped)))
    assert not joined(baselines.rules(seen(helped, helped), KINDS[0], most_accounts=25))


@pytest.mark.parametrize("group", ["A", "N"])
def test_a_warning_enters_no_campaign(seen, group):
    network, warning = {"contacts": ["PHONE:1"]}, {"contacts": ["PHONE:1"], "group": group}
    adverts = seen(network, warning)
    assert baselines.shared_evidence(adverts)[1] is None
    assert baselines.rules(adverts, KINDS[0], most_accounts=25)[1] is None
    assert baselines.templates_alone(adverts)[1] is None


def test_evidence_within_one_network_joins_no_other(seen):
    thing = {"contacts": ["PHONE:1"]}
    assert not joined(baselines.shared_evidence(seen(thing, thing), within=["A", "B"]))
    assert joined(baselines.shared_evidence(seen(thing, thing), within=["A", "A"]))


def test_templates_alone_see_no_contact(seen):
    assert joined(baselines.templates_alone(seen({"cluster": "c"}, {"cluster": "c"})))
    thing = {"contacts": ["PHONE:1"], "account": "a", "pictures": [b"p"]}
    assert not joined(baselines.templates_alone(seen(thing, thing)))


@pytest.mark.parametrize(("week", "together"), [(26, True), (27, False)])
def test_rules_end_a_contact_after_26_silent_weeks(seen, week, together):
    adverts = seen({"contacts": ["PHONE:1"]}, {"contacts": ["PHONE:1"], "week": week})
    assert joined(baselines.rules(adverts, KINDS[0], most_accounts=25)) is together


def test_rules_follow_a_contact_over_a_long_time_without_silence(seen):
    weeks = (0, 40, 20)
    adverts = seen(*({"contacts": ["PHONE:1"], "week": week} for week in weeks))
    assert joined(baselines.rules(adverts, KINDS[0], most_accounts=25))


@pytest.mark.parametrize(("most", "together"), [(2, True), (1, False)])
def test_rules_leave_out_a_contact_of_many_accounts(seen, most, together):
    adverts = seen({"contacts": ["PHONE:1"]}, {"contacts": ["PHONE:1"]})
    assert joined(baselines.rules(adverts, KINDS[0], most_accounts=most)) is together


@pytest.mark.parametrize("thing", [{"account": "a"}, {"pictures": [b"p"]}])
def test_rules_want_a_template_and_another_kind(seen, thing):
    both = thing | {"cluster": "c"}
    assert joined(baselines.rules(seen(both, both), KINDS[0], most_accounts=25))
    assert not joined(baselines.rules(seen(thing, thing), KINDS[0], most_accounts=25))
    assert not joined(
        baselines.rules(seen({"cluster": "c"}, {"cluster": "c"}), KINDS[0], most_accounts=25)
    )


def test_rules_without_templates_join_by_no_template(seen):
    both = {"cluster": "c", "pictures": [b"p"]}
    assert joined(baselines.rules(seen(both, both), KINDS[1], most_accounts=25))
    assert not joined(baselines.rules(seen(both, both), KINDS[2], most_accounts=25))


def test_one_account_joins_where_the_rules_say_so(seen):
    thing = {"account": "a"}
    assert joined(baselines.rules(seen(thing, thing), KINDS[1], most_accounts=25))
    assert joined(baselines.rules(seen(thing, thing), KINDS[2], most_accounts=25))


@pytest.mark.slow
def test_no_baseline_reads_the_truth(world):
    seen = baselines.Visible(world)
    assert not any(name.startswith("truth") for name in world.visible.column_names)
    assert len(seen.groups) == 10_000
