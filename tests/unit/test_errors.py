"""What a message may hold: it is short, and nothing of an input moves the cursor of a terminal."""

import pytest

from adverts import command
from adverts.config import PrepareConfig
from adverts.errors import MOST_SHOWN, InputError, IntegrityError, printable, say, shown

HOSTILE = "\x1b[2J\x9b31m\r\x00\u202eevil\u2066\ud800\x08"


def test_what_moves_a_cursor_a_colour_or_a_line_is_spelt():
    assert shown(HOSTILE) == ("\\x1b[2J\\x9b31m\\r\\x00\\u202eevil\\u2066\\ud800\\x08")


@pytest.mark.parametrize(
    "text", ["", "two\nlines\tand a tab", "1\u00a0000", "می\u200cخواهم", "é", "👩\u200d🚀"]
)
def test_layout_and_spelling_stay(text):
    assert shown(text) == text


def test_of_a_long_text_the_end_is_left_out_and_counted():
    assert shown("x" * 1_234 + "y" * 4_766, 1_234) == "x" * 1_234 + " … (4,766 characters more)"


@pytest.mark.parametrize("error", [InputError, IntegrityError])
def test_no_error_holds_more_than_a_person_reads(error):
    message = str(error(f"found {HOSTILE * 1_000_000}"))
    assert len(message) < 10 * MOST_SHOWN
    assert "\x1b" not in message
    assert "\u202e" not in message


def test_one_line_of_strangers_is_bounded_too():
    assert len(printable("\x1b" * 50_000_000)) < 5 * MOST_SHOWN


@pytest.mark.parametrize("error", [False, True])
def test_a_verb_prints_nothing_that_moves_a_cursor(capsys, error):
    say("labels:", HOSTILE, error=error)
    out, err = capsys.readouterr()
    said, other = (err, out) if error else (out, err)
    assert said == f"labels: {shown(HOSTILE)}\n"
    assert other == ""


@pytest.mark.parametrize(
    "error", [InputError(HOSTILE), OSError(2, "gone", f"{HOSTILE}.csv"), ZeroDivisionError(HOSTILE)]
)
def test_what_ends_a_verb_is_printed_so_that_nothing_moves(capsys, error):
    def fail():
        raise error

    command.exit_status("prepare", PrepareConfig, fail)
    said = capsys.readouterr().err
    assert "\\x1b[2J" in said
    assert all(letter.isprintable() or letter == "\n" for letter in said)


def test_what_the_system_says_of_a_long_name_is_bounded_too(capsys):
    def fail():
        raise OSError(2, "gone", "x" * 90_000)

    command.exit_status("prepare", PrepareConfig, fail)
    assert len(capsys.readouterr().err) < 2 * MOST_SHOWN


def test_the_traceback_of_a_fault_of_ours_quotes_little(capsys):
    def fail():
        raise ZeroDivisionError("x" * 50_000_000)

    assert command.exit_status("prepare", PrepareConfig, fail) == command.FAULT_STATUS
    assert len(capsys.readouterr().err) < 10_000
