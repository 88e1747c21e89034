"""How a page looks: its background, colours, sizes and the wear of its picture, by style."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

from ocr_pages.page import BENCHMARK_SEED
from ocr_pages.scenes import HELD_BACK_SCENES, TUNING_SCENES, Colour, Size, draw_scene

_WHITE, _BLACK = (255, 255, 255), (10, 10, 10)
_PAPERS: tuple[tuple[Colour, Colour], ...] = (
    ((252, 252, 250), (20, 20, 20)),
    ((255, 236, 170), (70, 30, 20)),
    ((226, 240, 250), (15, 40, 90)),
    ((235, 245, 230), (20, 70, 40)),
    ((25, 35, 60), (250, 250, 250)),
    ((150, 25, 45), (255, 245, 225)),
)
_HELD_BACK_PAPERS: tuple[tuple[Colour, Colour], ...] = (
    ((246, 240, 228), (30, 30, 30)),
    ((250, 225, 232), (90, 15, 60)),
    ((214, 232, 220), (15, 50, 55)),
    ((20, 80, 95), (255, 255, 255)),
    ((45, 45, 48), (255, 225, 120)),
)
_FILLS: tuple[Colour, ...] = (
    *(_WHITE, _WHITE, _WHITE, (255, 235, 60), (255, 235, 60)),
    *((235, 40, 40), (60, 230, 240), (130, 245, 110), (255, 165, 60), (255, 120, 200)),
)
_DARK_FILLS: tuple[Colour, ...] = ((15, 15, 15), (160, 10, 20), (10, 40, 140), (10, 90, 50))


@dataclass(frozen=True, slots=True)
class Look:
    """How the text of one page is drawn. Lengths are in pixels of a page 640 wide.

    Attributes:
        background: Name of a scene, or ``plain`` or ``fade``.
        papers: Two colours of a background that is no scene.
        headline: Fill of the first row.
        body: Fill of the others.
        outline: Colour around the letters, or None.
        stroke: Width of the outline as a share of the size.
        shadow: Draw a blurred shadow under the text.
        band: Opacity of a dark or light band behind each line, 0 to 1.
        size: Of body text.
        margin: Least distance from every edge.
        centred: Rows stand in the middle instead of where reading begins.
        angle: Of the page, in degrees.
        noise: Standard deviation of grain, in grey levels.
        specks: Share of pixels that are black or white.
        blur: Radius.
        quality: Of the JPEG.
    """

    background: str
    papers: tuple[Colour, Colour]
    headline: Colour
    body: Colour
    outline: Colour | None
    stroke: float
    shadow: bool
    band: float
    size: int
    margin: int
    centred: bool
    angle: float
    noise: float
    specks: float
    blur: float
    quality: int


def choose_look(style: str, seed: int, rng: random.Random) -> Look:
    """Return how a page of a style looks; papers and scenes of the benchmark's seed are its own."""
    if style == "social":
        return _social(seed, rng)
    paper, ink = rng.choice(_HELD_BACK_PAPERS if seed == BENCHMARK_SEED else _PAPERS)
    if style == "low_contrast":
        ink = _between(paper, ink, rng.uniform(0.2, 0.38))
    noisy, tilted = style == "noisy", style == "tilted"
    return Look(
        background=rng.choice(("plain", "fade")) if style == "clean" else "plain",
        papers=(paper, _between(paper, ink, 0.12)),
        headline=ink,
        body=ink,
        outline=None,
        stroke=0,
        shadow=False,
        band=0,
        size=rng.randint(20, 28),
        margin=76 if tilted else 32,
        centred=rng.random() < 0.4,
        angle=rng.choice((-1, 1)) * rng.uniform(2, 7) if tilted else 0,
        noise=rng.uniform(14, 30) if noisy else 0,
        specks=rng.uniform(0, 0.012) if noisy else 0,
        blur=rng.uniform(0, 0.7) if noisy else 0,
        quality=rng.randint(28, 50) if noisy else rng.randint(70, 92),
    )


def _social(seed: int, rng: random.Random) -> Look:
    light_around_dark = rng.random() < 0.2
    fills = _DARK_FILLS if light_around_dark else _FILLS
    return Look(
        background=rng.choice(HELD_BACK_SCENES if seed == BENCHMARK_SEED else TUNING_SCENES),
        papers=(_BLACK, _BLACK),
        headline=rng.choice(fills),
        body=rng.choice(fills),
        outline=_WHITE if light_around_dark else _BLACK,
        stroke=rng.uniform(0.06, 0.11),
        shadow=rng.random() < 0.35,
        band=rng.uniform(0.35, 0.6) if rng.random() < 0.25 else 0,
        size=rng.randint(26, 36),
        margin=24,
        centred=rng.random() < 0.6,
        angle=0,
        noise=0,
        specks=0,
        blur=0,
        quality=rng.randint(45, 80),
    )


def draw_backdrop(look: Look, size: Size, rng: random.Random) -> Image.Image:
    """Return what lies behind the text, RGB of ``size`` (width, height)."""
    first, second = (Image.new("RGB", size, paper) for paper in look.papers)
    match look.background:
        case "plain":
            return first
        case "fade":
            return Image.composite(second, first, Image.linear_gradient("L").resize(size))
        case scene:
            return draw_scene(scene, size, rng)


def _between(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
