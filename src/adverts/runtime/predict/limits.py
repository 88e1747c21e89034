"""What a service accepts from strangers before it refuses, by name."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.errors import InputError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one advert and of one call; the size of a picture is bounded by the bundle too.

    Attributes:
        max_characters: Of each text of an advert, as it comes.
        max_images: Pictures of one advert.
        max_image_bytes: Of one encoded picture; None: what the bundle allows.
        max_image_pixels: Of one decoded picture; None: what the bundle allows.
        max_seconds: From the start of a call; adverts that are not scored by then get the error
            ``out_of_time``. None: no bound.
    """

    max_characters: int = 100_000
    max_images: int = 20
    max_image_bytes: int | None = None
    max_image_pixels: int | None = None
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse a bound that nothing could keep.

        Raises:
            InputError: A bound is not above zero.
        """
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"limits.{name} is {value}, wanted a number above 0")


USUAL_LIMITS = Limits()
