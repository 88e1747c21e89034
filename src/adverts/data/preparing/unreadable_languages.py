"""Languages of a dataset that its reader of pictures has no letters for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from adverts.ocr.alphabets import warning_for
from adverts.ocr.page.read_page import PageReader
from adverts.ocr.protocol import Reader


def spelling_warnings(reader: Reader | None, languages: Iterable[str | None]) -> Iterator[str]:
    """Yield a line for each language that the reader cannot spell, the commonest first.

    Args:
        reader: Of the pictures; None, or one that does not tell its letters, is not judged.
        languages: Of every advert with a picture.
    """
    if not isinstance(reader, PageReader):
        return
    alphabet = reader.engine.alphabet
    for language, adverts in Counter(languages).most_common():
        warning = warning_for(reader.spec.engine, alphabet, language) if language else None
        if warning is not None:
            yield f"{warning} ({adverts:,} adverts with pictures)"
