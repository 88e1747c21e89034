"""The same config, data and code give the same figures; other data are refused."""

import json

import pytest

from adverts.compose import compose
from adverts.config import TrainConfig
from adverts.errors import ParityError
from adverts.reproduce import main, reproduce


@pytest.fixture
def finished(tiny_prepared, tmp_path):
    """The folder of a finished tf-idf run."""
    from adverts.train import train

    overrides = [f"prepared={tiny_prepared}", "model=tfidf", "tracking=none", "trainer=debug"]
    train(compose("train", TrainConfig, [*overrides, f"run_dir={tmp_path / 'run'}"]))
    return tmp_path / "run"


def test_a_run_is_reproduced_bit_for_bit(finished, tmp_path, capsys):
    assert main([str(finished), "--run-dir", str(tmp_path / "again")]) == 0
    printed = capsys.readouterr().out
    assert "the weights are the same, bit for bit" in printed
    assert printed.endswith("reproduced\n")


def test_other_figures_are_not_called_reproduced(finished, tmp_path):
    path = finished / "run.json"
    record = json.loads(path.read_text())
    record["outcome"]["validation"]["macro_f1"] -= 0.01
    path.write_text(json.dumps(record))
    with pytest.raises(ParityError, match=r"differ by up to 0\.01"):
        reproduce(finished, prepared=None, run_dir=tmp_path / "again")


@pytest.mark.slow
def test_runs_without_a_common_figure_are_not_called_reproduced(finished, tmp_path, capsys):
    path = finished / "run.json"
    record = json.loads(path.read_text())
    record["outcome"]["validation"] = {}
    path.write_text(json.dumps(record))
    assert main([str(finished), "--run-dir", str(tmp_path / "again")]) == 2
    assert "no figure in common" in capsys.readouterr().err


def test_other_data_are_refused_before_anything_is_trained(finished, tmp_path, capsys):
    path = finished / "run.json"
    path.write_text(path.read_text().replace(json.loads(path.read_text())["data_hash"], "ab" * 32))
    assert main([str(finished), "--run-dir", str(tmp_path / "again")]) == 2
    assert "the run was trained on abababababab" in capsys.readouterr().err
    assert not (tmp_path / "again").exists()


def test_an_unfinished_run_has_nothing_to_compare_with(finished, tmp_path, capsys):
    path = finished / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "outcome": None}))
    assert main([str(finished), "--run-dir", str(tmp_path / "again")]) == 2
    assert "not finished" in capsys.readouterr().err


def test_a_config_of_another_release_is_told_key_by_key(finished, tmp_path, capsys):
    with (finished / "config.yaml").open("a") as file:
        file.write("sead: 1\n")
    assert main([str(finished), "--run-dir", str(tmp_path / "again")]) == 2
    printed = capsys.readouterr().err
    assert "use the commit that trained it" in printed
    assert "sead: no such key; nearest key: seed" in printed
    assert "Traceback" not in printed
