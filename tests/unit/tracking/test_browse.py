"""The link to the runs, and the port that is free."""

import json
import socket

import pytest

from adverts.errors import InputError
from adverts.tracking.browse import free_port, link
from adverts.tracking.mlflow_client import find_experiment, open_client, show_headlines


def test_the_link_opens_the_runs_in_the_view_for_training():
    runs = "http://127.0.0.1:5000/#/experiments/1/runs?workflowType=machine_learning"
    assert link("http://127.0.0.1:5000", "1") == f"{runs}&viewStateShareKey=adverts"


def test_an_experiment_shows_its_headline_figures_whichever_release_began_it(tmp_path):
    client = open_client(f"sqlite:///{tmp_path / 'mlflow.db'}")
    old = client.create_experiment("old", f"file://{tmp_path}")
    show_headlines(client, old)
    new = find_experiment(client, "new", f"file://{tmp_path}")
    for number in (old, new):
        tags = client.get_experiment(number).tags
        view = json.loads(tags["mlflow.sharedViewState.adverts"])
        assert view["selectedColumns"][0] == "metrics.`evaluation.test.average_precision`"


def test_without_an_experiment_the_link_opens_the_list_of_experiments():
    listed = "http://127.0.0.1:5000/#/experiments?workflowType=machine_learning"
    assert link("http://127.0.0.1:5000", None) == listed


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert number < free_port(number) < number + 50


def test_no_free_port_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr("adverts.tracking.browse._PORTS", 0)
    with pytest.raises(InputError, match="no port from 5000 on is free"):
        free_port(5000)
