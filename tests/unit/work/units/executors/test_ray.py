"""Tasks of a Ray cluster on this machine: the units of local processes, and their errors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit_jobs import Writing

from adverts.errors import InputError
from adverts.work.units.executors.ray import RayExecutor

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of one node with two cores, whose processes find this folder's modules."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
        yield cluster.address
        cluster.shutdown()


def test_every_unit_is_done_once(tmp_path: Path, address: str) -> None:
    done = list(RayExecutor(address, 2).run(Writing(str(tmp_path)), range(30)))
    assert sorted(one.unit for one in done) == list(range(30))
    assert all((tmp_path / f"unit-{unit}").read_text() == "done\n" for unit in range(30))
    assert len(list(tmp_path.glob("opened-*"))) < 30


def test_a_worker_that_is_killed_is_replaced_by_ray(tmp_path: Path, address: str) -> None:
    done = list(RayExecutor(address, 3).run(Writing(str(tmp_path), kills=3), range(12)))
    assert sorted(one.unit for one in done) == list(range(12))


def test_an_error_of_a_unit_reaches_the_caller(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match="unit 2 is damaged"):
        list(RayExecutor(address, 2).run(Writing(str(tmp_path), fails=2), range(8)))


def test_a_unit_that_kills_every_worker_is_one_line(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match="Ray gave up on a unit"):
        list(RayExecutor(address, 1).run(Writing(str(tmp_path), kills_always=1), range(4)))


NO_CLUSTER = """
import sys
from unit_jobs import Writing
from adverts.errors import InputError
from adverts.work.units.executors.ray import RayExecutor

try:
    list(RayExecutor("127.0.0.1:1", 1).run(Writing(sys.argv[1]), range(4)))
except InputError as error:
    print(error)
"""


def test_no_cluster_at_the_address_is_one_line(tmp_path: Path) -> None:
    # in a process of its own: one that was connected before may crash in the code of Ray
    found = subprocess.run(
        [sys.executable, "-c", NO_CLUSTER, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    [line] = found.stdout.splitlines()
    assert "no Ray cluster" in line
