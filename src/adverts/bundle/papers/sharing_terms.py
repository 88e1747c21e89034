"""Whether a model may be given to a partner: the terms of its training data and weights decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adverts.errors import InputError

Facts = Mapping[str, object]
# Terms that let what was made from a work be passed on, to anyone, for any purpose, with notice at
# the most. Share-alike and non-commercial ones are left out on purpose: whether a trained model is
# derived from its data in their sense is for a lawyer, not for a table.
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
"""What a data config says where nobody has told; enough for texts that a program made up."""
_NEVER = "operational_restricted"
_SYNTHETIC = "synthetic"
_SENSITIVITIES = (_SYNTHETIC, "public", "research")


def licence_id(stated: object) -> str:
    """Return the licence without who states it: ``MIT (stated by a)`` is ``MIT``.

    Any other words stay, since they may take back what its name allows.
    """
    return str(stated).partition(" (stated by ")[0].strip()


def require_sharable(dataset: Facts, weights: Sequence[Facts]) -> None:
    """Refuse what may not be given to a partner.

    Args:
        dataset: Name and terms of the training data, as a manifest holds them.
        weights: Pretrained weights and their licences, likewise.

    Raises:
        InputError: Sensitivity or licence forbids it, or allows it only as far as nobody knows;
            the message says what would allow it.
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
