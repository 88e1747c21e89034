"""Send spooled records: ``python -m adverts.tracking sync [--uri URI] [--store DIR] [FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adverts.errors import AdvertsError, InputError, say
from adverts.files.file_lock import RUN_LOCK, exclusive
from adverts.files.staging import keep_others_from_writing
from adverts.tracking.build_tracker import LazySink
from adverts.tracking.spool import FILE_NAME, sync_file
from adverts.tracking.spooling_tracker import print_report, reason_of, remember_run_id


def main(arguments: list[str] | None = None) -> int:
    """Send every spool below a folder; return 0 if none is left and 2 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m adverts.tracking", description=__doc__)
    commands = parser.add_subparsers(required=True)
    sync = commands.add_parser("sync", help="send the records that are waiting in runs")
    sync.add_argument("folder", type=Path, nargs="?", default=Path("runs"))
    sync.add_argument(
        "--uri",
        default=None,
        help="default: $MLFLOW_TRACKING_URI, or the local store if that is not set",
    )
    sync.add_argument("--store", type=Path, default=Path("runs/mlflow"))
    options = parser.parse_args(arguments)
    keep_others_from_writing()
    if not options.folder.is_dir():
        say(
            f"{options.folder} is not a folder; give the folder of a run or of several runs",
            error=True,
        )
        return InputError.exit_status
    spools = sorted(options.folder.rglob(FILE_NAME))
    failed = sum(not _sync(path, options.uri, options.store) for path in spools)
    say(f"{len(spools) - failed} of {len(spools)} spools sent from {options.folder}")
    return 2 if failed else 0


def _sync(path: Path, uri: str | None, store: Path) -> bool:
    try:
        with _of_no_living_run(path.parent):
            begin = sync_file(path, LazySink(uri, store), report=print_report)
            remember_run_id(path.parent, begin.run_id)
    except AdvertsError as error:
        say(error, error=True)
        return False
    except Exception as error:  # noqa: BLE001 - whatever a server does, the spool stays
        say(f"{path} was not sent: {reason_of(error)}", error=True)
        return False
    say(f"{path.parent}: sent to run {begin.run_id}")
    return True


@contextmanager
def _of_no_living_run(folder: Path) -> Iterator[None]:
    """Hold the lock of a run for the block, since the spool of a run in training still grows."""
    lock = folder / RUN_LOCK
    if not lock.is_file():
        yield
        return
    busy = f"{folder} is being trained; it sends its spool itself at the end"
    with exclusive(lock, busy=busy):
        yield


if __name__ == "__main__":
    sys.exit(main())
