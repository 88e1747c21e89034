"""What the last build of a bank was made of and by, from its row in ``builds``."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pyarrow as pa

from adverts.errors import IntegrityError
from adverts_findings.campaigns.pages.bank_record import LastBuild
from adverts_findings.campaigns.pages.shown_values import moment
from adverts_findings.campaigns.rules import LinkingRules

_SHOWN = ("rules", "calibration", "model", "counted")
_WEIGHTS = "weights"


def last_build_of(builds: pa.Table) -> LastBuild:
    """Return what the last build was made of and by.

    Of its parameters, the weights of single patterns of evidence are left out: they follow from
    the model, and there are many. Of what it counted, the components are left out: they are counted
    anew, see :class:`adverts_findings.campaigns.pages.bank_record.Threshold`.

    Raises:
        IntegrityError: There is none, or its record cannot be read.
    """
    if not len(builds):
        raise IntegrityError("the bank has no build; build it first")
    last = builds.sort_by([("build", "descending")]).slice(0, 1).to_pylist()[0]
    return LastBuild(
        build=last["build"],
        built_at=moment(last["built_at"]),
        created_by=last["created_by"],
        token_key_id=last["token_key_id"],
        inputs=_read(last, "inputs"),
        parameters=_shown(_read(last, "parameters")),
        counts={name: one for name, one in _read(last, "counts").items() if name != "components"},
    )


def rules_of(build: LastBuild) -> LinkingRules:
    """Return the rules of a build.

    Raises:
        IntegrityError: Its parameters have none that this version knows.
    """
    rules = build.parameters.get("rules")
    try:
        return LinkingRules(**rules)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise IntegrityError(
            f"build {build.build} has no rules that this version knows; build the bank again"
        ) from None


def _read(build: Mapping[str, object], name: str) -> Mapping[str, object]:
    try:
        found = json.loads(str(build[name]), parse_constant=lambda _: None)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise IntegrityError(
            f"{name} of build {build['build']} cannot be read as JSON; build the bank again"
        )
    return found


def _shown(parameters: Mapping[str, object]) -> Mapping[str, object]:
    shown = {name: parameters[name] for name in _SHOWN if name in parameters}
    try:
        model = json.loads(str(shown.get("model")))
    except ValueError:
        return shown
    if isinstance(model, dict):
        shown["model"] = {name: one for name, one in model.items() if name != _WEIGHTS}
    return shown
