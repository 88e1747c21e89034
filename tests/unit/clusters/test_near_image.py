"""Pairs of pictures, made of hashes whose bits are known."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from planted_bits import drawn, flipped

from adverts.clusters.near_image import (
    LOCAL_RADIUS,
    PDQ_RADIUS,
    local_radius,
    near_images,
    near_one,
    resemblance,
)
from adverts.clusters.picture_hash import CELLS, STORED_BYTES, PictureHash


def hashes(count, seed=0):
    """Return hashes of unrelated pictures."""
    parts = [drawn(count, seed=3 * seed + i) for i in range(3)]
    return [
        PictureHash(pdq.tobytes(), 100, local.tobytes(), centre.tobytes(), 255, False)
        for pdq, local, centre in zip(*parts, strict=True)
    ]


def near(packed, flips):
    return flipped(np.frombuffer(packed, np.uint8)[None], flips).tobytes()


def mirrored(packed, quarters=0):
    """Return the hash of a picture's mirror image, and that turned by quarters."""
    bits = np.unpackbits(np.frombuffer(packed, np.uint8)).reshape(CELLS, CELLS)
    return np.packbits(np.rot90(bits[:, ::-1], quarters)).tobytes()


def turned(packed, quarters):
    return mirrored(mirrored(packed), quarters)


def pairs_of(one, other):
    """Pair two pictures that stand among unrelated ones."""
    return near_images([*hashes(20, seed=7), one, other])


@pytest.fixture
def two():
    return hashes(2)


def test_unrelated_pictures_are_not_paired(two):
    assert len(pairs_of(*two)) == 0


@pytest.mark.parametrize(("flips", "found"), [(0, 1), (PDQ_RADIUS, 1), (PDQ_RADIUS + 1, 0)])
def test_close_pdq_hashes_are_paired(two, flips, found):
    pairs = pairs_of(two[0], replace(two[1], pdq=near(two[0].pdq, flips)))
    assert len(pairs) == found


@pytest.mark.parametrize(("flips", "found"), [(0, 1), (LOCAL_RADIUS, 1), (LOCAL_RADIUS + 1, 0)])
def test_close_local_hashes_are_paired(two, flips, found):
    pairs = pairs_of(two[0], replace(two[1], local=near(two[0].local, flips)))
    assert len(pairs) == found


def test_a_crop_is_paired_whichever_comes_first(two):
    crop = replace(two[1], local=near(two[0].local_of_centre, 30))
    assert len(pairs_of(two[0], crop)) == len(pairs_of(crop, two[0])) == 1


def test_a_mirror_image_is_paired(two):
    other = replace(two[1], local=mirrored(near(two[0].local, 30)))
    assert len(pairs_of(two[0], other)) == 1


def test_a_crop_of_the_mirror_image_is_paired(two):
    other = replace(two[1], local=mirrored(near(two[0].local_of_centre, 30)))
    assert len(pairs_of(two[0], other)) == len(pairs_of(other, two[0])) == 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("shown", [turned, mirrored])
@pytest.mark.parametrize("name", ["local", "local_of_centre"])
def test_a_picture_that_is_turned_by_quarters_is_paired(two, quarters, shown, name):
    other = replace(two[1], local=shown(near(getattr(two[0], name), 30), quarters))
    assert pairs_of(two[0], other).similarity.tolist() == [1 - 30 / 256]
    assert pairs_of(other, two[0]).similarity.tolist() == [1 - 30 / 256]
    assert resemblance(two[0], other) == resemblance(other, two[0]) == 1 - 30 / 256
    assert _like(two[0], other) == _like(other, two[0]) == [1 - 30 / 256]


def test_whatever_is_paired_resembles_each_other(two):
    one = two[0]
    views = [one.local, one.local_of_centre, mirrored(one.local)]
    copies = [replace(two[1], local=near(view, 30)) for view in views]
    copies.append(replace(two[1], local=mirrored(near(one.local_of_centre, 30))))
    copies.append(replace(two[1], local_of_centre=near(mirrored(one.local), 30)))
    copies.append(replace(two[1], pdq=near(one.pdq, 30)))
    for other in copies:
        assert len(pairs_of(one, other)) == 1
        assert resemblance(one, other) == resemblance(other, one) == 1 - 30 / 256


def test_a_pair_is_given_once_smaller_first_with_the_closer_hash(two):
    other = replace(two[1], pdq=near(two[0].pdq, 16), local=near(two[0].local, 32))
    pairs = pairs_of(two[0], other)
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([20], [21])
    assert pairs.similarity.tolist() == [1 - 16 / 256]
    assert pairs.similarity.dtype == np.float32
    assert pairs.needs_text.tolist() == [False]


@pytest.mark.parametrize("tiles", [(True, False), (False, True), (True, True)])
def test_a_text_tile_on_either_side_needs_its_text(two, tiles):
    one = replace(two[0], is_text_tile=tiles[0])
    other = replace(two[1], local=two[0].local, is_text_tile=tiles[1])
    assert pairs_of(one, other).needs_text.tolist() == [True]


def test_a_picture_with_little_to_see_is_in_no_pair(two):
    poor = [replace(picture, quality=0, detail=0) for picture in (two[0], two[0], two[1])]
    assert len(near_images(poor)) == 0


def test_a_hash_of_low_quality_counts_on_neither_side(two):
    poor = replace(two[1], pdq=two[0].pdq, quality=49)
    assert len(pairs_of(two[0], poor)) == len(pairs_of(poor, two[0])) == 0
    assert len(pairs_of(two[0], replace(poor, quality=50))) == 1


@pytest.mark.parametrize(("flips", "found"), [(11, 1), (12, 0)])
def test_on_a_plain_ground_local_hashes_have_to_be_closer(two, flips, found):
    plain = replace(two[1], local=near(two[0].local, flips), detail=128)
    assert len(pairs_of(two[0], plain)) == len(pairs_of(plain, two[0])) == found


def test_how_close_depends_on_the_share_of_detail():
    wanted = local_radius(np.array([0.0, 0.25, 0.5, 0.68, 0.85, 1.0]))
    assert wanted.tolist() == [0, 1, 11, 28, LOCAL_RADIUS, LOCAL_RADIUS]


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures_give_no_pair(count):
    assert len(near_images(hashes(count))) == 0


def _like(one, *others):
    stored = np.frombuffer(b"".join(other.to_bytes() for other in others), np.uint8)
    return near_one(one, stored.reshape(len(others), STORED_BYTES))


def _changed():
    """Return pictures, and each once more with other bits, mirrored, or with less detail."""
    names, flips = ("pdq", "local", "local_of_centre"), (0, 31, 32, 56, 57)
    less = ({}, {"quality": 49}, {"detail": 150}, {"detail": 60})
    ways = list(product(names, flips, (False, True), less))
    pictures = hashes(2 * len(ways), seed=3)[::2], hashes(2 * len(ways), seed=3)[1::2]
    for (name, count, turned, more), one, other in zip(ways, *pictures, strict=True):
        shown = mirrored(one.local) if turned else one.pdq if name == "pdq" else one.local
        yield one, replace(other, **{name: near(shown, count)}, **more)


def test_one_picture_is_like_those_that_it_would_be_paired_with():
    pictures = [picture for two in _changed() for picture in two]
    pairs = near_images(pictures)
    told = zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    wanted = dict(zip(told, pairs.similarity.tolist(), strict=True))
    for one, two in ((0, 1), (1, 0)):
        likes = [_like(pictures[i + one], pictures[i + two])[0] for i in range(0, len(pictures), 2)]
        assert {(2 * i, 2 * i + 1): like for i, like in enumerate(likes) if like} == wanted


def test_a_text_tile_is_like_none(two):
    tile = replace(two[0], is_text_tile=True)
    assert _like(tile, two[0], tile).tolist() == [0, 0]
    assert _like(two[0], tile, two[1], two[0]).tolist() == [0, 0, 1]


def test_one_picture_among_none_is_like_none(two):
    assert near_one(two[0], np.zeros((0, STORED_BYTES), np.uint8)).tolist() == []
