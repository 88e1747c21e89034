"""Words of notices in the languages of recipients: only those that somebody reviewed are used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.json_records import from_plain
from adverts_findings.config.sharing import Regime
from adverts_findings.sharing.ledger.ledger_entry import Cause

Action = Literal["reinstate", "disregard", "delete hashes", "stop using"]
"""What a recipient is asked to do with what was withdrawn."""
TEMPLATES = Path(__file__).parent / "templates"
_ENGLISH = "en"
_NO_TEMPLATE = "No reviewed template in {language} exists, so this notice is in English."
_RIGHT_TO_LEFT = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "prs", "ps", "sd", "ug", "ur"))
_RIGHT_TO_LEFT_SCRIPTS = frozenset(("arab", "hebr", "syrc", "thaa"))


@dataclass(frozen=True, slots=True)
class ClassWords:
    """A class of adverts in words.

    Attributes:
        name: Its name in a few words.
        definition: What the content does; empty if nobody wrote it down.
    """

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """Words of notices and withdrawals in one language.

    Attributes:
        language: BCP 47 tag of the language.
        reviewed_by: Role or organisation that reviewed the words; empty: nobody did.
        reviewed_at: Day of that review, ISO 8601; empty: nobody did.
        captions: Captions of the pages, by name.
        sentences: Sentences by name; ``{organisation}`` and the like are filled in.
        regimes: Under which rules a notice is sent.
        classes: Classes of the taxonomy; those of English are the taxonomy's own.
        causes: Why something is withdrawn.
        actions: What is asked then.
    """

    language: str
    reviewed_by: str
    reviewed_at: str
    captions: Mapping[str, str]
    sentences: Mapping[str, str]
    regimes: Mapping[Regime, str]
    classes: Mapping[str, ClassWords]
    causes: Mapping[Cause, str]
    actions: Mapping[Action, str]

    @property
    def is_reviewed(self) -> bool:
        """Whether the words may be used."""
        return bool(self.reviewed_by.strip() and self.reviewed_at.strip())

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Direction in which the language is written, as HTML names it."""
        first, *more = self.language.lower().split("-")
        scripts = [one for one in more if len(one) == 4 and one.isalpha()]
        if scripts:
            return "rtl" if scripts[0] in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
        return "rtl" if first in _RIGHT_TO_LEFT else "ltr"

    def sentence(self, name: str, /, **values: str) -> str:
        """Return a sentence with its values filled in."""
        return self.sentences[name].format(**values)

    def class_words(self, label: str) -> ClassWords:
        """Return a class in words.

        A class without words in this language has those of the taxonomy, which are English. A label
        outside of the taxonomy is its own name.

        Args:
            label: Name of the class; empty if people gave none.
        """
        if not label:
            return ClassWords(self.captions["unnamed_class"], "")
        known = {one.id: ClassWords(one.name, one.definition) for one in read_taxonomy().classes}
        found = self.classes.get(label) or known.get(label)
        return found or ClassWords(label.replace("_", " "), "")


def words_for(language: str) -> tuple[NoticeWords, str]:
    """Return the words for a recipient, and why they are not in its language.

    Args:
        language: BCP 47 tag of the recipient's language.

    Returns:
        Words in the language or, where none are reviewed, in English with a sentence that says so;
        that sentence is empty otherwise.
    """
    english = read_words(_ENGLISH)
    for name in dict.fromkeys((language.lower(), language.partition("-")[0])):
        if name == _ENGLISH:
            return english, ""
        if (TEMPLATES / _name(name)).is_file() and (found := read_words(name)).is_reviewed:
            return found, ""
    return english, _NO_TEMPLATE.format(language=language)


def read_words(language: str) -> NoticeWords:
    """Return the words of a template, reviewed or not.

    Raises:
        OSError: There is none.
        ValueError: It lacks something; the message says what.
    """
    import yaml

    raw = yaml.safe_load((TEMPLATES / _name(language)).read_text(encoding="utf-8"))
    return from_plain(NoticeWords, raw)


def _name(language: str) -> str:
    return f"notice_{language}.yaml"
