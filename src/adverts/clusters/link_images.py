"""Link adverts by their pictures: the same file, or pictures that look nearly the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from adverts.clusters.components import ChainRule
from adverts.clusters.links import Links, alike_links, equal_links, join_links
from adverts.clusters.near_image import near_images, resemblance
from adverts.clusters.picture_hash import PictureHash

Picture = TypeVar("Picture", bound=Hashable)
IMAGE_FLOOR = 0.7
"""Least similarity of the centres of two sets of pictures for near-duplicates to join them.
Unrelated pictures agree in half of their bits."""


@dataclass(frozen=True, slots=True, eq=False)
class ImageLinks:
    """Links between rows by their pictures.

    Attributes:
        links: Links of the kinds ``same_image`` and ``near_image``.
        rule: Rule for which chains of these links are followed.
    """

    links: Links
    rule: ChainRule


def link_images(
    images: Sequence[Sequence[Picture]],
    looks: Mapping[Picture, PictureHash],
    *,
    threads: int,
) -> ImageLinks:
    """Link rows that share a picture or show nearly the same one.

    Pictures that are mostly text are never linked by their appearance: two price lists of one style
    or two receipts of one shop look the same. Their text links them, see
    :func:`adverts.clusters.link_texts.link_texts`.

    Args:
        images: The pictures of each row, each as something that is equal for equal pictures only,
            such as the sha256 of its file.
        looks: Maps a picture to its hash. Without one it has no near-duplicate.
        threads: Number of threads to use.
    """
    first_rows, repeated = _first_rows(images)
    described = [image for image in first_rows if image in looks]
    pairs = near_images([looks[image] for image in described], threads=threads)
    rows = np.array([first_rows[image] for image in described], np.int64)
    first, second = rows[pairs.first], rows[pairs.second]
    kept = (first != second) & ~pairs.needs_text
    near = alike_links("near_image", first[kept], second[kept], pairs.similarity[kept])

    def alike(one: int, other: int) -> float:
        found = [
            resemblance(looks[a], looks[b])
            for a in images[one]
            for b in images[other]
            if a in looks and b in looks
        ]
        return max(found, default=1.0)

    rule = ChainRule(("same_image",), ("near_image",), IMAGE_FLOOR, alike)
    return ImageLinks(join_links([equal_links("same_image", repeated), near]), rule)


def _first_rows(
    images: Sequence[Sequence[Picture]],
) -> tuple[dict[Picture, int], list[tuple[int, int]]]:
    """Return the first row that has each picture, and its pairs with every later row."""
    first: dict[Picture, int] = {}
    repeated = []
    for row, shown in enumerate(images):
        for image in shown:
            if first.setdefault(image, row) != row:
                repeated.append((first[image], row))
    return first, repeated
