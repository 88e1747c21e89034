"""Cluster adverts that share similar text or pictures, a contact or a group."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.components import ChainRule, connect
from adverts.clusters.link_contacts import UnlinkedContact, share_contacts
from adverts.clusters.link_excerpts import link_excerpts
from adverts.clusters.link_images import link_images
from adverts.clusters.link_texts import TextLinks, link_texts
from adverts.clusters.link_words import link_words
from adverts.clusters.links import Links, Traits, equal_links, join_links, pair_equal
from adverts.clusters.picture_hash import PictureHash

TEXT_FLOOR = 0.2
"""Least similarity of the centres of two sets of texts for near-duplicates to join them."""


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """The clusters of a dataset, with the evidence.

    Attributes:
        names: Cluster name of each advert; adverts with equal names belong together.
        links: Links that were followed, and those between adverts of one campaign, to excerpts and
            between the same words, which make no cluster. Adverts that share a thing are each
            linked to the first of them, so there is one link per further advert. A similar pair may
            be linked twice.
        refused: Links that were not followed, since a chain of them would join unlike adverts.
        unlinked: Contacts that several adverts show and that join none of them.
    """

    names: tuple[str, ...]
    links: Links
    refused: Links
    unlinked: tuple[UnlinkedContact, ...]


def find_clusters(
    adverts: Sequence[Traits],
    *,
    looks: Mapping[str, PictureHash] | None = None,
    max_contact_accounts: int = 25,
    threads: int = 1,
) -> Clustering:
    """Cluster adverts with nearly the same text or pictures, a shared contact, or one group.

    An excerpt is linked to what it quotes without making them one cluster: a digest would join all
    that it quotes. So are adverts with mostly the same words, and campaigns: those that use one
    text would otherwise become one, see
    :func:`adverts.data.dataset.campaign_clusters.by_campaign`. Clusters also grow through chains,
    see :func:`adverts.clusters.components.connect`. An advert that shares nothing is a cluster of
    its own. The order of adverts has no effect.

    Args:
        adverts: Traits of the adverts, with distinct ids.
        looks: Maps the sha256 of a picture to its hash. Without it, only equal files join.
        max_contact_accounts: Most accounts that may show a contact for it to join adverts.
        threads: Number of threads to use.
    """
    order = sorted(range(len(adverts)), key=lambda row: adverts[row].id)
    traits = [adverts[row] for row in order]
    texts = link_texts(
        [trait.text for trait in traits],
        [trait.page for trait in traits],
        pictured=[bool(trait.images) for trait in traits],
        threads=threads,
    )
    contacts = share_contacts(traits, max_accounts=max_contact_accounts)
    images = link_images([trait.images for trait in traits], looks or {}, threads=threads)
    links = join_links(
        [
            texts.links,
            images.links,
            equal_links("same_group", pair_equal(trait.group for trait in traits)),
            equal_links("shared_contact", contacts.pairs),
        ]
    )
    found = connect(links, len(traits), rules=[text_rule(texts), images.rule])
    names = [""] * len(order)
    for row, root in zip(order, found.roots.tolist(), strict=True):
        names[row] = name_cluster(traits[root].id)
    followed = np.ones(len(links), np.bool_)
    followed[found.refused] = False
    quotes = [
        link(texts.documents, texts.rows, clusters=found.roots)
        for link in (link_excerpts, link_words)
    ]
    campaigns = equal_links("same_campaign", pair_equal(trait.campaign for trait in traits))
    rows = np.array(order, np.int64)
    return Clustering(
        tuple(names),
        _between(join_links([links.chosen(followed), *quotes, campaigns]), rows),
        _between(links.chosen(~followed), rows),
        tuple(
            replace(one, rows=tuple(order[row] for row in one.rows)) for one in contacts.unlinked
        ),
    )


def name_cluster(smallest_id: str) -> str:
    """Return the name of a new cluster, derived from its smallest advert id."""
    return hashlib.sha256(smallest_id.encode()).hexdigest()[:16]


def text_rule(texts: TextLinks) -> ChainRule:
    """Return the rule for which chains of links between texts are followed."""
    return ChainRule(
        equal=("same_text",),
        alike=("near_text", "near_page"),
        floor=TEXT_FLOOR,
        resemblance=texts.resemblance,
    )


def _between(links: Links, rows: NDArray[np.int64]) -> Links:
    """Return the links with the caller's row numbers."""
    return Links(links.kinds, rows[links.first], rows[links.second], links.similarity)
