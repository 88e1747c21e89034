"""What would confirm or refute that two campaigns belong together, in words."""

from __future__ import annotations

from adverts_findings.campaigns.networks.network import NetworkLink, WeakEvidence

_CONTENT = ("template", "phrase")
_NAMES = {"contact": "contact", "account": "account", "link_target": "link target"}


def would_confirm(link: NetworkLink) -> str:
    """Return the one piece of evidence that would confirm a link, by the strongest thing shared."""
    one = link.shared[0]
    if one.kind in _CONTENT:
        return (
            "a second kind of evidence that adverts of both show, such as a contact, an account or "
            "a link target; texts and pictures alone are copied by others"
        )
    if one.across:
        return (
            "a second kind of evidence on both platforms, such as another contact, a link target "
            "or a text that both use"
        )
    if one.silence_days is None:
        return f"the time of both adverts, without a long silence of the {_name(one)} in between"
    return (
        "a second kind of evidence from both sides of the silence, such as another contact, an "
        "account or a text that is used before and after it"
    )


def would_refute(link: NetworkLink) -> str:
    """Return the one piece of evidence that would refute a link, by the strongest thing shared."""
    one = link.shared[0]
    if one.kind in _CONTENT:
        return (
            "a sign that one took the text or picture from the other, such as contacts that are "
            "exchanged in the same words"
        )
    if one.across:
        return (
            f"a sign that the {_name(one)} is of two people, such as different places or services "
            "at the same time"
        )
    return (
        f"a sign that the {_name(one)} changed hands, such as other accounts, texts and places "
        "after it"
    )


def _name(one: WeakEvidence) -> str:
    return _NAMES.get(one.kind, one.kind.replace("_", " "))
