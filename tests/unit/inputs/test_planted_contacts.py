"""The promise of masking: contacts are found however they are written, and numbers stay."""

from collections import Counter

import pytest
from contact_decoys import PROMISED
from planted_contacts import LANGUAGES, planted_contacts, planted_decoys

from adverts.inputs.contacts.masking import find_contacts, mask_contacts

FEW, MANY = 2_000, 30_000
FAST_SEED, SLOW_SEED = 2_026, 902_610  # no rule was written with either in sight


def share(hits, rows):
    return sum(hits) / len(rows)


@pytest.fixture(scope="module")
def contacts():
    return planted_contacts(FEW, seed=FAST_SEED)


def test_at_least_99_of_100_planted_contacts_are_hidden(contacts):
    assert share([row.is_hidden() for row in contacts], contacts) >= 0.99


@pytest.mark.parametrize("language", LANGUAGES)
def test_contacts_are_hidden_in_every_language(contacts, language):
    rows = [row for row in contacts if row.language == language]
    assert len(rows) > 200
    assert share([row.is_hidden() for row in rows], rows) >= 0.97


def test_at_most_one_in_a_hundred_prices_dates_times_and_durations_is_masked():
    rows = [row for row in planted_decoys(FEW, seed=FAST_SEED) if row.kind in PROMISED]
    assert len(rows) > 1_500
    assert share([row.is_touched() for row in rows], rows) <= 0.01


def test_few_masks_say_another_kind_of_contact_than_was_planted(contacts):
    kinds = {"document": "DOCNO", "account": "WALLET"}
    wanted = [kinds.get(row.kind, row.kind.upper()) for row in contacts]
    right = [
        kind in {contact.kind for contact in find_contacts(row.text)}
        for kind, row in zip(wanted, contacts, strict=True)
    ]
    assert share(right, contacts) >= 0.97


def test_masking_a_planted_text_twice_is_masking_it_once(contacts):
    once = [mask_contacts(row.text) for row in contacts]
    assert [mask_contacts(text) for text in once] == once


@pytest.mark.slow
def test_the_promise_holds_on_many_contacts_in_every_language_source_and_kind():
    rows = planted_contacts(MANY, seed=SLOW_SEED)
    planted, hidden = Counter(), Counter()
    for row in rows:
        for name in (row.language, row.source, row.kind):
            planted[name] += 1
            hidden[name] += row.is_hidden()
    recalls = {name: hidden[name] / planted[name] for name in planted}
    assert min(recalls.values()) >= 0.99, recalls


@pytest.mark.slow
def test_the_promise_holds_on_many_decoys_of_every_kind():
    rows = planted_decoys(MANY, seed=SLOW_SEED)
    planted, touched = Counter(), Counter()
    for row in rows:
        planted[row.kind] += 1
        touched[row.kind] += row.is_touched()
    rates = {kind: touched[kind] / planted[kind] for kind in planted}
    assert max(rates.values()) <= 0.01, rates
