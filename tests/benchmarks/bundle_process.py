"""A fresh process that loads a bundle as a service does: ``bundle_process.py BUNDLE THREADS``.

Reads texts, a JSON list, from standard input; prints one JSON object: seconds until ready, resident
memory when ready and after the texts, and what is imported that a service should not need.
"""

import json
import sys
import time
from pathlib import Path

_UNWANTED = ("torch", "transformers", "pandas", "pydantic")


def resident_mb() -> float:
    """Return the resident memory of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) * 1024 / 1e6


def main() -> None:
    """Load, score, and say what it took."""
    began = time.perf_counter()
    from adverts.runtime import Classifier

    imported = time.perf_counter()
    classifier = Classifier.load(sys.argv[1], threads=int(sys.argv[2]))
    classifier.predict(texts=["a first advert"])
    ready = time.perf_counter()
    after_load = resident_mb()
    given = json.load(sys.stdin)
    if given:
        classifier.predict(texts=given)
    said = {
        "import_s": imported - began,
        "ready_s": ready - began,
        "loaded_mb": after_load,
        "streamed_mb": resident_mb(),
        "unwanted": [name for name in _UNWANTED if name in sys.modules],
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
