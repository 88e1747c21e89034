"""Score the same pictures from a folder, a tar and Parquet, and compare answers and speed.

    python experiments/0025-scoring-at-scale/pictures.py FOLDER BUNDLE 2000

Half of the pictures have one caption (``0024-pictures-without-text/photographs.py``). The folder is
scored with an empty cache, then tar and Parquet with what it left. A twentieth is read again from
each without a cache. The runtime gets the same pictures with their text, as it has no reader.
"""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.inputs.pixels import ImageLimits, file_to_name
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.runtime import Classifier

sys.path.insert(0, str(Path(__file__).parents[1] / "0024-pictures-without-text"))

from photographs import captioned, jpeg, photograph

_GROUP, _SHARE = 50, 20
_LIMITS = ImageLimits(max_bytes=20_000_000, max_pixels=50_000_000)
Said = dict[str, object]


def make(folder: Path, count: int) -> list[Path]:
    """Write the pictures in a folder, a tar and Parquet; return their files."""
    pictures = folder / "folder" / "unlabelled"
    files = [pictures / f"{number:05d}.jpg" for number in range(count)]
    if not files[-1].exists():
        pictures.mkdir(parents=True)
        for number, file in enumerate(files):
            _, image = photograph(number)
            file.write_bytes(jpeg(captioned(number, image).image if number % 2 else image))
    return files


def pack(folder: Path, files: list[Path], name: str) -> None:
    """Write some pictures into ``NAME.tar`` and ``NAME.parquet``."""
    with tarfile.open(folder / f"{name}.tar", "w") as tar:
        for file in files:
            tar.add(file, file.name)
    fields = [("bytes", pa.binary()), ("path", pa.string())]
    rows = {
        "id": [file.stem for file in files],
        "image": pa.array(
            [{"bytes": file.read_bytes(), "path": file.name} for file in files], pa.struct(fields)
        ),
    }
    pq.write_table(pa.table(rows), folder / f"{name}.parquet", row_group_size=_GROUP)


def score(folder: Path, bundle: str, out: str, *given: str) -> tuple[Said, float]:
    """Score a source into ``out``; return what was said of each picture, and the seconds."""
    scores = folder / out
    shutil.rmtree(scores, ignore_errors=True)
    command = [sys.executable, "-m", "adverts.score", f"bundle={bundle}", f"data.root={folder}"]
    began = time.perf_counter()
    subprocess.run([*command, f"scores={scores}", *given], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    rows = [
        row
        for one in sorted((scores / "scores").iterdir())
        for row in pq.read_table(one).to_pylist()
    ]
    kept = ("review_band", "score", "reason", "probabilities", "language", "error")
    return {Path(row["id"]).stem: [row[name] for name in kept] for row in rows}, seconds


def sources(name: str, folder: str) -> dict[str, list[str]]:
    """Return how each of the three is asked for."""
    return {
        "folder": ["data=image_folder", f"data.source.path={folder}"],
        "tar": ["data=tar", f"data.source.paths=[{name}.tar]", "data.columns.text=null"],
        "Parquet": [
            *("data=parquet", f"data.source.paths=[{name}.parquet]"),
            *("data.columns.text=null", "data.columns.image=image"),
        ],
    }


def runtime(bundle: str, files: list[Path], cache: Path) -> float:
    """Return the seconds of the runtime, fed these pictures and what was read on them."""
    reader = str((Classifier.load(bundle).manifest.ocr or {})["key"])
    kept, lines = OcrCache(cache), io.StringIO()
    for file in files:
        data = file.read_bytes()
        read = kept.stored(sha256_of(file_to_name(data, _LIMITS)), reader)
        assert read is not None, f"{file.name} was not read"
        line = {"image": base64.b64encode(data).decode(), "ocr_text": read.text}
        lines.write(json.dumps(line | {"id": file.stem}) + "\n")
    command = [sys.executable, "-m", "adverts.runtime", "--threads", "1", bundle]
    began = time.perf_counter()
    subprocess.run(command, input=lines.getvalue().encode(), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main(arguments: list[str]) -> None:
    """Print the comparisons."""
    folder, bundle, count = Path(arguments[0]).absolute(), arguments[1], int(arguments[2])
    files = make(folder, count)
    pack(folder, files, "all")
    cache = folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    one = ["executor.processes=1", f"ocr_cache={cache}"]
    found = {}
    for kind, given in sources("all", "folder").items():
        found[kind], seconds = score(folder, bundle, "scores", *given, *one)
        print(f"{kind}: {len(found[kind]):,} answers, {count / seconds:.1f} pictures/s", flush=True)
    some = files[::_SHARE]
    few = folder / "few" / "unlabelled"
    few.mkdir(parents=True, exist_ok=True)
    for file in some:
        shutil.copyfile(file, few / file.name)
    pack(folder, some, "few")
    again = {
        f"{kind}, read again": score(folder, bundle, "scores", *given, *one[:1], "ocr_cache=null")[
            0
        ]
        for kind, given in sources("few", "few").items()
    }
    first = found["folder"]
    same = [said == first for said in found.values()]
    same += [said == {name: first[name] for name in said} for said in again.values()]
    errors = sum(values[-1] is not None for values in first.values())  # type: ignore[index]
    scores = len({str(values[1]) for values in first.values()})  # type: ignore[index]
    print(f"equal: {all(same)} ({len(same)} comparisons, {len(some)} read again); ", end="")
    print(f"errors: {errors}; {scores:,} different scores")
    print(f"runtime, text given: {count / runtime(bundle, files, cache):.1f} pictures/s")


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main(sys.argv[1:])
