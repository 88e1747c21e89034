"""What became of judged adverts: the ledger tells it exactly, whoever removed what."""

import json

import numpy as np
import pytest

from adverts.evaluation.predictions.advert_set import (
    NEGATIVE,
    POSITIVE,
    UNKNOWN,
    content_key,
    member,
    pack,
    set_of,
    unpack,
    written_key,
)
from adverts.evaluation.predictions.look_ledger import (
    ERASED,
    LANGUAGE,
    WRITTEN,
    Ledger,
    Look,
    add_look,
    add_members,
    joined,
    members_hash,
    models_compared,
    read_ledger,
)
from adverts.evaluation.predictions.lost_adverts import (
    Lost,
    added_since,
    first_written,
    lost_adverts,
    rewritten,
)

pytestmark = pytest.mark.promise

COUNT = 2000


def advert(i, *, split="test", label=None):
    label = (NEGATIVE, POSITIVE)[i % 4 == 0] if label is None else label
    return member(content_key(f"advert {i}", ()), split, label)


ALL = [advert(i) for i in range(COUNT)]


def look(members, *, split="test", model="m", knows_members=True, gate="first"):
    packed = pack(members)
    hash_of = members_hash(packed) if knows_members else ""
    adverts = set_of(unpack(packed))
    where = {"data_hash": f"{hash(packed)}", "split": split, "gate": gate}
    about = {"when": "now", "who": "demo", "name": "text", "report": "open", "commit": ""}
    return Look(model=model, adverts=adverts, members=hash_of, **where, **about)


def ledger(*sets, erased=(), **changes):
    looks = tuple(look(members, **changes) for members in sets)
    packed = {("", pack(members)) for members in sets if looks[0].members}
    return Ledger(looks, (), frozenset(packed | ({(ERASED, pack(erased))} if erased else set())))


def lost(before, now, *, everywhere=(), reviewed=(), split="test"):
    return lost_adverts(
        before,
        look(now, split=split),
        unpack(pack(now)),
        everywhere=lambda: unpack(pack([*now, *everywhere])),
        reviewed=lambda: [content_key(f"advert {i}", ()) for i in reviewed],
    )


def test_unchanged_and_grown_sets_lose_nothing():
    more = [advert(i) for i in range(COUNT, 2 * COUNT)]
    assert lost(ledger(ALL), ALL) == Lost(COUNT)
    assert lost(ledger(ALL), [*ALL, *more]) == Lost(COUNT)
    assert lost(Ledger((), ()), ALL) == Lost()


def test_what_is_gone_is_counted_by_label_however_it_was_chosen():
    sketch = set(set_of(unpack(pack(ALL))).sketch)
    outside = [one for one in ALL if f"{one >> 4:012x}" not in sketch]
    gone = set(outside[:100])
    found = lost(ledger(ALL), [one for one in ALL if one not in gone])
    positives = sum(one & 3 == POSITIVE for one in gone)
    assert found == Lost(COUNT, unexplained=100, positives=positives, negatives=100 - positives)


def test_removing_just_what_the_sketch_holds_does_not_make_other_adverts():
    sketch = set(set_of(unpack(pack(ALL))).sketch)
    now = [one for one in ALL if f"{one >> 4:012x}" not in sketch]
    assert lost(ledger(ALL), now).unexplained == len(sketch)


def test_a_look_at_fewer_adverts_does_not_excuse_what_a_look_at_more_saw():
    now = ALL[:1500]
    found = lost(ledger(ALL, now, now), now)
    assert (found.judged, found.unexplained) == (COUNT, 500)
    assert found.costs == 500


@pytest.mark.parametrize(
    ("reviewed", "wanted"),
    [
        ((), Lost(COUNT, unexplained=2, positives=1, negatives=1)),
        ((0, 1), Lost(COUNT, relabelled=2, positives=1, negatives=1)),
    ],
)
def test_a_label_that_changed_is_explained_by_a_review_and_counts_at_its_worst(reviewed, wanted):
    now = [advert(0, label=NEGATIVE), advert(1, label=UNKNOWN), *ALL[2:]]
    assert lost(ledger(ALL), now, reviewed=reviewed) == wanted


def test_a_label_where_there_was_none_and_an_advert_without_one_cost_nothing():
    before = [advert(0, label=UNKNOWN), advert(1, label=UNKNOWN), *ALL[2:]]
    found = lost(ledger(before), [ALL[0], *ALL[2:]])
    assert found == Lost(COUNT - 2)


def test_adverts_without_a_label_do_not_hide_how_many_judged_ones_are_gone():
    pool = [advert(i, label=UNKNOWN) for i in range(COUNT, 9 * COUNT)]
    assert lost(ledger([*ALL, *pool]), [*ALL[100:], *pool]).share == 0.05


@pytest.mark.parametrize("split", ["test", "train", "all"])
def test_labels_after_a_look_are_a_choice_until_all_that_it_scored_have_one(split):
    pool = range(COUNT, COUNT + 10)
    before = [*ALL, *(advert(i, split=split.replace("all", "test"), label=UNKNOWN) for i in pool)]
    keys = sorted(advert(i) >> 4 for i in pool)

    def found(now):
        one = lost(ledger(before, split=split), [*ALL, *now])
        assert one.scored.tolist() == keys
        return one.chosen.tolist()

    labelled = [advert(i) for i in pool]
    assert found(labelled) == []
    assert found(labelled[1:]) == keys  # the other one is gone
    assert found([*labelled[1:], advert(COUNT, label=UNKNOWN)]) == keys


def test_copies_count_each_by_itself():
    before = [*ALL, ALL[0], ALL[0]]
    assert lost(ledger(before), ALL) == Lost(COUNT + 2, unexplained=2, positives=2)


def test_erased_adverts_are_told_and_still_count_at_their_worst():
    erased = [advert(i, label=UNKNOWN) for i in range(8)]
    found = lost(ledger(ALL, erased=erased), ALL[10:])
    assert found == Lost(COUNT, erased=8, unexplained=2, positives=3, negatives=7)


def test_an_advert_that_moved_to_another_split_is_gone():
    moved = [advert(i, split="train") for i in range(100)]
    assert lost(ledger(ALL), ALL[100:], everywhere=moved).unexplained == 100


def test_a_look_at_all_adverts_asks_each_to_stay_where_it_was():
    train = [advert(i, split="train") for i in range(COUNT, COUNT + 500)]
    before = ledger([*ALL, *train], split="all")
    assert lost(before, ALL, everywhere=train) == Lost(COUNT)
    moved = [advert(i, split="train") for i in range(100)]
    assert lost(before, ALL[100:], everywhere=[*train, *moved]).unexplained == 100
    assert lost(before, ALL, everywhere=train[:400]).unexplained == 100


@pytest.mark.parametrize("split", ["test", "all"])
def test_of_a_look_of_an_earlier_release_its_sketch_is_known(split):
    before = ledger(ALL, knows_members=False, split=split)
    gone = set(before.looks[0].adverts.sketch[:100])
    found = lost(before, [one for one in ALL if f"{one >> 4:012x}" not in gone])
    assert found == Lost(512, unexplained=100)


def test_other_adverts_were_not_judged():
    others = [advert(i) for i in range(COUNT, 2 * COUNT)]
    assert lost(ledger(ALL), others) == Lost()


def test_a_ledger_holds_judged_and_erased_adverts_in_seven_bytes_each(tmp_path):
    path = tmp_path / "looks.jsonl"
    add_members(path, pack(ALL))
    add_members(path, pack(ALL[:5]), gate=ERASED)
    add_look(path, look(ALL))
    found = read_ledger(path)
    assert found.looks == (look(ALL),)
    assert found.removed == frozenset()
    assert found.erased == {pack(ALL[:5])}
    [packed] = found.members.values()
    assert np.array_equal(unpack(packed), np.sort(np.array(ALL, dtype=np.uint64)))
    assert len(packed) == 7 * COUNT
    assert joined([found, found]) == found
    assert models_compared(found, look(ALL, model="other")) == 2


def test_a_line_of_judged_adverts_that_was_taken_out_is_missed_unless_another_ledger_has_it(
    tmp_path,
):
    path = tmp_path / "looks.jsonl"
    add_look(path, look(ALL))
    found = read_ledger(path)
    assert found.removed == {look(ALL).members}
    assert joined([found, ledger(ALL)]).removed == frozenset()


@pytest.mark.parametrize(
    "line",
    [
        {"schema_version": 3, "gate": "", "packed": "no base64!"},
        {"schema_version": 3, "gate": "", "packed": "AAAA"},
        {"schema_version": 3, "gate": "", "packed": "/////////w=="},
        {"schema_version": 3, "gate": 3, "packed": ""},
        {"schema_version": 2, "gate": "", "packed": ""},
        {"schema_version": [3], "gate": "", "packed": ""},
        {"schema_version": 9, "gate": "", "packed": ""},
    ],
)
def test_a_line_of_adverts_that_is_no_such_line_is_damaged(tmp_path, line):
    (tmp_path / "looks.jsonl").write_text(json.dumps(line) + "\n")
    assert read_ledger(tmp_path / "looks.jsonl") == Ledger((), (1,))


def test_a_ledger_does_not_grow_beyond_what_can_be_read(tmp_path, monkeypatch):
    from adverts.errors import InputError
    from adverts.evaluation.predictions import look_ledger

    path = tmp_path / "looks.jsonl"
    add_look(path, look(ALL[:10]))
    monkeypatch.setattr(look_ledger, "MAX_BYTES", path.stat().st_size + 100)
    with pytest.raises(InputError, match="would be larger than .* give ledger="):
        add_members(path, pack(ALL))
    assert read_ledger(path).looks == (look(ALL[:10]),)


def test_what_an_earlier_look_did_not_judge_was_added_and_so_were_further_copies():
    then = np.array(ALL[1:], dtype=np.uint64)
    rows = np.array([ALL[2], ALL[0], ALL[2], ALL[3], ALL[2]], dtype=np.uint64)
    assert added_since(then, rows).tolist() == [False, True, True, False, True]
    assert not added_since(then, then[::-1]).any()
    assert added_since(then[:0], rows).all()


def test_an_advert_that_has_another_label_now_was_added():
    rows = np.array([ALL[0] ^ 3, ALL[1]], dtype=np.uint64)
    assert added_since(np.array(ALL, dtype=np.uint64), rows).tolist() == [True, False]


def writings(texts):
    keys = [member(written_key(text, ()), "train", UNKNOWN) for text in texts]
    return np.array(keys, dtype=np.uint64)


def contents(texts):
    keys = [member(content_key(text, ()), "test", POSITIVE) for text in texts]
    return np.array(keys, dtype=np.uint64)


@pytest.mark.parametrize("holds", ["", f"{LANGUAGE}en"])
def test_a_text_with_other_capitals_than_at_a_look_is_told(holds):
    texts = [f"advert {i}" for i in range(COUNT)]
    packed = {(WRITTEN, pack(writings(texts))), (holds, pack(contents(texts)))}
    seen = Ledger((), (), frozenset(packed))
    assert rewritten(seen, writings(texts), contents(texts)) is None
    loud = [text.upper() if i % 10 == 0 else text for i, text in enumerate(texts)]
    assert rewritten(seen, writings(loud), contents(loud)) == (COUNT // 10, COUNT)
    assert first_written(seen, writings(loud), contents(loud)).tolist() == []


def test_new_texts_are_not_taken_for_ones_of_a_large_ledger_written_otherwise():
    """Half of a key is what some of 2,000 new adverts share by chance with one of 60,000."""
    old, new = [f"advert {i}" for i in range(60_000)], [f"new {i}" for i in range(COUNT)]
    packed = {(WRITTEN, pack(writings(old))), ("", pack(contents(old)))}
    seen = Ledger((), (), frozenset(packed))
    assert np.isin(writings(new) >> 28, writings(old) >> 28).any()
    assert rewritten(seen, writings(new), contents(new)) is None
    more = first_written(seen, writings(new), contents(new)).tolist()
    grown = Ledger((), (), frozenset({*packed, (WRITTEN, pack(more)), ("", pack(contents(new)))}))
    loud = [text.upper() for text in new]
    assert rewritten(grown, writings(loud), contents(loud)) == (COUNT, COUNT)
