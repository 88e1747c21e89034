"""Contacts and pictures of adverts, one row for each time that one is shown."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from adverts.clusters.components import connect
from adverts.clusters.link_images import link_images
from adverts.clusters.picture_hash import PictureHash

CONTEXT = ("platform", "language", "time", "week", "campaign")
"""Columns of the advert that each row has beside ``value``."""


def contact_uses(adverts: pa.Table, listed: Sequence[str]) -> pa.Table:
    """Return a row for each contact and link target of each advert, its token as ``value``.

    Args:
        adverts: Adverts with their weeks, see
            :func:`~adverts_findings.campaigns.news.postings.with_weeks`.
        listed: Values that join nothing, such as helplines, which are left out as public ones are.
    """
    whole = adverts.combine_chunks()
    lists = _one_array(whole["contacts"])
    uses = whole.select(CONTEXT).take(pc.list_parent_indices(lists))
    uses = uses.append_column("value", pc.list_flatten(lists))
    public = pc.list_flatten(_one_array(whole["public_contacts"]))
    known = pa.concat_arrays([pa.array(listed, pa.string()), public])
    return uses.filter(pc.invert(pc.is_in(uses["value"], value_set=known)))


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays([pa.array([], column.type), *column.chunks])


def picture_uses(adverts: pa.Table, since: datetime.date) -> pa.Table:
    """Return a row for each picture of adverts that may be news, with one ``value`` for copies.

    Copies are found as templates are: saved again, scaled or cropped they are one picture. Only
    templates with a picture since that week, and with more than one platform, are looked through.

    Args:
        adverts: Adverts with their weeks.
        since: Monday of the week.
    """
    pictured = adverts.filter(pc.greater(pc.list_value_length(adverts["picture_sha256"]), 0))
    recent = pc.greater_equal(pictured["week"], pa.scalar(since, pa.date32()))
    places = pictured.group_by("template").aggregate([("platform", "count_distinct")])
    several = places.filter(pc.greater(places["platform_count_distinct"], 1))["template"]
    asked = pc.unique(pictured.filter(pc.fill_null(recent, False))["template"])
    both = pc.and_(
        pc.is_in(pictured["template"], value_set=asked),
        pc.is_in(pictured["template"], value_set=_one_array(several)),
    )
    chosen = pictured.filter(both).select([*CONTEXT, "picture_sha256", "picture_hashes"])
    looks: dict[bytes, PictureHash] = {}
    rows: list[dict[str, Any]] = []
    for row in chosen.to_pylist():
        shown = row.pop("picture_sha256")
        for picture, look in zip(shown, row.pop("picture_hashes") or (), strict=False):
            if look is not None:
                with suppress(ValueError):
                    looks[picture] = PictureHash.from_bytes(look)
        rows += [row | {"value": picture} for picture in shown]
    names = _one_name_for_copies(sorted({row["value"] for row in rows}), looks)
    schema = pa.schema([*(chosen.schema.field(name) for name in CONTEXT), ("value", pa.string())])
    named = [row | {"value": names[row["value"]]} for row in rows]
    return pa.Table.from_pylist(named, schema=schema)


def _one_name_for_copies(
    pictures: Sequence[bytes], looks: Mapping[bytes, PictureHash]
) -> Mapping[bytes, str]:
    """Return the sha256 of the first copy of each picture, in hexadecimal digits."""
    links = link_images([(one,) for one in pictures], dict(looks), threads=1)
    roots = connect(links.links, len(pictures), rules=[links.rule]).roots.tolist()
    return {one: pictures[root].hex() for one, root in zip(pictures, roots, strict=True)}
