"""A served model under mixed requests: the load test of ``make bench``, for ten seconds."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "benchmarks" / "bench_serving.py"


@pytest.mark.slow
def test_no_request_to_a_served_model_is_lost_crossed_or_answered_wrongly(tmp_path):
    command = [sys.executable, str(BENCH), "--kind", "tfidf", "--seconds", "10"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280)
    assert "0 lost, 0 crossed, 0 wrong" in done.stdout, done.stdout + done.stderr[-3000:]
    assert done.returncode == 0
