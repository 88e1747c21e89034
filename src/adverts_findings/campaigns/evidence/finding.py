"""Find what adverts share, and what that joins: posting identities, edges, and values listed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from adverts.arrays import Bools, Ints
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.evidence.drafts import Drafts, components, join_drafts
from adverts_findings.campaigns.evidence.joining import find_joins, stock_content
from adverts_findings.campaigns.evidence.left_out import reject_lines
from adverts_findings.campaigns.evidence.lists import leave_out_lists
from adverts_findings.campaigns.evidence.second_kinds import Items, find_items, refuse_spells
from adverts_findings.campaigns.evidence.shared_by_many import Many, list_values
from adverts_findings.campaigns.evidence.shown import Shown, read_shown
from adverts_findings.campaigns.evidence.sides import compare_sides
from adverts_findings.campaigns.evidence.spells import Spells, find_spells, identities_of
from adverts_findings.campaigns.evidence.template_edges import template_edges
from adverts_findings.campaigns.found import FoundEvidence
from adverts_findings.campaigns.rules import LinkingRules


def find_edges(entrants: pa.Table, templates: Sequence[str], rules: LinkingRules) -> FoundEvidence:
    """Return what adverts share, as edges that are not weighed yet.

    Adverts that follow each other with one contact, account or link target on one platform are
    joined, unless it was silent for more than ``rules.silent_weeks``. After such a silence, on
    another platform, and where a time is not known, it joins only what also shows the same of
    another kind; otherwise the edge is rejected. What many advertisers show joins nothing, and
    neither does an advert that lists the contacts of many. Templates and equal pictures join an
    advert that nothing else joins with the one campaign that shows them, unless more such adverts
    show them than the campaign; they are otherwise for people.

    The edges are in an order that does not depend on the order of the rows. Their number grows
    with what the adverts show, not with its square.

    Args:
        entrants: Adverts with the columns of ``ENTRANTS``, one row for each id.
        templates: Name of the template of each: near-duplicates have one name.
        rules: What may join adverts.

    Raises:
        ValueError: If an id occurs twice, or the templates are not one for each advert.
    """
    shown = read_shown(entrants, templates)
    many = list_values(shown, rules)
    ignored = many.ignored
    shown, pasted = _leave_out(shown, many)
    shown, quoted = leave_out_lists(shown, ignored, rules)
    spells = find_spells(shown, ignored, silent_days=7 * rules.silent_weeks)
    items = find_items(shown, ignored | stock_content(shown, spells, ignored, rules))
    drafts = _find(shown, spells, items, join_drafts([pasted, quoted]))
    edges = _edges(shown, spells, items, drafts)
    return FoundEvidence(identities_of(shown, spells), edges, many.listed)


def _leave_out(shown: Shown, many: Many) -> tuple[Shown, Drafts]:
    """Return what adverts show but for what is another one's, and rejected edges for that."""
    left = shown.without(many.pasted)
    reasons = [f"shown by the way, as {count} advertisers do" for count in many.owners.tolist()]
    return left, reject_lines(shown, many.pasted, left, reasons)


def _find(shown: Shown, spells: Spells, items: Items, quoted: Drafts) -> Drafts:
    """Return all edges, in the order of what is shared and of time."""
    joins = find_joins(shown, spells, items)
    component = components(joins.edges.first, joins.edges.second, len(shown))
    refused = join_drafts([refuse_spells(shown, spells, joins.between), quoted])
    refused = refused.chosen(_apart(component, refused))
    by_content = template_edges(shown, component, refused)
    drafts = join_drafts([joins.edges, refused, by_content])
    return drafts.chosen(np.lexsort((drafts.second, drafts.first, drafts.value)))


def _apart(component: Ints, drafts: Drafts) -> Bools:
    """Return which edges are between two components."""
    return np.asarray(component[drafts.first] != component[drafts.second])


def _edges(shown: Shown, spells: Spells, items: Items, drafts: Drafts) -> Edges:
    also, against = compare_sides(shown, spells, items, drafts)
    unknown = np.full(len(drafts), np.nan)
    return Edges(
        first=shown.rows[drafts.first],
        second=shown.rows[drafts.second],
        kind=shown.kinds[drafts.value],
        value=tuple(shown.names[value] for value in drafts.value.tolist()),
        adverts=shown.adverts[drafts.value],
        accounts=shown.account_counts()[drafts.value],
        silence=drafts.silence,
        across=shown.platforms[drafts.first] != shown.platforms[drafts.second],
        also=also,
        weight=unknown,
        probability=unknown.copy(),
        status=drafts.status,
        reason=drafts.reason,
        against=against,
    )
