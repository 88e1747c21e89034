"""A local folder of `data=hub` is read without the network, and nothing outside of it is."""

import http.server
import json
import os
import struct
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from preparing import data_values

from adverts.config import DataConfig
from adverts.config.yaml_bounds import YamlBoundError, refuse_yaml_bomb
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.formats.arrow_rows import check_arrow
from adverts.data.sources.hub_folder import check_files, check_folder, check_saved
from adverts.data.sources.open_source import open_source
from adverts.errors import InputError

pytest.importorskip("datasets")


@pytest.fixture
def web(tmp_path):
    """Serve a CSV file on this machine; yield its address and the requests that came."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"id,text,label\n1,from the web,no\n")

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/data.csv", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path):
    """A folder of one CSV file, beside a file that is none of it."""
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.csv").write_text("id,text,label\n1,inside,no\n2,inside,yes\n")
    (tmp_path / "secret.csv").write_text("id,text,label\n1,outside,no\n")
    return tmp_path / "set"


def config(folder):
    source = {"kind": "hub", "id": folder.name, "revision": None, "subset": None}
    source["splits"] = ["train"]
    return DataConfig.model_validate(data_values(folder.parent, {"text": "text"}, source=source))


def rows(folder):
    return list(open_source(config(folder)).read(("id", "text", "label")))


def says(folder, text, name="README.md"):
    block = text if name.startswith(".") else f"---\n{text}\n---\n# A set\n"
    (folder / name).write_text(block)


def files_of(name):
    return f"configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: {name!r}"


@pytest.mark.parametrize("note", ["README.md", ".huggingface.yaml"])
def test_addresses_that_a_folder_names_are_never_asked(folder, web, note):
    address, asked = web
    for text in (
        files_of(address),
        f"configs:\n- config_name: default\n  data_files: {address}",
        f"configs:\n- config_name: default\n  data_files:\n  - train.csv\n  - {address}",
        f"configs:\n- config_name: default\n  data_dir: {address}",
        f"configs:\n- config_name: default\n  data_files: 'zip://a.csv::{address}'",
        files_of("hf://datasets/owner/name/a.csv"),
    ):
        says(folder, text, note)
        with pytest.raises(InputError, match="only files below the folder are read"):
            rows(folder)
    assert asked == []


@pytest.mark.parametrize(
    "name",
    ["../secret.csv", "/etc/hostname", "a/../../secret.csv", "~/secret.csv", "..\\secret.csv"],
)
def test_files_outside_a_folder_are_not_read(folder, name):
    says(folder, files_of(name))
    with pytest.raises(InputError, match="only files below the folder are read"):
        rows(folder)


def test_a_link_that_leads_out_of_a_folder_is_refused(folder):
    (folder / "more").mkdir()
    (folder / "more" / "train-2.csv").symlink_to(folder.parent / "secret.csv")
    with pytest.raises(InputError, match="link that leads out"):
        rows(folder)


def test_a_linked_folder_or_a_pipe_is_refused(folder):
    (folder / "linked").symlink_to(folder.parent)
    with pytest.raises(InputError, match="link that leads out"):
        check_folder(folder)
    (folder / "linked").unlink()
    os.mkfifo(folder / "train-2.csv")
    with pytest.raises(InputError, match="neither a file nor a folder"):
        check_folder(folder)


def test_a_link_within_a_folder_is_read_and_hashed(folder):
    (folder / "train.csv").rename(folder / "held.bin")
    (folder / "train.csv").symlink_to("held.bin")
    before = open_source(config(folder)).fingerprint
    assert [row.values["text"] for row in rows(folder)] == ["inside", "inside"]
    (folder / "held.bin").write_text("id,text,label\n1,changed,no\n")
    assert open_source(config(folder)).fingerprint != before


def test_a_link_that_names_another_file_of_its_folder_changes_the_hash(folder):
    (folder / "train.csv").rename(folder / "a.bin")
    (folder / "b.bin").write_text("id,text,label\n1,changed,no\n")
    (folder / "train.csv").symlink_to("a.bin")
    before = open_source(config(folder)).fingerprint
    (folder / "train.csv").unlink()
    (folder / "train.csv").symlink_to("b.bin")
    assert open_source(config(folder)).fingerprint != before


def test_files_deep_in_a_folder_are_hashed(folder):
    (folder / "deep").mkdir()
    (folder / "train.csv").rename(folder / "deep" / "part.csv")
    says(folder, files_of("deep/*.csv"))
    before = open_source(config(folder)).fingerprint
    (folder / "deep" / "part.csv").write_text("id,text,label\n1,changed,no\n")
    assert open_source(config(folder)).fingerprint != before


def test_files_that_a_folder_names_below_it_are_read(folder):
    (folder / "deep").mkdir()
    (folder / "train.csv").rename(folder / "deep" / "part.csv")
    says(folder, files_of("deep/*.csv"))
    assert [row.values["text"] for row in rows(folder)] == ["inside", "inside"]


@pytest.mark.parametrize("name", ["train.csv", "train.csv.gz", "train.zip"])
def test_packed_files_are_refused_whatever_they_are_called(folder, name):
    import gzip

    (folder / "train.csv").unlink()
    (folder / name).write_bytes(gzip.compress(b"id,text,label\n1,a,no\n"))
    with pytest.raises(InputError, match=r"is compressed|are not read|cannot be opened"):
        rows(folder)


def test_a_script_is_never_run(folder):
    (folder / "set.py").write_text("open('ran', 'w')\nraise SystemExit(9)\n")
    (folder / "train.csv").unlink()
    with pytest.raises(InputError, match="cannot be opened"):
        rows(folder)


def test_a_text_that_stands_in_many_rows_of_a_folder_is_refused_before_it_is_copied(folder):
    (folder / "train.csv").unlink()
    places = pa.array([0] * 8, pa.int32())
    texts = pa.DictionaryArray.from_arrays(places, pa.array(["x" * 9_000_000]))
    table = pa.table({"text": texts})
    pq.write_table(table, folder / "train.parquet", compression="zstd", store_schema=False)
    with pytest.raises(InputError, match=r"row 1: has 9,000,0\d\d bytes, at most 8,000,000"):
        rows(folder)


def test_a_line_that_is_too_long_is_told(folder):
    with pytest.raises(InputError, match="line 1 has more than 5 bytes"):
        check_files(folder, [str(folder / "train.csv")], max_row_bytes=5)


@pytest.mark.parametrize("name", ["http://a.example/a.csv", "/etc/hostname"])
def test_whatever_the_library_finds_elsewhere_is_refused(folder, name):
    with pytest.raises(InputError, match="is not a file below"):
        check_files(folder, [name], max_row_bytes=100)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20)
)


@pytest.mark.parametrize("text", [BOMB, "[" * 60 + "]" * 60, "x" * 1_000_001])
def test_yaml_that_would_grow_is_refused(folder, text):
    with pytest.raises(YamlBoundError):
        refuse_yaml_bomb(text)
    says(folder, text)
    with pytest.raises(InputError, match=r"nested or repeated too much|bytes, at most"):
        check_folder(folder)


def saved(folder):
    import datasets

    table = datasets.Dataset.from_dict({"text": ["a", "b"], "label": ["no", "yes"]})
    datasets.DatasetDict({"train": table}).save_to_disk(str(folder / "saved"))
    return folder / "saved"


@pytest.mark.parametrize("name", ["../../secret.arrow", "/tmp/x.arrow", "a://b", "", None, 3])
def test_a_saved_dataset_names_files_beside_its_notes(folder, name):
    path = saved(folder)
    assert [row.values["text"] for row in rows(path)] == ["a", "b"]
    state = path / "train" / "state.json"
    values = json.loads(state.read_text())
    state.write_text(json.dumps(values | {"_data_files": [{"filename": name}]}))
    with pytest.raises(InputError, match="it may name only files in its own folder"):
        rows(path)
    (path / "dataset_dict.json").write_text(json.dumps({"splits": [name]}))
    with pytest.raises(InputError, match="it may name only files in its own folder"):
        check_saved(path)


def test_an_arrow_file_that_is_packed_or_damaged_is_refused(tmp_path):
    batch = pa.record_batch({"text": ["word"] * 1_000})
    for name, options in (
        ("plain", None),
        ("zstd", pa.ipc.IpcWriteOptions(compression="zstd")),
        ("lz4", pa.ipc.IpcWriteOptions(compression="lz4")),
    ):
        with pa.ipc.new_stream(tmp_path / name, batch.schema, options=options) as stream:
            stream.write_batch(batch)
    check_arrow(tmp_path / "plain")
    for name in ("zstd", "lz4"):
        with pytest.raises(InputError, match="is compressed"):
            check_arrow(tmp_path / name)
    (tmp_path / "cut").write_bytes((tmp_path / "plain").read_bytes()[:-700])
    with pytest.raises(InputError, match="is damaged"):
        check_arrow(tmp_path / "cut")


def test_offsets_of_an_arrow_file_that_point_elsewhere_are_refused(tmp_path):
    batch = pa.record_batch({"text": ["word", "name"]})
    with pa.ipc.new_stream(tmp_path / "a", batch.schema) as stream:
        stream.write_batch(batch)
    good, honest = (tmp_path / "a").read_bytes(), struct.pack("<3I", 0, 4, 8)
    assert good.count(honest) == 1
    (tmp_path / "a").write_bytes(good.replace(honest, struct.pack("<3I", 0, 4, 2**30)))
    with pytest.raises(InputError, match="is damaged"):
        check_arrow(tmp_path / "a")


def test_a_row_of_a_saved_dataset_that_is_too_large_is_its_own_fault(folder):
    import datasets

    table = datasets.Dataset.from_dict({"text": ["x" * 9_000_000, "b"], "label": ["no", "yes"]})
    datasets.DatasetDict({"train": table}).save_to_disk(str(folder / "saved"))
    first, second = rows(folder / "saved")
    assert isinstance(first, BadRow)
    assert "at most 8,000,000 are read" in first.reason
    assert second.values["text"] == "b"
