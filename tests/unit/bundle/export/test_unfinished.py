"""An export that was killed after its bundle appeared goes on, and nothing else does."""

import pytest

from adverts.bundle.export.exportable import unfinished
from adverts.errors import InputError


class KilledError(BaseException):
    """Stands in for a kill; nothing may clear away for it."""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write(folder):
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").touch()


def export_and_die(folders, asked, appears):
    with pytest.raises(KilledError):
        _die(folders, asked, appears)


def _die(folders, asked, appears):
    with unfinished(folders, asked) as interrupted:
        assert not interrupted
        write(appears)
        raise KilledError


@pytest.fixture
def killed(tmp_path):
    """An export of the config "a" that died when its bundle stood."""
    bundle = tmp_path / "b"
    export_and_die([bundle], "a", bundle)
    return bundle


def test_one_that_ends_well_leaves_its_bundle_alone(tmp_path):
    with unfinished([tmp_path / "b"], "a"):
        write(tmp_path / "b")
    assert names(tmp_path) == ["b"]
    with pytest.raises(InputError, match="is taken; give bundle_dir a new folder$"):
        unfinished([tmp_path / "b"], "a").__enter__()


def test_the_same_one_goes_on_and_ends_it(killed, tmp_path):
    with unfinished([killed], "a") as interrupted:
        assert interrupted
    assert names(tmp_path) == ["b"]


def test_another_one_is_refused_and_the_same_one_still_goes_on(killed):
    with pytest.raises(
        InputError,
        match="an interrupted export of another config wrote it, and its command finishes it",
    ):
        unfinished([killed], "b").__enter__()
    with unfinished([killed], "a") as interrupted:
        assert interrupted


def test_one_that_fails_before_a_bundle_appears_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), unfinished([tmp_path / "x" / "b"], "a"):
        raise ZeroDivisionError
    assert names(tmp_path / "x") == []


def test_where_the_first_of_two_bundles_stands_the_same_one_goes_on(tmp_path):
    places = [tmp_path / "b.internal", tmp_path / "b"]
    export_and_die(places, "a", places[0])
    with unfinished(places, "a") as interrupted:
        assert interrupted
    with pytest.raises(InputError, match="b.internal is taken"):
        unfinished(places, "a").__enter__()


def test_of_two_at_once_one_is_refused(tmp_path):
    with (
        unfinished([tmp_path / "b"], "a"),
        pytest.raises(InputError, match="is being written by another process"),
    ):
        unfinished([tmp_path / "b"], "a").__enter__()


def test_a_folder_of_somebody_else_is_refused_without_a_mark(tmp_path):
    write(tmp_path / "b")
    with pytest.raises(InputError, match="is taken"):
        unfinished([tmp_path / "b"], "a").__enter__()
    assert names(tmp_path) == ["b"]
