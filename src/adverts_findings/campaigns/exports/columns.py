"""The nodes and links of an export, and what each of their columns means."""

from __future__ import annotations

from collections.abc import Mapping

EXPORT_VERSION = 1
"""Version of the columns; raised whenever one is added, removed or means something else."""

_SEEN = {
    "first_seen": "time of the first posting, in UTC; empty if no time is known",
    "last_seen": "time of the last posting, in UTC",
}
_COUNTS = {
    "adverts": "number of exported adverts",
    "accounts": "number of accounts that posted them, as far as accounts are known",
}
NODES: Mapping[str, Mapping[str, str]] = {
    "campaigns": {
        "id": "lasting name, such as c000012",
        **_COUNTS,
        "templates": "number of templates among them",
        "identities": "number of identities that one of them shows",
        **_SEEN,
        "probability": "chance that two adverts of the campaign, drawn at random, are of one "
        "advertiser, as the build found it; empty if it is not known",
        "calibrated": "whether probabilities are calibrated by judgements of people",
        "communities": "number of communities within a large campaign; 1 otherwise",
        "largest_piece": "share of its adverts that stay together when its links are drawn anew",
        "opened_build": "number of the build that opened it",
    },
    "identities": {
        "id": "lasting name, such as i000012",
        "kind": "contact, account or link_target",
        "value": "keyed token of it, never the contact itself",
        "platform": "platform on which it was seen",
        **_COUNTS,
        **_SEEN,
        "standing": "suspect, victim, witness or unknown, as a person said",
    },
    "templates": {"id": "lasting name, such as t000012", **_COUNTS, **_SEEN},
    "adverts": {
        "id": "keyed token of the id that the source gave",
        "judged_by": "what a person's word came by: review or dataset",
        "platform": "platform, as the source names it",
        "language": "language, as the source gives it or as it was identified",
        "account": "keyed token of the account",
        "posted_at": "time of posting, in UTC",
        "collected_at": "time of collection, in UTC",
        "entered_build": "number of the build with which it entered",
        "retain_until": "last day on which it may be kept",
    },
}
"""Maps each kind of node to its columns and their meaning."""
ADDRESSES: Mapping[str, str] = {
    "source_id": "id that the source gave",
    "url": "address of the posting",
    "platform_item_id": "id of the posting on its platform",
}
"""Columns of adverts that lead to postings: only in an export with ``addresses=true``."""

_ENDS = {"source": "id of the node that the link comes from", "target": "id of the other node"}
LINKS: Mapping[str, Mapping[str, str]] = {
    "in_campaign": _ENDS,
    "in_template": _ENDS,
    "shows": _ENDS,
    "of_campaign": _ENDS,
    "evidence": {
        "id": "name of the link, by which judgements speak of it",
        **_ENDS,
        "kind": "what is shared: contact, account, link_target or template; judged where "
        "a person said it",
        "value": "token of what is shared, name of the template, or name of the judgement",
        "adverts": "rarity: number of adverts of the bank that show it",
        "accounts": "rarity: number of accounts that show it",
        "silence_days": "days between the last advert before and the first after that show it",
        "across": "whether both adverts are on different platforms",
        "also": "further kinds of evidence in which both agree",
        "against": "kinds in which both show something different",
        "weight": "base-2 logarithm of how many times likelier the evidence is for one advertiser "
        "than for two; empty where a person decided",
        "probability": "probability that both are of one advertiser",
        "status": "joins, review (it waits for a person) or rejected",
        "reason": "why it does not join; empty where it does",
        "bridge": "whether it is a weakest bridge, without which its campaign falls into two",
        "first_seen": "time of posting of the earlier advert, in UTC",
        "last_seen": "time of posting of the later advert",
    },
    "hypothesis": {
        **_ENDS,
        "links": "number of links of evidence between both campaigns; none of them joins",
        "kinds": "what is shared",
        "probability": "highest probability of these links",
    },
}
"""Maps each kind of link to its columns and their meaning."""
BETWEEN: Mapping[str, tuple[str, str, str]] = {
    "in_campaign": ("adverts", "campaigns", "the advert is part of the campaign"),
    "in_template": ("adverts", "templates", "the advert has the text or picture of the template"),
    "shows": ("adverts", "identities", "the advert shows the contact, account or link target"),
    "of_campaign": (
        "identities",
        "campaigns",
        "all adverts that show the identity are in this one campaign",
    ),
    "evidence": ("adverts", "adverts", "what speaks for one advertiser, from the earlier advert"),
    "hypothesis": (
        "campaigns",
        "campaigns",
        "evidence between two campaigns that joins nothing: a lead for people, from the smaller "
        "name",
    ),
}
"""Maps each kind of link to the nodes that it comes from and goes to, and what it says."""
