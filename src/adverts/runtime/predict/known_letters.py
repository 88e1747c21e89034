"""Letters that a trimmed vocabulary does not know: the model is blind to them, people are not."""

from __future__ import annotations

from collections.abc import Callable

from adverts.inputs.encoding import MaskedTexts, TextTokenizer
from adverts.inputs.letters.scripts import scripts_outside
from adverts.runtime.manifest import BundleManifest

_LEFT = (
    "it has letters of {found}, and the model knows those of {known} alone: leave it to a person"
)
_NO_SCRIPT = "Zzzz"
Lacking = Callable[[MaskedTexts], str | None]


def letters_lacking(manifest: BundleManifest, tokenizer: TextTokenizer | None) -> Lacking:
    """Return what says why a model must not judge an advert, by caption and OCR text as it reads.

    It says None where the vocabulary is whole, or knows every letter once the text is normalised.
    One unknown letter is enough: a word that is disguised by it would be read as something else.
    """
    scripts = frozenset(manifest.scripts or ())

    def lacking(masked: MaskedTexts) -> str | None:
        if not scripts:
            return None
        parts = [part for part in masked if part]
        found = {one for part in parts for one in foreign_scripts(part, tokenizer, scripts)}
        if not found:
            return None
        named = [one if one != _NO_SCRIPT else "an unknown script" for one in sorted(found)]
        return _LEFT.format(found=", ".join(named), known=", ".join(sorted(scripts)))

    return lacking


def foreign_scripts(
    text: str, tokenizer: TextTokenizer | None, scripts: frozenset[str]
) -> list[str]:
    """Return the scripts of a text that are not among these, once it is normalised."""
    normalizer = tokenizer.normalizer if tokenizer else None
    return scripts_outside(normalizer.normalize_str(text) if normalizer else text, scripts)
