"""Write the model card of a bundle from recorded facts, for people who want to use it."""

from __future__ import annotations

from collections.abc import Iterator

from adverts.bundle.papers import card_tables
from adverts.bundle.papers.bundle_facts import LIMITS, NOT_FOR, RISKS, SUMMARY, USERS, USES, Told
from adverts.bundle.papers.card_tables import bullets, escaped, section, table
from adverts.bundle.papers.precision_card import precision_lines
from adverts.runtime.manifest import COVERAGE_NAME, EXAMPLES_NAME, GATE_NAME


def write_card(told: Told) -> str:
    """Return the card as Markdown; it holds no advert and no fact about this machine."""
    lines = [
        *_head(told),
        *_uses(told),
        *_answers(told),
        *_data(told),
        *_calibration(told),
        *_thresholds(told),
        *_evidence(told),
        *_precision(told),
        *_limits(),
        *_check(told),
        *_contact(told),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _head(told: Told) -> Iterator[str]:
    manifest = told.manifest
    yield from section(f"{manifest.name}, trained on {manifest.dataset['name']}", 1)
    yield f"A classifier of adverts for `adverts.runtime`. {SUMMARY}"
    yield ""
    if manifest.audience == "partner":
        yield "This is a partner's bundle: it computes what the bundle that it was made from"
        yield "computes, and tells less about how that was made and judged."
        yield ""
    yield from section("Model details")
    yield from table(("fact", "value"), card_tables.details(manifest))


def _uses(told: Told) -> Iterator[str]:
    yield from section("Intended use")
    yield from bullets(USES)
    yield "For " + "; and ".join(USERS) + "."
    yield ""
    yield from section("Out of scope", 3)
    yield from bullets(NOT_FOR)


def _answers(told: Told) -> Iterator[str]:
    yield from section("Inputs and outputs")
    yield from table(("input", "value"), card_tables.inputs(told.manifest))
    yield "It gives a calibrated probability for each label, a review band (`priority`, `review`,"
    yield "`below`, or `abstain`, which means a person) and the routes that a service may take."
    yield ""
    yield from table(("task", "kind", "labels"), card_tables.tasks(told.manifest))
    if told.labels.classes:
        yield from table(("class", "group", "routes"), card_tables.classes(told.labels))
        yield "Groups: V may violate, A depends on context, N does not, U is unusable. No route"
        yield "removes anything; each ends at a person."
        yield ""
    if told.labels.safeguarding:
        yield f"Signs of danger to a person: {escaped(', '.join(told.labels.safeguarding))}."
        yield "Nothing suppresses them."
        yield ""


def _data(told: Told) -> Iterator[str]:
    yield from section("Training data")
    yield from table(("fact", "value"), card_tables.training_data(told.manifest))
    yield from table(("pretrained weights", "licence"), card_tables.weights(told.manifest))
    selected = told.manifest.training.get("selected_on")
    if isinstance(selected, dict):
        yield f"The checkpoint was chosen on the split `{escaped(str(selected['split']))}` by"
        metric = escaped(str(selected["metric"]))
        yield f"{metric} = {selected['value']:.4f}: no figure on that split says how"
        yield "good it is. Figures with intervals come from `adverts evaluate`."
        yield ""


def _calibration(told: Told) -> Iterator[str]:
    yield from section("Calibration")
    calibration = told.rules.calibration
    if not calibration.tasks:
        yield "None was fitted: its probabilities are as confident as training left them."
    else:
        yield from table(("task", "method", "holds for"), card_tables.calibrations(calibration))
        fitted = calibration.fitted_on or {}
        yield f"Fitted on the split `{escaped(str(fitted.get('split', 'not known')))}`."
    yield ""


def _thresholds(told: Told) -> Iterator[str]:
    yield from section("Thresholds")
    found = told.rules.thresholds
    if not found.thresholds:
        yield "It ships no threshold: its probabilities order adverts and decide nothing."
        yield ""
        return
    yield f"Thresholds were chosen on the split `{escaped(found.split)}`. Each is promised at"
    yield f"{escaped(found.condition)}, where its condition holds."
    yield ""
    yield from table(
        ("label", "language", "promise", "from probability"), card_tables.thresholds(found)
    )
    if found.withheld:
        withheld = escaped(" and ".join(found.withheld))
        yield f"Thresholds for {withheld} are withheld from this bundle, but"
        yield "for signs of danger to a person. `below` means here that an advert is under the"
        yield "precision threshold, and says nothing more of it."
        yield ""


def _evidence(told: Told) -> Iterator[str]:
    yield from section("Evaluation")
    judged = told.judgement
    if judged is None:
        yield "No gate has judged this bundle. It is not promoted, and no figure of its quality is"
        yield "in it."
        yield ""
        return
    gate, split, created = map(escaped, (judged.gate, judged.split, judged.created))
    yield f"The gate `{gate}`: {judged.verdict}, on {judged.adverts:,} adverts of the split"
    yield f"`{split}` ({created}). See `{GATE_NAME}`."
    yield ""
    if exceptions := list(card_tables.exceptions(told.manifest)):
        yield from table(("promoted although", "because"), exceptions)
    if judged.figures:
        yield from table(
            ("condition", "scope", "measured", "95 % interval"), card_tables.figures(judged)
        )
    if told.coverage.slices:
        yield from section("Languages", 3)
        yield from table(
            ("language", "script", "parts of an advert", "status", "reason"),
            card_tables.coverage(told.coverage),
        )
        yield f"What is not listed abstains. See `{COVERAGE_NAME}`."
        yield ""


def _precision(told: Told) -> Iterator[str]:
    if told.precision is not None:
        yield from precision_lines(told.precision)
        yield ""
        return
    yield from section("Precision")
    yield from table(("fact", "value"), card_tables.agreement(told.manifest))


def _limits() -> Iterator[str]:
    yield from section("Limits and risks")
    yield from bullets(LIMITS)
    yield from table(
        ("what may go wrong", "what is done about it"),
        ((one.name, one.mitigation) for one in RISKS),
    )


def _check(told: Told) -> Iterator[str]:
    yield from section("How to check it")
    yield "    python -m adverts.runtime FOLDER --verify"
    yield ""
    yield "hashes every file, scores the adverts of"
    yield f"`{EXAMPLES_NAME}` again and says whether this machine is fit for it. What it runs with:"
    yield ""
    yield from table(("package", "version", "licence"), card_tables.packages(told.manifest))


def _contact(told: Told) -> Iterator[str]:
    yield from section("Contact")
    yield "TO BE WRITTEN BY THE OWNER OF THE MODEL: whom to ask, and where to report a fault."
