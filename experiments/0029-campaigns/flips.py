"""Measure how many bits of a picture's hashes change when it is cropped or saved again.

The pictures are the made-up photos of the tests. ``made_up_pictures.py`` draws its flips from these
means and spreads, since describing every picture of a world would take longer than all the rest.
Usage::

    python experiments/0029-campaigns/flips.py 400
"""

from __future__ import annotations

import random
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from planted_edits import EDITS
from planted_images import photo

from adverts.clusters.near_image import resemblance
from adverts.clusters.picture_hash import PictureHash, describe_picture

SEED = 29


def differing(one: bytes, other: bytes) -> int:
    """Return in how many bits two hashes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def compare(original: PictureHash, copy: PictureHash, name: str) -> dict[str, float]:
    """Return the differing bits of the hashes of a copy that the generator draws."""
    deeper = original.local_of_centre if name == "crop" else original.local
    return {
        f"{name}: pdq": differing(original.pdq, copy.pdq),
        f"{name}: local": differing(deeper, copy.local),
        f"{name}: closest share of equal bits": resemblance(original, copy),
    }


def main(photos: int) -> None:
    """Print mean, standard deviation, least and most of each kind of flips."""
    draw = random.Random(SEED)
    seen: dict[str, list[float]] = {}
    for _ in range(photos):
        image = photo(draw)
        original = describe_picture(image)
        crop, again = (
            describe_picture(EDITS[name](draw, image)) for name in ("crop", "saved again")
        )
        found = compare(original, crop, "crop") | compare(original, again, "saved again")
        found["local to local of the centre"] = differing(original.local, original.local_of_centre)
        found["centre of a crop to the centre"] = differing(
            original.local_of_centre, crop.local_of_centre
        )
        found["quality"], found["detail"] = original.quality, original.detail / 255
        for name, value in found.items():
            seen.setdefault(name, []).append(value)
    for name, values in seen.items():
        mean, spread = statistics.fmean(values), statistics.stdev(values)
        print(f"{name}: {mean:.3f} ± {spread:.3f}, {min(values):.3f} to {max(values):.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
