"""Planted copies of pictures: what is found, what is wrongly paired, what is left to the text."""

import numpy as np
import pytest
from planted import b_cubed_f1, precision_and_recall
from planted_edits import EDITS
from planted_images import planted_images

from adverts.clusters.components import UnionFind
from adverts.clusters.near_image import near_images
from adverts.clusters.picture_hash import describe_picture


class Found:
    """What is found among planted pictures, and what should be."""

    def __init__(self, count, seed):
        self.count = count
        planted = [
            (describe_picture(picture.image), picture.source, picture.edit, picture.kind)
            for picture in planted_images(count, seed=seed)
        ]
        hashes, sources, edits, kinds = zip(*planted, strict=True)
        self.sources, self.edits = np.array(sources), np.array(edits)
        self.kinds = np.array(kinds)
        self.pairs = near_images(hashes, threads=2)
        self.right = self.sources[self.pairs.first] == self.sources[self.pairs.second]

    def names(self):
        """Follow sure pairs, and of the others those whose texts are the same."""
        sets, tiles = UnionFind(self.count), self.kinds == "tile"
        of_tiles = tiles[self.pairs.first] & tiles[self.pairs.second]
        followed = ~self.pairs.needs_text | (of_tiles & self.right)
        for first, second in zip(
            self.pairs.first[followed].tolist(), self.pairs.second[followed].tolist(), strict=True
        ):
            sets.union(first, second)
        return [sets.find(row) for row in range(self.count)]

    def recall(self, kind, *edits):
        """Share of the copies so edited that are joined with their original."""
        names = np.array(self.names())
        copies = np.flatnonzero(np.isin(self.edits, edits) & (self.kinds == kind))
        return (names[copies] == names[self.sources[copies]]).mean()


SIZES = [600, pytest.param(20_000, marks=[pytest.mark.slow, pytest.mark.timeout(1_800)])]


@pytest.fixture(scope="module", params=SIZES)
def found(request):
    return Found(request.param, seed=1)


def test_copies_are_found_and_nothing_else_is_joined(found):
    precision, recall = precision_and_recall(found.names(), found.sources.tolist())
    assert precision >= 0.99
    assert recall >= 0.90


def test_b_cubed_f1_is_high(found):
    assert b_cubed_f1(found.names(), found.sources.tolist()) >= 0.95


def test_no_unrelated_pictures_are_paired_for_sure(found):
    assert not (~found.right & ~found.pairs.needs_text).any()


def test_no_text_tile_is_paired_for_sure(found):
    tile = found.kinds == "tile"
    of_tile = tile[found.pairs.first] | tile[found.pairs.second]
    assert of_tile.any()
    assert found.pairs.needs_text[of_tile].all()


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_of_a_photo_is_seen_through(found, edit):
    assert found.recall("photo", edit) >= 0.90


def test_text_tiles_saved_or_scaled_are_found_for_their_texts_to_be_compared(found):
    assert found.recall("tile", "saved again", "scaled", "saved and scaled") >= 0.98


def test_things_on_white_are_found_where_nothing_is_cut_off_or_covered(found):
    assert found.recall("product", "saved again", "scaled", "saved and scaled", "mirrored") >= 0.85
