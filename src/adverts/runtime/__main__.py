"""``python -m adverts.runtime BUNDLE < adverts.jsonl > answers.jsonl``, or ``--verify``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from adverts.errors import AdvertsError, InputError, flush_output, say
from adverts.files.bounded_reading import bounded_lines
from adverts.runtime.predict.caller_input import Limits
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.requests import read_request, refused
from adverts.runtime.predict.score_adverts import USUAL_BATCH
from adverts.runtime.stream.json_lines import (
    LINES_IN_MEMORY,
    MAX_LINE_BYTES,
    SCHEMA_NAMES,
    Asking,
    LineCounts,
    predict_lines,
    schema_text,
)
from adverts.runtime.stream.verification import verify

_INTERRUPTED_STATUS = 130
_NOT_JSON = refused("not JSON").error
_DESCRIPTION = """\
Score adverts with an exported bundle. Reads one JSON object per line from standard input: text,
image (base64 or a list of it) or ocr_text, and optionally ocr_quality, lang and id. Writes one JSON
object per line, in the same order; --schema prints the schema of both. Needs no network and no
torch. Exit status: 0 if every line was answered, even if only with an error. With --verify: 0 fit,
1 answers here differ from the recorded ones, 2 not a bundle that this release can use.
"""


def main(arguments: list[str] | None = None) -> int:
    """Score standard input, verify the bundle or print a schema; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status = _run(options)
        flush_output()
        return status
    except AdvertsError as error:
        say(f"adverts.runtime: {error}", error=True)
        return error.exit_status
    except BrokenPipeError:  # the reader of the answers has gone: nothing is left to do
        with suppress(OSError):
            flush_output()
    except OSError as error:  # a full disk behind standard output, a file that cannot be read
        with suppress(OSError):
            flush_output()
        where = f"{error.filename}: " if error.filename else ""
        say(f"adverts.runtime: {where}{error.strerror or error}", error=True)
        return InputError.exit_status
    except KeyboardInterrupt:
        print("adverts.runtime: interrupted", file=sys.stderr)
        return _INTERRUPTED_STATUS
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m adverts.runtime", description=_DESCRIPTION)
    add = parser.add_argument
    add("bundle", type=Path, nargs="?", help="folder of the bundle")
    add("--schema", choices=SCHEMA_NAMES, help="print the JSON Schema of a request or a response")
    add(
        "--verify", action="store_true", help="hash every file, repeat the examples and the masking"
    )
    add("--public-key", type=Path, help="PEM file of the person who must have signed the bundle")
    add("--require-gate", action="store_true", help="refuse a bundle that no gate passed")
    add("--json", action="store_true", help="with --verify: print the result as a JSON object")
    add("--batch-size", type=int, default=USUAL_BATCH, help="adverts in one pass (%(default)s)")
    add("--threads", type=int, help="cores to use; default: all")
    add(
        "--window",
        type=int,
        default=LINES_IN_MEMORY,
        help="lines that are read before the first is answered (%(default)s); 1 to get each "
        "answer at once",
    )
    add(
        "--max-characters",
        type=int,
        default=Limits().max_characters,
        help="most characters of each text; longer ones get an error (%(default)s)",
    )
    add(
        "--max-seconds",
        type=float,
        help="seconds for each window; adverts left after that get an error",
    )
    add(
        "--attributions",
        action="store_true",
        help="report what each part of a text adds to the score",
    )
    add("--no-versions", action="store_true", help="leave the versions out of each answer")
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.schema is not None:
        sys.stdout.write(schema_text(options.schema))
        return 0
    if options.bundle is None:
        raise InputError("no bundle is given; give its folder, or --schema")
    if options.verify:
        return _verify(options)
    _stream(_load(options), options)
    return 0


def _load(options: argparse.Namespace) -> Classifier:
    """Open the bundle; a verification ignores the limits of the caller."""
    limits = Limits()
    if not options.verify:
        limits = Limits(max_characters=options.max_characters, max_seconds=options.max_seconds)
    return Classifier.load(
        options.bundle,
        threads=options.threads,
        public_key=options.public_key,
        require_gate=options.require_gate,
        limits=limits,
    )


def _verify(options: argparse.Namespace) -> int:
    verdict = verify(str(options.bundle), lambda: _load(options))
    if options.json:
        print(json.dumps(verdict.to_json_object(), indent=1))
    else:
        say("\n".join(verdict.lines()))
    return verdict.exit_status


def _stream(classifier: Classifier, options: argparse.Namespace) -> None:
    if sys.stdin is None:
        raise InputError("standard input is closed; give adverts there, one per line")
    if sys.stdout is None:
        raise InputError("standard output is closed; answers are written there")
    counts = LineCounts()
    asking = Asking(
        batch_size=options.batch_size,
        window_lines=options.window,
        attributions=options.attributions,
        versions=not options.no_versions,
    )
    lines = _json_lines(bounded_lines(sys.stdin.buffer, most=MAX_LINE_BYTES))
    for answers in predict_lines(classifier, lines, asking=asking, counts=counts):
        sys.stdout.buffer.write("".join(f"{answer}\n" for answer in answers).encode())
        sys.stdout.buffer.flush()
    print(f"adverts.runtime: {counts.scored:,} scored, {counts.errors:,} errors", file=sys.stderr)


def _json_lines(lines: Iterator[bytes | None]) -> Iterator[bytes | None]:
    """Yield the lines, the first of which must look like JSON; otherwise nothing is scored.

    Raises:
        InputError: The first line that is not blank does not look like JSON.
    """
    for line in lines:
        text = (line or b"").removeprefix(b"\xef\xbb\xbf").strip()
        if text and not text.startswith((b"{", b"[")) and not _is_json(text):
            raise InputError(
                "standard input is not JSON lines; give a JSON object for each advert, such "
                'as {"id": "1", "text": "…"}; for a file of CSV, Excel or Parquet: adverts score '
                "bundle_dir=BUNDLE data=csv data.root=FOLDER 'data.source.paths=[FILE]' "
                "scores=SCORED.csv"
            )
        yield line
        if text:
            break
    yield from lines


def _is_json(text: bytes) -> bool:
    return read_request(text).error != _NOT_JSON


if __name__ == "__main__":
    sys.exit(main())
