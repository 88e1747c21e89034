"""Make responses from logits: calibrated probabilities, a review band, or an abstention."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from adverts import __version__
from adverts.advert import Advert, Task
from adverts.arrays import Floats
from adverts.inputs.encoding import MaskedTexts, TextTokenizer, in_form
from adverts.inputs.letters.scripts import scripts_outside
from adverts.runtime.manifest import MODEL_NAME, BundleManifest
from adverts.runtime.opening.bundle import Bundle
from adverts.runtime.predict.caller_input import RefusedError
from adverts.runtime.predict.responses import (
    NOTHING_TO_READ,
    Attribution,
    ItemError,
    Reading,
    Response,
    Versions,
)
from adverts.runtime.predict.score_adverts import NO_NUMBER, Logits, Scores
from adverts.runtime.rules.calibration import FILE_NAME as CALIBRATION_NAME
from adverts.runtime.rules.coverage import UNKNOWN, Coverage, modality_of
from adverts.runtime.rules.languages import Language, LanguageTeller, whole_text
from adverts.runtime.rules.probabilities import calibrated_probabilities
from adverts.runtime.rules.routing import Probabilities, dangers, route
from adverts.runtime.rules.thresholds import FILE_NAME as THRESHOLDS_NAME

_UNKNOWN_LETTERS = (
    "it has letters of {found}, and the model knows only those of {known}: leave it to a person"
)
_NO_SCRIPT_CODE = "Zzzz"
Lacking = Callable[[MaskedTexts], str | None]
Explain = Callable[[int], tuple[Attribution, ...]]

_LEFT = (
    "the model is not trusted with {modality} in {language} ({script}), "
    "leave it to a person: {reason}"
)
_LEFT_EARLY = ", by its n-grams alone: it left early, and the network did not read it"
_NO_LANGUAGE = "an unknown language"
_NO_SCRIPT = "no letters"


def letters_lacking(manifest: BundleManifest, tokenizer: TextTokenizer | None) -> Lacking:
    """Return a function that says which letters of masked texts keep a model from judging them.

    It returns None where the vocabulary is complete, or knows every letter of the normalised text.
    One unknown letter is enough: a word that is disguised by it would be read as something else.
    """
    scripts = frozenset(manifest.scripts or ())

    def lacking(masked: MaskedTexts) -> str | None:
        if not scripts:
            return None
        parts = [in_form(part, manifest.input_spec.tokens) for part in masked if part]
        found = {one for part in parts for one in foreign_scripts(part, tokenizer, scripts)}
        if not found:
            return None
        named = [one if one != _NO_SCRIPT_CODE else "an unknown script" for one in sorted(found)]
        return _UNKNOWN_LETTERS.format(found=", ".join(named), known=", ".join(sorted(scripts)))

    return lacking


def foreign_scripts(
    text: str, tokenizer: TextTokenizer | None, scripts: frozenset[str]
) -> list[str]:
    """Return the scripts of the normalised text that are not among ``scripts``."""
    normalizer = tokenizer.normalizer if tokenizer else None
    return scripts_outside(normalizer.normalize_str(text) if normalizer else text, scripts)


class Responder:
    """Makes responses by the rules of a bundle."""

    def __init__(self, bundle: Bundle) -> None:
        """Read the rules of the bundle."""
        self._bundle, self._schema = bundle, bundle.manifest.label_schema
        self._facts = bundle.label_facts.routing(self._schema)
        self._teller = LanguageTeller(bundle.manifest.language_identifier)
        self._lacking = letters_lacking(bundle.manifest, bundle.tokenizer)
        self.versions = versions_of(bundle.manifest)

    def of(
        self, scores: Scores, explain: Explain | None, *, readings: bool = False
    ) -> list[Response]:
        """Return the response to each advert; one without a score is left to a person.

        Args:
            scores: Scores and languages of the adverts.
            explain: Function that returns the attributions of the advert in a row, or raises
                RefusedError where it cannot; None: no attributions are wanted.
            readings: Whether to include what was read in each advert.
        """
        read = [row for row, error in enumerate(scores.errors) if error is None]
        logits = {name: values_NK[read] for name, values_NK in scores.logits.items()}
        by_task = {task.name: self._probabilities(task, logits) for task in self._schema.tasks}
        places = dict(zip(read, range(len(read)), strict=True))
        answers = [
            self._answer(scores, row, self._named(by_task, places[row]), explain)
            if error is None
            else self._refused(scores.adverts[row].id, error)
            for row, error in enumerate(scores.errors)
        ]
        if not readings:
            return answers
        return [
            replace(answer, reading=Reading(scores.adverts[row], scores.masked[row]))
            for row, answer in enumerate(answers)
        ]

    def tell(self, advert: Advert, masked: MaskedTexts, *, tag: str | None) -> Language:
        """Return the language of an advert, as its tag says or else found in its masked texts."""
        text = whole_text(masked[0] or advert.text, masked[1] or advert.ocr_text)
        return self._teller.tell(text, tag)

    @property
    def dangers(self) -> tuple[str, ...]:
        """The labels that are signs of danger to a person."""
        return dangers(self._bundle.rules.thresholds, self._facts)

    def is_clearly_below(self, logits: Logits, language: Language) -> bool:
        """Return whether one advert is under the recall threshold and shows no sign of danger.

        Args:
            logits: Logits of the advert, ``(1, K)`` by task.
            language: Its language.
        """
        by_task = {task.name: self._probabilities(task, logits) for task in self._schema.tasks}
        decision = route(
            self._named(by_task, 0),
            self._bundle.rules.thresholds,
            self._facts,
            language=language.tag,
        )
        return decision.review_band == "below" and not decision.safeguarding

    @property
    def positive_label(self) -> str | None:
        """The label of the headline task that orders a queue."""
        return self._facts.positive

    def positive(self, logits: Logits) -> Floats:
        """Return the calibrated probability ``(N,)`` of :attr:`positive_label`."""
        task = self._schema.task(self._facts.task)
        assert self._facts.positive is not None, "the headline task has no positive label"
        return self._probabilities(task, logits)[:, task.labels.index(self._facts.positive)]

    def _answer(
        self,
        scores: Scores,
        row: int,
        said: Probabilities,
        explain: Explain | None,
    ) -> Response:
        advert, language = scores.adverts[row], scores.languages[row]
        assert language is not None, "a scored advert has one"
        if not all(math.isfinite(one) for labels in said.values() for one in labels.values()):
            return self._refused(advert.id, NO_NUMBER)
        try:
            attributions = explain(row) if explain else None
            left = self._nothing_to_read(advert, scores.masked[row]) or self.left_to_people(
                advert, language, scores.masked[row]
            )
        except RefusedError as refused:
            return self._refused(advert.id, refused.error)
        except Exception as error:  # of the tokenizer; its message may quote the text
            reason = f"its letters could not be identified ({type(error).__name__})"
            failed = ItemError("model_failed", f"{reason}: leave it to a person")
            return self._refused(advert.id, failed)
        decision = route(
            said,
            self._bundle.rules.thresholds,
            self._facts,
            language=language.tag,
            abstained=left,
        )
        exited = scores.exited[row]
        return Response(
            id=advert.id,
            review_band=decision.review_band,
            reason=f"{decision.reason}{_LEFT_EARLY}" if exited else decision.reason,
            versions=self.versions,
            probabilities=said,
            routes=decision.routes,
            safeguarding=decision.safeguarding,
            language=language,
            attributions=attributions,
            exited=exited,
        )

    def left_to_people(self, advert: Advert, language: Language, masked: MaskedTexts) -> str | None:
        """Return why an advert is left to people whatever its score; None where it is not."""
        return self._lacking(masked) or _abstained(self._bundle.coverage, advert, language)

    def _nothing_to_read(self, advert: Advert, masked: MaskedTexts) -> str | None:
        """Return why an advert in which the model reads nothing is left to a person; or None."""
        looked_at = advert.images if "image" in self._bundle.manifest.input_spec.inputs else ()
        return None if looked_at or any(masked) else NOTHING_TO_READ

    def _refused(self, name: str, error: ItemError) -> Response:
        return Response(name, "abstain", error.message, self.versions, error=error)

    def _named(self, by_task: Mapping[str, Floats], place: int) -> Probabilities:
        return {
            task.name: dict(zip(task.labels, by_task[task.name][place].tolist(), strict=True))
            for task in self._schema.tasks
        }

    def _probabilities(self, task: Task, logits: Logits) -> Floats:
        return calibrated_probabilities(task, logits[task.name], self._bundle.rules.calibration)


def versions_of(manifest: BundleManifest) -> Versions:
    """Return the versions of everything that decides an answer of a bundle."""
    pinned = manifest.language_identifier
    return Versions(
        release=__version__,
        bundle=manifest.identity(),
        schema=manifest.schema_version,
        model=manifest.files[MODEL_NAME],
        thresholds=manifest.files[THRESHOLDS_NAME],
        calibration=manifest.files[CALIBRATION_NAME],
        masking=manifest.input_spec.masking_version,
        folding=manifest.input_spec.folding_version,
        language_identifier=None
        if pinned is None
        else f"{pinned.get('package')} {pinned.get('version')}",
        labels=manifest.label_schema.name,
        precision=manifest.precision,
    )


def _abstained(coverage: Coverage, advert: Advert, language: Language) -> str | None:
    found = coverage.find(language, modality_of(advert))
    if found is None or found.status != "abstain":
        return None
    name = _NO_LANGUAGE if found.language == UNKNOWN else found.language
    script = _NO_SCRIPT if found.script == UNKNOWN else found.script
    return _LEFT.format(modality=found.modality, language=name, script=script, reason=found.reason)
