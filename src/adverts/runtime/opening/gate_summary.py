"""The part of a gate's record that a service needs: which model was judged, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.errors import IntegrityError
from adverts.files.bounded_reading import parse_json
from adverts.runtime.manifest import GATE_NAME, BundleManifest

SCHEMA_VERSION = 2
PASSED = "passed"


@dataclass(frozen=True, slots=True)
class GateSummary:
    """What a gate found.

    Attributes:
        gate: Name of the gate.
        verdict: ``passed`` or another word.
        model: Identity of the bundle that was judged.
    """

    gate: str
    verdict: str
    model: str

    @classmethod
    def from_json(cls, data: bytes) -> GateSummary:
        """Read the record of a gate; fields that are not needed here are ignored.

        Raises:
            IntegrityError: The data is not such a record, or is of another schema version.
        """
        try:
            raw = parse_json(data)
            if not isinstance(raw, dict):
                raise ValueError("wanted an object")
            version = raw.get("schema_version")
            if version != SCHEMA_VERSION or isinstance(version, bool):
                raise ValueError(f"schema_version is {version!r}, wanted {SCHEMA_VERSION}")
            return cls(*(_text(raw, name) for name in ("gate", "verdict", "model")))
        except ValueError as error:
            raise IntegrityError(f"{GATE_NAME} is not a gate record ({error})") from None


def require_passed(manifest: BundleManifest, record: bytes | None) -> None:
    """Refuse a bundle unless a gate passed this very model, or the one that it was made from.

    Args:
        manifest: Manifest of the bundle.
        record: Bytes of its :data:`~adverts.runtime.manifest.GATE_NAME`; None where it has none.

    Raises:
        IntegrityError: No gate passed it; the message says what to do.
    """
    if record is None:
        raise IntegrityError(
            f"{GATE_NAME} is missing: no gate judged this bundle; promote it first"
        )
    summary = GateSummary.from_json(record)
    require_same(manifest, summary)
    if summary.verdict != PASSED:
        raise IntegrityError(
            f"{GATE_NAME} says {summary.verdict[:40]!r}, wanted {PASSED!r}; use a bundle that "
            "passed its gate"
        )


def require_same(manifest: BundleManifest, summary: GateSummary) -> None:
    """Refuse a gate's verdict on a model other than this one, or the one it was made from.

    Raises:
        IntegrityError: The verdict is on another model; the message says what to do.
    """
    judged = {manifest.identity()}
    if manifest.audience == "partner" and manifest.derived_from is not None:
        judged.add(manifest.derived_from)
    if summary.model not in judged:
        raise IntegrityError(
            f"{GATE_NAME} is for the model {summary.model[:12]!r}, but this bundle is "
            f"{manifest.identity()[:12]}; promote this bundle first"
        )


def _text(raw: dict[str, object], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is {value!r:.40}, wanted text")
    return value
