"""A disk that cannot hold the dataset is told before anything is read; the size is told after."""

import shutil
from types import SimpleNamespace

import pytest

from adverts.compose import compose
from adverts.config import PrepareConfig
from adverts.errors import InputError
from adverts.prepare import main, prepare


def config(tmp_path, *overrides):
    given = [f"prepared={tmp_path / 'out' / 'p'}", *overrides]
    return compose("prepare", PrepareConfig, given)


@pytest.mark.parametrize(
    ("overrides", "needed"),
    [
        (["data=synthetic", "data.source.adverts=1000", "data.source.images=100"], "10.8 MB"),
        (["data=csv", "data.root={raw}", "data.source.paths=[adverts.csv]"], "0.1 MB"),
    ],
)
def test_a_disk_too_small_is_told_before_anything_is_read(tmp_path, monkeypatch, overrides, needed):
    (tmp_path / "raw").mkdir()
    lines = [f"a{i},{'word ' * 90},{('no', 'yes')[i % 2]}" for i in range(60)]
    (tmp_path / "raw" / "adverts.csv").write_text("\n".join(["id,text,label", *lines]))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    filled = [override.format(raw=tmp_path / "raw") for override in overrides]
    with pytest.raises(InputError, match=f"about {needed} are needed and 0.0 MB are free"):
        prepare(config(tmp_path, *filled))
    assert list((tmp_path / "out").iterdir()) == []


def test_the_size_is_told_after(tmp_path, monkeypatch, capsys):
    lines = [f"a{i},text {i},{('no', 'yes')[i % 2]}" for i in range(60)]
    (tmp_path / "adverts.csv").write_text("\n".join(["id,text,label", *lines]))
    overrides = [f"data.root={tmp_path}", "data=csv", f"prepared={tmp_path / 'p'}"]
    monkeypatch.setattr("sys.argv", ["adverts prepare", *overrides])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert " MB, data " in capsys.readouterr().out.splitlines()[-2]
