"""Find the language and script of adverts in service, with the identifier of the bundle."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError

from adverts.errors import printable
from adverts.inputs.letters.language import identifier_facts, identify, words_of
from adverts.inputs.letters.scripts import script_of

Facts = Mapping[str, object]

_LONGEST_TAG = 35  # RFC 5646, section 4.4.1
_TAG = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*", re.ASCII)
_TELLS_NOTHING = {"und", "zxx", "mul", "mis"}  # ISO 639-2: tags that name no language
_DECISIVE = ("package", "version", "sha256", "min_confidence", "renamed")


@dataclass(frozen=True, slots=True)
class Language:
    """What is known about the language of an advert; it changes no probability.

    Attributes:
        tag: BCP-47 tag; None where it is not given and no language is more likely than not.
        script: ISO 15924 code of most letters; None without a letter.
        identified: Whether the bundle's identifier found the tag, rather than the caller.
    """

    tag: str | None
    script: str | None
    identified: bool


class LanguageTeller:
    """Finds languages as the evaluation of a bundle did; it changes no probability."""

    def __init__(self, pinned: Facts | None) -> None:
        """Compare the installed identifier with that of the bundle; warn once if they differ.

        The model of the identifier is loaded at the first advert whose language is not given.

        Args:
            pinned: ``language_identifier`` of the manifest; None: no language is identified.
        """
        self._identifies = pinned is not None and _is_installed(pinned)
        if pinned is not None and not self._identifies:
            warnings.warn(
                f"the bundle was judged with {_named(pinned)}, but {_named(_installed())} is "
                "installed, so the language of adverts that come without one is not "
                "identified here; install that version, or give languages",
                stacklevel=3,
            )

    @property
    def identifies(self) -> bool:
        """Whether it can find the language of adverts that come without one."""
        return self._identifies

    def tell(self, text: str, told: str | None) -> Language:
        """Return the language and script of one advert, see :meth:`tell_all`."""
        return self.tell_all([text], [told])[0]

    def tell_all(self, texts: Sequence[str], told: Sequence[str | None]) -> list[Language]:
        """Return the language and script of each advert.

        A tag of the caller is used first. A tag that is malformed, or that names no language
        (``und``), counts as not given, so that a damaged field hides no advert. The script is
        always that of most letters, whatever the tag says.

        Args:
            texts: Caption and OCR text of each advert, contacts masked, see :func:`whole_text`.
            told: BCP-47 tags given by the caller; None where there is none.
        """
        tags = [normal_tag(tag) for tag in told]
        unknown = [i for i, tag in enumerate(tags) if tag is None] if self._identifies else []
        identified = dict(zip(unknown, identify(texts[i] for i in unknown), strict=True))
        found = []
        for i, (text, tag) in enumerate(zip(texts, tags, strict=True)):
            if i in identified:
                one = identified[i]
                found.append(Language(one.lang, one.script, identified=one.lang is not None))
            else:
                found.append(Language(tag, script_of(words_of(text)), identified=False))
        return found


def whole_text(text: str, ocr_text: str | None) -> str:
    """Return the caption and OCR text of an advert, joined as in training."""
    return "\n".join(filter(None, (text, ocr_text)))


def normal_tag(told: str | None) -> str | None:
    """Return a BCP-47 tag in its usual case, as in ``pa-Guru-IN``; None if it names no language.

    ``pt_BR`` is read as ``pt-BR``. Whether the parts are registered is not checked.

    Source: RFC 5646, section 2.1.1 (case).
    """
    if told is None or len(told) > _LONGEST_TAG:
        return None
    tag = told.strip().replace("_", "-").lower()
    first, *others = tag.split("-")
    if not _TAG.fullmatch(tag) or first in _TELLS_NOTHING:
        return None
    return "-".join([first, *map(_usual_case, others)])


def _usual_case(part: str) -> str:
    if part.isalpha() and len(part) in (2, 4):
        return part.upper() if len(part) == 2 else part.title()
    return part


def _is_installed(pinned: Facts) -> bool:
    installed = _installed()
    return installed is not None and all(
        pinned.get(name) == installed.get(name) for name in _DECISIVE
    )


def _installed() -> Facts | None:
    try:
        return identifier_facts()
    except (ImportError, OSError, PackageNotFoundError):
        return None


def _named(facts: Facts | None) -> str:
    if facts is None:
        return "none"
    package, version, sha256 = (printable(str(facts.get(name))[:40]) for name in _DECISIVE[:3])
    return f"{package} {version} (model {sha256[:12]})"
