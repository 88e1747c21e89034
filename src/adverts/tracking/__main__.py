"""Send spooled records, or show the local store.

Usage::

    python -m adverts.tracking sync [--uri URI] [--store DIR] [FOLDER]
    python -m adverts.tracking ui [--store DIR] [--port PORT] [--experiment NAME]
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from adverts.errors import AdvertsError, InputError, say
from adverts.files.file_lock import RUN_LOCK, STUDY_LOCK, exclusive
from adverts.files.staging import keep_others_from_writing
from adverts.tracking.browse import FIRST_PORT, browse
from adverts.tracking.build_tracker import LazySink
from adverts.tracking.spool import FILE_NAME, sync_file
from adverts.tracking.spooling_tracker import print_report, reason_of, remember_run_id


def main(arguments: list[str] | None = None) -> int:
    """Send every spool below a folder, or show the store; return 0, or 2 if something is left."""
    options = _parser().parse_args(arguments)
    keep_others_from_writing()
    if options.folder is None:
        return _shown(options.store, options.experiment, options.port)
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


def _parser() -> argparse.ArgumentParser:
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
    shown = commands.add_parser("ui", help="show the runs of the local store in a browser")
    shown.add_argument("--store", type=Path, default=Path("runs/mlflow"))
    shown.add_argument("--port", type=int, default=FIRST_PORT, help="first port to try")
    shown.add_argument("--experiment", default="adverts", help="experiment that the link opens")
    shown.set_defaults(folder=None)
    return parser


def _shown(store: Path, experiment: str, port: int) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, signal.default_int_handler)
    try:
        return browse(store, experiment, port=port)
    except KeyboardInterrupt:  # before the pages were started
        return 0
    except AdvertsError as error:
        say(error, error=True)
        return error.exit_status


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
    """Hold the lock of a run or study for the block: the spool of a living one still grows."""
    busy = f"{folder} is being trained; it sends its spool itself at the end"
    with ExitStack() as held:
        for lock in (folder / RUN_LOCK, folder / STUDY_LOCK):
            if lock.is_file():
                held.enter_context(exclusive(lock, busy=busy))
        yield


if __name__ == "__main__":
    sys.exit(main())
