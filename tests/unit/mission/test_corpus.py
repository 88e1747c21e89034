"""The made-up collection of the mission: fictional contacts alone, and the same for a seed."""

import csv
import random
import re

import pytest
from mission.contacts import HANDLES_OF_NETWORKS, OF_NETWORKS, Contacts, handle, phone
from mission.corpus import IMAGES, NEGATIVES, POSTS, TRUTH, Size, write_collection
from mission.networks import make_networks
from mission.posts import adverts_of, look_alikes

from adverts.inputs.contacts.masking import find_contacts

SIZE = Size(posts=260, pictures=5, networks=8, adverts=60, negatives=4)
CONTACTS = Contacts("+44 7700 900001", "@demo_fictional_01", "demo-way-01.example")
FICTIONAL = re.compile(r"\+44 7700 900\d{3}|@demo_fictional_\d\d|demo-(way|other)-\d+\.example")


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def whole(folder):
    """Return every file of a folder by its name."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    return {str(one.relative_to(folder)): one.read_bytes() for one in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mission") / "collected"
    write_collection(folder, SIZE, seed=3)
    return folder


def test_it_is_the_same_for_a_seed_and_another_one_for_another(made, tmp_path):
    write_collection(tmp_path / "again", SIZE, seed=3)
    write_collection(tmp_path / "other", SIZE, seed=4)
    assert whole(tmp_path / "again") == whole(made)
    assert whole(tmp_path / "other")[POSTS] != whole(made)[POSTS]


def test_every_contact_that_the_rules_find_is_fictional(made):
    texts = [row["text"] for name in (POSTS, NEGATIVES) for row in rows_of(made / name)]
    left = [FICTIONAL.sub("", one) for one in texts]
    assert sum(one != text for one, text in zip(left, texts, strict=True)) > SIZE.adverts
    digits = [re.findall(r"\d[\d \-()]{8,}\d", one) for one in left]
    assert [one for one in digits if one] == []
    assert [one for one in left if re.search(r"@demo|\.example|://", one)] == []


def test_addresses_and_accounts_are_made_up(made):
    for row in rows_of(made / POSTS):
        assert re.fullmatch(r"https://demo-(social\.example/p|video\.example/v)/\w+", row["url"])
        assert re.fullmatch(r"demo_(account_[no]|charity_)\w+", row["account"])


@pytest.mark.parametrize(
    "line", ["+447700900123", "+44 (7700) 900456", "٠١٦٣٢ ٩٦٠١٢٣", "01632-960-123"]
)
def test_a_phone_of_the_synthetic_corpus_becomes_the_one_of_the_network(line):
    assert CONTACTS.within(f"call {line} now") == "call +44 7700 900001 now"


def test_handles_and_links_become_those_of_the_network():
    text = "@demo_fictional_77 or https://amber.example/maple, or www.cedar.example"
    told = "@demo_fictional_01 or demo-way-01.example, or demo-way-01.example"
    assert CONTACTS.within(text) == told


def test_no_two_networks_share_a_contact_and_nobody_else_shows_one():
    networks = make_networks(40, random.Random(5))
    shown = [one for each in networks for found in each.contacts for one in {found.phone}]
    handles = [each.contacts[0].handle for each in networks]
    assert len(set(shown)) == len(shown)
    assert len(set(handles)) == len(handles)
    others = " ".join(one.text for one in look_alikes(300, 0, seed=5))
    assert not [one for one in shown if one in others]
    assert {*shown} <= {phone(one) for one in OF_NETWORKS}
    assert {*handles} <= {handle(one) for one in HANDLES_OF_NETWORKS}


def test_a_network_that_rotates_numbers_keeps_its_handle():
    rotating = make_networks(8, random.Random(5))[0]
    days = range(rotating.first, rotating.last + 1)
    assert len({rotating.contacts_on(day).phone for day in days}) == 3
    assert len({rotating.contacts_on(day).handle for day in days}) == 1


def test_an_advert_shows_the_contacts_of_its_network_alone():
    networks = make_networks(8, random.Random(5))
    own = {one.name: {each.phone for each in one.contacts} for one in networks}
    for one in adverts_of(networks, 60, 0, seed=5):
        assert {*re.findall(r"\+44 7700 900\d{3}", one.text)} <= own[one.network]


def test_the_truth_names_network_and_class_of_each_post(made):
    truth = {row["id"]: row for row in rows_of(made / TRUTH)}
    posts = rows_of(made / POSTS)
    assert list(truth) == [row["id"] for row in posts]
    adverts = [row for row in truth.values() if row["network"]]
    assert len(adverts) == SIZE.adverts
    assert {row["group"] for row in adverts} == {"V"}
    assert "V" not in {row["group"] for row in truth.values() if not row["network"]}
    assert sum(row["account"].startswith("demo_charity_") for row in truth.values()) == 2


def test_pictures_are_as_many_as_asked_for_and_their_files_are_there(made):
    named = [row["image"] for row in rows_of(made / POSTS) if row["image"]]
    known = [row["image"] for row in rows_of(made / NEGATIVES)]
    assert (len(named), len(known)) == (SIZE.pictures, SIZE.negatives)
    assert {*named, *known} == {f"{IMAGES}/{one.name}" for one in (made / IMAGES).iterdir()}


def test_a_collected_post_says_neither_network_nor_class(made):
    assert not {"network", "class", "group"} & rows_of(made / POSTS)[0].keys()


def test_the_rules_of_contacts_find_what_networks_show():
    assert len(find_contacts(f"write {CONTACTS.phone} or {CONTACTS.handle}")) == 2
