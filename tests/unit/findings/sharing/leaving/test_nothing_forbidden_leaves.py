"""Of random adverts, reviews, recipients and ledgers, nothing leaves that must not."""

import datetime
from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_items import LAWS, TODAY, at, item, order, out, recipient, review, withdrawal

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.review.counted_labels import counted_labels
from adverts.data.review.reviews import item_name
from adverts_findings.sharing.leaving.checks import check_items
from adverts_findings.sharing.leaving.reviewed import NOT_REVIEWED, reviewed_of

pytestmark = pytest.mark.promise

COUNTED = counted_labels(read_taxonomy().label_schema())
KINDS = ("notice", "hashes", "stix", "misp")
ADVERTS = ("a1", "a2", "a3")
CAREFUL = ("synthetic", "public", "research", "operational_restricted")
POSITIVE = {"yes", *(one.id for one in read_taxonomy().classes if one.group == "V")}
ENOUGH = {"dsa_16": {"french", "union"}, "uk_osa": {"crossing", "any_gb"}}


def mostly(*usual, rarely=()):
    """Return one of the usual values, or now and then one of the others."""
    return st.sampled_from([*usual * 4, *rarely])


def words_on(advert):
    def said(task_and_label, who, day, number):
        task, label = task_and_label
        item_of = item_name(advert)
        return review(label, who, day, task=task, round=number, item=item_of)

    answers = mostly(
        ("refer", "yes"),
        ("advert_class", "offer_crossing"),
        rarely=[
            ("refer", "no"),
            ("refer", "unsure"),
            ("advert_class", "promo_testimonial"),
            ("advert_class", "seek_service"),
            ("safeguarding", "minor_present"),
            ("safeguarding", "closed"),
            ("safeguarding", "none"),
        ],
    )
    people = mostly("Cleo Demo", "Dan Demo", rarely=["ADA demo", " "])
    word = st.builds(said, answers, people, st.integers(-9, 1), mostly(1, 2, rarely=[3]))
    return st.lists(word, max_size=3)


def days(first, last):
    return st.integers(first, last).map(lambda one: TODAY + datetime.timedelta(days=one))


def adverts_of(reviews):
    said = reviewed_of(reviews, COUNTED)

    def one(advert, **changes):
        return item(advert, reviewed=said.get(item_name(advert), NOT_REVIEWED), **changes)

    return st.tuples(
        *(
            st.builds(
                one,
                st.just(advert),
                platform=mostly("aster", rarely=["birch", ""]),
                url=mostly("https://aster.example/1", rarely=[""]),
                platform_item_id=st.sampled_from(["1", ""]),
                sensitivity=mostly("synthetic", "research", rarely=CAREFUL),
                licence=mostly("MIT", rarely=["own", "unstated", "odd", ""]),
                audience=st.sampled_from(["internal", "partner", ""]),
                retain_until=mostly(None, rarely=[TODAY, TODAY + datetime.timedelta(days=9)]),
            )
            for advert in ADVERTS
        )
    )


RECIPIENTS = st.builds(
    recipient,
    sensitivity_ceiling=mostly("research", "operational_restricted", rarely=CAREFUL),
    licences=mostly(["MIT"], rarely=[["own"], ["MIT", "unstated", ""], []]),
    platforms=mostly(["aster"], rarely=[[], ["aster", "birch", ""]]),
    regime=st.sampled_from(["dsa_16", "uk_osa", "platform_terms", "voluntary"]),
    laws=mostly([*LAWS], rarely=[["crossing"], ["union", "swiss"], ["french", "rules"], []]),
)
ORDERS = st.builds(
    order,
    RECIPIENTS,
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=4).map(tuple),
    expires=days(1, 20),
    good_faith=mostly("Bo Demo", rarely=["", " "]),
)
LEDGERS = st.lists(
    st.builds(
        out,
        st.sampled_from(ADVERTS),
        kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=2).map(tuple),
        recipient=mostly("aster", rarely=["birch"]),
        expires=days(-3, 3).map(str),
        withdrawal=st.sampled_from([None, withdrawal(-8), withdrawal(-3)]),
    ),
    max_size=2,
)
REVIEWS = st.tuples(*map(words_on, ADVERTS)).map(lambda parts: [*chain(*parts)])


def good_item(one, words, asked, every):
    """Return whether nothing forbids that an advert leaves in some form, from the plain words."""
    ledger = at_recipient(one, every)
    mine = [word for word in words if word.item == one.item]
    judging = [word for word in mine if word.task != "safeguarding"]
    withdrawn = [
        each.withdrawal.at
        for each in every
        if each.item.item == one.item and each.withdrawal is not None
    ]
    return (
        any(word.label in POSITIVE and word.reviewed_at <= at(0, 24) for word in judging)
        and one.reviewed.group == "V"
        and one.reviewed.at[:10] <= TODAY.isoformat()
        and any(word.reviewer.strip() for word in mine)
        and not one.reviewed.safeguarding
        and all(word.reviewer.casefold() != "ada demo" for word in mine)
        and CAREFUL.index(one.sensitivity) <= CAREFUL.index(asked.recipient.sensitivity_ceiling)
        and one.licence in {"MIT", "own", "odd"} & set(asked.recipient.licences)
        and (one.retain_until is None or one.retain_until >= asked.expires)
        and all(one.reviewed.at > when for when in withdrawn)
        and all(keeps_terms(each, asked) for each in ledger if each.withdrawal is None)
    )


def keeps_terms(each, asked):
    """Return whether what is out may still be used, and until the same day after the order."""
    if each.expires < TODAY.isoformat():
        return False
    return set(asked.kinds) <= set(each.kinds) or each.expires == asked.expires.isoformat()


def good_notice(one, asked):
    """Return whether nothing forbids that an advert leaves as a notice."""
    to = asked.recipient
    covers = ENOUGH.get(to.regime, {"rules"}) & set(to.laws)
    if one.reviewed.label != "offer_crossing":
        covers -= {"crossing", "french"}
    if not one.reviewed.label:
        covers &= {"rules"}
    return (
        one.platform != ""
        and one.platform in to.platforms
        and bool(one.url or one.platform_item_id)
        and (to.regime == "voluntary" or bool(covers))
        and (to.regime != "dsa_16" or bool(asked.good_faith.strip()))
    )


def at_recipient(one, ledger):
    return [each for each in ledger if each.recipient == "aster" and each.item.item == one.item]


@st.composite
def cases(draw):
    words = draw(REVIEWS)
    return words, draw(adverts_of(words)), draw(ORDERS), draw(LEDGERS)


@given(cases())
@settings(deadline=None, max_examples=400)
def test_only_what_nothing_forbids_leaves_and_everything_else_is_refused_with_a_reason(case):
    words, items, asked, ledger = case
    state = {f"R-{number}": each for number, each in enumerate(ledger)}
    found = check_items(items, asked, state, TODAY)
    refused = {(one.item, one.kind) for one in found.refusals}
    assert all(one.reason for one in found.refusals)
    assert set(found.allowed) == set(asked.kinds)
    for one in items:
        mine = at_recipient(one, ledger)
        fine = good_item(one, words, asked, ledger)
        assert ((one.item, "all") in refused) == (not fine)
        for kind in set(asked.kinds):
            is_out = any(
                kind in each.kinds and each.withdrawal is None and each.expires >= TODAY.isoformat()
                for each in mine
            )
            may = fine and not is_out and (kind != "notice" or good_notice(one, asked))
            assert (one in found.allowed[kind]) == may
            assert ((one.item, kind) in refused) == (fine and not may)


@given(cases(), st.sampled_from(["internal", "partner", ""]))
@settings(deadline=None, max_examples=50)
def test_the_audience_changes_nothing(case, audience):
    _, items, asked, ledger = case
    state = {f"R-{number}": each for number, each in enumerate(ledger)}
    same = [replace(one, audience=audience) for one in items]
    first, second = (check_items(each, asked, state, TODAY) for each in (items, same))
    assert first.refusals == second.refusals
    for kind in first.allowed:
        assert [one.item for one in first.allowed[kind]] == [
            one.item for one in second.allowed[kind]
        ]


@given(cases())
@settings(deadline=None, max_examples=50)
def test_the_order_of_adverts_and_of_the_ledger_changes_nothing_of_what_leaves(case):
    _, items, asked, ledger = case
    forth = check_items(items, asked, dict(enumerate(ledger)), TODAY)
    back = check_items(items[::-1], asked, dict(enumerate(ledger[::-1])), TODAY)
    assert {kind: set(several) for kind, several in forth.allowed.items()} == {
        kind: set(several) for kind, several in back.allowed.items()
    }


def test_random_cases_let_some_leave_and_refuse_others():
    """Guard against cases of which each is refused, which would show nothing."""
    left = {kind: 0 for kind in KINDS}
    reasons = set()

    @given(cases())
    @settings(deadline=None, max_examples=300, database=None, derandomize=True)
    def count(case):
        _, items, asked, ledger = case
        found = check_items(items, asked, dict(enumerate(ledger)), TODAY)
        for kind, several in found.allowed.items():
            left[kind] += len(several)
        reasons.update(one.reason[:14] for one in found.refusals)

    count()
    assert all(number > 5 for number in left.values()), left
    assert len(reasons) >= 12, reasons
