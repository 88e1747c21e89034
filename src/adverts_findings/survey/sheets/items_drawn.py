"""What reviewers see of adverts that were drawn, read from their source again."""

from __future__ import annotations

from pathlib import Path

from adverts.scoring.evidence_reader import OpenedEvidence
from adverts.scoring.read_again import read_again
from adverts_findings.survey.draw_sample import Drawn
from adverts_findings.survey.frame import Frame
from adverts_findings.survey.sample import UNKNOWN
from adverts_findings.survey.sheets.items import Item


def items_drawn(
    opened: OpenedEvidence, frame: Frame, drawn: Drawn, *, ocr_cache: Path | None
) -> list[Item]:
    """Return an item for each advert drawn, in their order.

    Args:
        opened: The evidence that the frame was read from.
        frame: The frame.
        drawn: What was drawn from it.
        ocr_cache: Folder of what was read on pictures; None: they are read again.

    Raises:
        InputError: A file of the source changed after it was scored, or is gone.
    """
    rows = drawn.places.tolist()
    places = [(int(frame.units[i]), frame.files[i], int(frame.rows[i])) for i in rows]
    found = read_again(opened.collection, places, ocr_cache=ocr_cache)
    shown = [found[place] for place in places]
    return [
        Item(
            one.item,
            seen.text,
            seen.picture_text,
            seen.pictures,
            "" if one.groups["language"] == UNKNOWN else one.groups["language"],
        )
        for one, seen in zip(drawn.draws, shown, strict=True)
    ]
