"""Load a bundle and score adverts with it.

Shape suffixes: ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Advert, Prediction, ReadQuality, Task
from adverts.errors import InputError, IntegrityError
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert, collate, feed_names
from adverts.ocr.protocol import Reader
from adverts.runtime.adverts import Candidate, ImageEntry, OcrEntry, gather_adverts, read_images
from adverts.runtime.bundle import Bundle, open_bundle
from adverts.runtime.coverage import Coverage
from adverts.runtime.decision_rules import DecisionRules
from adverts.runtime.label_facts import LabelFacts
from adverts.runtime.manifest import BundleManifest
from adverts.runtime.predictions import Scores, decision_of, predictions_of
from adverts.runtime.routing import Decision
from adverts.runtime.session import open_session
from adverts.runtime.signature import PublicKey

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LOGITS_PREFIX = "logits."
_UNREAD = (
    "its pictures were not read, and the model reads the text in them; give their text (an empty "
    "one where there is none) or a reader"
)
_ABSTAINED = (
    "the reader left lines in its pictures unread ({}), since a part of it is not the one of the "
    "training: leave it to a person"
)
_BATCHES_IN_MEMORY = 16


class Classifier:
    """A bundle that is ready to score; safe to share between threads."""

    def __init__(self, bundle: Bundle, session: InferenceSession) -> None:
        """Join a verified bundle to the session that runs its model.

        Raises:
            IntegrityError: The model does not take or give what the manifest says, or other
                masking or folding rules are installed.
        """
        manifest = bundle.manifest
        self._bundle, self._session = bundle, session
        self._encoder = AdvertEncoder(manifest.input_spec, bundle.tokenizer, manifest.image_limits)
        self._feeds = tuple(value.name for value in session.get_inputs())
        self._outputs = [LOGITS_PREFIX + task.name for task in self.tasks]
        self._check_model()

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        threads: int | None = None,
        public_key: PublicKey | None = None,
        require_gate: bool = False,
    ) -> Classifier:
        """Open the bundle at ``path``: a folder, or a zip archive.

        Args:
            path: Of the bundle.
            threads: Cores that one batch may use; None: every core of this process.
            public_key: Of whoever must have signed it; None: a signature is not looked at.
            require_gate: Refuse a bundle that no gate passed.

        Raises:
            InputError: There is no bundle, or ``threads`` is below 1.
            IntegrityError: The bundle is not as it was exported.
        """
        bundle = open_bundle(Path(path), public_key=public_key, require_gate=require_gate)
        return cls(bundle, open_session(bundle.model_bytes(), threads))

    @property
    def manifest(self) -> BundleManifest:
        """Everything that is recorded about the model."""
        return self._bundle.manifest

    @property
    def folder(self) -> Path:
        """Where the bundle stands."""
        return self._bundle.folder

    def text_of(self, name: str) -> bytes | None:
        """Return a file of the bundle as it was verified; None where it has no such file."""
        return self._bundle.texts.get(name)

    @property
    def encoder(self) -> AdvertEncoder:
        """What turns an advert into model inputs."""
        return self._encoder

    @property
    def rules(self) -> DecisionRules:
        """Calibration and thresholds."""
        return self._bundle.rules

    @property
    def label_facts(self) -> LabelFacts:
        """What a service may do with the labels."""
        return self._bundle.label_facts

    @property
    def coverage(self) -> Coverage:
        """Where a gate found the model fit for use; empty before it was promoted."""
        return self._bundle.coverage

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that are answered, in order."""
        return self.manifest.label_schema.tasks

    def predict(
        self,
        *,
        texts: Sequence[str | None] | None = None,
        images: Sequence[ImageEntry] | None = None,
        ocr: Sequence[OcrEntry] | None = None,
        qualities: Sequence[ReadQuality | None] | None = None,
        reader: Reader | None = None,
        ids: Sequence[str] | None = None,
        languages: Sequence[str | None] | None = None,
        batch_size: int = 32,
    ) -> list[Prediction]:
        """Return the calibrated probabilities of each advert, in the order given.

        Every column is a sequence with one entry for each advert; a column or an entry may be
        None. An advert that cannot be read gets a prediction with ``error`` and spoils no other; so
        does one whose pictures nobody read, or of which a line was left to a person, where the
        model reads the text in them.
        An advert without any part is scored as the empty advert.

        Args:
            texts: Captions; contacts are masked here.
            images: Encoded files: ``bytes``, or a sequence of them.
            ocr: What was read from the images: a text, an ``OcrResult``, or a sequence of them.
            qualities: How well the images could be read, where ``ocr`` is text; where it is None,
                the model judges without. An ``OcrResult`` tells it itself.
            reader: Reads the images of adverts that come without ``ocr``; called only where the
                model reads such text.
            ids: Names for the predictions; positions where there are none.
            languages: BCP-47 tags, context that changes no score. Of a promoted bundle, an advert
                of a language, script and modality on which the gate abstained, or which it never
                judged, keeps its probabilities and is ``abstained``: for a person, whatever they
                say.
            batch_size: Adverts in one pass through the model.

        Raises:
            InputError: No column is given, they differ in length, or ``batch_size`` is below 1.
        """
        candidates = gather_adverts(
            texts=texts,
            images=images,
            ocr=ocr,
            qualities=qualities,
            ids=ids,
            languages=languages,
        )
        if reader is None:
            candidates = [self._refused_if_unread(candidate) for candidate in candidates]
        scores = self._score(candidates, reader, batch_size)
        return predictions_of(candidates, scores, self._bundle)

    def decide(self, prediction: Prediction, language: str | None = None) -> Decision:
        """Return what happens with an advert: how urgent it is, and what a service may do with it.

        Args:
            prediction: Of this model.
            language: Of the advert, BCP-47; None where not known.

        Raises:
            InputError: The headline task has no positive label.
        """
        return decision_of(prediction, self._bundle, language)

    def score(
        self, adverts: Sequence[Advert], *, batch_size: int = 32, reader: Reader | None = None
    ) -> Scores:
        """Return the logits of each advert, in the order given.

        Raises:
            InputError: ``batch_size`` is below 1.
        """
        return self._score([Candidate(advert) for advert in adverts], reader, batch_size)

    def score_batch(self, encoded: Sequence[EncodedAdvert]) -> dict[str, NDArray[np.float32]]:
        """Return the logits ``(N, K)`` by task of one batch, as it stands: neither cut nor sorted.

        Raises:
            ValueError: The batch is empty.
        """
        feeds = collate(encoded, self.manifest.input_spec)
        values = self._session.run(self._outputs, {name: feeds[name] for name in self._feeds})
        return {task.name: value for task, value in zip(self.tasks, values, strict=True)}

    def _score(
        self, candidates: Sequence[Candidate], reader: Reader | None, batch_size: int
    ) -> Scores:
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}, wanted at least 1")
        if reader is not None:
            self._compare_reader(reader)
        count = len(candidates)
        logits = {
            task.name: np.full((count, task.num_logits), np.nan, np.float32) for task in self.tasks
        }
        errors: list[str | None] = [None] * count
        window = batch_size * _BATCHES_IN_MEMORY
        for start in range(0, count, window):
            encoded = {}
            for row in range(start, min(start + window, count)):
                result = self._encode(candidates[row], reader)
                if isinstance(result, str):
                    errors[row] = result
                else:
                    encoded[row] = result
            for rows in _batches(encoded, batch_size):
                values = self.score_batch([encoded[row] for row in rows])
                for name, values_BK in values.items():
                    logits[name][rows] = values_BK
        return Scores(logits, tuple(errors))

    def _encode(self, candidate: Candidate, reader: Reader | None) -> EncodedAdvert | str:
        """Return the encoded advert, or why there is none."""
        if reader is not None and "ocr" in self.manifest.input_spec.inputs:
            candidate = read_images(candidate, reader, self.manifest.image_limits)
        if candidate.error is not None:
            return candidate.error
        if candidate.abstained and "ocr" in self.manifest.input_spec.inputs:
            return _ABSTAINED.format(candidate.abstained)
        try:
            return self._encoder.encode(candidate.advert)
        except InputError as error:
            return str(error)

    def _refused_if_unread(self, candidate: Candidate) -> Candidate:
        """Refuse an advert with pictures that nobody read, where the model learnt from such text.

        Its score would be that of a picture without text, and nobody would know.
        """
        advert = candidate.advert
        unread = bool(advert.images) and advert.ocr_text is None and self.manifest.ocr is not None
        return Candidate(Advert(advert.id), _UNREAD) if unread else candidate

    def _compare_reader(self, reader: Reader) -> None:
        trained = self.manifest.ocr
        if trained is not None and trained.get("key") != reader.spec.key:
            warnings.warn(
                f"the model was trained on text read by {trained.get('engine')} "
                f"{trained.get('version')}; {reader.spec.engine} {reader.spec.engine_version} "
                "with these settings may read other text",
                stacklevel=4,
            )

    def _check_model(self) -> None:
        unknown = set(self._feeds) - set(feed_names(self.manifest.input_spec))
        given = [value.name for value in self._session.get_outputs()]
        if unknown or given != self._outputs:
            raise IntegrityError(
                f"{self.folder}: the model takes {self._feeds} and gives {given}, the manifest "
                f"says {feed_names(self.manifest.input_spec)} and {self._outputs}"
            )


def _batches(encoded: Mapping[int, EncodedAdvert], batch_size: int) -> Iterator[list[int]]:
    """Rows of adverts that are alike in pictures and length, so that little is padding."""

    def size(row: int) -> tuple[int, int, int]:
        advert = encoded[row]
        return len(advert.pixels), advert.length, len(advert.feature_ids)

    rows = sorted(encoded, key=size)
    for start in range(0, len(rows), batch_size):
        yield rows[start : start + batch_size]
