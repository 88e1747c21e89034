"""Take the pictures of MLflow's pages in docs/mlflow.md anew, from the runs of ``make demo``.

Usage, from the root of the repository::

    python docs/hooks/mlflow_pictures.py                 # runs/mlflow -> docs/pictures/mlflow*.png
    python docs/hooks/mlflow_pictures.py STORE FOLDER
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from adverts.tracking.browse import link
from adverts.tracking.mlflow_client import open_client

_DRAWN_MS, _SETTLED_MS = 20_000, 2_000


def main(store: Path, folder: Path) -> None:
    """Write the list of runs, one run, its curves beside the others', and two runs side by side."""
    client = open_client(f"sqlite:///{store.absolute() / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("adverts")
    assert experiment is not None, f"{store} has no runs: make demo first"
    number = experiment.experiment_id
    runs = [one.info.run_id for one in client.search_runs([number])]
    command = [sys.executable, "-m", "adverts.tracking", "ui", "--store", os.fspath(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pages:
        assert pages.stdout is not None
        address = pages.stdout.readline().split()[-1].partition("/#/")[0]
        listed = link(address, number)
        compared = f"runs={quote(json.dumps(runs[:2]))}&experiments={quote(json.dumps([number]))}"
        wanted = {
            "mlflow": listed,
            "mlflow_curves": f"{listed}&compareRunsMode=CHART",
            "mlflow_run": f"{address}/#/experiments/{number}/runs/{runs[-1]}",
            "mlflow_compare": f"{address}/#/compare-runs?{compared}",
        }
        try:
            _take(wanted, folder)
        finally:
            pages.terminate()


def _take(wanted: dict[str, str], folder: Path) -> None:
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser)
        page = opened.new_page(viewport={"width": 1600, "height": 900})
        for name, address in wanted.items():
            page.goto("about:blank")
            page.goto(address, wait_until="commit")
            _settle(page)
            path = folder / f"{name}.png"
            page.screenshot(path=path)
            Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)  # a fifth
            print(path)
        opened.close()


def _settle(page: Page) -> None:
    """Wait until charts are drawn, and close what MLflow opens beside every page.

    Pages that ask other hosts for news never fall silent where there is no network.
    """
    page.wait_for_timeout(_DRAWN_MS)
    for label in ("Close", "Dismiss"):
        for button in page.get_by_role("button", name=label, exact=True).all():
            if button.is_visible():
                button.click()
    page.wait_for_timeout(_SETTLED_MS)


if __name__ == "__main__":
    given = [Path(one) for one in sys.argv[1:]]
    main(*(given or [Path("runs/mlflow"), Path("docs/pictures")]))
