"""Evidence in words, and lines of judgements that a person's file can hold."""

import csv
import io

import pytest
from shown_bank import digits, phone

from adverts.files.delimited import unguarded
from adverts_findings.campaigns.pages.edge_words import CSV_HEADER, evidence_words, judgement_line


def words(kind="contact", value=None, **more):
    plain = {
        "adverts": 12,
        "accounts": 3,
        "silence_days": 37.0,
        "across": False,
        "also": (),
        "against": (),
    }
    return evidence_words(kind, value or phone("x"), **plain | more)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            words(),
            "one phone number, shown by 3 accounts in 12 adverts of the bank, silent for 5 weeks "
            "in between",
        ),
        (
            words(accounts=1, adverts=2, silence_days=0.5),
            "one phone number, shown by 1 account in 2 adverts of the bank, with less than a day "
            "in between",
        ),
        (
            words(silence_days=None, across=True, also=["account", "template"]),
            "one phone number, shown by 3 accounts in 12 adverts of the bank, at a time that is "
            "not known, on two platforms, and the account and the template in common too",
        ),
        (
            words("account", digits("x"), silence_days=2.0),
            "one account, in 12 adverts of the bank, silent for 2 days in between",
        ),
        (
            words("template", "t000001", silence_days=14.0),
            "one template, shown by 3 accounts in 12 adverts of the bank, silent for 2 "
            "weeks in between",
        ),
        (
            words(also=["account"], against=["template", "link_target"]),
            "one phone number, shown by 3 accounts in 12 adverts of the bank, silent for 5 weeks "
            "in between, and the account in common too; both sides differ in their templates and "
            "their link targets",
        ),
        (words("judged", "j" + "1" * 16), "a person's judgement, j1111111111111111"),
    ],
)
def test_evidence_reads_as_a_person_would_say_it(found, expected):
    assert found == expected


@pytest.mark.parametrize(
    ("across", "said"),
    [(True, ", on two platforms"), (None, ", on a platform that is not known"), (False, "")],
)
def test_two_platforms_are_said_only_where_both_are_known(across, said):
    assert words(across=across).endswith(f"in between{said}")


def test_an_equal_picture_is_said_to_be_one_and_not_a_template():
    assert words("template", "picture:" + "0" * 64).startswith("one picture, shown by")


def test_words_hold_no_token():
    assert digits("x")[:8] not in words("contact", "ODD:" + digits("x"))


@pytest.mark.parametrize(
    "name",
    [
        "a1",
        "posts/7",
        "1234567890123456789",
        "=1+1",
        "-3",
        'a,"b"\n',
        "a\rb",
        "a\nb",
        "x;=2",
        "@name",
        "ü\u202e",
    ],
)
def test_a_line_of_a_judgement_is_read_back_as_it_was_meant(name):
    text = f"{CSV_HEADER}\r\n{judgement_line('same', name, 'e0123456789abcdef')}\r\n"
    header, row = csv.reader(io.StringIO(text, newline=""), strict=True)
    cells = dict(zip(header, map(unguarded, row), strict=True))
    assert cells == {
        **{"said": "same", "first": name, "second": "e0123456789abcdef"},
        **{"by": "", "at": "", "why": ""},
    }


@pytest.mark.parametrize("name", ["=1+1", "+1", "-3", "@name"])
def test_no_cell_of_a_line_begins_a_formula(name):
    assert f",'{name}," in judgement_line("same", "a", name) + ","
