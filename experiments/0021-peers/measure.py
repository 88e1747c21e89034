"""Run a command and write the seconds it took: wall clock, and processor with its children.

python measure.py SECONDS.json COMMAND …
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Return the exit status of the command."""
    path, *command = arguments
    start = time.perf_counter()
    status = subprocess.run(command, check=False).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = {
        "train_s": round(time.perf_counter() - start, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "status": status,
    }
    Path(path).write_text(json.dumps(seconds, indent=1) + "\n", encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
