"""Load a bundle and score adverts with it.

Shape suffixes: ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Advert, ReadQuality, Task
from adverts.arrays import Floats
from adverts.errors import InputError, IntegrityError, printable
from adverts.inputs.encoding import (
    AdvertEncoder,
    EncodedAdvert,
    MaskedTexts,
    cut_tokens,
    feed_names,
)
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.protocol import Reader
from adverts.runtime.manifest import BundleManifest
from adverts.runtime.opening.bundle import Bundle, open_bundle
from adverts.runtime.opening.signature import PublicKey
from adverts.runtime.predict.attributions import attributions_of
from adverts.runtime.predict.caller_input import USUAL_LIMITS, Limits, RefusedError
from adverts.runtime.predict.deadline import Deadline
from adverts.runtime.predict.engine import ModelRunner, Runner
from adverts.runtime.predict.leave_early import early_exit_of
from adverts.runtime.predict.logits_to_responses import Responder
from adverts.runtime.predict.read_adverts import (
    ImageEntry,
    OcrEntry,
    gather_adverts,
    refusals,
)
from adverts.runtime.predict.responses import Attribution, Response
from adverts.runtime.predict.score_adverts import (
    USUAL_BATCH,
    AdvertScorer,
    Asked,
    Logits,
    Scores,
    ngram_names,
    output_names,
)
from adverts.runtime.rules.coverage import Coverage
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.early_exit import may_leave
from adverts.runtime.rules.label_facts import LabelFacts
from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.seen_facts import SeenFacts
from adverts.work.cpu_session import available_cores


class Classifier:
    """A bundle that is ready to score; safe to share between threads."""

    def __init__(
        self,
        bundle: Bundle,
        *,
        threads: int | None = None,
        limits: Limits = USUAL_LIMITS,
        runner: Runner | None = None,
    ) -> None:
        """Open the model of a verified bundle; see :meth:`load`.

        Args:
            bundle: The bundle.
            threads: Cores to use; None: every core of this process.
            limits: Limits of one advert and of one call.
            runner: What runs the model of a bundle without a file of it; None: its ONNX file.

        Raises:
            InputError: ``threads`` is below 1.
            IntegrityError: The model does not take or give what the manifest says, or other
                masking or folding rules are installed.
        """
        if threads is not None and threads < 1:
            raise InputError(f"threads is {threads}, wanted at least 1")
        manifest, cores = bundle.manifest, threads or available_cores()
        alone = manifest.batching == "alone"
        if bundle.tokenizer is not None and manifest.input_spec.tokens is not None:
            cut_tokens(bundle.tokenizer, manifest.input_spec.tokens)
        image_limits = _smaller(manifest.image_limits, limits)
        self._bundle, self._limits = bundle, limits
        self._encoder = AdvertEncoder(manifest.input_spec, bundle.tokenizer, image_limits)
        self._responder = Responder(bundle)
        self._leaving = early_exit_of(bundle, self._responder)
        path = ngram_names([task.name for task in self.tasks]) if self._leaving else ()
        engine = runner or ModelRunner(bundle.model_bytes, threads=cores, beside=cores, path=path)
        _check_model(bundle, engine)
        self._scorer = AdvertScorer(
            self._encoder,
            engine,
            self.tasks,
            alone=alone,
            limits=image_limits,
        )

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        threads: int | None = None,
        public_key: PublicKey | None = None,
        require_gate: bool = False,
        limits: Limits = USUAL_LIMITS,
    ) -> Classifier:
        """Open the bundle at ``path``: a folder, or a zip archive.

        Args:
            path: Path of the bundle.
            threads: Cores to use; None: every core of this process. With 1, the caller's own
                thread does all the work.
            public_key: Key that must have signed the bundle; None: no signature is checked.
            require_gate: Whether to refuse a bundle that no gate passed.
            limits: Limits of one advert and of one call.

        Raises:
            InputError: There is no bundle, or ``threads`` is below 1.
            IntegrityError: The bundle is not as it was exported.
        """
        bundle = open_bundle(Path(path), public_key=public_key, require_gate=require_gate)
        return cls(bundle, threads=threads, limits=limits)

    @property
    def manifest(self) -> BundleManifest:
        """Everything that is recorded about the model."""
        return self._bundle.manifest

    @property
    def folder(self) -> Path:
        """Path of the bundle."""
        return self._bundle.folder

    def text_of(self, name: str) -> bytes | None:
        """Return the verified bytes of a file; None if missing, or the model or tokenizer."""
        return self._bundle.texts.get(name)

    @property
    def encoder(self) -> AdvertEncoder:
        """Encoder that turns an advert into model inputs."""
        return self._encoder

    @property
    def rules(self) -> DecisionRules:
        """Calibration and thresholds of the model."""
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
    def seen(self) -> SeenFacts | None:
        """What the adverts were like that the bundle was judged on; None if it holds no facts."""
        return self._bundle.seen

    @property
    def may_abstain(self) -> bool:
        """Whether there are adverts that the bundle leaves to people whatever their score."""
        return bool(self.coverage.slices or self.manifest.scripts)

    def left_to_people(self, advert: Advert, language: Language) -> str | None:
        """Return why an advert is left to people whatever its score; None where it is not."""
        return self._responder.left_to_people(advert, language, self._encoder.masked(advert))

    def leaves_early(
        self, advert: Advert, masked: MaskedTexts, language: Language, ngrams: Logits
    ) -> bool:
        """Return whether an advert leaves early: its n-grams alone judge it.

        Args:
            advert: The advert, with what was read from its pictures.
            masked: Its texts as the model reads them.
            language: Its language and script.
            ngrams: Logits of its n-grams, ``(1, K)`` by task.
        """
        return (
            self._leaving is not None
            and may_leave(advert, masked, self._encoder.ngrams(masked))
            and self._leaving.is_under(ngrams)
            and self._leaving.is_allowed(advert, masked, language, ngrams)
        )

    @property
    def may_leave_early(self) -> bool:
        """Whether there are adverts that leave early."""
        return self._leaving is not None

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
        batch_size: int = USUAL_BATCH,
        attributions: bool = False,
        early_exit: bool = True,
        readings: bool = False,
    ) -> list[Response]:
        """Return the response to each advert, in the order given.

        Every column is a sequence with one entry for each advert; a column or an entry may be
        None. An advert that cannot be scored gets a response with ``error``, is left to a person,
        and affects no other. Where the model reads the text in pictures, this includes an advert
        with unread pictures, or with a line that the reader left to a person.
        An advert without any part is scored as the empty advert, and left to a person.

        Args:
            texts: Captions; contacts are masked here.
            images: Encoded files: ``bytes``, or a sequence of them.
            ocr: What was read from the images: a text, an ``OcrResult``, or a sequence of them.
            qualities: How well the images could be read, where ``ocr`` is text; the model does
                without where it is None. An ``OcrResult`` includes it.
            reader: Reader of the images of adverts that come without ``ocr``; called only where
                the model reads such text.
            ids: Names for the responses; positions where there are none.
            languages: BCP-47 tags, which change no score. A promoted bundle leaves an advert to a
                person if its gate abstained on its language, script and modality, or never judged
                them; its probabilities are kept. Without a tag the bundle's identifier finds the
                language, where it is installed.
            batch_size: Adverts in one pass through a model that does not run them alone.
            attributions: Whether to return what each part of the texts adds. An advert then costs
                one more run for each of up to 32 parts of its caption, and of its OCR text. It has
                an error if one of them fails or the time is over.
            early_exit: Whether adverts may leave early, where the bundle promises what that loses.
            readings: Whether to include what was read in each advert, which is kept in memory.

        Raises:
            InputError: No column is given, they differ in length, or ``batch_size`` is below 1.
        """
        deadline = Deadline(self._limits.max_seconds)
        incoming = gather_adverts(
            texts=texts,
            images=images,
            ocr=ocr,
            qualities=qualities,
            ids=ids,
            languages=languages,
            limits=self._limits,
        )
        if reader is not None:
            self._compare_reader(reader)
        refused = refusals(
            incoming,
            reads_ocr="ocr" in self.manifest.input_spec.inputs,
            wants_text=reader is None and self.manifest.ocr is not None,
        )

        def tell(row: int, advert: Advert, masked: MaskedTexts) -> Language:
            return self._responder.tell(advert, masked, tag=incoming[row].language)

        adverts = [one.advert for one in incoming]
        asked = Asked(reader, deadline, refused, tell, self._leaving if early_exit else None)
        scores = self._scorer.score(adverts, asked, batch_size=batch_size)
        explain = partial(self._explain, scores, deadline) if attributions else None
        return self._responder.of(scores, explain, readings=readings)

    def respond(
        self, adverts: Sequence[Advert], logits: Logits, *, languages: Sequence[str | None]
    ) -> list[Response]:
        """Return the response to each advert from logits that are known; the model does not run.

        Args:
            adverts: The adverts.
            logits: Logits ``(N, K)`` of each task, before calibration.
            languages: BCP-47 tag of each advert; None: the bundle's identifier finds the language.
        """
        masked = [self._encoder.masked(one) for one in adverts]
        told = zip(adverts, masked, languages, strict=True)
        scores = Scores(
            logits=logits,
            errors=[None] * len(adverts),
            adverts=list(adverts),
            masked=masked,
            languages=[self._responder.tell(one, parts, tag=tag) for one, parts, tag in told],
            branches={},
            exited=[False] * len(adverts),
        )
        return self._responder.of(scores, None, readings=True)

    def score(
        self,
        adverts: Sequence[Advert],
        *,
        batch_size: int = USUAL_BATCH,
        reader: Reader | None = None,
    ) -> Scores:
        """Return the logits of each advert, in the order given.

        Raises:
            InputError: ``batch_size`` is below 1.
        """
        if reader is not None:
            self._compare_reader(reader)
        return self._scorer.score(adverts, Asked(reader), batch_size=batch_size)

    def score_batch(self, encoded: Sequence[EncodedAdvert]) -> dict[str, NDArray[np.float32]]:
        """Return the logits ``(N, K)`` by task of one batch, which is neither cut nor sorted.

        Raises:
            ValueError: The batch is empty, or has several adverts and the model runs each alone.
        """
        return self._scorer.run(encoded)

    def score_early(self, encoded: Sequence[EncodedAdvert]) -> dict[str, NDArray[np.float32]]:
        """Return the logits ``(N, K)`` by task by which adverts leave early, whether they may.

        The bundle must have an early exit, see :attr:`may_leave_early`.
        """
        return self._scorer.run_each(encoded, ngrams_alone=True)

    def _explain(self, scores: Scores, deadline: Deadline, row: int) -> tuple[Attribution, ...]:
        def positive(encoded: Sequence[EncodedAdvert]) -> Floats:
            alone = scores.exited[row]
            return self._responder.positive(self._scorer.run_each(encoded, ngrams_alone=alone))

        if self._responder.positive_label is None:
            return ()
        if deadline.is_over():
            raise RefusedError(
                "out_of_time", "the time ran out before its parts could be explained"
            )
        return attributions_of(scores.adverts[row], scores.masked[row], self._encoder, positive)

    def _compare_reader(self, reader: Reader) -> None:
        trained = self.manifest.ocr
        if trained is not None and trained.get("key") != reader.spec.key:
            engine, version = (printable(str(trained.get(key))) for key in ("engine", "version"))
            warnings.warn(
                f"the model was trained on text read by {engine} {version}; "
                f"{reader.spec.engine} {reader.spec.engine_version} with these settings may read "
                "other text",
                stacklevel=4,
            )


def _smaller(bundle: ImageLimits, limits: Limits) -> ImageLimits:
    return ImageLimits(
        min(bundle.max_bytes, limits.max_image_bytes or bundle.max_bytes),
        min(bundle.max_pixels, limits.max_image_pixels or bundle.max_pixels),
    )


def _check_model(bundle: Bundle, engine: Runner) -> None:
    spec, schema = bundle.manifest.input_spec, bundle.manifest.label_schema
    outputs = tuple(output_names(spec, [task.name for task in schema.tasks]))
    if set(engine.inputs) - set(feed_names(spec)) or engine.outputs != outputs:
        raise IntegrityError(
            f"{bundle.folder}: the model takes {engine.inputs} and gives {engine.outputs}, but the "
            f"manifest says {feed_names(spec)} and {outputs}"
        )
