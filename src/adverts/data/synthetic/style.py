"""How a picture looks: drawn at random, and never from what the advert says."""

from __future__ import annotations

import random
from dataclasses import dataclass

from adverts.data.synthetic.backgrounds import BACKGROUNDS
from adverts.data.synthetic.fonts import FAMILIES, Colour, Typeface

LAYOUTS = ("poster", "caption_bar", "chat", "leaflet", "sticker")
_PALETTES: tuple[tuple[Colour, Colour], ...] = (
    ((250, 250, 247), (225, 232, 240)),
    ((20, 33, 61), (52, 73, 120)),
    ((255, 209, 102), (247, 140, 80)),
    ((38, 70, 83), (42, 157, 143)),
    ((230, 57, 70), (160, 30, 60)),
    ((241, 250, 238), (168, 218, 220)),
    ((30, 30, 30), (90, 90, 90)),
    ((234, 244, 227), (120, 170, 110)),
    ((250, 228, 235), (205, 150, 190)),
    ((12, 74, 110), (125, 185, 222)),
)


@dataclass(frozen=True, slots=True)
class PictureStyle:
    """How one picture is drawn.

    Attributes:
        layout: One of ``LAYOUTS``.
        background: One of ``BACKGROUNDS``.
        face: Family and weight of the text.
        width: Of the picture, in pixels.
        size: Of the text, in pixels; headings are larger.
        palette: Two colours of the background.
        quality: Of the JPEG file.
        tilt: Rotation in degrees.
        blur: Radius in pixels; 0 is none.
        seed: Of every smaller choice.
    """

    layout: str
    background: str
    face: Typeface
    width: int
    size: int
    palette: tuple[Colour, Colour]
    quality: int
    tilt: float
    blur: float
    seed: int

    @property
    def signals(self) -> tuple[str, ...]:
        """Signals of the taxonomy that the look itself shows."""
        shown = (("chat_screenshot", self.layout == "chat"), ("boat_image", self.shows_boat))
        return tuple(signal for signal, is_shown in shown if is_shown)

    @property
    def shows_boat(self) -> bool:
        """Whether a boat is drawn."""
        return self.background == "boat"


def draw_style(script: str, rng: random.Random) -> PictureStyle:
    """Return a style for a picture in the given script (ISO 15924).

    Raises:
        KeyError: No font is known for the script.
    """
    return PictureStyle(
        layout=rng.choice(LAYOUTS),
        background=rng.choice(BACKGROUNDS),
        face=Typeface(rng.choice(FAMILIES[script]), bold=rng.random() < 0.4),
        width=rng.choice((480, 540, 600, 660, 720)),
        size=rng.choice((22, 24, 27, 30, 34, 38)),
        palette=rng.choice(_PALETTES),
        quality=rng.randint(40, 90),
        tilt=rng.uniform(-2.5, 2.5) if rng.random() < 0.25 else 0.0,
        blur=rng.uniform(0.3, 0.9) if rng.random() < 0.25 else 0.0,
        seed=rng.getrandbits(32),
    )
