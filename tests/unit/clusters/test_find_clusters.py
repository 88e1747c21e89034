"""Clusters of a dataset: what joins, what does not, and the evidence that is kept."""

import random

import numpy as np
import pytest

from adverts.clusters.components import UnionFind
from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.links import Traits
from adverts.clusters.picture_hash import PictureHash
from adverts.inputs.contacts.contact_tokens import ContactToken

SEATS = "Two seats left for Friday, 900 each, family price, write to Karim <HANDLE>"
SEATS_AGAIN = "Two seats left for Sunday, 1100 each, family price, write to Ali <HANDLE>"
FERRY = "Ferry timetable for the summer: three crossings a day, bicycles travel free"


def find(texts, images=None, groups=None, ids=None, **more):
    n = len(texts)
    columns = {
        "id": ids or [f"a{i:03}" for i in range(n)],
        "text": texts,
        "images": images or [()] * n,
        "group": groups or [None] * n,
        **more,
    }
    rows = zip(*columns.values(), strict=True)
    return find_clusters([Traits(**dict(zip(columns, row, strict=True))) for row in rows])


def cluster(*arguments, **named):
    return list(find(*arguments, **named).names)


def test_union_find_equals_a_partition_kept_by_hand():
    draw = random.Random(3)
    sets, partition = UnionFind(30), [{i} for i in range(30)]
    for _ in range(20):
        a, b = draw.randrange(30), draw.randrange(30)
        sets.union(a, b)
        joined = partition[a] | partition[b]
        for member in joined:
            partition[member] = joined
    assert [sets.find(i) for i in range(30)] == [min(partition[i]) for i in range(30)]


def test_texts_equal_after_folding_are_one_cluster():
    names = cluster(["Seats LEFT", "seats  left", "seats right"])
    assert names[0] == names[1] != names[2]


def test_empty_texts_do_not_join():
    assert len(set(cluster(["", "", " "]))) == 3


def test_a_shared_picture_joins_whatever_its_place():
    names = cluster(["one", "two", "three"], images=[("x", "y"), ("z", "y"), ("w",)])
    assert names[0] == names[1] != names[2]


def test_a_group_joins_and_none_is_no_group():
    names = cluster(["a", "b", "c", "d"], groups=["g", None, "g", None])
    assert names[0] == names[2]
    assert len(set(names)) == 3


def test_chains_are_followed_to_their_end():
    names = cluster([SEATS, SEATS, "b"], images=[(), ("x",), ("x",)])
    assert len(set(names)) == 1


def test_a_text_is_not_taken_for_a_group_of_the_same_name():
    assert len(set(cluster(["g", "other"], groups=[None, "g"]))) == 2


def test_names_do_not_depend_on_the_order_of_rows():
    texts, ids = ["x", "y", "x", "z"], ["c", "b", "a", "d"]
    forward = dict(zip(ids, cluster(texts, ids=ids), strict=True))
    backward = dict(zip(ids[::-1], cluster(texts[::-1], ids=ids[::-1]), strict=True))
    assert forward == backward


def test_nearly_equal_texts_are_one_cluster_with_their_similarity():
    found = find([SEATS, FERRY, SEATS_AGAIN])
    assert found.names[0] == found.names[2] != found.names[1]
    assert found.links.counts() == {"near_text": 1}
    assert (found.links.first[0], found.links.second[0]) == (0, 2)
    assert 0.5 < found.links.similarity[0] < 1


def test_every_kind_of_evidence_is_kept():
    found = find(
        [SEATS, SEATS.upper(), SEATS_AGAIN, FERRY, "sold", "found", ""],
        images=[(), (), (), ("x",), ("x",), (), ()],
        groups=[None, None, None, None, "g", "g", None],
    )
    assert found.links.counts() == {
        "same_text": 1,
        "same_image": 1,
        "same_group": 1,
        "near_text": 1,
    }
    assert len(set(found.names)) == 3
    assert len(found.refused) == 0


def test_a_campaign_links_its_adverts_and_makes_no_cluster_of_them():
    texts = [SEATS, FERRY, "sold", SEATS_AGAIN]
    found = find(texts, campaign=["c1", "c1", "c2", None])
    assert found.links.counts() == {"same_campaign": 1, "near_text": 1}
    assert list(found.names) == cluster(texts)


def test_a_chain_of_small_steps_does_not_join_unlike_adverts():
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefghijklmnop", k=6)) for _ in range(200)]
    texts = [" ".join(words[start : start + 20]) for start in range(0, 120, 2)]
    found = find(texts)
    assert len(found.refused) > 0
    assert 2 < len(set(found.names)) < len(texts)
    assert found.names[0] == found.names[1]  # a step is followed
    assert found.names[0] != found.names[-1]  # the way is not


def test_clusters_and_evidence_do_not_depend_on_the_order_of_rows():
    draw = random.Random(4)
    words = ["".join(draw.choices("abcdefghijklmnop", k=6)) for _ in range(120)]
    texts = [" ".join(words[start : start + 20]) for start in range(0, 100)]
    ids = [f"a{i:03}" for i in range(len(texts))]
    order = draw.sample(range(len(texts)), len(texts))
    one = find(texts, ids=ids)
    two = find([texts[i] for i in order], ids=[ids[i] for i in order])
    assert [one.names[i] for i in order] == list(two.names)
    assert pairs(one.links) == pairs(two.links, order)


def pairs(links, order=None):
    rows = range(10**6) if order is None else order
    return {frozenset((rows[a], rows[b])) for a, b in zip(links.first, links.second, strict=True)}


def test_no_advert_gives_no_cluster():
    assert find([]).names == ()


@pytest.mark.parametrize("shared", ["images", "groups"])
def test_what_pictures_and_groups_join_does_not_keep_near_duplicates_apart(shared):
    texts = [FERRY, SEATS, SEATS.replace("900", "950")]
    given = {"images": [("p",), ("p",), ()], "groups": ["g", "g", None]}[shared]
    found = find(texts, **{shared: given})
    assert len(set(found.names)) == 1
    assert len(found.refused) == 0


def tokens(*names, public=None):
    return tuple(ContactToken(f"PHONE:{name}", public) for name in names)


def test_a_shared_contact_joins_and_is_kept_as_evidence():
    found = find(["a", "b", "c"], contacts=[tokens("1", "2"), tokens("3"), tokens("2")])
    assert found.names[0] == found.names[2] != found.names[1]
    assert found.links.counts() == {"shared_contact": 1}


def test_a_contact_in_caption_and_picture_is_counted_once():
    shown = Traits("a", contacts=tokens("one", "one"))
    found = find_clusters([shown, Traits("b", contacts=tokens("one"))])
    assert len(found.links) == 1
    hidden = find_clusters([Traits("a", contacts=tokens("one", "one", public="a helpline"))])
    assert [one.rows for one in hidden.unlinked] == [(0,)]


def test_a_contact_of_many_accounts_joins_nothing_and_is_listed():
    shown = [tokens("1")] * 4
    accounts = ["x", "y", "z", None]
    adverts = [Traits(str(i), contacts=shown[i], account=accounts[i]) for i in range(4)]
    found = find_clusters(adverts, max_contact_accounts=2)
    assert len(set(found.names)) == 4
    assert [(one.reason, one.rows) for one in found.unlinked] == [("busy", (0, 1, 2, 3))]
    assert len(set(find_clusters(adverts, max_contact_accounts=3).names)) == 1


def test_a_public_contact_joins_nothing_and_is_listed():
    found = find(["a", "b"], contacts=[tokens("1", public="a helpline")] * 2)
    assert found.names[0] != found.names[1]
    assert [one.reason for one in found.unlinked] == ["public: a helpline"]


def test_what_stands_on_pictures_joins_pictures_and_captions():
    found = find(["", FERRY, SEATS], page=[SEATS_AGAIN, SEATS_AGAIN.upper(), ""])
    assert len(set(found.names)) == 1
    assert found.links.counts() == {"near_page": 2}


def test_the_same_greeting_above_two_pictures_joins_nothing():
    names = find(["Hi all", "hi all", "Hi all", "hi ALL"], images=[("x",), ("y",), (), ()]).names
    assert len(set(names)) == 3
    assert names[2] == names[3]
    assert len(set(find([SEATS, SEATS.upper()], images=[("x",), ("y",)]).names)) == 1


def test_a_few_words_on_pictures_join_nothing():
    assert len(set(find(["", "", "free"], page=["free", "free", ""]).names)) == 3


def look(bits, *, tile=False):
    """A picture all of whose hashes are made from the same bits."""
    value = np.packbits(bits).tobytes()
    return PictureHash(value, 100, value, value, 255, tile)


def looking(*flipped, tile=False, seed=0):
    """Pictures that differ from the first in so many bits each."""
    bits = np.random.default_rng(seed).integers(0, 2, 256).astype(np.uint8)
    found = []
    for number in flipped:
        other = bits.copy()
        other[:number] ^= 1
        found.append(look(other, tile=tile))
    return found


def found_by_looks(looks, pages=None):
    names = [f"i{i}" for i in range(len(looks))]
    traits = [
        Traits(f"a{i}", page=(pages or [""] * len(looks))[i], images=(name,))
        for i, name in enumerate(names)
    ]
    return find_clusters(traits, looks=dict(zip(names, looks, strict=True)))


def test_pictures_that_look_nearly_the_same_join_and_others_do_not():
    found = found_by_looks([*looking(0, 20), *looking(0, seed=1)])
    assert found.names[0] == found.names[1] != found.names[2]
    assert found.links.counts() == {"near_image": 1}
    assert found.links.similarity[0] == pytest.approx(1 - 20 / 256)


def test_pictures_of_text_join_only_if_they_say_much_the_same():
    tiles = looking(0, 10, tile=True)
    assert len(set(found_by_looks(tiles).names)) == 2
    assert len(set(found_by_looks(tiles, [SEATS, FERRY]).names)) == 2
    assert len(set(found_by_looks(tiles, [SEATS, SEATS_AGAIN]).names)) == 1


def test_a_chain_of_pictures_joins_no_unlike_ends():
    steps = looking(*range(0, 257, 16))
    found = found_by_looks(steps)
    assert len(set(found.names)) > 1
    assert len(found.refused) > 0


def test_pages_must_be_more_alike_than_captions():
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefghij", k=7)) for _ in range(36)]
    one, other = " ".join(words[:30]), " ".join(words[6:])  # 24 of 36 words: Jaccard 0.67
    apart = " ".join(words[7:])
    assert len(set(find([one, apart]).names)) == 1
    assert len(set(find(["", ""], page=[one, other]).names)) == 1
    assert len(set(find(["", ""], page=[one, apart]).names)) == 2
