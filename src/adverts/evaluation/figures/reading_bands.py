"""The part of an evaluation that an advert belongs to by how well its pictures could be read."""

from __future__ import annotations

from adverts.advert import ReadQuality

NO_PICTURE_READ = "no picture read"
NOTHING_READ = "no text read"
_BANDS = (
    (0.6, "low, confidence below 0.6"),
    (0.85, "middle, 0.6 to 0.85"),
    (float("inf"), "high, from 0.85 on"),
)
"""Upper end of the mean confidence, exclusive, and the name of the band."""


def reading_band(quality: ReadQuality | None) -> str:
    """Return the band of an advert; the ends are fixed, so that reports can be held together."""
    if quality is None:
        return NO_PICTURE_READ
    if quality.lines == quality.unread_lines:
        return NOTHING_READ
    return next(name for end, name in _BANDS if quality.confidence < end)
