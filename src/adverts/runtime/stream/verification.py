"""Verify that a bundle is fit for this machine: its bytes, its rules and its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from adverts.errors import IntegrityError, ParityError, printable
from adverts.files.bounded_reading import parse_json
from adverts.runtime.manifest import BOM_NAME, GATE_NAME
from adverts.runtime.opening.gate_summary import GateSummary, require_same
from adverts.runtime.opening.machine import in_range, instructions, onnxruntime_version, range_of
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.logits_to_responses import versions_of
from adverts.runtime.predict.responses import Versions
from adverts.runtime.stream.examples import Examples, read_examples, replay_examples, replay_texts

CheckName = Literal["files", "papers", "onnxruntime", "processor", "masking", "examples"]


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check.

    Attributes:
        name: Name of the check.
        passed: Whether the requirement of the bundle is met.
        message: Sentence on what was found.
    """

    name: CheckName
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a bundle may be used here.

    Attributes:
        bundle: Name of the bundle, or its path if it could not be opened.
        checks: Results of the checks, in the order they were made.
        exit_status: 0 fit; 1 this machine or this release does not give the answers of the
            bundle; 2 the bundle is not as it was exported, or not for this release.
        versions: Versions of the bundle; None if it could not be opened.
    """

    bundle: str
    checks: tuple[Check, ...]
    exit_status: int
    versions: Versions | None = None

    @property
    def fit(self) -> bool:
        """Whether every check passed."""
        return self.exit_status == 0

    def lines(self) -> Iterator[str]:
        """Yield the result as printable lines for people; the last line is the verdict."""
        yield from (printable(check.message) for check in self.checks if check.passed)
        reasons = [check.message for check in self.checks if not check.passed]
        found = "fit for this machine" if self.fit else f"not fit: {'; '.join(reasons)}"
        yield printable(f"{self.bundle}: {found}")

    def to_json_object(self) -> dict[str, object]:
        """Return the result as a JSON object for programs."""
        return {
            "bundle": self.bundle,
            "fit": self.fit,
            "why_not": [check.message for check in self.checks if not check.passed],
            "checks": [asdict(check) for check in self.checks],
            "machine": {"onnxruntime": onnxruntime_version(), "instructions": instructions()},
            "versions": None if self.versions is None else asdict(self.versions),
        }


def verify(place: str, load: Callable[[], Classifier]) -> Verification:
    """Open a bundle and make every check that is possible on this machine.

    Args:
        place: Path of the bundle, for the verdict on one that cannot be opened.
        load: Function that opens the bundle, which hashes every file.

    Raises:
        InputError: There is no bundle.
    """
    try:
        classifier = load()
    except IntegrityError as error:
        return Verification(place, (Check("files", False, str(error)),), error.exit_status)
    manifest = classifier.manifest
    found = f"{len(manifest.files)} files are as they were exported"
    checks = [Check("files", True, f"{found} (schema {manifest.schema_version})")]
    status = 0
    for name, look in _looks(classifier):
        try:
            checks.append(Check(name, True, look()))
        except (IntegrityError, ParityError) as error:
            checks.append(Check(name, False, str(error)))
            status = max(status, error.exit_status)
    return Verification(manifest.name, tuple(checks), status, versions_of(manifest))


def _looks(classifier: Classifier) -> Iterator[tuple[CheckName, Callable[[], str]]]:
    yield "papers", lambda: _papers(classifier)
    yield "onnxruntime", lambda: _onnxruntime(classifier)
    yield "processor", lambda: _processor(classifier)
    yield "masking", lambda: _masking(read_examples(classifier))
    yield "examples", lambda: _answers(classifier, read_examples(classifier))


def _papers(classifier: Classifier) -> str:
    """Refuse papers that name another model: the hashes of the files may have been replaced."""
    manifest, found = classifier.manifest, []
    bom, gate = classifier.text_of(BOM_NAME), classifier.text_of(GATE_NAME)
    if bom is not None:
        found.append(BOM_NAME)
        told = _version_told(bom)
        if told != manifest.identity():
            raise IntegrityError(
                f"{BOM_NAME} is for the model {told[:12]!r}, but this bundle is "
                f"{manifest.identity()[:12]}: it was changed since its export; copy it again"
            )
    if gate is not None:
        found.append(GATE_NAME)
        require_same(manifest, GateSummary.from_json(gate))
    if not found:
        return "no bill of materials or gate record says which model this is"
    verb = "names" if len(found) == 1 else "name"
    return f"the model is the one that {' and '.join(found)} {verb}"


def _version_told(bom: bytes) -> str:
    try:
        match parse_json(bom):
            case {"metadata": {"component": {"version": str(version)}}}:
                return version
        raise ValueError("it has no version of a model")
    except ValueError as error:
        raise IntegrityError(
            f"{BOM_NAME} is not a bill of materials of a bundle ({error}); copy it again"
        ) from None


def _onnxruntime(classifier: Classifier) -> str:
    runs_on, found = classifier.manifest.runs_on, onnxruntime_version()
    wanted = range_of(runs_on)
    if not in_range(found, wanted):
        raise ParityError(
            f"onnxruntime {found} is installed, but the bundle needs {wanted}; install that"
        )
    return f"onnxruntime {found}, wanted {wanted}, proved with {runs_on.get('onnxruntime_proved')}"


def _processor(classifier: Classifier) -> str:
    proved, found = classifier.manifest.runs_on.get("instructions"), instructions()
    if proved == found:
        return f"made on {proved}, the same kind as here"
    made_on = proved or "an unnamed processor"
    return f"made on {made_on}, runs here on {found}: scores may differ in their last bits"


def _masking(examples: Examples) -> str:
    return f"{replay_texts(examples)} texts are masked and folded as recorded"


def _answers(classifier: Classifier, examples: Examples) -> str:
    replay = replay_examples(classifier, examples)
    return (
        f"{replay.examples} examples give the recorded probabilities and review bands: "
        f"they differ by at most {replay.max_difference:.1g}; the limit is {replay.tolerance:.1g}"
    )
