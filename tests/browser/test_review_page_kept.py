"""What the page of a sheet keeps: in a browser that forgets, in two windows, and in files."""

import time

import labelling as examples
import pytest
from labelling import item, press, save, start

from adverts.files.delimited import guarded, unguarded

pytestmark = pytest.mark.system("chromium")
FORBIDDEN = """Object.defineProperty(window, "localStorage",
    { get() { throw new DOMException("forbidden", "SecurityError"); } });"""
FULL = """let size = 4 * 1024 * 1024;
    while (size >= 1) {
      try { localStorage.setItem("filler" + size + Math.random(), "x".repeat(size)); }
      catch { size = Math.floor(size / 2); }
    }"""
# The window has heard of the answers of the other one.
ALL_IS_KEPT = """Object.values(localStorage).some((one) =>
    ["yes", "no", "unsure"].every((label) => one.includes(`"${label}"`)))"""
CELLS = [
    "=1+1", "+44 7700 900123", "-", "@demo_fictional_07", "'quoted", "''=x", "a, =b", "a;'-b",
    'a " , "=c', "1234567890123", "2026-03-01", "1e5", "٣٤", "plain", "a|@b", "＝x", "", "a\t=b",
]  # fmt: skip

ROWS = (
    ("i00000000000000000000", "yes", "'@look, '=twice", "2026-03-01T14:05:00Z"),
    ("i00000000000000000001", "unsure", "", "2026-03-01T14:05:01Z"),
    ("i00000000000000000002", "", "", ""),
)
SAVED = examples.sheet_of(ROWS)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    return examples.write(folder / "review.html", [item(i) for i in range(3)])


def asks_on_leaving(page):
    """Does the page want the browser to ask whether to leave?"""
    return page.evaluate(
        """() => { const leaving = new Event("beforeunload", { cancelable: true });
                   dispatchEvent(leaving); return leaving.defaultPrevented; }"""
    )


def until(happened, seconds=20):
    """Ask again and again. The page's policy forbids Playwright to do this inside of the page."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"did not happen within {seconds} s"
        time.sleep(0.05)


def continue_from(page, file, name="Ana"):
    page.fill("#name", name)
    page.get_by_label("No", exact=True).check()
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name="Continue from a file").click()
    waiting.value.set_files(file)
    page.locator("#work:not([hidden]), #refusal:not([hidden])").wait_for()


def file_of(folder, text=SAVED):
    path = folder / "saved.csv"
    path.write_bytes(text.encode())
    return path


@pytest.mark.slow
def test_a_browser_that_forbids_to_keep_answers_is_named_before_the_start(browser, path, tmp_path):
    context = browser.new_context()
    context.add_init_script(FORBIDDEN)
    page = context.new_page()
    page.goto(path.as_uri())
    assert "does not keep your answers" in page.locator("#alarm").inner_text()
    start(page)
    press(page, "1", "2")
    assert page.locator("#save-now").inner_text() == "Save answers (2 changes not saved)"
    assert save(page, tmp_path).labels == ["yes", "no", ""]
    assert not page.locator("#save-now").is_visible()
    page.reload()
    continue_from(page, file_of(tmp_path))
    assert page.locator("#progress").inner_text() == "2 of 3 answered · 1 unsure"
    assert page.locator("#alarm").is_visible()
    context.close()


def test_a_browser_that_becomes_full_says_so_and_loses_nothing(opened, path, tmp_path):
    page = opened(path).page
    start(page)
    press(page, "1")
    assert not page.locator("#alarm").is_visible()
    page.evaluate(FULL)
    press(page, "n")
    page.keyboard.type("a note that is longer than what is left")
    assert page.locator("#alarm").is_visible()
    press(page, "Enter", "2")
    assert save(page, tmp_path).labels == ["yes", "no", ""]
    page.evaluate("Object.keys(localStorage).filter((one) => one.startsWith('filler')).forEach("
                  "(one) => localStorage.removeItem(one))")  # fmt: skip
    press(page, "2")
    assert not page.locator("#alarm").is_visible()


def test_leaving_warns_where_answers_are_kept_nowhere(browser, path):
    context = browser.new_context()
    context.add_init_script(FORBIDDEN)
    page = context.new_page()
    page.goto(path.as_uri())
    start(page)
    press(page, "1")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    context.close()


def test_leaving_warns_where_all_are_answered_and_no_file_was_saved(opened, path, tmp_path):
    page = opened(path).page
    start(page)
    press(page, "1", "1", "1")
    assert asks_on_leaving(page)
    save(page, tmp_path)
    assert not asks_on_leaving(page)


def test_leaving_in_the_middle_needs_no_warning_since_answers_are_kept(opened, path):
    page = opened(path).page
    start(page)
    press(page, "1", "1")
    assert not asks_on_leaving(page)


def test_two_windows_of_one_person_lose_no_answer(opened, path, tmp_path):
    first = opened(path).page
    second = first.context.new_page()
    second.goto(path.as_uri())
    start(first)
    start(second)
    press(first, "1")
    press(second, "ArrowRight", "2")
    press(first, "ArrowRight", "u")
    assert save(second, tmp_path).labels[1] == "no"
    for window in (first, second):
        until(lambda window=window: window.evaluate(ALL_IS_KEPT))
    third = first.context.new_page()
    third.goto(path.as_uri())
    start(third)
    assert third.locator("#known-count").inner_text() == "3 of 3"


def test_what_was_damaged_is_not_taken_for_answers(opened, path):
    page = opened(path).page
    start(page)
    press(page, "1")
    page.evaluate("for (const key of Object.keys(localStorage)) localStorage[key] = '{\"answ'")
    page.reload()
    start(page)
    assert "is damaged" in page.locator("#refusal").inner_text()
    assert not page.locator("#work").is_visible()


def test_a_clock_set_back_never_brings_an_old_answer_back(opened, path, tmp_path):
    page = opened(path).page
    start(page)
    press(page, "1")
    page.evaluate("Date.prototype.toISOString = () => '2001-01-01T00:00:00.000Z'")
    press(page, "ArrowLeft", "2")
    assert save(page, tmp_path).labels[0] == "no"


def test_a_saved_file_is_continued_on_another_computer(opened, path, tmp_path):
    page = opened(path).page
    continue_from(page, file_of(tmp_path), "ANA")
    assert page.locator("#place").inner_text() == "Advert 3 of 3"
    assert page.locator("#said").inner_text() == "2 answers and notes were read from the file."
    again = save(page, tmp_path).answers()
    assert [(one.label, one.note) for one in again] == [
        ("yes", "@look, =twice"), ("unsure", ""), ("", ""),
    ]  # fmt: skip
    assert again[1].reviewed_at == "2026-03-01T14:05:01+00:00"


def test_a_file_that_a_spreadsheet_saved_is_continued(reading):
    plain = SAVED.replace(", '=twice", "").replace('"', "").removeprefix("\ufeff")
    assert reading(plain.replace(",", ";").replace("\r\n", "\n") + "\n;;;\n") == 2
    assert reading(plain.replace(",", "\t").replace("\r\n", "\r")) == 2


def test_later_answers_win_whichever_side_has_them(opened, path, tmp_path):
    page = opened(path).page
    start(page)
    press(page, "2")
    page.reload()
    continue_from(page, file_of(tmp_path))
    assert save(page, tmp_path).labels == ["no", "unsure", ""]
    page.reload()
    later = SAVED.replace("2026-03-01T14:05:00Z", "2999-03-01T14:05:00Z")
    continue_from(page, file_of(tmp_path, later))
    assert save(page, tmp_path).labels == ["yes", "unsure", ""]


@pytest.fixture(scope="module")
def reading(browser, path):
    """Read a file as the page does; return what it says if it refuses the file."""
    page = browser.new_page()
    page.goto(path.as_uri())
    yield lambda text, name="Ana": page.evaluate(
        """([text, name]) => { try { return fromCsv(text, name).answers.size }
                               catch (error) { return error.message } }""",
        [text, name],
    )
    page.close()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("5ea1", "0ff1", "belongs to other adverts"),
        ('"1","Ana"', '"2","Ana"', "belongs to other adverts"),
        ("i00000000000000000002", "i3", "belongs to other adverts"),
        ('"Ana","2026-03-01T14:05:01Z","no"\r\n', '"Ana","2026', "cut off"),
        ('"yes"', '"perhaps"', "“perhaps”, which this page does not offer"),
        ("i00000000000000000001", "i00000000000000000000", "two answers for advert i000000000"),
        ("saw_others", "seen", "no column saw_others"),
        (SAVED, "", "no column part"),
        (SAVED, "<!doctype html><title>x</title>", "no column part"),
    ],
)
def test_a_wrong_file_is_refused_in_words(reading, old, new, said):
    assert reading(SAVED) == 2
    assert said in reading(SAVED.replace(old, new))


def test_the_file_of_another_person_is_refused_without_naming_them(opened, path, tmp_path):
    page = opened(path).page
    continue_from(page, file_of(tmp_path), "Ben")
    assert "under another name" in page.locator("#refusal").inner_text()
    assert "Ana" not in page.locator("body").inner_text()
    assert not page.locator("#work").is_visible()


def test_cells_are_guarded_as_the_program_guards_them(opened, path):
    page = opened(path).page
    assert page.evaluate("(cells) => cells.map(guarded)", CELLS) == [guarded(one) for one in CELLS]
    assert page.evaluate("(cells) => cells.map(guarded).map(unguarded)", CELLS) == [
        unguarded(guarded(one)) for one in CELLS
    ]


@pytest.mark.slow
def test_answers_outlive_the_browser(profiled, path, tmp_path):
    with profiled() as window:
        page = window.pages[0]
        page.goto(path.as_uri())
        start(page)
        press(page, "1", "2")
    with profiled() as window:
        page = window.pages[0]
        page.goto(path.as_uri())
        start(page)
        press(page, "Enter", "u")
        assert save(page, tmp_path).labels == ["yes", "no", "unsure"]
