"""One reader for each kind of source."""

import io

import pytest
from PIL import Image
from preparing import data_values

from adverts.config import DataConfig
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.open_source import open_source
from adverts.data.sources.raw_rows import RawRow
from adverts.errors import InputError


def config(root, source):
    return DataConfig.model_validate(data_values(root, {"text": "text"}, source=source))


def rows(root, source, wanted=("id", "text", "label", "image")):
    return list(open_source(config(root, source)).read(wanted))


def files(kind, *paths):
    return {"kind": kind, "paths": list(paths)}


def hub(identifier, revision=None, splits=("train",)):
    return {
        "kind": "hub",
        "id": identifier,
        "revision": revision,
        "subset": None,
        "splits": list(splits),
    }


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_root_that_is_no_folder_is_told(tmp_path):
    with pytest.raises(InputError, match=r"set data\.root or \$ADVERTS_DATA"):
        open_source(config(tmp_path / "nosuch", files("csv", "a.csv")))


def test_folders_of_pictures_are_labels(tmp_path):
    for name in ("boat/b.PNG", "boat/deep/a.jpg", "other/c.webp", "boat/notes.txt", "top.png"):
        (tmp_path / "pictures" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pictures" / name).write_bytes(b"x")
    (tmp_path / "pictures" / "boat" / "scan.tiff").write_bytes(b"x")
    found = rows(tmp_path, {"kind": "image_folder", "path": "pictures", "task": "refer"})
    good = [row for row in found if isinstance(row, RawRow)]
    assert [(row.values["file"], row.values["label"]) for row in good] == [
        ("boat/b.PNG", "boat"),
        ("boat/deep/a.jpg", "boat"),
        ("other/c.webp", "other"),
    ]
    assert [str(row) for row in found if isinstance(row, BadRow)] == [
        "pictures/boat/scan.tiff row 3: is a .tiff picture; convert it to PNG or JPEG",
        "pictures/top.png row 5: is not in the folder of a label; move it into one",
    ]


def cut(source, rows):
    """Rows of all parts, each read by a source that was opened for it alone."""
    found = []
    for part in open_source(source).parts(rows):
        of_part = list(open_source(source, part).read(("id", "text", "label", "image"), part))
        assert len(of_part) == part.rows
        found += of_part
    return found


@pytest.mark.parametrize("number", [1, 2, 4, 5, 9])
def test_a_folder_of_pictures_is_cut_by_places(tmp_path, number):
    for name in ("boat/b.png", "boat/a.jpg", "other/c.webp", "top.png", "boat/scan.tiff"):
        (tmp_path / "pictures" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pictures" / name).write_bytes(b"x")
    source = {"kind": "image_folder", "path": "pictures", "task": "refer"}
    assert cut(config(tmp_path, source), number) == rows(tmp_path, source)


def test_the_stamp_of_a_folder_knows_a_changed_picture(tmp_path):
    for name in ("boat/b.png", "other/a.jpg"):
        (tmp_path / "pictures" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pictures" / name).write_bytes(b"x")
    source = {"kind": "image_folder", "path": "pictures", "task": "refer"}
    before = open_source(config(tmp_path, source)).stamps
    assert open_source(config(tmp_path, source)).stamps == before
    (tmp_path / "pictures" / "boat" / "b.png").write_bytes(b"y")
    assert open_source(config(tmp_path, source)).stamps != before


def test_a_folder_without_pictures_or_with_an_unknown_task_is_refused(tmp_path):
    (tmp_path / "pictures" / "boat").mkdir(parents=True)
    source = {"kind": "image_folder", "path": "pictures", "task": "refer"}
    with pytest.raises(InputError, match="holds no picture"):
        open_source(config(tmp_path, source))
    with pytest.raises(InputError, match="'nosuch' is not a single task"):
        open_source(config(tmp_path, source | {"task": "nosuch"}))
    with pytest.raises(InputError, match="is not a folder"):
        open_source(config(tmp_path, source | {"path": "nosuch"}))


def test_a_hub_id_needs_a_pinned_revision(tmp_path):
    with pytest.raises(InputError, match=r"set data\.source\.revision to its commit"):
        open_source(config(tmp_path, hub("owner/name")))


def test_a_hub_that_cannot_be_reached_is_one_line(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")

    def unreachable(*_, **__):
        raise ConnectionError("Couldn't reach it\nand a trace of many lines")

    monkeypatch.setattr(datasets, "load_dataset", unreachable)
    with pytest.raises(InputError, match="'owner/name'.*cannot be opened: Couldn't reach it;") as e:
        open_source(config(tmp_path, hub("owner/name", "ab" * 20)))
    assert "\n" not in str(e.value)


@pytest.mark.slow
def test_a_saved_dataset_gives_labels_by_name_and_pictures_as_bytes(tmp_path):
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "id": datasets.Value("int64"),
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["no", "yes"]),
        }
    )
    values = {"id": [1, 2], "image": [{"bytes": png(), "path": None}, None], "label": [1, -1]}
    table = datasets.Dataset.from_dict(values, features=features)
    datasets.DatasetDict({"train": table}).save_to_disk(str(tmp_path / "saved"))
    found = rows(tmp_path, hub("saved"))
    assert [row.values for row in found] == [
        {"id": 1, "image": {"bytes": png(), "path": None}, "label": "yes", "split": "train"},
        {"id": 2, "image": None, "label": None, "split": "train"},
    ]
    assert cut(config(tmp_path, hub("saved")), 1) == found
    stamps = open_source(config(tmp_path, hub("saved"))).stamps
    assert stamps == open_source(config(tmp_path, hub("saved"))).stamps
    with pytest.raises(InputError, match=r"has no split 'test'; it has \['train'\]"):
        open_source(config(tmp_path, hub("saved", splits=["test"])))


@pytest.mark.slow
def test_a_folder_of_files_is_opened_by_datasets_and_leaves_no_copy(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.csv").write_text("id,text\n1,x\n2,\n")
    assert [row.values for row in rows(tmp_path, hub("set"))] == [
        {"id": 1, "text": "x", "split": "train"},
        {"id": 2, "text": None, "split": "train"},
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set"]
