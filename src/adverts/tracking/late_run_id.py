"""Write the id that a run received late, when its server was back, into the run's records."""

from __future__ import annotations

import json
from pathlib import Path


def remember_run_id(run: Path, run_id: str | None) -> None:
    """Give ``run_id`` to ``run.json`` and every ``checkpoint.json`` of a run that have none.

    The baseline stays without: the run is that of the model beside it.
    """
    for record in (run / "run.json", *run.rglob("checkpoint.json")):
        if not record.is_file() or record.parent == run / "baseline":
            continue
        values = json.loads(record.read_text(encoding="utf-8"))
        if values.get("mlflow_run_id") is None:
            partial = record.with_name(record.name + ".partial")
            text = json.dumps({**values, "mlflow_run_id": run_id}, indent=1, ensure_ascii=False)
            partial.write_text(text + "\n", encoding="utf-8")
            partial.replace(record)
