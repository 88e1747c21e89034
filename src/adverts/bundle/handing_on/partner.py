"""A partner's bundle: the model of an internal one, which tells less about how it was made.

Whatever is not named here stays behind, so that a file or field that is added later is withheld
until somebody decides otherwise.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from adverts.bundle.export.fictional_examples import examples_json
from adverts.bundle.export.unfinished import is_taken, taken
from adverts.bundle.handing_on.partner_facts import (
    partner_coverage,
    partner_gate,
    partner_manifest,
    partner_rules,
)
from adverts.bundle.papers.sharing_terms import require_sharable
from adverts.bundle.papers.staged import staged_bundle
from adverts.bundle.papers.write_papers import write_papers
from adverts.errors import InputError, ParityError
from adverts.runtime.manifest import (
    COVERAGE_NAME,
    EXAMPLES_NAME,
    GATE_NAME,
    MODEL_NAME,
    TOKENIZER_NAME,
)
from adverts.runtime.opening.bundle import Bundle, open_bundle
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.label_facts import FILE_NAME as LABELS_NAME
from adverts.runtime.stream.examples import read_examples, replay_examples
from adverts.runtime.stream.lines import respond

_AS_THEY_ARE = (MODEL_NAME, TOKENIZER_NAME, LABELS_NAME)


def partner_bundle(
    internal: Path, folder: Path, *, signing_key: Path | None = None, replace: bool = False
) -> Bundle:
    """Make the bundle of a partner from an internal one, promoted or not, and prove it.

    It says the same probabilities, bit for bit. It holds no recall threshold but those of signs of
    danger, no figure of a slice, no count of clusters, no run and no commit.

    Args:
        internal: Folder of the internal bundle, which stays as it is.
        folder: New or empty, unless ``replace``.
        signing_key: Path of the private key that signs it; None: nobody does.
        replace: A bundle at ``folder`` is replaced.

    Raises:
        InputError: The terms of data or weights forbid sharing, the bundle is a partner's already
            or an archive, or the folder is taken.
        IntegrityError: The internal bundle is not what was written.
        ParityError: The partner's bundle does not say the same; nothing is left.
    """
    folder, bundle = folder.resolve(), open_bundle(internal)
    _require_usable(bundle, folder, replace=replace)
    with staged_bundle(folder, bundle, signing_key=signing_key) as work:
        _write(work, bundle)
        _prove(work, internal)
    return open_bundle(folder)


def _require_usable(bundle: Bundle, folder: Path, *, replace: bool) -> None:
    manifest = bundle.manifest
    if manifest.audience == "partner":
        raise InputError(f"{bundle.folder} is a partner's bundle already; give an internal one")
    if not bundle.folder.is_dir():
        raise InputError(
            f"{bundle.folder} is an archive; unpack it, and give from_bundle the folder"
        )
    require_sharable(manifest.dataset, manifest.weights)
    if is_taken(folder) and not replace:
        raise InputError(taken(folder))


def _write(work: Path, bundle: Bundle) -> None:
    for name in _AS_THEY_ARE:
        if name in bundle.manifest.files:
            shutil.copyfile(bundle.folder / name, work / name)
    texts = dict(partner_rules(bundle.rules).files())
    if bundle.coverage.slices:
        texts[COVERAGE_NAME] = partner_coverage(bundle.coverage).to_json()
    if GATE_NAME in bundle.manifest.files:
        texts[GATE_NAME] = partner_gate((bundle.folder / GATE_NAME).read_bytes())
    for name, text in texts.items():
        (work / name).write_text(text, encoding="utf-8")
    manifest = write_papers(work, partner_manifest(bundle.manifest))
    (work / EXAMPLES_NAME).write_text(_examples(work, bundle), encoding="utf-8")
    write_papers(work, manifest)


def _examples(work: Path, bundle: Bundle) -> str:
    """Return the examples with the review bands of the partner's thresholds."""
    tolerance = json.loads(bundle.texts[EXAMPLES_NAME])["tolerance"]
    return examples_json(Classifier.load(work), tolerance=tolerance)


def _prove(work: Path, internal: Path) -> None:
    """Require that the copy says what the original says of its examples, to the last bit."""
    here, there = Classifier.load(work), Classifier.load(internal)
    replay_examples(here)
    requests = [one.request for one in read_examples(there).adverts]
    pairs = zip(respond(here, requests), respond(there, requests), strict=True)
    if any(said.probabilities != known.probabilities for said, known in pairs):
        raise ParityError(f"{internal}: a copy for a partner gives other probabilities")
