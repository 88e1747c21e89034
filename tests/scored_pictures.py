"""Small pictures with and without text as sources of every kind, and a bundle that reads them."""

from __future__ import annotations

import csv
import io
import random
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ocr_pages import pages
from PIL import Image
from planted_images import photo
from scored_bundle import tfidf_bundle

from adverts.advert import LabelSchema, ReadQuality, Task
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.ocr.build_readers import rapidocr_reader

CANVAS_PX = 640
_PNG = b"\x89PNG"
_QUALITY = ReadQuality(0.9, 20.0, 0.5, 1, 0)


def picture_files(count: int) -> dict[str, bytes]:
    """Return files of ``count`` pictures by their ids: every other one is a page of text."""
    draw = random.Random(0)
    texts = pages(
        seed=1000,
        per_cell=-(-count // 8),
        languages=("en", "fr"),
        styles=("clean", "social"),
        widths=(320,),
    )
    found = {}
    for number in range(count):
        kind = "PNG" if number % 3 == 0 else "JPEG"
        picture = photo(draw) if number % 2 else Image.fromarray(next(texts).image)
        found[f"p{number:03d}"] = encoded(picture, kind)
    return found


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Return the file of a picture."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write files and a CSV file that names them, and return the arguments that read it."""
    (folder / "pictures").mkdir(parents=True)
    with (folder / "posts.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "image"])
        for name, data in files.items():
            (folder / "pictures" / name).write_bytes(data)
            writer.writerow([name, f"post {name}", f"pictures/{name}"])
    return ["data=csv", f"data.root={folder}", "data.source.paths=[posts.csv]"]


def write_tar(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write an archive of samples, and return the arguments that read it."""
    folder.mkdir(parents=True)
    with tarfile.open(folder / "posts.tar", "w") as archive:
        for name, data in files.items():
            suffix = "png" if data.startswith(_PNG) else "jpg"
            members = {f"{name}.txt": f"post {name}".encode(), f"{name}.{suffix}": data}
            for member, content in members.items():
                about = tarfile.TarInfo(member)
                about.size = len(content)
                archive.addfile(about, io.BytesIO(content))
    return ["data=tar", f"data.root={folder}", "data.source.paths=[posts.tar]"]


def write_parquet(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write a table with the files in it, and return the arguments that read it."""
    folder.mkdir(parents=True)
    pictures = [{"bytes": data, "path": name} for name, data in files.items()]
    texts = [f"post {name}" for name in files]
    table = pa.table({"id": list(files), "text": texts, "image": pictures})
    pq.write_table(table, folder / "posts.parquet", row_group_size=16)
    return ["data=parquet", f"data.root={folder}", "data.source.paths=[posts.parquet]"]


def picture_bundle(folder: Path) -> Path:
    """Return a bundle of tf-idf that reads the text of pictures with RapidOCR."""
    spec = rapidocr_reader(canvas_px=CANVAS_PX, min_confidence=0.1, threads=1).spec
    schema = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    draw, rows = random.Random(0), []
    for number in range(120):
        positive = draw.random() < 0.5
        rows.append(
            PreparedRow(
                id=f"a{number}",
                split="train" if number < 60 else "validation" if number < 90 else "test",
                cluster=f"c{number}",
                text=f"post {number}",
                images=(StoredImage(_grey(number)),),
                ocr_text="boat price" if positive else "ferry news",
                ocr_quality=_QUALITY,
                ocr_engine=spec.key,
                targets={"refer": (0.0, 1.0) if positive else (1.0, 0.0)},
            )
        )
    made = Making(ocr=spec.facts)
    write_prepared(folder / "prepared", rows, name="tiny", schema=schema, made=made)
    return tfidf_bundle(folder / "prepared", folder, "model.inputs=[text,ocr]")


def _grey(number: int) -> bytes:
    pixels = np.full((24, 30, 3), 40, np.uint8)
    pixels[number % 24, number // 24] = 128
    return encoded(Image.fromarray(pixels), "PNG")
