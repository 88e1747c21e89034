"""What links adverts: the linker of the package, and simpler rivals."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from figures import count
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.feature_extraction.text import TfidfVectorizer

from adverts.clusters.components import UnionFind
from adverts.clusters.links import pair_equal
from adverts.clusters.picture_hash import PictureHash, describe_picture
from adverts.inputs.contacts.contact_tokens import ContactToken
from adverts.inputs.pixels import CHECKED, open_image
from adverts.scoring.evidence.evidence_rows import documents_of
from adverts_findings.campaigns.bank_tables import ENTRANTS, TABLES
from adverts_findings.campaigns.build import Circumstances, Made, make_build
from adverts_findings.campaigns.entering.gather import Gathered
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.rules import LinkingRules
from adverts_findings.campaigns.templates import template_roots

KEY = b"made-up key of proxies"
Campaigns = Sequence[Hashable]
_STEP = 5
_NOW = datetime.datetime(2030, 1, 7, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Posting:
    """An advert before it becomes evidence.

    Attributes:
        id: Its id.
        text: Folded caption with masked contacts.
        page: Folded text of its picture with masked contacts.
        contacts: Its contacts.
        pictures: Bytes of its pictures.
    """

    id: str
    text: str = ""
    page: str = ""
    contacts: tuple[ContactToken, ...] = ()
    pictures: tuple[bytes, ...] = ()


def entrants_of(postings: Sequence[Posting], *, day: datetime.datetime | None = None) -> pa.Table:
    """Return adverts as the linker reads them, in the order of their ids.

    Args:
        postings: The adverts.
        day: The time that is given to all of them; None: it is not known.
    """
    ordered = sorted(postings, key=lambda one: one.id)
    columns: dict[str, Sequence[object]] = {
        "id": [one.id for one in ordered],
        "source": ["proxies"] * len(ordered),
        "judged_by": ["dataset"] * len(ordered),
        "posted_at": [day] * len(ordered),
        "contacts": [[token.token for token in one.contacts] for one in ordered],
        "public_contacts": [
            [token.token for token in one.contacts if token.public is not None] for one in ordered
        ],
        "picture_sha256": [
            [hashlib.sha256(data).digest() for data in one.pictures] for one in ordered
        ],
        "picture_hashes": [
            [describe_picture(open_image(data, CHECKED)).to_bytes() for data in one.pictures]
            for one in ordered
        ],
    }
    for what, texts in (
        ("text", [one.text for one in ordered]),
        ("page", [one.page for one in ordered]),
    ):
        found = documents_of(texts, key=KEY)
        for name in ("hash", "signature", "groups"):
            columns[f"{what}_{name}"] = [one and getattr(one, name) for one in found]
    nothing = [None] * len(ordered)
    return pa.table(
        [pa.array(columns.get(one.name, nothing), one.type) for one in ENTRANTS], schema=ENTRANTS
    )


def templates_alone(entrants: pa.Table) -> Campaigns:
    """Return near-duplicates as campaigns."""
    roots: list[int] = template_roots(entrants).tolist()
    return roots


def shared(entrants: pa.Table, *, templates: bool) -> Campaigns:
    """Return components of adverts that share a contact; with templates, of any evidence."""
    keys: list[tuple[str, Hashable]] = []
    owners: list[int] = []
    public = entrants["public_contacts"].to_pylist()
    columns = {"contacts": entrants["contacts"].to_pylist()}
    if templates:
        columns["templates"] = [[one] for one in templates_alone(entrants)]
        columns["picture_sha256"] = entrants["picture_sha256"].to_pylist()
    for name, values in columns.items():
        for row, several in enumerate(values):
            kept = [one for one in several if one not in public[row]]
            keys += [(name, one) for one in kept]
            owners += [row] * len(kept)
    sets = UnionFind(len(entrants))
    for one, other in pair_equal(keys):
        sets.union(owners[one], owners[other])
    return [sets.find(row) for row in range(len(entrants))]


def link(entrants: pa.Table, judgements: Sequence[Judgement] = ()) -> Made:
    """Return what the linker makes of adverts with its default rules."""
    nobody, held, barred = (
        TABLES[name].empty_table() for name in ("candidates", "restricted", "barred")
    )
    gathered = Gathered(entrants, nobody, "made-up", len(entrants), 0, 0, 0, held, barred)
    circumstances = Circumstances({}, {}, "experiment 0030", _NOW)
    return make_build(gathered, judgements, LinkingRules(), circumstances, before={})


def answers(made: Made, who: Mapping[str, Hashable | None]) -> list[Judgement]:
    """Return right answers to every pair that a build shows.

    Args:
        made: The build.
        who: Advertiser of each advert; a pair of which one is not known is not answered.
    """
    table = made.tables["edges"]
    pairs = {
        tuple(sorted(ends))
        for ends in zip(table["first"].to_pylist(), table["second"].to_pylist(), strict=True)
    }
    return [
        Judgement(
            "same" if who[one] == who[other] else "different",
            one,
            other,
            ((one, other),),
            "the truth",
            _NOW.isoformat(),
            "",
        )
        for one, other in sorted(pairs)
        if who[one] is not None and who[other] is not None
    ]


def alike_texts(texts: Sequence[str], advertisers: Sequence[Hashable | None]) -> Campaigns:
    """Return groups of like texts, of the similarity that is best by the truth.

    Nobody who does not know the truth can do this: it says how far likeness of texts may go.
    """
    groups = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    features = groups.fit_transform(texts).toarray().astype(np.float32)
    return _best_cut(linkage(features, method="average", metric="cosine"), advertisers)


def alike_pictures(entrants: pa.Table, advertisers: Sequence[Hashable | None]) -> Campaigns:
    """Return groups of like pictures, one of each advert, of the likeness best by the truth.

    Likeness is the number of equal bits of the PDQ hashes.
    """
    hashes = [PictureHash.from_bytes(one[0]) for one in entrants["picture_hashes"].to_pylist()]
    bits = np.unpackbits(np.array([list(one.pdq) for one in hashes], np.uint8), axis=1)
    return _best_cut(linkage(bits, method="average", metric="hamming"), advertisers)


def text_tiles(entrants: pa.Table) -> int:
    """Return how many adverts show a picture that is mostly text."""
    return sum(
        any(PictureHash.from_bytes(one).is_text_tile for one in several)
        for several in entrants["picture_hashes"].to_pylist()
    )


def _best_cut(tree: NDArray[np.float64], advertisers: Sequence[Hashable | None]) -> Campaigns:
    heights = np.unique(tree[:, 2])
    cuts = [fcluster(tree, t=at, criterion="distance").tolist() for at in heights[::_STEP]]
    even = np.ones((1, len({one for one in advertisers if one is not None})))
    best: Campaigns = max(cuts, key=lambda cut: float(count(cut, advertisers).figures(even)[0, 5]))
    return best
