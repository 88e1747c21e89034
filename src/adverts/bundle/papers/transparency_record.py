"""Draft a bundle's record for the UK Algorithmic Transparency Recording Standard.

The draft is next to a bundle and never in it. Facts that the bundle records are filled in. Every
other field names the role of the person who must write it.

Source: UK Government, Algorithmic Transparency Recording Standard, template v3.0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from adverts.bundle.papers import card_tables
from adverts.bundle.papers.bundle_facts import NOT_FOR, RISKS, SUMMARY, USES, Told, read_told
from adverts.bundle.papers.card_tables import bullets, escaped, section, table
from adverts.runtime.manifest import CARD_NAME
from adverts.runtime.opening.bundle import open_bundle

_FIRST = (
    "**DRAFT, NOT PUBLISHED. Written by a program from recorded facts; a person must complete, "
    "check and approve it before anybody outside sees it.**"
)
_OWNER, _POLICY = "the owner of the model", "the policy lead"
_DATA, _LEGAL = "the data protection officer", "the commercial or legal lead"
Field = tuple[str, str | Iterator[str]]


def write_transparency_record(folder: Path) -> str:
    """Write the draft of a bundle next to its folder, and return a one-line message.

    An unchanged draft is replaced. A file that people have edited stays as it is, and the message
    says so.

    Raises:
        InputError: There is no bundle at ``folder``.
        IntegrityError: The bundle has changed since its export.
    """
    folder = folder.resolve()
    told = read_told(folder, open_bundle(folder).manifest)
    path = folder.with_name(f"{folder.name}.transparency.md")
    if path.exists() and not _is_untouched(path.read_bytes()):
        return (
            f"{path}: people have written in it, so it stays as it is; what the bundle says by now "
            f"is in {folder / CARD_NAME}"
        )
    text = transparency_record(told).encode()
    partial = path.with_name(f".{path.name}.partial")  # a cut-off file would count as edited
    partial.write_bytes(text + _seal(text))
    partial.replace(path)
    return f"{path}: a draft, for people to complete"


def _seal(text: bytes) -> bytes:
    """Return a last line that shows whether the text above it was changed."""
    return b"\n<!-- draft, unchanged: %s -->\n" % hashlib.sha256(text).hexdigest().encode()


def _is_untouched(found: bytes) -> bool:
    text = found[: -len(_seal(b""))]
    return found == text + _seal(text)


def transparency_record(told: Told) -> str:
    """Return the draft as Markdown."""
    lines = [_FIRST, "", *section(f"Algorithmic transparency record: {told.manifest.name}", 1)]
    for title, fields in (
        ("Tier 1: overview", _overview(told)),
        ("Tier 2: owner and responsibility", _owner()),
        ("Tier 2: description and rationale", _rationale(told)),
        ("Tier 2: deployment context", _deployment()),
        ("Tier 2: tool specification", _tool(told)),
        ("Tier 2: model specification", _model(told)),
        ("Tier 2: development data", _development(told)),
        ("Tier 2: operational data", _operational(told)),
        ("Tier 2: risks, mitigations and impact assessments", _risks()),
    ):
        lines += section(title)
        for name, content in fields:
            lines += section(name, 3)
            lines += [escaped(content), ""] if isinstance(content, str) else list(content)
    return "\n".join(lines).rstrip() + "\n"


def _by(who: str, what: str = "") -> str:
    return f"TO BE WRITTEN BY {who.upper()}" + (f": {what}" if what else "")


def _overview(told: Told) -> Iterator[Field]:
    yield "1.1 Name", f"{told.manifest.name} (a working name; {_by(_OWNER, 'its public name')})"
    yield "1.2 Description", f"{SUMMARY} {_by(_POLICY, 'how and why it is used, in plain words')}"
    yield "1.3 Website URL", _by(_POLICY)
    yield "1.4 Contact email", _by(_OWNER)


def _owner() -> Iterator[Field]:
    yield "2.1.1 Organisation or department", _by(_POLICY)
    yield "2.1.2 Team", _by(_POLICY)
    yield "2.1.3 Senior responsible owner", _by(_POLICY, "the role, not a name")
    yield "2.1.4 Third party involvement", _by(_LEGAL)
    for number, name in enumerate(
        (
            "Third party",
            "Companies House number",
            "Third party role",
            "Procurement procedure type",
            "Third party data access terms",
        ),
        start=1,
    ):
        yield f"2.1.4.{number} {name}", _by(_LEGAL, "or not applicable")


def _rationale(told: Told) -> Iterator[Field]:
    yield "2.2.1 Detailed description", bullets(USES)
    yield "2.2.2 Scope", bullets(f"It is not meant {one}." for one in NOT_FOR)
    yield "2.2.3 Benefit", _by(_POLICY, "no benefit was measured here")
    yield "2.2.4 Previous process", _by(_POLICY)
    yield "2.2.5 Alternatives considered", _by(_OWNER)


def _deployment() -> Iterator[Field]:
    yield "2.3.1 Integration into broader operational process", _by(_POLICY)
    yield (
        "2.3.2 Human review",
        "Every route that the tool names ends at a person; none removes an advert. "
        + _by(_POLICY, "who reviews, and how a decision is made"),
    )
    yield "2.3.3 Frequency and scale of usage", _by(_POLICY)
    yield "2.3.4 Required training", _by(_POLICY)
    yield "2.3.5 Appeals and review", _by(_POLICY)


def _tool(told: Told) -> Iterator[Field]:
    yield (
        "2.4.1.1 System architecture",
        "One ONNX model with its tokenizer, text rules, calibration and thresholds in one folder, "
        "run by the library `adverts.runtime` without a network. "
        + _by(_OWNER, "the systems around it"),
    )
    yield "2.4.1.2 System-level input", table(("input", "value"), card_tables.inputs(told.manifest))
    yield (
        "2.4.1.3 System-level output",
        "For each advert: a probability for each label, a review band, the routes a service may "
        "take, signs of danger to a person, and the reason.",
    )
    yield "2.4.1.4 Maintenance", _by(_OWNER)
    yield "2.4.1.5 Models", f"One: {told.manifest.name}."


def _model(told: Told) -> Iterator[Field]:
    manifest = told.manifest
    yield "2.4.2.1 Model name", manifest.name
    yield "2.4.2.2 Model version", f"`{manifest.identity()}`"
    yield (
        "2.4.2.3 Model task",
        table(("task", "kind", "labels"), card_tables.tasks(manifest)),
    )
    yield "2.4.2.4 Model input", ", ".join(manifest.input_spec.inputs)
    yield "2.4.2.5 Model output", "Calibrated probabilities of the labels above."
    yield (
        "2.4.2.6 Model architecture",
        table(("started from the weights", "licence"), card_tables.weights(manifest)),
    )
    yield "2.4.2.7 Model performance", _performance(told)
    yield (
        "2.4.2.8 Datasets and their purposes",
        f"{manifest.dataset['name']}: training, the choice of checkpoint and thresholds on its "
        "validation split, and evaluation on splits that chose nothing.",
    )


def _performance(told: Told) -> Iterator[str]:
    judged = told.judgement
    if judged is None:
        yield "No gate has judged this model, so there is no figure to publish."
    else:
        gate, split, created = map(escaped, (judged.gate, judged.split, judged.created))
        yield f"The gate `{gate}`: {judged.verdict}, on {judged.adverts:,} adverts of the"
        yield f"split `{split}` ({created})."
    yield ""
    if judged is not None and judged.figures:
        head = ("condition", "scope", "measured", "95 % interval")
        yield from table(head, card_tables.figures(judged))
    if told.coverage.slices:
        yield from table(
            ("language", "script", "parts of an advert", "status", "reason"),
            card_tables.coverage(told.coverage),
        )


def _development(told: Told) -> Iterator[Field]:
    yield (
        "2.4.3.1 Development data description",
        table(("fact", "value"), card_tables.training_data(told.manifest)),
    )
    yield "2.4.3.2 Data modality", ", ".join(told.manifest.input_spec.inputs)
    yield "2.4.3.3 Data quantities", _by(_OWNER, "see the manifest of the prepared dataset")
    yield "2.4.3.4 Sensitive attributes", _by(_DATA, "contacts are masked before training")
    yield "2.4.3.5 Data completeness and representativeness", _by(_OWNER)
    yield "2.4.3.6 Data cleaning", _by(_OWNER, "near-duplicates are kept in one split")
    yield "2.4.3.7 Data collection", _by(_DATA)
    yield "2.4.3.8 Data access and storage", _by(_DATA)
    yield "2.4.3.9 Data sharing agreements", _by(_LEGAL)


def _operational(told: Told) -> Iterator[Field]:
    yield "2.4.4.1 Data sources", _by(_POLICY)
    yield "2.4.4.2 Sensitive attributes", _by(_DATA)
    rules = told.manifest.input_spec
    yield (
        "2.4.4.3 Data processing methods",
        f"Text is folded (rules {rules.folding_version}) and contacts are masked (rules "
        f"{rules.masking_version}) before the model reads it.",
    )
    yield "2.4.4.4 Data access and storage", _by(_DATA)
    yield "2.4.4.5 Data sharing agreements", _by(_LEGAL)


def _risks() -> Iterator[Field]:
    yield "2.5.1 Impact assessments", _by(_DATA, "DPIA, equality impact assessment, and dates")
    yield (
        "2.5.2 Risks and mitigations",
        table(("risk", "mitigation"), ((one.name, one.mitigation) for one in RISKS)),
    )
