"""Campaigns that a bank or a CSV file gives to the adverts of a dataset."""

import pytest

from adverts.data.mapping.map_rows import MappedRow
from adverts.data.preparing.given_campaigns import GivenCampaigns, read_campaign_csv
from adverts.errors import InputError


def row(name, text="", **context):
    return MappedRow(
        file="adverts.csv",
        row=1,
        id=name,
        text=text,
        contacts=(),
        images=(),
        context=context,
        inclusion_probability=None,
        reviewed=True,
        split=None,
        votes={},
    )


def written(tmp_path, text):
    path = tmp_path / "campaigns.csv"
    path.write_text(text)
    return path


def in_lower_case(texts):
    return [text.lower().encode() or None for text in texts]


def test_each_advert_gets_its_campaign_and_all_others_none(tmp_path):
    given = read_campaign_csv(written(tmp_path, "id,campaign\na,c1\nb,\nx,c2\n"))
    found = given.given_to([row("a", lang="en"), row("b"), row("c")])
    assert [one.context for one in found] == [{"lang": "en", "campaign": "c1"}, {}, {}]
    assert given.taken.elsewhere == 2


def test_other_columns_order_and_quotes_of_a_spreadsheet_do_not_matter(tmp_path):
    given = read_campaign_csv(written(tmp_path, "﻿campaign;size;id\r\nc1;3;'=a\r\nc2;1;'0012\r\n"))
    assert given.of == {"=a": "c1", "0012": "c2"}


def test_a_row_that_is_repeated_changes_nothing(tmp_path):
    once = read_campaign_csv(written(tmp_path, "id,campaign\na,c1\nb,c2\n"))
    twice = read_campaign_csv(written(tmp_path, "id,campaign\nb,c2\na,c1\na,c1\n"))
    assert once.taken == twice.taken


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,campaign\na,c1\nb,c1\na,c2\n", "row 4: the same advert is in another campaign in row"),
        ("id,campaign\na,c1\na,\n", "row 3: the same advert is in another campaign in row 2"),
        ("id,campaign\n,c1\n", "row 2: id is empty"),
        ("id,campaign\na,\n", "names no campaign"),
        ("id,campaign\n", "names no campaign"),
        ("", "the header must name id and campaign once"),
        ("id,cluster\na,1\n", "the header must name campaign once; it has the columns id, cluster"),
        ("id,campaign,campaign\na,1,2\n", "the header must name campaign once"),
        (f"id,campaign\na,{'c' * 201}\n", "row 2: campaign has 201 characters"),
    ],
)
def test_a_file_at_fault_is_refused_in_one_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as refused:
        read_campaign_csv(written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_what_is_neither_bank_nor_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no such bank and no such file"):
        read_campaign_csv(tmp_path / "absent")


def test_no_id_in_common_is_refused():
    given = GivenCampaigns("bank", {"x": "c1"}, "bank", 3)
    with pytest.raises(InputError, match="none of them is among the 2 of this dataset"):
        given.given_to([row("a"), row("b")])


def test_ids_that_are_the_same_by_chance_are_refused():
    rows = [row(str(i), f"Advert {i}") for i in range(9)]
    of = {str(i): "c1" for i in range(9)}
    texts = {str(i): f"other {i}".encode() for i in range(9)}
    given = GivenCampaigns("bank", of, "bank", 3, texts, in_lower_case)
    with pytest.raises(InputError, match="of 9 adverts with an id of this dataset, 9 have another"):
        given.given_to(rows)


def test_a_few_texts_that_were_edited_since_are_no_other_dataset():
    rows = [row(str(i), f"Advert {i}") for i in range(9)]
    texts = {str(i): f"advert {i}".encode() for i in range(9)} | {"3": b"before it was edited"}
    given = GivenCampaigns("bank", {"3": "c1", "4": "c1"}, "bank", 3, texts, in_lower_case)
    assert given.given_to(rows)[3].context == {"campaign": "c1"}


def test_adverts_without_a_text_are_not_compared():
    given = GivenCampaigns("bank", {"a": "c1"}, "bank", 3, {}, in_lower_case)
    assert given.given_to([row("a")])[0].context == {"campaign": "c1"}
