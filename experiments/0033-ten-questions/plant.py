"""Plant the bank of the ten questions: ``python plant.py FOLDER`` writes it and what is true of it.

Adverts, contacts and names are made up. Everything goes through the verbs, as for a real bank.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

KEY = "a made-up key of sixteen bytes or more"
OLD, NEW, HALF, COPY, FOUR, FIVE, HELP = (f"+44 7700 900{n}" for n in range(201, 208))
OWN = (
    "sunny rooms in {place} this week only £{price} for the whole day, ask for the blue door, "
    "quiet street, call {phone} before noon and bring a friend"
)
OTHER = (
    "late shift open in {place}, new faces every monday, {price} euro at the desk behind the old "
    "station, write to {phone} first"
)
PLACES = ("Leeds", "York", "Hull", "Bath")
COLUMNS = ("text", "image", "lang", "platform", "account", "reviewed")


@dataclass(frozen=True, slots=True)
class Planted:
    """An advert of the planted bank."""

    id: str
    week: int | None
    platform: str
    account: str
    text: str
    picture: str
    language: str = "en"


def planted() -> Iterator[Planted]:
    """Yield the adverts of A, of those who may be taken for A, and of others."""
    yield from _first()
    yield from _near()
    yield from _others()


def _own(phone: str, number: int, price: int = 50) -> str:
    return OWN.format(place=PLACES[number % 4], price=price + 10 * (number % 2), phone=phone)


def _first() -> Iterator[Planted]:
    for i in range(8):  # the old number, on two platforms
        platform = "site" if i < 5 else "forum"
        yield Planted(f"a{i:02d}", 2 + i % 4, platform, "ann", _own(OLD, i), f"p{i % 2}")
    for i in range(8, 13):  # the new number, the same account
        yield Planted(f"a{i:02d}", 6 + (i > 10), "site", "ann", _own(NEW, i), "p1")
    for i in range(13, 17):  # nine silent weeks later
        yield Planted(f"a{i:02d}", 17 + i % 2, "site", "ann", _own(NEW, i, 70), "p2")
    yield Planted("a17", 18, "site", "bea", _own(f"{NEW} or {HALF}", 1, 70), "p2")  # the bridge
    for i in range(18, 22):
        text = OTHER.format(place=PLACES[i % 4], price=100, phone=HALF)
        yield Planted(f"a{i:02d}", 18 + i % 2, "site", "bea2", text, "p3")
    for name, week, platform, place in (("a22", None, "site", "Hull"), ("a23", 19, "", "York")):
        text = OTHER.format(place=place, price=90, phone=HALF)
        yield Planted(name, week, platform, "bea2", text, "")
    for i in range(2):  # with the helpline
        text = f"{_own(HALF, i, 70)} or {HELP}"
        yield Planted(f"a{24 + i}", 19, "site", "bea2", text, "p3")


def _near() -> Iterator[Planted]:
    for i in range(4):  # B, who took a text of A
        text = f"{_own(COPY, i)} or ask {HELP}"
        yield Planted(f"b{i:02d}", 5 + i, "site", "bob", text, "p0")
    for i in range(3):  # C, with A's old number half a year later
        text = f"garden work and hedges, fair and tidy, ring {OLD} in the evening please, ref {i}"
        yield Planted(f"c{i:02d}", 33 + i, "board", "cal", text, "")


def _others() -> Iterator[Planted]:
    for i in range(4):  # D
        text = f"moving boxes and vans number {i} for the weekend, phone {FOUR}, in need {HELP}"
        yield Planted(f"d{i:02d}", 8 + i, "forum", "dan", text, "")
    for i in range(3):  # E, new and in one language
        text = f"pokój do wynajęcia blisko centrum, cena {400 + i} funtów, tel {FIVE} albo {HELP}"
        yield Planted(f"e{i:02d}", 35, "board", "ewa", text, "", "pl")
    for i in range(2):  # the helpline alone
        text = f"bikes mended while you wait {HELP}, {i}"
        yield Planted(f"f{i:02d}", 9, "forum", "fay", text, "")


def write_source(root: Path) -> None:
    """Write the adverts and four pictures."""
    root.mkdir(parents=True)
    draw = random.Random(4)
    for number in range(4):
        image = Image.new("RGB", (160, 120), tuple(draw.randrange(256) for _ in range(3)))
        pen = ImageDraw.Draw(image)
        for _ in range(25):
            x, y = draw.randrange(150), draw.randrange(110)
            colour = tuple(draw.randrange(256) for _ in range(3))
            pen.rectangle((x, y, x + draw.randrange(60), y + draw.randrange(50)), fill=colour)
        image.save(root / f"p{number}.png")
    with (root / "adverts.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *COLUMNS, "week", "label"])
        for one in planted():
            week = "" if one.week is None else f"2026-W{one.week:02d}"
            picture = f"{one.picture}.png" if one.picture else ""
            cells = [one.text, picture, one.language, one.platform, one.account, "true"]
            writer.writerow([one.id, *cells, week, "yes"])
        writer.writerow(["no", "nothing of the kind", "", "en", "site", "x", "true", "", "no"])


def plant(folder: Path) -> None:
    """Write the source, the dataset, the bank, what people said, and the pages."""
    write_source(folder / "raw")
    named = [f"data.columns.{one}={one}" for one in COLUMNS if one != "text"]
    source = ["data=csv", f"data.root={folder / 'raw'}", "data.source.paths=[adverts.csv]"]
    split = ["data.split.validation_fraction=0", "data.split.test_fraction=0"]
    split += ["data.min_label_count=0"]
    asked = [*source, *named, "data.columns.posted_week=week", *split, "ocr=none"]
    _run("prepare", *asked, f"prepared={folder / 'prepared'}")
    bank = f"bank={folder / 'bank'}"
    _run("link", f"prepared={folder / 'prepared'}", bank)
    judged = folder / "judged.csv"
    judged.write_text(
        "said,first,second,by,at,why\n"
        "same,a00,a05,Ana,,the same blue door and the same street on both platforms\n"
        "different,c00,a00,Ben,,a gardener; the number was given to somebody else\n"
    )
    _run("link", bank, f"judgements={judged}")
    _run("link", bank, "campaign=C1", f"prepared={folder / 'prepared'}")


def _run(verb: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "adverts.command", verb, *arguments]
    subprocess.run(command, check=True, env=os.environ | {"ADVERTS_TOKEN_KEY": KEY})


if __name__ == "__main__":
    plant(Path(sys.argv[1]).absolute())
