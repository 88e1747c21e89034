"""Which laws a notice of an advert rests on, and what it lacks under the rules of its recipient."""

from __future__ import annotations

from collections.abc import Mapping

from adverts.data.review.people import person
from adverts_findings.config.sharing import LawConfig, RecipientConfig, Regime
from adverts_findings.sharing.leaving.order import Order

EU_MEMBERS = frozenset[str]().union(
    ("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
    ("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
)
"""ISO 3166 codes of the member states of the European Union."""
_JURISDICTIONS: Mapping[Regime, frozenset[str]] = {
    "dsa_16": EU_MEMBERS | {"EU"},
    "uk_osa": frozenset({"GB"}),
    "platform_terms": frozenset({"terms"}),
}
"""Where a law comes from on which a notice has to rest; any law will do for other rules."""
_WANTED: Mapping[Regime, str] = {
    "dsa_16": "law of the EU or a member state",
    "uk_osa": "law of GB",
    "platform_terms": "rule of jurisdiction terms",
}


def covering_laws(
    recipient: RecipientConfig, laws: Mapping[str, LawConfig], label: str
) -> tuple[str, ...]:
    """Return the names of the laws on which a notice to a recipient rests, as it names them.

    Args:
        recipient: The recipient.
        laws: All laws, by name.
        label: Class of the advert in the taxonomy; empty if nobody gave one, and then only laws
            that cover every class do.
    """
    places = _JURISDICTIONS.get(recipient.regime)
    return tuple(
        name
        for name in recipient.laws
        if (law := laws.get(name)) is not None
        and (places is None or law.jurisdiction in places)
        and (not law.classes or label in law.classes)
    )


def missing_ground(order: Order, label: str) -> str:
    """Return what a notice of an advert lacks under the rules of its recipient; empty: nothing.

    A notice under Article 16 of the Digital Services Act explains why the content is illegal, names
    who sends it with an e-mail address, and states good faith. Other rules ask for the law alone,
    and voluntary ones for nothing.

    Args:
        order: What is asked for.
        label: Class of the advert in the taxonomy; empty if nobody gave one.

    Source: Regulation (EU) 2022/2065, Article 16 (2).
    """
    regime = order.recipient.regime
    if regime in _WANTED and not covering_laws(order.recipient, order.laws, label):
        of = f"the class {label}" if label else "an advert to which nobody gave a class"
        return f"no {_WANTED[regime]} among the laws of {order.name} covers {of}"
    if regime != "dsa_16":
        return ""
    if not order.sender.organisation.strip() or not order.sender.email.strip():
        return "a notice under dsa_16 names who sends it: give sender.organisation and sender.email"
    if not person(order.good_faith):
        return "a notice under dsa_16 needs good_faith=, a person who states that it is accurate"
    return ""
