"""Recording words: bound to adverts, once, all or none, and after all that is there."""

import datetime
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.errors import InputError
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.judgements.bank_names import known_names
from adverts_findings.campaigns.judgements.counted_judgements import standing
from adverts_findings.campaigns.judgements.judgement_file import read_judgements
from adverts_findings.campaigns.judgements.record_judgements import record
from adverts_findings.campaigns.judgements.spoken_words import Word

pytestmark = pytest.mark.promise

PHONE = "PHONE:" + "5" * 32
NOW = "2026-03-02T10:00:00+00:00"
LATER = "2026-03-02T12:00:00+00:00"
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def days(number):
    return None if number is None else START + datetime.timedelta(days=number)


def names():
    """Return the names of a bank: c1 has a1 to a4, c2 has b1 and b2, z is alone, c9 became c2."""
    posted = {"a1": 0, "a2": 10, "a3": 20, "a4": None, "b1": 13, "b2": 40, "z": 5}
    campaigns = {"a": "c1", "b": "c2", "z": None}
    adverts = [
        {"id": one, "posted_at": days(day), "campaign": campaigns[one[0]], "source": "scores/posts"}
        for one, day in posted.items()
    ]
    edges = [
        ("e1", "a1", "a2", 3.0),
        ("e2", "a2", "a3", 9.0),
        ("e3", "a2", "b1", 99.0),
        ("e4", "a3", "a4", None),
    ]
    rows = [dict(zip(("edge", "first", "second", "weight"), one, strict=True)) for one in edges]
    replaced = [
        {"level": "campaign", "old": "c9", "new": "c8", "how": "merged"},
        {"level": "campaign", "old": "c8", "new": "c2", "how": "merged"},
        {"level": "campaign", "old": "c2", "new": "c7", "how": "split"},
        {"level": "campaign", "old": "c6", "new": "", "how": "closed"},
        {"level": "identity", "old": "i000002", "new": "i000001", "how": "merged"},
        {"level": "template", "old": "c5", "new": "c2", "how": "merged"},
    ]
    identities = [
        {"identity": name, "kind": kind, "value": value, "shown_in": shown}
        for name, kind, value, shown in (
            ("i000001", "contact", PHONE, ["a1", "a2", "a3"]),
            ("i000003", "contact", PHONE, ["b1", "b2"]),
            ("i000004", "account", "f" * 32, [f"x{number:02}" for number in range(30)]),
        )
    ]
    tables = {"adverts": adverts, "edges": rows, "replaced": replaced, "identities": identities}
    return known_names(
        {name: pa.Table.from_pylist(one, schema=TABLES[name]) for name, one in tables.items()}
    )


NAMES = names()


def word(said, first, second="", *, by="anna", at="", why="seen", row=2):
    return Word(f"j.csv, row {row}", said, first, second, by, at, why)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "judgements.jsonl"


def recorded(path, *words, now=NOW):
    return record(path, words, NAMES, now=now)


def anchors(path, *words):
    (one,) = recorded(path, *words).added
    return one.anchors


def test_a_word_on_two_adverts_is_bound_to_them(path):
    assert anchors(path, word("same", "a1", "z")) == (("a1", "z"),)


def test_a_merger_is_bound_to_the_two_adverts_closest_by_time(path):
    assert anchors(path, word("merge", "c1", "c2")) == (("a2", "b1"),)


def test_a_campaign_that_was_merged_stands_for_the_one_that_took_its_place(path):
    assert anchors(path, word("merge", "c9", "c1")) == (("b1", "a2"),)


def test_a_split_is_bound_to_both_ends_of_the_edge(path):
    assert anchors(path, word("split", "c1", "e1")) == (("a1", "a2"),)


def test_a_stranger_is_bound_to_its_strongest_neighbour_in_the_campaign(path):
    assert anchors(path, word("not this advert", "c1", "a2")) == (("a2", "a3"),)


def test_a_neighbour_of_unknown_weight_is_better_than_none(path):
    assert anchors(path, word("not this advert", "c1", "a4")) == (("a4", "a3"),)


def test_a_stranger_without_neighbours_is_bound_to_the_earliest_advert(path):
    assert anchors(path, word("not this advert", "c2", "b2")) == (("b2", "b1"),)


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (word("same", "a1", "a9"), "row 2: the bank has no advert a9; take an id"),
        (word("same", "a1", "c1"), "c1 is a campaign, and 'same' is said of adverts"),
        (word("merge", "c1", "z"), "z is an advert, and 'merge' is said of a campaign"),
        (word("merge", "c1", "c3"), "no campaign c3, or nothing is left of it"),
        (word("merge", "c1", "c6"), "no campaign c6, or nothing is left of it"),
        (word("merge", "c1", "c5"), "no campaign c5"),
        (word("merge", "c9", "c2"), "are one campaign already"),
        (word("split", "c1", "e9"), "no edge e9; take the id of a bridge of c1"),
        (word("split", "c2", "e1"), "edge e1 does not lie within c2"),
        (word("split", "c1", "e3"), "edge e3 does not lie within c1"),
        (word("not this advert", "c1", "b1"), "b1 is not in c1; there is nothing to take out"),
        (word("not this advert", "c1", "a9"), "no advert a9"),
        (word("undo", "j0"), "there is no judgement j0; take an id of the judgements"),
    ],
)
def test_a_name_that_is_not_known_says_what_to_do_and_nothing_is_recorded(path, one, wanted):
    with pytest.raises(InputError, match=wanted):
        recorded(path, word("same", "a1", "z"), one)
    assert read_judgements(path) == ()


def test_every_fault_has_a_line(path):
    with pytest.raises(InputError) as error:
        recorded(path, word("same", "a1", "x1", row=2), word("same", "a1", "x2", row=3))
    assert [line[:12] for line in str(error.value).splitlines()[:2]] == [
        "j.csv, row 2",
        "j.csv, row 3",
    ]


def test_recording_twice_changes_nothing(path):
    words = [word("same", "a1", "z"), word("merge", "c1", "c2"), word("split", "c1", "e1")]
    recorded(path, *words)
    before = path.read_bytes()
    again = recorded(path, *words, now=LATER)
    assert (again.added, again.known, again.taken_back) == ((), 3, ())
    assert path.read_bytes() == before


def test_a_merger_that_was_carried_out_can_be_read_again(path):
    merged = word("merge", "c9", "c1")
    recorded(path, merged)
    one_campaign = replace(NAMES, campaign=lambda name: ("a1", "b1"))
    assert record(path, [merged], one_campaign, now=LATER).known == 1


def test_an_old_file_read_again_undoes_no_correction_and_says_so(path):
    (one,) = recorded(path, word("same", "a1", "z")).added
    recorded(path, word("undo", one.id), now=LATER)
    again = recorded(path, word("same", "a1", "z"), now=LATER)
    assert again.added == ()
    assert "row 2: these words were recorded as " + one.id in again.taken_back[0]
    assert standing(read_judgements(path)) == ()


def test_words_said_again_with_a_time_count_again(path):
    (one,) = recorded(path, word("same", "a1", "z")).added
    recorded(path, word("undo", one.id))
    (new,) = recorded(path, word("same", "a1", "z", at=LATER), now=LATER).added
    assert standing(read_judgements(path)) == (new,)


@pytest.mark.parametrize("other", ["a2", "a3", "b1", "b2", "z"])
def test_a_changed_mind_counts_even_within_one_moment(path, other):
    recorded(path, word("same", "a1", other))
    recorded(path, word("different", "a1", other))
    recorded(path, word("same", other, "a1"))
    (last,) = standing(read_judgements(path))
    assert (last.said, last.first) == ("same", other)


def test_a_word_of_now_counts_after_one_whose_clock_ran_ahead(path):
    recorded(path, word("same", "a1", "z", at="2026-03-02T10:04:00+00:00"))
    recorded(path, word("different", "a1", "z"))
    assert [one.said for one in standing(read_judgements(path))] == ["different"]


def test_a_word_of_now_counts_after_the_latest_not_after_the_last_line(path):
    recorded(path, word("same", "a1", "z", at="2026-03-02T10:04:00+00:00"))
    recorded(path, word("unsure", "a1", "z", at="2026-03-01T10:00:00+00:00"))
    recorded(path, word("different", "a1", "z"))
    assert [one.said for one in standing(read_judgements(path))] == ["different"]


@pytest.mark.parametrize("at", ["", "2026-03-01T10:00:00+00:00"])
def test_one_person_cannot_say_two_things_of_one_pair_at_once(path, at):
    with pytest.raises(InputError, match="keep one of the two, or write in at when"):
        recorded(path, word("same", "a1", "z", at=at), word("different", "z", "a1", at=at))
    assert read_judgements(path) == ()


def test_campaigns_that_people_parted_are_merged_only_after_that_is_undone(path):
    (parted,) = recorded(path, word("different", "b2", "a4", by="bob")).added
    with pytest.raises(InputError, match=f"{parted.id} says that adverts of c1 and c2 are of two"):
        recorded(path, word("merge", "c1", "c2"))
    undo = word("undo", parted.id)
    with pytest.raises(InputError, match=f"say undo of {parted.id} in a row before"):
        recorded(path, word("merge", "c1", "c2"), undo)
    recorded(path, undo, word("merge", "c1", "c2"))
    assert [one.said for one in standing(read_judgements(path))] == ["merge"]


def test_what_is_undone_between_two_mergers_stands_against_the_second_no_more(path):
    (parted,) = recorded(path, word("different", "b2", "a4")).added
    names = replace(NAMES, campaign=lambda name: ("z",) if name == "c3" else NAMES.campaign(name))
    words = [word("merge", "c1", "c3"), word("undo", parted.id), word("merge", "c1", "c2")]
    assert len(record(path, words, names, now=NOW).added) == 3


def test_a_word_that_parts_other_campaigns_does_not_stand_against_a_merger(path):
    recorded(path, word("different", "a1", "z"), word("split", "c1", "e1"))
    assert recorded(path, word("merge", "c1", "c2")).added


def test_a_pair_of_a_sheet_that_left_the_bank_says_what_to_do(path):
    gone = replace(word("same", "a1", "gone"), drawn="random", chance=0.5, edge="e1")
    with pytest.raises(InputError, match="gone left the bank .*; empty said in this row"):
        recorded(path, gone)


def test_two_people_may_say_two_things_of_one_pair(path):
    recorded(path, word("same", "a1", "z"), word("different", "z", "a1", by="bob"))
    assert len(read_judgements(path)) == 2


def test_who_undoes_the_word_of_somebody_else_says_why(path):
    (one,) = recorded(path, word("same", "a1", "z")).added
    with pytest.raises(InputError, match="why is empty; write why you undo"):
        recorded(path, word("undo", one.id, by="bob", why=""))
    assert recorded(path, word("undo", one.id, by="ANNA", why="")).added


def test_an_undo_can_be_undone(path):
    (one,) = recorded(path, word("same", "a1", "z")).added
    (undo,) = recorded(path, word("undo", one.id)).added
    recorded(path, word("undo", undo.id))
    assert standing(read_judgements(path)) == (one,)


def test_an_advert_without_a_time_can_be_merged(path):
    timeless = {name: None for name in NAMES.posted_at}
    (one,) = record(
        path, [word("merge", "c1", "c2")], replace(NAMES, posted_at=timeless), now=NOW
    ).added
    assert one.anchors == (("a1", "b1"),)


IDS = st.sampled_from(["a1", "a2", "a3", "b1", "z"])


@st.composite
def some_words(draw):
    said = st.sampled_from(["same", "different", "unsure"])
    people = st.sampled_from(["anna", "bob"])
    rows = draw(st.lists(st.tuples(said, IDS, IDS, people), max_size=6))
    pairs = {}
    for one, first, second, by in rows:
        if first != second:
            pairs.setdefault((*sorted((first, second)), by), word(one, first, second, by=by))
    return list(pairs.values())


@settings(deadline=None, max_examples=25)
@given(some_words(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(tmp_path_factory, words, rng):
    folder = tmp_path_factory.mktemp("order")
    shuffled = list(words)
    rng.shuffle(shuffled)
    record(folder / "one.jsonl", words, NAMES, now=NOW)
    record(folder / "other.jsonl", shuffled, NAMES, now=NOW)
    both = [standing(read_judgements(folder / name)) for name in ("one.jsonl", "other.jsonl")]
    assert both[0] == both[1]


def test_a_standing_is_bound_to_the_contact_and_to_the_latest_adverts_that_show_it(path):
    (one,) = recorded(path, word("suspect", "i000001")).added
    assert (one.about, one.anchors) == (("contact", PHONE, "a3", "a2", "a1"), ())
    (many,) = recorded(path, word("victim", "i000004")).added
    assert many.about[2:] == tuple(f"x{number:02}" for number in range(29, 19, -1))


def test_an_identity_that_was_merged_stands_for_the_one_that_took_its_place(path):
    (one,) = recorded(path, word("victim", "i000002")).added
    assert one.about[2:] == ("a3", "a2", "a1")


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (word("suspect", "i000009"), "no identity i000009, or nothing is left of it"),
        (word("suspect", "c1"), "no identity c1, .* is said of an identity such as i000123"),
        (word("witness", "a1"), "no identity a1"),
        (word("grade", "scores/none", "2B"), "no source scores/none; its sources are scores/posts"),
    ],
)
def test_a_standing_or_grade_of_nothing_says_what_to_do(path, one, wanted):
    with pytest.raises(InputError, match=wanted):
        recorded(path, one)
    assert read_judgements(path) == ()


def test_one_person_cannot_give_two_standings_to_one_identity_at_once(path):
    with pytest.raises(InputError, match="keep one of the two"):
        recorded(path, word("suspect", "i000001"), word("victim", "i000002"))
    assert len(recorded(path, word("suspect", "i000001"), word("victim", "i000003")).added) == 2


def test_a_standing_of_now_is_after_all_that_the_same_person_said_of_it(path):
    (first,) = recorded(path, word("suspect", "i000001", at="2026-03-02T10:04:00+00:00")).added
    (last,) = recorded(path, word("victim", "i000002")).added
    assert last.at > first.at


def test_an_old_file_of_standings_read_again_undoes_no_correction(path):
    recorded(path, word("suspect", "i000001"))
    recorded(path, word("victim", "i000001"), now=LATER)
    again = recorded(path, word("suspect", "i000001"), now=LATER)
    assert again.added == ()
    assert "does not count any more" in again.taken_back[0]


def test_each_judgement_says_when_it_was_recorded_and_its_name_does_not_depend_on_it(path):
    (one,) = recorded(path, word("same", "a1", "z", at="2026-01-01T00:00:00+00:00")).added
    assert (one.at, one.recorded_at) == ("2026-01-01T00:00:00+00:00", NOW)
    assert replace(one, recorded_at=LATER).id == one.id
    again = recorded(path, word("same", "a1", "z", at="2026-01-01T00:00:00+00:00"), now=LATER)
    assert (again.added, again.known) == ((), 1)


def test_faults_of_rows_and_of_words_are_told_together(path):
    with pytest.raises(InputError) as error:
        record(path, [word("same", "a1", "a9")], NAMES, now=NOW, faults=["row 7: by is empty"])
    assert [line[:20] for line in str(error.value).splitlines()] == [
        "row 7: by is empty",
        "j.csv, row 2: the ba",
        "nothing was recorded",
    ]


def test_who_wants_to_know_before_is_called_only_with_what_is_added(path):
    told = []
    for _ in range(2):
        record(path, [word("same", "a1", "z")], NAMES, now=NOW, before=told.append)
    with pytest.raises(InputError):
        record(path, [word("same", "a1", "a9")], NAMES, now=NOW, before=told.append)
    assert [len(added) for added in told] == [1]


def test_nothing_is_recorded_where_it_cannot_be_logged(path):
    def refuse(added):
        raise InputError("no log")

    with pytest.raises(InputError, match="no log"):
        record(path, [word("same", "a1", "z")], NAMES, now=NOW, before=refuse)
    assert read_judgements(path) == ()
