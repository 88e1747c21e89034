"""Whoever reads the pictures of a dataset, and whatever is killed, its bytes are equal."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from composing import load
from PIL import Image, ImageDraw
from pydantic import ValidationError
from shade_reader import FAILS, ShadeReader

from adverts.data.dataset import picture_list
from adverts.data.preparing import part_of_reading, preparation
from adverts.errors import InputError
from adverts.ocr.tesseract.lines import has_tesseract
from adverts.prepare import prepare, read_part

PICTURES = 60
TESSERACT = ["ocr=tesseract", "ocr.engine.data=[eng]"]
needs_tesseract = pytest.mark.skipif(not has_tesseract(), reason="tesserocr is not installed")


def write_source(folder, drawn):
    """Write an advert for each picture."""
    folder.mkdir(parents=True)
    rows = []
    for i, image in enumerate(drawn):
        image.save(folder / f"{i}.png")
        label = ("no", "yes")[i % 2]
        rows.append({"id": f"a{i}", "text": f"advert {i}", "label": label, "image": f"{i}.png"})
    (folder / "adverts.jsonl").write_text("\n".join(map(json.dumps, rows)))


def shade(value):
    return Image.new("RGB", (24, 16), (value, value, value))


def lines_of_text(i):
    image = Image.new("RGB", (420, 60), "white")
    for row in range(2):
        told = f"Ferry number {i} leaves at {row + 7} o'clock, {i * 3 + row} pounds"
        ImageDraw.Draw(image).text((10, 10 + 25 * row), told, fill="black")
    return image


def overrides(folder, source, *more):
    places = [f"data.root={source}", f"prepared={folder}/out/p", f"ocr.cache={folder}/ocr"]
    all_train = ["data.split.validation_fraction=0", "data.split.test_fraction=0"]
    return ["data=jsonl", "data.columns.image=image", *all_train, *places, *more]


def written(folder):
    """Return what stands beside and in the dataset: bytes by path."""
    out = folder / "out"
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def entries(folder):
    """Return when each entry of the cache was written, by its path."""
    found = {}
    for path in (folder / "ocr").rglob("[!.]*.json"):
        found[str(path.relative_to(folder))] = path.stat().st_mtime_ns
    return found


@pytest.fixture(scope="module")
def shades(tmp_path_factory):
    """Seven pictures, of which one cannot be read."""
    folder = tmp_path_factory.mktemp("shades") / "raw"
    write_source(folder, [shade(value) for value in (10, 20, FAILS, 30, 40, 50, 20)])
    return folder


@pytest.fixture
def ours(tmp_path, shades, monkeypatch):
    """Prepares these pictures with a reader that notes what it reads, in units of two."""
    reader = ShadeReader(str(tmp_path / "note"))
    monkeypatch.setattr(picture_list, "UNIT_PICTURES", 2)
    monkeypatch.setattr(preparation, "build_reader", lambda _: reader)
    monkeypatch.setattr(part_of_reading, "build_reader", lambda _: reader)

    def config(name, *more):
        told = overrides(tmp_path / name, shades, "ocr=none", "data.on_error=quarantine")
        return load("prepare", *told, *more)

    return config


def looks(tmp_path):
    return sorted(map(int, (tmp_path / "note").read_text().split()))


def test_one_process_two_and_parts_write_the_same_dataset(tmp_path, ours, capsys):
    prepare(ours("one", "ocr.workers=0"))
    assert "pictures not read, the reader failed with RuntimeError" in capsys.readouterr().out
    prepare(ours("two", "executor.processes=2"))
    here = ["executor.processes=1"]
    assert [read_part(ours("parts", f"part={i}/2", *here)) for i in (1, 2)] == [4, 1]
    told = capsys.readouterr().out
    assert "6 pictures listed: other parts can begin" in told
    assert "part 2/2: 1 picture read, 1 could not be read; when all parts are done" in told
    assert not (tmp_path / "parts" / "out" / "p").exists()
    before = entries(tmp_path / "parts")
    (tmp_path / "note").unlink()
    prepare(ours("parts", *here))
    assert looks(tmp_path) == [FAILS]
    assert entries(tmp_path / "parts") == before
    assert written(tmp_path / "one") == written(tmp_path / "two") == written(tmp_path / "parts")


def test_a_part_that_is_run_again_reads_nothing_again_and_not_the_source(
    tmp_path, ours, shades, monkeypatch, capsys
):
    read_part(ours("again", "part=1/3", "ocr.workers=0"))
    (tmp_path / "note").unlink()
    monkeypatch.setattr(part_of_reading, "list_pictures", None)
    assert read_part(ours("again", "part=1/3", "ocr.workers=0")) == 2
    assert not (tmp_path / "note").exists()
    assert "part 1/3: 2 pictures read; when" in capsys.readouterr().out


def test_another_source_is_listed_anew(tmp_path, ours, shades, capsys):
    other = tmp_path / "other"
    write_source(other, [shade(value) for value in (1, 2, 3)])
    assert read_part(ours("new", "part=1/1", "ocr.workers=0")) == 5
    assert read_part(ours("new", "part=1/1", "ocr.workers=0", f"data.root={other}")) == 3
    assert "3 pictures listed" in capsys.readouterr().out


def test_parts_of_a_dataset_that_stands_have_nothing_to_do(tmp_path, ours, monkeypatch, capsys):
    config = ours("done", "ocr.workers=0")
    data = config.data.model_copy(update={"root": tmp_path / "raw"})
    write_source(tmp_path / "raw", [shade(7), shade(8)])
    config = config.model_copy(update={"data": data})
    prepare(config)
    assert read_part(config.model_copy(update={"part": "1/2"})) == 0
    assert "is up to date" in capsys.readouterr().out
    assert {name.split("/")[0] for name in written(tmp_path / "done")} == {"p"}


def test_parts_want_pictures_that_are_read(tmp_path, shades):
    config = load("prepare", *overrides(tmp_path, shades, "ocr=none", "part=1/2"))
    with pytest.raises(InputError, match="part=1/2: no picture of this dataset is read"):
        read_part(config)


def test_a_cluster_without_pictures_to_read_is_not_asked(tmp_path, shades, capsys):
    prepare(load("prepare", *overrides(tmp_path, shades, "ocr=none", "executor=ray")))
    assert "executor=ray has nothing to do: no picture is read" in capsys.readouterr().out


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "1/0", "a/b"])
def test_a_part_that_does_not_exist_is_refused(part):
    with pytest.raises((InputError, ValidationError), match="is not K/N"):
        load("prepare", f"part='{part}'")


def test_reading_a_part_and_erasing_are_two_commands():
    with pytest.raises((InputError, ValidationError), match="give one of them"):
        load("prepare", "part=1/2", "erase=ids.txt")


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """Pictures with lines of text, and what one process makes of them."""
    folder = tmp_path_factory.mktemp("texts")
    write_source(folder / "raw", [lines_of_text(i) for i in range(PICTURES)])
    prepare(load("prepare", *overrides(folder, folder / "raw", *TESSERACT, "ocr.workers=0")))
    return folder / "raw", written(folder)


def start(folder, source, *more):
    """Start a preparation in a process of its own."""
    told = overrides(folder, source, *TESSERACT, *more)
    return subprocess.Popen(
        [sys.executable, "-m", "adverts.prepare", *told],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for_entries(process, folder, count):
    end = time.monotonic() + 200
    while len(entries(folder)) < count and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert process.poll() is None, process.stdout.read()


def parent_of(pid):
    """Return the parent of a process; 0 if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rsplit(")", 1)[1].split()[1])


def descendants(ancestor, told):
    """Return the processes below a process whose command line holds a text."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            fits = told in path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        above = pid = int(path.parent.name)
        while fits and above > 1 and above != ancestor:
            above = parent_of(above)
        if fits and above == ancestor:
            found.append(pid)
    return found


@needs_tesseract
@pytest.mark.slow
def test_a_killed_reader_is_replaced(tmp_path, texts):
    source, whole = texts
    run = start(tmp_path, source, "executor.processes=2")
    wait_for_entries(run, tmp_path, 10)
    os.kill(descendants(run.pid, "spawn_main")[0], signal.SIGKILL)
    said, _ = run.communicate(timeout=200)
    assert run.returncode == 0, said
    assert written(tmp_path) == whole


@needs_tesseract
@pytest.mark.slow
@pytest.mark.parametrize("how", ["executor.processes=2", "part=1/2"])
def test_a_killed_run_goes_on_and_reads_nothing_twice(tmp_path, texts, how):
    source, whole = texts
    run = start(tmp_path, source, how)
    wait_for_entries(run, tmp_path, 10)
    run.kill()
    run.communicate(timeout=60)
    before = entries(tmp_path)
    assert 10 <= len(before) < PICTURES
    for more in ("executor.processes=2", how) if "part" in how else (how,):
        said, _ = (run := start(tmp_path, source, more)).communicate(timeout=200)
        assert run.returncode == 0, said
    assert written(tmp_path) == whole
    after = entries(tmp_path)
    assert len(after) == PICTURES
    assert {name: after[name] for name in before} == before


@pytest.fixture(scope="module")
def cluster():
    """The address of a Ray cluster of one node with two cores on this machine."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        patch.setenv("OMP_NUM_THREADS", "1")
        one = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False}
        )
        yield one.address
        one.shutdown()


@needs_tesseract
@pytest.mark.slow
@pytest.mark.timeout(500)
def test_a_cluster_writes_the_same_dataset(tmp_path, texts, cluster):
    source, whole = texts
    run = start(tmp_path, source, "executor=ray", f"executor.address={cluster}", "ocr.timeout_s=60")
    said, _ = run.communicate(timeout=400)
    assert run.returncode == 0, said
    assert written(tmp_path) == whole
    assert len(entries(tmp_path)) == PICTURES


@needs_tesseract
@pytest.mark.slow
@pytest.mark.timeout(500)
def test_a_killed_worker_of_a_cluster_and_a_killed_run_change_nothing(tmp_path, texts, cluster):
    source, whole = texts
    on_cluster = ["executor=ray", f"executor.address={cluster}"]
    run = start(tmp_path, source, *on_cluster)
    wait_for_entries(run, tmp_path, 10)
    os.kill(descendants(os.getpid(), "ray::_do")[0], signal.SIGKILL)
    wait_for_entries(run, tmp_path, 20)
    run.kill()
    run.communicate(timeout=60)
    before = entries(tmp_path)
    said, _ = (run := start(tmp_path, source, *on_cluster)).communicate(timeout=400)
    assert run.returncode == 0, said
    assert written(tmp_path) == whole
    after = entries(tmp_path)
    assert {name: after[name] for name in before} == before
