import json
import stat
import struct
import warnings
import zipfile

import pytest

from adverts.errors import InputError, IntegrityError
from adverts.runtime import Classifier, open_bundle

FILES = ["manifest.json", "model.onnx", "tokenizer.json", "labels.json"]


@pytest.fixture
def pack(handmade, tmp_path):
    """Pack the bundle, and whatever else is given by name."""

    def write(more=(), packing=zipfile.ZIP_DEFLATED):
        path = tmp_path / "bundle.zip"
        with zipfile.ZipFile(path, "w", packing) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that stand twice
            for file in sorted(handmade.folder.iterdir()):
                archive.write(file, file.name)
            for name, data in more:
                archive.writestr(name, data)
        return path

    return write


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_answers_as_its_folder_and_nothing_is_unpacked(handmade, pack, packing):
    path = pack(packing=packing)
    before = sorted(path.parent.rglob("*"))
    packed, plain = Classifier.load(path, threads=1), Classifier.load(handmade.folder, threads=1)
    texts = ["ferry boat", "room", ""]
    assert [one.probabilities for one in packed.predict(texts=texts)] == [
        one.probabilities for one in plain.predict(texts=texts)
    ]
    assert sorted(path.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "a/b", "a\\b", "C:evil", "..", "sub/", "ｍodel.onnx", "x\x01", ".x"],
)
def test_names_that_are_no_plain_file_names_are_refused(pack, name):
    with pytest.raises(IntegrityError, match="not a plain file name"):
        open_bundle(pack([(name, b"x")]))


def test_names_that_stand_twice_or_differ_by_case_are_refused(pack):
    with pytest.raises(IntegrityError, match=r"model\.onnx and model\.onnx are the same name"):
        open_bundle(pack([("model.onnx", b"x")]))
    with pytest.raises(IntegrityError, match="x and x are the same name"):
        open_bundle(pack([("x", b"x"), ("x", b"x")]))
    with pytest.raises(IntegrityError, match=r"model\.onnx and Model\.onnx are the same name"):
        open_bundle(pack([("Model.onnx", b"x")]))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_folders_and_devices_are_refused(pack, kind):
    entry = zipfile.ZipInfo("odd")
    entry.external_attr = (kind | 0o777) << 16
    with pytest.raises(IntegrityError, match="odd is a link"):
        open_bundle(pack([(entry, b"/etc/passwd")]))


def test_encrypted_entries_are_refused(pack):
    path = pack()
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="is encrypted"):
        open_bundle(path)


def test_other_packings_are_refused(pack):
    with pytest.raises(IntegrityError, match="neither stored nor deflated"):
        open_bundle(pack(packing=zipfile.ZIP_LZMA))


def test_bombs_are_refused_before_they_are_unpacked(pack):
    with pytest.raises(IntegrityError, match="bomb unpacks to 9000000 bytes"):
        open_bundle(pack([("bomb", bytes(9_000_000))]))


def test_more_files_than_a_bundle_has_are_refused(pack):
    with pytest.raises(IntegrityError, match="at most 64"):
        open_bundle(pack([(f"f{i}", b"") for i in range(70)]))


def test_a_size_over_the_limit_is_refused_as_it_is_declared(pack):
    path = pack()
    data = bytearray(path.read_bytes())
    place = data.index(b"labels.json", data.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", data, place + 24, 65_000_000)
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"labels\.json has 65000000 bytes"):
        open_bundle(path)


def test_a_size_that_is_declared_too_small_is_refused(pack):
    path = pack(packing=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    place = data.index(b"labels.json", data.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", data, place + 24, 3)
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"damaged archive|not the file"):
        open_bundle(path)


def test_a_list_of_files_that_announces_too_much_is_refused_unread(pack):
    path = pack()
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.rindex(b"PK\x05\x06") + 12, 10**9)
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="its list of files has 1000000000 bytes"):
        open_bundle(path)


def test_a_large_archive_that_announces_little_is_refused_unread(pack, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    path = pack()
    data = bytearray(path.read_bytes())
    struct.pack_into("<2HI", data, len(data) - 14, 1, 1, 100)
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="zip64"):
        open_bundle(path)


def test_a_comment_does_no_harm(pack):
    path = pack()
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"for the queue"
    assert open_bundle(path).manifest.name == "tiny"


def test_a_changed_byte_is_refused_wherever_it_stands(pack, handmade):
    path = pack(packing=zipfile.ZIP_STORED)
    data = path.read_bytes()
    place = data.index((handmade.folder / "labels.json").read_bytes())
    path.write_bytes(data[:place] + b"\x7f" + data[place + 1 :])
    with pytest.raises(IntegrityError):
        open_bundle(path)


def test_what_is_neither_folder_nor_archive_is_wrong_usage(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"hello")
    for name, told in (("a.zip", "is not a bundle"), ("missing.zip", "does not exist; give")):
        with pytest.raises(InputError, match=told):
            open_bundle(tmp_path / name)


def test_an_archive_that_is_cut_off_is_refused(pack):
    path = pack()
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(IntegrityError, match="damaged archive"):
        open_bundle(path)


@pytest.mark.parametrize("name", FILES)
def test_a_larger_file_than_a_bundle_has_is_refused_unread(handmade, name, monkeypatch):
    monkeypatch.setattr("adverts.runtime.opening.files.largest", lambda _: 10)
    with pytest.raises(IntegrityError, match="at most 10 are read"):
        open_bundle(handmade.folder)


def test_a_pipe_in_a_folder_is_refused_and_not_waited_for(handmade):
    import os

    (handmade.folder / "labels.json").unlink()
    os.mkfifo(handmade.folder / "labels.json")
    with pytest.raises(IntegrityError, match=r"'labels\.json' is a link, a folder or a device"):
        open_bundle(handmade.folder)


def test_the_model_is_handed_over_once_and_then_read_and_hashed_again(handmade):
    bundle = open_bundle(handmade.folder)
    stored = (handmade.folder / "model.onnx").read_bytes()
    first = bundle.model_bytes()
    assert first == stored
    assert bundle.model_bytes() == stored
    assert bundle.model_bytes() is not first
    (handmade.folder / "model.onnx").write_bytes(stored + b" ")
    with pytest.raises(IntegrityError, match=r"model\.onnx is not the file"):
        bundle.model_bytes()


def test_what_changes_after_it_was_checked_changes_nothing(handmade):
    bundle = open_bundle(handmade.folder)
    labels, model = bundle.texts["labels.json"], (handmade.folder / "model.onnx").read_bytes()
    for name in ("labels.json", "model.onnx", "tokenizer.json"):
        (handmade.folder / name).write_bytes(b"another")
    assert bundle.texts["labels.json"] == labels
    assert bundle.model_bytes() == model
    assert bundle.tokenizer.encode("ferry").tokens == ["[CLS]", "ferry", "[SEP]"]


SHORTENED = {"type": "Replace", "pattern": {"String": "aa"}, "content": "a"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": {"type": "Neural"}}, ""),
        (
            {
                "pre_tokenizer": {
                    "type": "Split",
                    "pattern": {"String": "a"},
                    "behavior": "Removed",
                    "invert": False,
                }
            },
            "pre_tokenizer is of type 'Split'",
        ),
        (
            {
                "normalizer": {
                    "type": "Replace",
                    "pattern": {"Regex": "(a+)+$"},
                    "content": "",
                }
            },
            "the pattern b'",
        ),
        (
            {"normalizer": {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}},
            "longer than what it replaces",
        ),
        (
            {"normalizer": {"type": "Sequence", "normalizers": [SHORTENED] * 20}},
            "more than 16 steps",
        ),
        (
            {"model": {"type": "WordLevel", "vocab": {"[UNK]": 10}, "unk_token": "[UNK]"}},
            "the piece 10, but the model's table has 10",
        ),
    ],
)
def test_a_tokenizer_of_a_stranger_is_refused_by_name(handmade, change, told):
    path = handmade.folder / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=rf"tokenizer\.json is malformed.*{told}"):
        open_bundle(handmade.folder)


def test_a_name_that_runs_on_into_the_files_is_not_quoted_whole(tmp_path):
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", "{}" * 4_000)
    data = bytearray(path.read_bytes())
    data[26:28] = struct.pack("<H", 4_000)
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="is a damaged archive") as error:
        open_bundle(path)
    assert len(str(error.value)) < 600
