"""Answers of recipients: read strictly, recorded once, and what follows a reversed decision."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from made_ledger import answer, answered, share, time, withdraw

from adverts import moments
from adverts.data.review.final_labels import final_labels
from adverts.data.review.reviews import Review, append_reviews, read_reviews
from adverts.errors import InputError
from adverts_findings.sharing.ledger import record_answers as module
from adverts_findings.sharing.ledger.answers_csv import COLUMNS, read_answers
from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.ledger.record_answers import record_answers

pytestmark = pytest.mark.promise

NOW = time(30)
HEADER = ",".join(COLUMNS)


@pytest.fixture(autouse=True)
def a_later_clock(monkeypatch):
    """It is after all that these answers and reviews were said."""
    now = datetime.datetime(2027, 6, 1, tzinfo=datetime.UTC)
    monkeypatch.setattr(moments, "now", lambda: now)


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "shared.jsonl"
    share(path, "one", ["i1", "i2"])
    share(path, "two", ["i1"], 1)
    return path


@pytest.fixture
def known(ledger):
    return outstanding(read_ledger(ledger))


@pytest.fixture
def first(known):
    """The reference of i1 at the first recipient."""
    return next(
        name for name, one in known.items() if (one.recipient, one.item.item) == ("one", "i1")
    )


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [said("i1"), said("i2")])
    return path


def said(
    item, *, label="yes", reviewer="Cleo", round=1, task="refer", at="2026-12-20T00:00:00+00:00"
):
    return Review(item, task, label, reviewer, at, True, round, "seal", "estimate", "v1")


def write(tmp_path, *rows, header=HEADER):
    path = tmp_path / "answers.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def record(ledger, answers, reviews, *, by="Bo Demo", at=NOW):
    return record_answers(ledger, answers, reviews=reviews, by=by, account="demo@host", at=at)


def test_a_row_is_read_with_all_that_it_says(tmp_path, known, first):
    row = f"{first},Restricted,2027-01-03T10:00+02:00,fr DE,law 12,yes,DSA-77,open"
    [found] = read_answers(write(tmp_path, row), known, now=NOW)
    assert found == replace(
        answered(first, "restricted", appeal="open"), at="2027-01-03T08:00:00+00:00",
        where=("DE", "FR"), ground="law 12", automated=True, statement_id="DSA-77",
    )  # fmt: skip


def test_columns_in_any_order_and_semicolons_are_read(tmp_path, known, first):
    path = write(tmp_path, f";;{first};;removed;;;", header="at;where;reference;ground;answer;"
                 "automated;statement_id;appeal")  # fmt: skip
    assert read_answers(path, known, now=NOW) == (answered(first),)


def test_contacts_in_a_ground_are_masked(tmp_path, known, first):
    row = f'{first},kept,,,"call +44 7700 900123 or mail ann@demo.example",,,'
    [found] = read_answers(write(tmp_path, row), known, now=NOW)
    assert found.ground == "call <PHONE> or mail <EMAIL>"


def test_all_faults_are_told_at_once_with_their_lines(tmp_path, known, first):
    path = write(
        tmp_path,
        f"{first},removed,2027-01-02,,,,,",
        "R-0000000000000000,removd,,,,,,",
        f"{first},kept,soon,FR,,maybe,a b,won",
        f"{first},not found,2031-01-01,,{'x' * 2001},,,reversed",
        f"{first},restricted,,France,,,,",
        f"{first},removed,2026-12-31,,,,,",
    )
    with pytest.raises(InputError) as told:
        read_answers(path, known, now=NOW)
    text = str(told.value)
    for row, what in (
        (3, "reference: found 'R-0000000000000000', which is no item"),
        (3, "answer: found 'removd'; nearest: removed"),
        (4, "at: found 'soon'"),
        (4, "where: names countries, but the answer is kept"),
        (4, "automated: found 'maybe'"),
        (4, "statement_id"),
        (4, "appeal: found 'won'"),
        (5, "at: 2031-01-01 lies in the future"),
        (5, "ground: has 2,001 characters"),
    ):
        assert f"answers.csv, row {row}: {what}" in text
    assert "2 more faults" in text
    assert text.endswith("nothing was recorded")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{},restricted,,France,,,,", "where: found 'FRANCE', wanted countries such as DE FR"),
        ("{},removed,2026-12-31,,,,,", "removed on 2026-12-31, before it was shared on 2027-01-01"),
        ("{},already gone,,,,,,open", "nobody can complain about 'already gone'"),
        ("{},removed,,,,,,,,9", "more cells"),
        (",removed,,,,,,", "reference: found ''"),
        ("{},,,,,,,", "answer: found ''"),
    ],
)
def test_a_row_at_fault_is_refused(tmp_path, known, first, row, told):
    with pytest.raises(InputError, match=told):
        read_answers(write(tmp_path, row.format(first)), known, now=NOW)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (HEADER.replace(",appeal", ""), "has no column appeal"),
        (HEADER + ",names", "no such column 'names'"),
        (HEADER + ",at", "names at twice"),
    ],
)
def test_a_header_at_fault_is_refused(tmp_path, known, header, told):
    with pytest.raises(InputError, match=told):
        read_answers(write(tmp_path, header=header), known, now=NOW)


def test_no_file_is_one_line(tmp_path, known):
    with pytest.raises(InputError, match="is no file; give a CSV file with the columns reference"):
        read_answers(tmp_path / "none.csv", known, now=NOW)


def test_an_answer_given_twice_is_recorded_once(tmp_path, ledger, known, first, reviews):
    rows = [f"{first},removed,2027-01-03,,,,,", f"{first},removed,2027-01-03,,,,,",
            f"{first},kept,2027-01-05,,,,,"]  # fmt: skip
    answers = read_answers(write(tmp_path, *rows), known, now=NOW)
    assert len(answers) == 2
    assert (record(ledger, answers, reviews).added, record(ledger, answers, reviews).known) == (
        2,
        2,
    )
    found = outstanding(read_ledger(ledger))[first].answers
    assert [one.answer for _, one in found] == ["removed", "kept"]
    assert len(read_ledger(ledger)) == 4


def test_an_unknown_reference_records_nothing_of_all(ledger, first, reviews):
    before = ledger.read_bytes()
    with pytest.raises(InputError, match="no item R-0; nothing was recorded"):
        record(ledger, [answered(first), answered("R-0")], reviews)
    assert ledger.read_bytes() == before


def test_nobody_is_refused(ledger, first, reviews):
    with pytest.raises(InputError, match="who records answers"):
        record(ledger, [answered(first)], reviews, by=" ")


def test_a_reversed_decision_bars_the_advert_and_is_to_be_retracted_everywhere(
    ledger, known, first, reviews
):
    done = record(ledger, [answered(first, appeal="reversed")], reviews)
    everywhere = sorted(name for name, one in known.items() if one.item.item == "i1")
    assert done.retract == tuple(everywhere)
    assert len(everywhere) == 2
    assert done.barred == 1
    last = read_reviews(reviews)[-1]
    assert (last.item, last.task, last.label, last.reviewer) == ("i1", "refer", "unsure", "Bo Demo")
    assert last.note == f"reversed on appeal, {first}"
    assert final_labels(read_reviews(reviews))["i1", "refer"].label is None
    assert final_labels(read_reviews(reviews))["i2", "refer"].label == "yes"


def test_another_appeal_bars_and_retracts_nothing(ledger, first, reviews):
    for appeal in ("none", "open", "upheld"):
        done = record(ledger, [answered(first, appeal=appeal)], reviews)
        assert (done.retract, done.barred) == ((), 0)
    assert len(read_reviews(reviews)) == 2


def test_what_was_withdrawn_is_not_to_be_retracted_again(ledger, known, first, reviews):
    withdraw(ledger, "one", [first], 5)
    done = record(ledger, [answered(first, appeal="reversed")], reviews)
    assert [known[one].recipient for one in done.retract] == ["two"]


def test_a_new_review_is_not_undone_by_reading_the_same_answers_again(ledger, first, reviews):
    reversed_answer = [answered(first, appeal="reversed")]
    record(ledger, reversed_answer, reviews)
    append_reviews(reviews, [said("i1", reviewer="Bo Demo", at=time(40))])
    assert record(ledger, reversed_answer, reviews, at=time(41)).barred == 0
    assert final_labels(read_reviews(reviews))["i1", "refer"].label == "yes"


def test_a_decision_of_the_third_round_lifts_the_bar(ledger, first, reviews):
    record(ledger, [answered(first, appeal="reversed")], reviews)
    append_reviews(reviews, [said("i1", reviewer="Dana", round=3, at=time(40))])
    assert final_labels(read_reviews(reviews))["i1", "refer"].label == "yes"


def test_an_advert_that_was_decided_in_the_third_round_is_barred_too(ledger, first, reviews):
    append_reviews(reviews, [said("i1", reviewer="Dana", round=3, at="2026-12-21T00:00:00+00:00")])
    record(ledger, [answered(first, appeal="reversed")], reviews)
    assert final_labels(read_reviews(reviews))["i1", "refer"].label is None


def test_the_doubt_is_of_the_headline_task_or_of_the_task_that_it_was_shared_by(
    ledger, first, tmp_path
):
    for number, (tasks, wanted) in enumerate(
        [(("advert_class", "refer", "safeguarding"), "refer"), (("safeguarding", "spam"), "spam")]
    ):
        reviews = tmp_path / f"reviews-{number}.jsonl"
        append_reviews(reviews, [said("i1", task=one) for one in tasks])
        [out] = [one for name, one in outstanding(read_ledger(ledger)).items() if name == first]
        made = module.doubt_of(read_reviews(reviews), out, reviews, by="Bo Demo", at=NOW)
        assert made.task == wanted


def test_of_several_tasks_the_doubt_is_of_that_whose_review_was_shared(ledger, first, tmp_path):
    reviews = tmp_path / "two.jsonl"
    later = "2026-12-22T00:00:00+00:00"
    append_reviews(reviews, [said("i1", task="spam"), said("i1", task="fraud", at=later)])
    out = outstanding(read_ledger(ledger))[first]
    assert module.doubt_of(read_reviews(reviews), out, reviews, by="Bo", at=NOW).task == "spam"


def test_a_reversed_advert_that_nobody_reviewed_records_nothing(ledger, first, tmp_path):
    before = ledger.read_bytes()
    for there in ([], [said("i1", task="safeguarding")]):
        append_reviews(tmp_path / "other.jsonl", there)
        with pytest.raises(InputError, match="has no review of i1"):
            record(ledger, [answered(first, appeal="reversed")], tmp_path / "other.jsonl")
    assert ledger.read_bytes() == before


def test_a_kill_between_review_and_ledger_is_mended_by_the_next(
    ledger, first, reviews, monkeypatch
):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "act_reference", killed)
        with pytest.raises(KeyboardInterrupt):
            record(ledger, [answered(first, appeal="reversed")], reviews)
    assert len(read_reviews(reviews)) == 3
    assert record(ledger, [answered(first, appeal="reversed")], reviews, at=time(31)).added == 1
    assert len(read_reviews(reviews)) == 3


def test_answers_of_other_acts_are_counted_as_known(ledger, first, reviews):
    answer(ledger, "one", first, "kept", 3)
    done = record(ledger, [answered(first, "kept", 3)], reviews)
    assert (done.added, done.known) == (0, 1)
