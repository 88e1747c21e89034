"""Planted campaigns with text, pictures and contacts at once: found, wrongly joined, leaked."""

from collections import defaultdict

import numpy as np
import pytest
from planted import b_cubed_f1, exact_similarity, precision_and_recall
from planted_adverts import BUSY, planted_adverts

from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.link_texts import PAGE_SIMILARITY
from adverts.clusters.near_image import (
    MIN_DETAIL,
    MIN_QUALITY,
    PDQ_RADIUS,
    local_radius,
)
from adverts.clusters.near_text import MIN_SHINGLES, required_similarity
from adverts.data.splits.split_clusters import split_made

SIZES = [800, pytest.param(20_000, marks=[pytest.mark.slow, pytest.mark.timeout(1_800)])]


class Found:
    """Planted adverts and their clusters."""

    def __init__(self, count, seed):
        self.adverts = planted_adverts(count, seed=seed)
        self.traits = [advert.traits for advert in self.adverts]
        self.looks = {
            advert.traits.images[0]: advert.look for advert in self.adverts if advert.look
        }
        self.sources = [advert.source for advert in self.adverts]
        self.clustering = find_clusters(self.traits, looks=self.looks, threads=2)
        self.names = self.clustering.names

    def recall(self, chosen):
        """Share of some copies, no contact helping, that are joined with their original."""
        joined = [
            self.names[row] == self.names[advert.source]
            for row, advert in enumerate(self.adverts)
            if row != advert.source and not advert.is_linked and chosen(advert)
        ]
        assert len(joined) > 50
        return sum(joined) / len(joined)


@pytest.fixture(scope="module", params=SIZES)
def found(request):
    return Found(request.param, seed=1)


def test_campaigns_are_found_and_nothing_else_is_joined(found):
    precision, _ = precision_and_recall(found.names, found.sources)
    assert precision >= 0.99
    assert b_cubed_f1(found.names, found.sources) >= 0.95


def test_copies_whose_text_is_edited_are_found(found):
    assert found.recall(lambda advert: advert.text_edit) >= 0.95
    assert found.recall(lambda advert: advert.text_edit and not advert.kind) >= 0.95


def test_copies_whose_picture_is_edited_are_found(found):
    assert found.recall(lambda advert: advert.image_edit) >= 0.90
    assert found.recall(lambda advert: advert.image_edit and not advert.traits.text) >= 0.90


def test_a_contact_of_many_accounts_is_listed_and_joins_nothing(found):
    assert [one.token for one in found.clustering.unlinked] == [BUSY.token]
    shared = found.clustering.links.of_kinds("shared_contact")
    sources = np.array(found.sources)
    assert len(shared) > 20
    assert (sources[shared.first] == sources[shared.second]).all()


def test_the_order_of_adverts_and_the_number_of_threads_play_no_role(found):
    order = np.random.default_rng(0).permutation(len(found.traits))
    again = find_clusters([found.traits[row] for row in order], looks=found.looks, threads=1)
    assert again.names == tuple(found.names[row] for row in order)


@pytest.fixture(scope="module")
def subset():
    """Adverts, and every pair of them that meets a rule and was not refused."""
    found = Found(3_000, seed=2)
    return found, told_apart(linked_pairs(found), found)


@pytest.mark.slow
def test_brute_force_finds_no_linked_pair_in_two_clusters_unless_a_link_was_refused(subset):
    found, (one, other) = subset
    names = np.array(found.names)
    assert len(one) > 4_000
    assert names[one].tolist() == names[other].tolist()


@pytest.mark.slow
def test_no_linked_pair_stands_in_two_splits(subset):
    found, (one, other) = subset
    splits = split_made(
        found.names,
        [("all",)] * len(found.names),
        validation_fraction=0.1,
        test_fraction=0.2,
        seed=0,
    )
    held = np.array(splits)
    assert set(splits) == {"train", "validation", "test"}
    assert held[one].tolist() == held[other].tolist()


def told_apart(linked, found):
    """Pairs of rows that are linked, but for those between clusters whose link was refused."""
    names, refused = np.unique(found.names, return_inverse=True)[1], found.clustering.refused
    told = np.zeros((names.max() + 1,) * 2, np.bool_)
    told[names[refused.first], names[refused.second]] = True
    one, other = np.nonzero(linked)
    kept = ~(told | told.T)[names[one], names[other]]
    return one[kept], other[kept]


def linked_pairs(found):
    """Every pair that meets a rule, bool ``(N, N)``, by comparing all with all."""
    linked = alike_texts(found.traits) | alike_pictures(found.traits, found.looks)
    for rows in showing(found.traits).values():
        linked[np.ix_(rows, rows)] = True
    np.fill_diagonal(linked, val=False)
    return linked


def showing(traits):
    """The rows that show each picture, and each contact that links."""
    rows = defaultdict(list)
    for row, trait in enumerate(traits):
        tokens = {contact.token for contact in trait.contacts} - {BUSY.token}
        for key in (*trait.images, *tokens):
            rows[key].append(row)
    return rows


def alike_texts(traits):
    count = len(traits)
    similarity, smaller = exact_similarity([t.text for t in traits] + [t.page for t in traits])
    wanted = required_similarity(smaller)
    wanted[count:] = np.maximum(wanted[count:], PAGE_SIMILARITY)
    wanted[:, count:] = np.maximum(wanted[:, count:], PAGE_SIMILARITY)
    alike = (similarity >= wanted) & (smaller >= MIN_SHINGLES)
    return (
        alike[:count, :count]
        | alike[count:, count:]
        | alike[:count, count:]
        | alike[count:, :count]
    )


def alike_pictures(traits, looks):
    rows = [row for row, trait in enumerate(traits) if trait.images]
    shown = [looks[traits[row].images[0]] for row in rows]
    tile = np.array([look.is_text_tile for look in shown])
    quality = np.array([look.quality for look in shown])
    detail = np.array([look.detail / 255 for look in shown])
    pdq, whole, centre = (
        signs([getattr(look, name) for look in shown])
        for name in ("pdq", "local", "local_of_centre")
    )
    mirrored = whole.reshape(-1, 16, 16)[:, :, ::-1].reshape(-1, 256)
    local = np.minimum.reduce(
        [distance(whole, other) for other in (whole, centre, mirrored)] + [distance(centre, whole)]
    )
    by_pdq = (distance(pdq, pdq) <= PDQ_RADIUS) & pairs(quality >= MIN_QUALITY)
    wanted = local_radius(np.minimum(detail[:, None], detail[None, :]))
    by_local = (local <= wanted) & pairs(detail >= MIN_DETAIL)
    alike = np.zeros((len(traits), len(traits)), np.bool_)
    alike[np.ix_(rows, rows)] = (by_pdq | by_local) & pairs(~tile)
    return alike


def signs(hashes):
    bits = np.unpackbits(np.frombuffer(b"".join(hashes), np.uint8)).reshape(-1, 256)
    return bits.astype(np.float32) * 2 - 1


def distance(one, other):
    return (256 - one @ other.T) / 2


def pairs(which):
    return which[:, None] & which[None, :]
