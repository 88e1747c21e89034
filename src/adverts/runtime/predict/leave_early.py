"""Say which adverts leave early by the rule of a bundle, and which the network must read."""

from __future__ import annotations

from adverts.advert import Advert
from adverts.inputs.encoding import MaskedTexts
from adverts.runtime.opening.bundle import Bundle
from adverts.runtime.predict.logits_to_responses import Responder
from adverts.runtime.predict.score_adverts import Logits
from adverts.runtime.rules.coverage import modality_of
from adverts.runtime.rules.early_exit import ExitRule
from adverts.runtime.rules.languages import Language


class EarlyExit:
    """The early exit of a bundle; see :class:`adverts.runtime.predict.score_adverts.Leaving`.

    No advert leaves that the bundle would leave to a person, that a gate did not find the model fit
    for, or that is of a language, script or parts without evidence. Whatever leaves is under the
    recall threshold by its n-grams alone, and shows no sign of danger to a person.
    """

    def __init__(self, bundle: Bundle, rule: ExitRule, responder: Responder) -> None:
        """Join the rule of a bundle with what makes its responses."""
        self._coverage, self._rule, self._responder = bundle.coverage, rule, responder
        self._tasks = {task.name: task for task in bundle.manifest.label_schema.tasks}

    def is_under(self, ngrams: Logits) -> bool:
        """Return whether one advert is under every limit by its n-grams, ``(1, K)`` by task."""
        return bool(self._rule.is_under(self._tasks, ngrams)[0])

    def is_allowed(
        self, advert: Advert, masked: MaskedTexts, language: Language, ngrams: Logits
    ) -> bool:
        """Return whether an advert that is under every limit may leave.

        Args:
            advert: The advert, with what was read from its pictures.
            masked: Its texts as the model reads them.
            language: Its language and script.
            ngrams: Logits of its n-grams, ``(1, K)`` by task.
        """
        modality = modality_of(advert)
        judged = self._coverage.find(language, modality)
        return (
            self._rule.has_evidence(language, modality)
            and (judged is None or judged.status == "supported")
            and self._responder.left_to_people(advert, language, masked) is None
            and self._responder.is_clearly_below(ngrams, language)
        )


def early_exit_of(bundle: Bundle, responder: Responder) -> EarlyExit | None:
    """Return the early exit of a bundle.

    It is None where the bundle has no rule, where its rule lacks evidence, or where a sign of
    danger to a person has no limit of its own.
    """
    rule = bundle.rules.early_exit
    if rule is None or not rule.covers(bundle.manifest.label_schema, responder.dangers):
        return None
    return EarlyExit(bundle, rule, responder)
