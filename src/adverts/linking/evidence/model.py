"""What edges are weighed by before anybody has judged one: assumptions, all in this place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adverts.errors import IntegrityError

MODEL_VERSION = 1
PRIOR = 0.001
"""Probability that two adverts of a bank, drawn at random, are of one advertiser.

As if there were a thousand advertisers who post the same number of adverts.
"""
RARE = 2e-6
"""Chance that two adverts of different advertisers show the same value, if two accounts show it."""
OF_AN_OWNER = RARE / 2
"""By how much that chance grows with each account that shows the value.

Of content it grows with each campaign that shows it, since one campaign has many accounts.
"""
RARITY_COUNTS = 0.5
"""How much of the rarity counts: most accounts of a contact are of one advertiser."""

SHARED = "shared"
"""The comparison of what an edge is about."""
SIDES = ("contact", "account", "link_target", "template")
"""The comparisons of what both sides show beside it."""
_SHARED_LEVELS: Mapping[tuple[str, str], float] = {
    ("contact", "weeks"): 0.3,
    ("contact", "months"): 0.002,
    ("contact", "longer"): 0.0007,
    ("contact", "unknown"): 0.002,
    ("contact", "across"): 0.002,
    ("account", "weeks"): 0.3,
    ("account", "months"): 0.02,
    ("account", "longer"): 0.004,
    ("account", "unknown"): 0.02,
    ("account", "across"): 0.002,
    ("link_target", "weeks"): 0.1,
    ("link_target", "months"): 0.008,
    ("link_target", "longer"): 0.002,
    ("link_target", "unknown"): 0.004,
    ("link_target", "across"): 0.008,
    ("template", "one"): 0.02,
    ("template", "alone"): 0.004,
    ("template", "several"): 0.0015,
    ("template", "campaigns"): 0.0002,
}
"""How often two adverts of one advertiser share something of a kind in this way.

Against :data:`RARE`, and with :data:`PRIOR`, the figures say the following, if nothing else is
known. A contact within four weeks on one platform leaves one doubt in a hundred. A number that was
silent for longer, or is seen on another platform, is as often somebody else's as not, and after
half a year more often. Accounts are sold now and then; pages change hands less often than numbers,
but several advertisers may link to one. A template that one campaign alone shows is its own in
nine of ten cases; one that only adverts on their own show is taken from each other in a third of
them; of two campaigns that show one, each is the right one in two of five; and campaigns that
share a template, and nothing else, are of one advertiser in one of ten cases.
"""
_SIDE_LEVELS: Mapping[str, tuple[float, float]] = {
    "contact": (0.4, 0.002),
    "account": (0.3, 0.001),
    "link_target": (0.4, 0.002),
    "template": (0.4, 0.02),
}
"""How often both sides agree in something else: of one advertiser, and of two.

Advertisers rotate contacts, accounts, pages and texts, so the first are below a half and a
difference says little. Who has a contact in common by chance, since it changed hands, hardly has
another; texts and pictures are stolen and are one kind, so they count least.
"""


@dataclass(frozen=True, slots=True)
class EvidenceModel:
    """What edges are weighed by, and what was weighed so far.

    Attributes:
        settings: Settings of Splink, which its own functions read.
        weights: Maps the pattern of an edge, which is all that its weight depends on, to the
            weight. Patterns that are in it are not weighed again.
    """

    settings: Mapping[str, Any]
    weights: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the model as one line of JSON, which a build keeps."""
        told = {
            "version": MODEL_VERSION,
            "settings": self.settings,
            "weights": dict(sorted(self.weights.items())),
        }
        return json.dumps(told, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> EvidenceModel:
        """Return the model of a build.

        Raises:
            IntegrityError: If the text is no model of this version.
        """
        try:
            told = json.loads(text)
            if told["version"] != MODEL_VERSION:
                raise IntegrityError(
                    f"the model of evidence is of version {told['version']!r}, wanted "
                    f"{MODEL_VERSION}: build the bank again"
                )
            weights = {str(key): float(weight) for key, weight in told["weights"].items()}
            return cls(dict(told["settings"]), weights)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityError("the model of evidence cannot be read: build again") from error


def first_model() -> EvidenceModel:
    """Return the model of assumptions, before there are judgements."""
    return EvidenceModel(
        {
            "link_type": "link_only",
            "unique_id_column_name": "pattern",
            "probability_two_random_records_match": PRIOR,
            "blocking_rules_to_generate_predictions": ["l.pattern = r.pattern"],
            "comparisons": [_shared(), *(_side(kind) for kind in SIDES)],
            "retain_matching_columns": False,
            "linker_uid": "adverts",
        }
    )


def _shared() -> dict[str, object]:
    levels = [
        _level(f"kind_l = '{kind}' and way_l = '{way}'", f"{kind}, {way}", m, RARE)
        for (kind, way), m in _SHARED_LEVELS.items()
    ]
    for level in levels:
        level |= {
            "tf_adjustment_column": "rarity",
            "tf_adjustment_weight": RARITY_COUNTS,
            "disable_tf_exact_match_detection": True,
        }
    nothing = _not_shown("kind_l is null or kind_r is null")
    return _comparison(SHARED, [nothing, *levels], _SHARED_LEVELS.values(), RARE)


def _side(kind: str) -> dict[str, object]:
    m, u = _SIDE_LEVELS[kind]
    column = f"{kind}_beside"
    nothing = _not_shown(f"{column}_l is null or {column}_r is null")
    agree = _level(f"{column}_l = {column}_r", "the same", m, u)
    return _comparison(column, [nothing, agree], [m], u)


def _not_shown(condition: str) -> dict[str, object]:
    return {
        "sql_condition": condition,
        "label_for_charts": "not shown",
        "is_null_level": True,
    }


def _level(condition: str, label: str, m: float, u: float) -> dict[str, object]:
    return {
        "sql_condition": condition,
        "label_for_charts": label,
        "m_probability": m,
        "u_probability": u,
    }


def _comparison(
    name: str, levels: list[dict[str, object]], m: Iterable[float], u: float
) -> dict[str, object]:
    """Return a comparison with the level of whatever is left."""
    taken = list(m)
    rest = _level("ELSE", "nothing the same", 1 - sum(taken), 1 - u * len(taken))
    return {"output_column_name": name, "comparison_levels": [*levels, rest]}
