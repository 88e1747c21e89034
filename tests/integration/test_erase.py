"""`adverts prepare erase=`: adverts leave a dataset for good, and nothing else of it changes."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from composing import load
from PIL import Image

from adverts.advert import ReadQuality
from adverts.data.dataset import prepared as shards
from adverts.data.dataset.dataset_manifest import read_manifest
from adverts.data.dataset.picture_spool import ImageSpool
from adverts.data.dataset.prepared import open_prepared
from adverts.data.dataset.tombstones import read_tombstones
from adverts.data.sources.pictures import SourcePicture
from adverts.errors import InputError, IntegrityError
from adverts.inputs.pixels import CHECKED
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.prepare import erase, main, prepare

pytestmark = pytest.mark.promise

GONE = ("advert-00-x", "advert-04-x", "advert-09-x", "advert-10-x")
COUNT = 60


class PageReader:
    """Reads a picture as the word that its colour stands for."""

    spec = ReaderSpec("page", "1", {"recogniser": "ab"}, {})

    def read(self, image):
        line = OcrLine(f"page{image[0, 0, 0]}", ((0.0, 0.0),) * 4, 0.5, "page")
        return OcrResult((line,), 8, 8, ReadQuality(0.5, 9.0, 0.5, 1, 0))


def words(i):
    draw = random.Random(i)  # texts that are no near-duplicates of each other
    return " ".join("".join(draw.choices("abcdefghij", k=7)) for _ in range(12))


def rows(count=COUNT):
    """Adverts 0 and 1 share a picture, 4 has its own; 10 and 11 say the same."""
    return [
        {
            "id": f"advert-{i:02d}-x",
            "text": words(10) if i == 11 else words(i),
            "label": ("no", "yes")[i % 2],
            "image": f"{max(i, 1)}.png" if i < 6 else "",
        }
        for i in range(count)
    ]


def write_source(folder, adverts):
    folder.mkdir(exist_ok=True, parents=True)
    for i in range(1, 6):
        Image.new("RGB", (8, 8), (20 * i, 0, 0)).save(folder / f"{i}.png")
    with (folder / "adverts.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(adverts[0]))
        writer.writeheader()
        writer.writerows(adverts)


class Desk:
    """A folder with a source, its prepared dataset of three shards, and an OCR cache."""

    def __init__(self, root):
        self.root = root
        self.places = [
            f"prepared={root / 'prepared' / 'demo'}",
            f"runs={root / 'runs'}",
            f"ocr.cache={root / 'ocr'}",
            "ocr.workers=0",
        ]
        self.folder = root / "prepared" / "demo"
        self.cache = OcrCache(root / "ocr")

    def config(self, *overrides):
        source = ["data=csv", f"data.root={self.root / 'raw'}", "data.columns.image=image"]
        return load("prepare", *source, *self.places, *overrides)

    def prepare(self, *overrides):
        return prepare(self.config(*overrides))

    def ids(self, *ids):
        path = self.root / "ids.txt"
        path.write_text("".join(f"{name}\n" for name in ids))
        return path

    def erase(self, *ids):
        self.told = []
        return erase(self.config(), self.ids(*ids), self.told.append)

    def table(self):
        files = sorted(self.folder.glob("shard-*.parquet"))
        return pa.concat_tables(pq.ParquetFile(file).read() for file in files)

    def holds_picture(self, image):
        return self.cache.stored(sha256_of(image), PageReader.spec.key) is not None


@pytest.fixture(scope="module")
def first_desk(tmp_path_factory):
    """Prepared once; every test has a copy of it."""
    desk = Desk(tmp_path_factory.mktemp("first") / "desk")
    write_source(desk.root / "raw", rows())
    with pytest.MonkeyPatch.context() as patch:
        small(patch)
        desk.prepare()
    return desk.root


def small(monkeypatch):
    monkeypatch.setattr("adverts.data.preparing.preparation.build_reader", lambda _: PageReader())
    monkeypatch.setattr(shards, "_GROUP_ROWS", 8)
    monkeypatch.setattr(shards, "_SHARD_ROWS", 24)


@pytest.fixture
def desk(first_desk, tmp_path, monkeypatch):
    small(monkeypatch)
    desk = Desk(shutil.copytree(first_desk, tmp_path / "desk"))
    desk.before = open_prepared(desk.folder)
    return desk


def everything_in(folder):
    """The bytes of every file below a folder, and of tables what stands in them."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            parts.append(path.read_bytes())
        if path.suffix == ".parquet":
            table = pq.ParquetFile(path).read()
            dictionaries = [
                c.dictionary
                for name in table.schema.names
                for c in table[name].chunks
                if pa.types.is_dictionary(c.type)
            ]
            parts += [repr(part).encode() for part in (table.to_pylist(), dictionaries)]
    return b"\n".join(parts)


def traces_of(desk, ids=GONE):
    numbers = [int(name.split("-")[1]) for name in ids]
    texts = [words(i) for i in numbers if i != 10]  # what 10 says is still said by 11
    pages = [f"page{20 * i}" for i in numbers if i == 4]
    held = everything_in(desk.root / "prepared")
    return [mark for mark in (*ids, *texts, *pages) if mark.encode() in held]


def test_nothing_of_an_erased_advert_is_left_in_any_file(desk):
    assert len(traces_of(desk)) == 8
    erased = desk.erase(*GONE)
    assert traces_of(desk) == []
    assert sorted(os.listdir(desk.root / "prepared")) == ["demo", "demo.looks.jsonl"]
    assert dict(erased.rows) == {
        "shard-00000.parquet": 4,
        "links.parquet": 2,
        "assignments.parquet": 4,
    }


def test_what_remains_is_what_it_was(desk):
    before = desk.table()
    links = pq.read_table(desk.folder / "links.parquet")
    untouched = (desk.folder / "shard-00001.parquet").read_bytes()
    desk.erase(*GONE)
    keep = [name not in GONE for name in before["id"].to_pylist()]
    assert desk.table().equals(before.filter(pa.array(keep)), check_metadata=True)
    assert (desk.folder / "shard-00001.parquet").read_bytes() == untouched
    ends = zip(links["first"].to_pylist(), links["second"].to_pylist(), strict=True)
    kept = [not {*pair} & {*GONE} for pair in ends]
    assert pq.read_table(desk.folder / "links.parquet").equals(links.filter(pa.array(kept)))


def test_the_manifest_tells_what_the_dataset_holds_now(desk):
    erased = desk.erase(*GONE)
    manifest = read_manifest(desk.folder)
    assert open_prepared(desk.folder).manifest == manifest == erased.dataset.manifest
    table = open_prepared(desk.folder).split("all")
    assert manifest.num_adverts == len(table) == COUNT - 4
    assert sum(counts.with_image for counts in manifest.counts.values()) == 4
    labels = [counts.labels["refer"]["yes"] for counts in manifest.counts.values()]
    assert sum(labels) == table.targets["refer"][:, 1].sum()
    assert manifest.made.cluster_links == {}
    assert manifest.data_hash != desk.before.data_hash
    (erasure,) = manifest.made.erasures
    assert (erasure.data_hash, erasure.adverts) == (desk.before.data_hash, 4)
    assert manifest.made.erased_rows == 4
    assert {path.stat().st_mode & 0o777 for path in desk.folder.iterdir()} == {0o600}


def test_what_was_read_in_pictures_goes_unless_another_advert_has_the_picture(desk):
    images = open_prepared(desk.folder).split("all")
    shared, own, other = (images.images(i)[0] for i in (0, 4, 5))
    assert [desk.holds_picture(image) for image in (shared, own, other)] == [True] * 3
    erased = desk.erase(*GONE)
    assert erased.ocr_results == 1
    assert [desk.holds_picture(image) for image in (shared, own, other)] == [True, False, True]
    assert not list((desk.root / "ocr").rglob(f"*{sha256_of(own)}*"))
    assert desk.erase("advert-01-x").ocr_results == 1
    assert not desk.holds_picture(shared)


def test_a_person_is_told_in_numbers_what_was_done_and_what_is_left(desk):
    desk.erase(*GONE, "advert-77-x", "no such")
    told = "\n".join(desk.told)
    assert f"4 adverts were erased from {desk.folder}" in told
    assert "shard-00000.parquet 4, assignments.parquet 4, links.parquet 2" in told
    assert "2 ids were not found: 'advert-77-x', 'no such'" in told
    assert "2 adverts remain in the clusters" in told
    assert "runs is not a folder" in told
    desk.erase(GONE[0], "advert-20-x")
    assert "1 ids were erased earlier" in desk.told


def test_preparing_again_brings_nothing_back_and_redoes_nothing(desk, capsys):
    erased = desk.erase(*GONE)
    written = (desk.folder / "manifest.json").stat().st_mtime_ns
    capsys.readouterr()
    assert desk.prepare().data_hash == erased.dataset.data_hash
    assert (desk.folder / "manifest.json").stat().st_mtime_ns == written
    assert "is up to date" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["source", "config", "damage"])
def test_preparing_anew_leaves_them_out_and_counts_them(desk, capsys, change):
    erased = desk.erase(*GONE)
    write_source(desk.root / "raw", rows(COUNT + (change == "source")))
    if change == "damage":
        (desk.folder / "shard-00001.parquet").write_bytes(b"")
    dataset = desk.prepare(*(["data.split.seed=1"] if change == "config" else []))
    assert not {*GONE} & {*dataset.split("all").ids}
    assert traces_of(desk) == []
    assert all(name in read_tombstones(desk.folder) for name in GONE)
    made = read_manifest(desk.folder).made
    assert made.erased_rows == 4
    assert made.erasures == erased.dataset.manifest.made.erasures
    assert made.kept_rows == (0 if change == "config" else COUNT - 4)
    assert made.former == (desk.before.data_hash, erased.dataset.data_hash)
    assert "4 rows of the source were left out: they were erased" in capsys.readouterr().out
    again = desk.erase("advert-20-x")
    assert again.held_by == (dataset.data_hash,)
    assert {desk.before.data_hash, erased.dataset.data_hash} - {dataset.data_hash} == {
        *again.perhaps_held_by
    }
    assert read_manifest(desk.folder).made.erased_rows == 5


def test_data_before_an_earlier_erasure_held_the_adverts_of_a_later_one_too(desk):
    first = desk.erase(GONE[0])
    second = desk.erase(GONE[1])
    assert second.held_by == (first.dataset.data_hash, desk.before.data_hash)
    assert second.perhaps_held_by == ()


@pytest.mark.parametrize("damage", [b"{}", b"", None])
def test_without_sound_tombstones_nothing_is_prepared(desk, damage):
    desk.erase(*GONE)
    path = desk.folder / "erased.json"
    path.unlink() if damage is None else path.write_bytes(damage)
    with pytest.raises(IntegrityError, match=r"erased\.json .*: it keeps erased adverts"):
        desk.prepare()


def tree(folder):
    return {p: p.is_file() and (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*")}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no id"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"nobody\nno one\n", "holds none of the 2 ids (first: 'nobody', 'no one')"),
        ("\n".join(row["id"] for row in rows()).encode(), "would be left empty"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    desk, monkeypatch, capsys, content, message
):
    path = desk.root / "list.txt"
    if content is not None:
        path.write_bytes(content)
    before = tree(desk.root)
    monkeypatch.setattr("sys.argv", ["adverts prepare", f"erase={path}", *desk.places])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert message in said.err
    assert len(said.err.splitlines()) == 1
    assert said.out == ""
    assert tree(desk.root) == before


def test_pictures_that_a_failed_run_left_beside_the_dataset_go(desk):
    spool = desk.root / "prepared" / ".demo.pictures"
    picture = (desk.root / "raw" / "4.png").read_bytes()
    with suppress(KeyboardInterrupt), ImageSpool(desk.folder, CHECKED) as open_spool:
        open_spool.add(SourcePicture("4.png", data=picture), column="image")
        raise KeyboardInterrupt
    assert spool.is_dir()
    desk.erase(*GONE)
    assert not spool.exists()


def test_a_folder_that_is_no_dataset_is_told_and_not_made(desk, tmp_path):
    config = desk.config(f"prepared={tmp_path / 'far' / 'away'}")
    with pytest.raises(InputError, match="is not a prepared dataset"):
        erase(config, desk.ids(*GONE))
    assert not (tmp_path / "far").exists()


def test_a_damaged_dataset_is_refused_and_left_as_it_is(desk):
    (desk.folder / "links.parquet").write_bytes(b"x")
    before = tree(desk.folder)
    with pytest.raises(IntegrityError, match=r"links\.parquet was changed"):
        desk.erase(*GONE)
    assert tree(desk.folder) == before


def test_the_command_takes_a_list_with_a_mark_and_blank_lines(desk, monkeypatch, capsys):
    path = desk.root / "list.txt"
    path.write_bytes(b"\xef\xbb\xbfadvert-00-x\r\n\r\n  advert-04-x \r\nadvert-00-x")
    monkeypatch.setattr("sys.argv", ["adverts prepare", f"erase={path}", *desk.places])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "2 adverts were erased" in capsys.readouterr().out


KILLED = """
import datetime, importlib, os, signal, sys
from pathlib import Path
from adverts.candidates.record_looks import record_erasure
from adverts.data.erasing.erasure import erase_adverts, read_ids
from adverts.ocr.cache import OcrCache

folder, ids, cache, place, wanted = sys.argv[1:]
module, *names, last = place.split(".")
owner = importlib.import_module(module.replace("/", "."))
for name in names:
    owner = getattr(owner, name)
real, calls = getattr(owner, last), []

def killing(*arguments, **named):
    calls.append(1)
    if len(calls) == int(wanted):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **named)

setattr(owner, last, killing)
erase_adverts(
    Path(folder),
    read_ids(Path(ids)),
    cache=OcrCache(Path(cache)),
    today=datetime.date(2030, 1, 2),
    record=record_erasure,
)
"""


@pytest.mark.parametrize(
    ("place", "call"),
    [
        pytest.param(
            "adverts/data/erasing/rewrite_dataset.write_table_without", 1, marks=pytest.mark.slow
        ),
        ("adverts/data/erasing/rewrite_dataset.write_table_without", 2),
        pytest.param("adverts/data/erasing/erasure.write_manifest", 1, marks=pytest.mark.slow),
        pytest.param("adverts/data/erasing/erasure._remove_leavings", 1, marks=pytest.mark.slow),
        ("adverts/files/staging._swap", 1),
        pytest.param("adverts/files/staging.os.replace", 1, marks=pytest.mark.slow),
        pytest.param("adverts/files/staging._discard", 1, marks=pytest.mark.slow),
        pytest.param("adverts/files/staging.shutil.rmtree", 1, marks=pytest.mark.slow),
    ],
)
def test_killed_anywhere_it_is_the_old_dataset_or_the_new_one(desk, place, call):
    before = desk.table()
    arguments = [desk.folder, desk.ids(*GONE), desk.root / "ocr", place, call]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, sys.path))},
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    aside = desk.root / "prepared" / ".demo.replaced"
    found = open_prepared(desk.folder if desk.folder.exists() else aside)
    assert found.manifest.num_adverts in (COUNT, COUNT - len(GONE))
    with suppress(InputError):  # where they are erased already
        desk.erase(*GONE)
    assert traces_of(desk) == []
    keep = [name not in GONE for name in before["id"].to_pylist()]
    assert desk.table().equals(before.filter(pa.array(keep)))
    assert sorted(os.listdir(desk.root / "prepared")) == ["demo", "demo.looks.jsonl"]
    assert len(list((desk.root / "ocr").rglob("*.json"))) == 4


@pytest.mark.slow
def test_runs_bundles_and_predictions_that_held_them_are_named_and_training_goes_on(desk):
    from adverts.evaluate import evaluate
    from adverts.export import export
    from adverts.train import train

    def run(verb, call, *overrides):
        call(load(verb, *overrides, "tracking=none", f"prepared={desk.folder}"))

    runs = desk.root / "runs"
    first, second = f"{runs / 'first'}", f"{runs / 'second'}"
    run("train", train, "model=tfidf", f"run_dir={first}")
    run("evaluate", evaluate, f"candidate={first}", f"run_dir={first}/report", "split=all")
    run("export", export, f"checkpoint={first}", f"bundle_dir={runs}/deep/er/bundle")
    desk.erase(*GONE)
    told = "\n".join(desk.told)
    short = desk.before.data_hash[:12]
    assert f"run {first} (data {short})" in told
    assert f"predictions {first}/report (data {short}, names 4 of them)" in told
    assert f"bundle {runs}/deep/er/bundle (data {short})" in told
    assert "3 folders in" in told
    run("train", train, "model=tfidf", f"run_dir={second}")
    run("evaluate", evaluate, f"candidate={second}", f"run_dir={second}/report", "split=all")
    record = json.loads((runs / "second" / "run.json").read_text())
    assert record["data_hash"] == read_manifest(Path(desk.folder)).data_hash
    desk.erase("advert-20-x")
    assert "5 folders in" in "\n".join(desk.told)
