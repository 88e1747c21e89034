import csv
import json
from typing import get_args

import pytest
from made_notices import (
    HASH,
    WITHDRAWAL,
    item,
    outgoing,
    recipient,
    reference,
    reviewed_template,
    withdrawing,
)

from adverts_findings.sharing.ledger.ledger_entry import Cause
from adverts_findings.sharing.notices.write_withdrawn import withdrawn_section, write_withdrawn

pytestmark = pytest.mark.promise


def written(folder, withdrawal):
    folder.mkdir(exist_ok=True)
    write_withdrawn(folder, withdrawal)
    return {one.name: one.read_text(encoding="utf-8") for one in folder.iterdir()}


def actions(files):
    (one,) = json.loads(files["withdrawn.json"])["withdrawn"]
    return [todo["action"] for todo in one["what_to_do"]]


def test_only_what_this_line_withdraws_is_there(tmp_path):
    files = written(tmp_path, withdrawing({2: "asked"}, item(1), item(2), item(3)))
    told = json.loads(files["withdrawn.json"])
    assert [one["reference"] for one in told["withdrawn"]] == [reference(2)]
    assert (told["withdrawal"], told["ledger"]) == (WITHDRAWAL, {"number": 2, "hash": HASH})
    for name in ("withdrawn.csv", "withdrawn.html"):
        assert reference(2) in files[name]
        assert reference(1) not in files[name]
        assert HASH in files[name]


@pytest.mark.parametrize("cause", ["asked", "reviewed anew", "appeal upheld"])
def test_what_may_have_been_lawful_is_to_be_reinstated(cause, tmp_path):
    files = written(tmp_path, withdrawing({1: cause}, item()))
    assert actions(files) == ["reinstate", "delete hashes"]


@pytest.mark.parametrize("cause", ["expired", "erased", "judged apart", "left the bank"])
def test_what_is_only_over_does_not_bring_the_content_back(cause, tmp_path):
    assert actions(written(tmp_path, withdrawing({1: cause}, item()))) == [
        "disregard",
        "delete hashes",
    ]


def test_indicators_are_used_no_longer(tmp_path):
    withdrawal = withdrawing({1: "asked"}, item(), kinds=("stix", "misp"))
    assert actions(written(tmp_path, withdrawal)) == ["stop using"]


@pytest.mark.parametrize("cause", get_args(Cause))
def test_a_cause_is_a_sentence_that_names_nobody_and_no_campaign(cause, tmp_path):
    files = written(tmp_path, withdrawing({1: cause}, item(), name="Ada Demo"))
    (row,) = csv.DictReader(files["withdrawn.csv"].splitlines())
    assert row["cause"].endswith(".")
    text = "".join(files.values())
    for one in ("Ada Demo", "c000012", "advert-1", item().item, "campaign", "0.8765"):
        assert one not in text


def test_the_same_withdrawal_gives_the_same_bytes(tmp_path):
    first = written(tmp_path / "1", withdrawing({1: "asked", 2: "expired"}, item(1), item(2)))
    again = written(tmp_path / "2", withdrawing({2: "expired", 1: "asked"}, item(1), item(2)))
    assert first == again


def test_a_share_withdraws_nothing(tmp_path):
    files = written(tmp_path, outgoing(item()))
    assert json.loads(files["withdrawn.json"])["withdrawn"] == []


def test_a_page_is_in_the_language_of_the_recipient_once_its_words_are_reviewed(
    tmp_path, monkeypatch
):
    (tmp_path / "templates").mkdir()
    reviewed_template(tmp_path / "templates", monkeypatch, "ar")
    withdrawal = withdrawing({1: "asked"}, item(), to=recipient(language="ar"))
    files = written(tmp_path / "send", withdrawal)
    assert '<html lang="ar" dir="rtl">' in files["withdrawn.html"]
    assert json.loads(files["withdrawn.json"])["language"] == "ar"


def test_the_readme_says_what_to_quote():
    assert WITHDRAWAL in withdrawn_section(withdrawing({1: "asked"}, item()))
