"""Linkers of experiment 0030 on few made-up adverts."""

import csv
import datetime

import comments
import linkers
import proxies
import pytest

from adverts.inputs.contacts.contact_tokens import ContactToken

PHONE = ContactToken("PHONE:" + "1" * 32, None)
HELPLINE = ContactToken("PHONE:" + "2" * 32, "helpline")
DAY = datetime.datetime(2030, 1, 7, tzinfo=datetime.UTC)
LONG = "the same sentence about a fine day goes from one site to the next and comes back again"


def joined(campaigns, one, other):
    return campaigns[one] == campaigns[other]


def roots(made):
    return made.found.roots.tolist()


def test_without_a_time_a_contact_joins_only_with_another_kind_of_evidence():
    alone = [linkers.Posting("a", contacts=(PHONE,)), linkers.Posting("b", contacts=(PHONE,))]
    alike = [linkers.Posting(one.id, text=LONG, contacts=one.contacts) for one in alone]
    assert not joined(roots(linkers.link(linkers.entrants_of(alone))), 0, 1)
    assert joined(roots(linkers.link(linkers.entrants_of(alike))), 0, 1)
    assert joined(roots(linkers.link(linkers.entrants_of(alone, day=DAY))), 0, 1)


def test_a_template_joins_in_the_rivals_and_not_in_the_linker():
    entrants = linkers.entrants_of([linkers.Posting("a", LONG), linkers.Posting("b", LONG)])
    assert joined(linkers.templates_alone(entrants), 0, 1)
    assert joined(linkers.shared(entrants, templates=True), 0, 1)
    assert not joined(linkers.shared(entrants, templates=False), 0, 1)
    assert not joined(roots(linkers.link(entrants)), 0, 1)


def test_a_public_contact_joins_nothing():
    postings = [linkers.Posting(one, contacts=(HELPLINE,)) for one in "ab"]
    assert not joined(linkers.shared(linkers.entrants_of(postings), templates=True), 0, 1)


def test_adverts_come_in_the_order_of_their_ids_whatever_the_order_they_are_given_in():
    postings = [linkers.Posting("b", LONG), linkers.Posting("a", contacts=(PHONE,))]
    assert linkers.entrants_of(postings) == linkers.entrants_of(postings[::-1])
    assert linkers.entrants_of(postings)["id"].to_pylist() == ["a", "b"]


def test_right_answers_move_pairs_and_nothing_is_answered_where_nobody_knows():
    entrants = linkers.entrants_of([linkers.Posting(one, LONG) for one in "abc"])
    made = linkers.link(entrants)
    said = linkers.answers(made, {"a": "A", "b": "A", "c": None})
    assert [(one.said, one.first, one.second) for one in said] == [("same", "a", "b")]
    found = roots(linkers.link(entrants, said))
    assert joined(found, 0, 1)
    assert not joined(found, 0, 2)


@pytest.fixture
def file(tmp_path):
    texts = [f"main di {name} hari {day}" for name in ("zorblat77", "mirqun88") for day in "123"]
    texts += ["z o r blat 77 lawan mirqun 88", "hari ini main saja"]
    path = tmp_path / "comments.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["id", "text", "label"])
        writer.writerows([str(row), text, "promotion"] for row, text in enumerate(texts))
        writer.writerow(["ordinary", "hari ini hujan", "ordinary"])
    return path


def test_every_name_leaves_every_comment_whosever_it_is(file):
    read, names = comments.read_comments(file)
    assert sorted(names) == ["mirqun88", "zorblat77"]
    assert [one.masked for one in read[-2:]] == ["lawan", "hari ini main saja"]
    assert [one.brand for one in read[-2:]] == [names.index("zorblat77"), None]
    assert read[0].masked == "main di hari 1"


def test_a_record_names_every_linker_and_has_no_precision_where_nothing_is_joined():
    arms = [proxies.Arm("templates alone", [0, 0, 1, 1]), proxies.Arm("the linker", [0, 1, 2, 3])]
    made = proxies.record(arms, ["A", "A", "B", None], "made up")
    templates, linker = made["arms"]
    assert templates["values"]["pair_precision"] == [1.0]
    assert linker["values"]["pair_precision"] == []
    assert linker["values"]["joined"] == [0]
    assert {one["name"] for one in made["comparisons"]} == {"the linker − templates alone"}
