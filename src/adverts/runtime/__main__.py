"""``python -m adverts.runtime BUNDLE < adverts.jsonl > predictions.jsonl``, or ``--verify``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from adverts.errors import AdvertsError, InputError
from adverts.runtime.classifier import Classifier
from adverts.runtime.examples import replay_examples
from adverts.runtime.lines import predict_lines

_INTERRUPTED_STATUS = 130
_DESCRIPTION = """\
Score adverts with an exported bundle. Reads one JSON object a line from standard input:
{"id": ..., "text": ..., "image": base64 or a list of it, "ocr_text": ..., "ocr_quality": ...,
"lang": ...}, any part may be missing; writes one JSON object a line, in the same order. Needs no
network and no torch.
"""


def main(arguments: list[str] | None = None) -> int:
    """Score standard input, or verify the bundle; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m adverts.runtime", description=_DESCRIPTION)
    parser.add_argument("bundle", type=Path, help="folder of the bundle")
    parser.add_argument(
        "--verify", action="store_true", help="hash every file, replay the examples"
    )
    parser.add_argument("--batch-size", type=int, default=32, help="adverts in one pass")
    parser.add_argument("--threads", type=int, help="cores to use; all of them if left out")
    options = parser.parse_args(arguments)
    try:
        classifier = Classifier.load(options.bundle, threads=options.threads)
        if options.verify:
            _verify(classifier)
        else:
            _stream(classifier, options.batch_size)
    except AdvertsError as error:
        print(f"adverts.runtime: {error}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:  # the reader of our answers has gone: nothing is left to do
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # a full disk behind standard output, a file that cannot be read
        where = f"{error.filename}: " if error.filename else ""
        print(f"adverts.runtime: {where}{error.strerror or error}", file=sys.stderr)
        return InputError.exit_status
    except KeyboardInterrupt:
        print("adverts.runtime: interrupted", file=sys.stderr)
        return _INTERRUPTED_STATUS
    return 0


def _verify(classifier: Classifier) -> None:
    replay = replay_examples(classifier)
    manifest = classifier.manifest
    print(
        f"{len(manifest.files)} files are as they were exported (schema {manifest.schema_version})"
    )
    print(
        f"{replay.examples} examples give the recorded probabilities: they differ by "
        f"{replay.max_difference:.1g} at most, allowed is {replay.tolerance:.1g}"
    )
    print(f"{manifest.name}: fit for this machine")


def _stream(classifier: Classifier, batch_size: int) -> None:
    if sys.stdin is None:
        raise InputError("standard input is closed; adverts are wanted there, one a line")
    for answer in predict_lines(classifier, sys.stdin.buffer, batch_size=batch_size):
        sys.stdout.buffer.write(answer.encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
