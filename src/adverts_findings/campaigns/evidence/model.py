"""What edges are weighed by before anybody has judged one: assumptions, all in this place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adverts.errors import IntegrityError

MODEL_VERSION = 1
PRIOR = 0.001
"""Probability that two adverts of a bank, drawn at random, are of one advertiser.

As if there were a thousand advertisers who post the same number of adverts.
"""
RARE = 2e-6
"""Chance that two adverts of different advertisers show the same value, if two accounts show it.

It grows with each account that shows the value; of content it grows with each campaign that shows
it, since one campaign has many accounts.
"""
RARITY_COUNTS = 0.5
"""How much of the rarity counts: most accounts of a contact are of one advertiser."""
SHARED: Mapping[str, float] = {
    "contact/weeks": 0.3,
    "contact/months": 0.002,
    "contact/longer": 0.0007,
    "contact/unknown": 0.002,
    "contact/across": 0.002,
    "account/weeks": 0.3,
    "account/months": 0.02,
    "account/longer": 0.004,
    "account/unknown": 0.02,
    "account/across": 0.002,
    "link_target/weeks": 0.1,
    "link_target/months": 0.008,
    "link_target/longer": 0.002,
    "link_target/unknown": 0.004,
    "link_target/across": 0.008,
    "template/one": 0.02,
    "template/alone": 0.004,
    "template/several": 0.0015,
    "template/campaigns": 0.0002,
}
"""How often two adverts of one advertiser share something of a kind in a way.

``weeks`` is a silence of at most four weeks, ``months`` of at most half a year. A template is shown
by ``one`` campaign, by ``several``, by the ``campaigns`` on both sides, or by adverts that stand
``alone``.

Against :data:`RARE`, and with :data:`PRIOR`, the figures say the following, if nothing else is
known. A contact within four weeks on one platform leaves one doubt in a hundred. A number that was
silent for longer, or is seen on another platform, is as often somebody else's as not, and after
half a year more often. Accounts are sold now and then; pages change hands less often than numbers,
but several advertisers may link to one. A template that one campaign alone shows is its own in
nine of ten cases; one that only adverts on their own show is taken from each other in a third of
them; of two campaigns that show one, each is the right one in two of five; and campaigns that
share a template, and nothing else, are of one advertiser in one of ten cases.
"""
BESIDE: Mapping[str, tuple[float, float]] = {
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
        prior: Probability that two adverts, drawn at random, are of one advertiser.
        rare: Chance that two advertisers show the same value that two accounts show.
        rarity_counts: How much of the rarity counts, 0 to 1.
        shared: See :data:`SHARED`.
        beside: See :data:`BESIDE`.
        weights: Maps the pattern of an edge, which is all that its weight depends on, to the
            weight. Patterns that are in it are not weighed again.
    """

    prior: float = PRIOR
    rare: float = RARE
    rarity_counts: float = RARITY_COUNTS
    shared: Mapping[str, float] = field(default_factory=lambda: dict(SHARED))
    beside: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(BESIDE))
    weights: Mapping[str, float] = field(default_factory=dict)

    def settings(self) -> dict[str, object]:
        """Return the settings of Splink, of which each pair is one pattern."""
        return {
            "link_type": "link_only",
            "unique_id_column_name": "pattern",
            "probability_two_random_records_match": self.prior,
            "blocking_rules_to_generate_predictions": ["l.pattern = r.pattern"],
            "comparisons": [self._shared(), *map(self._beside, self.beside)],
            "retain_matching_columns": False,
            "linker_uid": "adverts",
        }

    def to_json(self) -> str:
        """Return the model as one line of JSON, which a build keeps."""
        told = {
            "version": MODEL_VERSION,
            "prior": self.prior,
            "rare": self.rare,
            "rarity_counts": self.rarity_counts,
            "shared": self.shared,
            "beside": self.beside,
            "weights": dict(sorted(self.weights.items())),
        }
        return json.dumps(told, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> EvidenceModel:
        """Return the model of a build.

        Raises:
            IntegrityError: If the text is no model of this version.
        """
        try:
            told = json.loads(text)
            if told["version"] != MODEL_VERSION:
                raise ValueError("another version")
            if set(told["shared"]) != set(SHARED) or set(told["beside"]) != set(BESIDE):
                raise ValueError("other levels")
            return cls(
                _chance(told["prior"]),
                _chance(told["rare"]),
                _chance(told["rarity_counts"]),
                {key: _chance(told["shared"][key]) for key in SHARED},
                {key: _two_chances(*told["beside"][key]) for key in BESIDE},
                {str(key): _finite(weight) for key, weight in told["weights"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityError(
                f"the model of evidence is not one of version {MODEL_VERSION}: build the bank anew"
            ) from error

    def _shared(self) -> dict[str, object]:
        levels = []
        for way, m in self.shared.items():
            level = _level(f"kind_l || '/' || way_l = '{way}'", way, m, self.rare)
            levels.append(
                level
                | {
                    "tf_adjustment_column": "rarity",
                    "tf_adjustment_weight": self.rarity_counts,
                    "disable_tf_exact_match_detection": True,
                }
            )
        nothing = _not_shown("kind_l is null or kind_r is null")
        return _comparison("shared", [nothing, *levels], self.shared.values(), self.rare)

    def _beside(self, kind: str) -> dict[str, object]:
        m, u = self.beside[kind]
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


def _chance(value: float) -> float:
    if not 0 < float(value) < 1:
        raise ValueError("no probability within (0, 1)")
    return float(value)


def _two_chances(one: float, other: float) -> tuple[float, float]:
    return _chance(one), _chance(other)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("no number")
    return float(value)
