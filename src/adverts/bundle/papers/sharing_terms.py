"""Decide whether a partner may get a model, by the terms of its training data and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adverts.errors import InputError

Facts = Mapping[str, object]
# Terms that allow works made from a work to be passed on, to anyone, for any purpose, and require a
# notice at most. Share-alike and non-commercial terms are left out on purpose: a lawyer must decide
# whether a trained model is derived from its data in their sense.
SHARABLE_LICENCES = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC-BY-3.0",
        "CC-BY-4.0",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "ODC-By-1.0",
        "OGL-UK-3.0",
        "PDDL-1.0",
        "Unlicense",
    }
)
OWN = "own"
"""The licence of adverts that the unit wrote itself."""
UNSTATED = "unstated"
"""The licence in a data config that states none; enough for texts that a program made up."""
_NEVER = "operational_restricted"
_SYNTHETIC = "synthetic"
_SENSITIVITIES = (_SYNTHETIC, "public", "research")


def licence_id(stated: object) -> str:
    """Return the licence without its source: ``MIT (stated by a)`` becomes ``MIT``.

    Any other words stay, since they may restrict what the licence allows.
    """
    return str(stated).partition(" (stated by ")[0].strip()


def require_sharable(dataset: Facts, weights: Sequence[Facts]) -> None:
    """Refuse a model that may not be given to a partner.

    Args:
        dataset: Name and terms of the training data, as in a manifest.
        weights: Pretrained weights and their licences, as in a manifest.

    Raises:
        InputError: Sensitivity or licence forbids it, or is not known to allow it; the message
            says what would allow it.
    """
    name = dataset.get("name")
    sensitivity, licence = dataset.get("sensitivity"), dataset.get("licence")
    if sensitivity == _NEVER:
        raise InputError(
            f"the model was trained on {name}, which is {_NEVER}: nothing made from it leaves the "
            "unit; train on data that may be shared"
        )
    if sensitivity not in _SENSITIVITIES:
        raise InputError(
            f"the training data {name} has the sensitivity {sensitivity!r}, wanted one of "
            f"{', '.join(_SENSITIVITIES)}; state it in the data config and prepare again"
        )
    enough = {OWN, UNSTATED} if sensitivity == _SYNTHETIC else {OWN}
    if licence_id(licence) not in SHARABLE_LICENCES | enough:
        raise InputError(
            f"the training data {name} has the licence {licence!r}, which is not known to allow "
            f"sharing a model; known are {_known()}, and {OWN!r} for adverts of your own: ask for "
            "such a licence, or train without it"
        )
    for one in weights:
        if licence_id(one.get("licence")) not in SHARABLE_LICENCES:
            raise InputError(
                f"the weights {one.get('weights')} have the licence {one.get('licence')!r}, which "
                f"is not known to allow sharing; known are {_known()}: start from such weights"
            )


def _known() -> str:
    return ", ".join(sorted(SHARABLE_LICENCES))
