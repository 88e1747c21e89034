"""The page of a sheet in a real browser: labelled by keyboard, closed, continued, written back."""

import re

import labelling as examples
import pytest
from labelling import item, press, save, start

pytestmark = pytest.mark.system("chromium")
CYCLE = ("1", "2", "2", "u")
LABELS = ("yes", "no", "no", "unsure")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheet")
    return examples.write(folder / "review.html", [item(i) for i in range(200)])


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    folder = tmp_path_factory.mktemp("short")
    return examples.write(folder / "review.html", [item(i) for i in range(3)])


def reopened(page, path):
    """Close the page and open it again in the same profile."""
    context = page.context
    page.close()
    again = context.new_page()
    again.goto(path.as_uri())
    return again


def continued(page, name="Ana"):
    start(page, name)
    page.keyboard.press("Enter")  # yes, they are mine


def test_200_adverts_by_keyboard_alone_closed_half_way_are_written_back(opened, path, tmp_path):
    seen = opened(path)
    start(seen.page)
    press(seen.page, *CYCLE * 25)
    page = reopened(seen.page, path)
    continued(page)
    assert page.locator("#place").inner_text() == "Advert 101 of 200"
    assert page.locator("#progress").inner_text() == "100 of 200 answered · 25 unsure"
    press(page, *CYCLE * 25)
    assert page.locator("#done-title").inner_text() == "All 200 adverts have an answer"
    saved = save(page, tmp_path)
    answers = saved.answers()
    assert re.fullmatch(r"5ea15e-1-Ana-\d{4}\.csv", saved.name)
    assert [one.item for one in answers] == [f"i{i:020d}" for i in range(200)]
    assert [one.label for one in answers] == list(LABELS * 50)
    assert {one.reviewer for one in answers} == {"Ana"}
    assert {one.sample for one in answers} == {examples.SEAL}
    assert {one.saw_others for one in answers} == {False}
    assert "" not in {one.reviewed_at for one in answers}
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.complaints == []


def test_every_cell_is_quoted_as_the_program_writes_them(opened, short, tmp_path):
    page = opened(short).page
    start(page)
    press(page, "n")
    page.keyboard.type('=2+5, said "Ana"')
    press(page, "Enter", "1")
    saved = save(page, tmp_path)
    header, first, *_, end = saved.data.decode("utf-8-sig").split("\r\n")
    assert saved.data.startswith(b"\xef\xbb\xbf")
    assert header == ",".join(f'"{name}"' for name in examples.HEADER)
    assert end == ""
    assert '"sampled","yes","\'=2+5, said ""Ana""","' in first
    assert saved.answers()[0].note == '=2+5, said "Ana"'


def test_a_partial_file_has_a_row_for_each_advert(opened, short, tmp_path):
    page = opened(short).page
    start(page, "Ana", saw="yes")
    press(page, "2", "n")
    page.keyboard.type("ask again")
    press(page, "Enter")
    rows = save(page, tmp_path).rows
    assert [row["label.refer"] for row in rows] == ["no", "", ""]
    assert [row["note"] for row in rows] == ["", "ask again", ""]
    assert [bool(row["reviewed_at"]) for row in rows] == [True, False, False]
    assert {row["saw_others"] for row in rows} == {"yes"}
    assert page.locator("#said").inner_text().endswith("2 adverts still without an answer.")


def test_an_answer_is_changed_by_going_back(opened, short, tmp_path):
    page = opened(short).page
    start(page)
    press(page, "1", "2", "ArrowLeft", "Backspace")
    assert page.locator("#place").inner_text() == "Advert 1 of 3"
    assert page.locator("[aria-pressed=true] b").inner_text() == "yes"
    press(page, "2")
    assert page.locator("#place").inner_text() == "Advert 3 of 3"
    assert save(page, tmp_path).labels == ["no", "no", ""]


def test_an_advert_may_be_left_for_later_and_is_not_lost(opened, short, tmp_path):
    page = opened(short).page
    start(page)
    press(page, "ArrowRight", "1", "1")
    assert page.locator("#place").inner_text() == "Advert 1 of 3"
    press(page, "ArrowRight")
    assert page.locator("#said").inner_text() == "This is the last advert without an answer."
    press(page, "u")
    assert page.locator("#done").is_visible()
    assert save(page, tmp_path).labels == ["unsure", "yes", "yes"]


def test_a_key_that_is_held_down_answers_once(opened, short):
    page = opened(short).page
    start(page)
    page.keyboard.down("1")
    page.keyboard.down("1")
    page.keyboard.down("1")
    assert page.locator("#progress").inner_text() == "1 of 3 answered · 0 unsure"


def test_shortcuts_of_the_browser_give_no_answer(opened, short):
    page = opened(short).page
    start(page)
    press(page, "Control+1", "Alt+2", "Control+u")
    assert page.locator("#progress").inner_text() == "0 of 3 answered · 0 unsure"


def test_keys_of_other_alphabets_work(opened, short):
    page = opened(short).page
    pressed = [["&", "Digit1"], ["٢", "Digit2"], ["ع", "KeyU"], ["g", "KeyU"], ["؟", "Slash"]]
    named = page.evaluate("all => all.map(([key, code]) => keyOf({ key, code }))", pressed)
    assert named == ["1", "2", "u", "g", "?"]


@pytest.mark.slow
def test_everything_works_with_the_mouse(opened, short, tmp_path):
    page = opened(short).page
    page.fill("#name", "Ana")
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="yes").click()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="no Anything else.").click()
    page.get_by_role("button", name="unsure").click()
    page.get_by_role("button", name="Help").click()
    page.get_by_role("button", name="Close").click()
    page.get_by_label("Note").fill("see the date")
    page.get_by_role("button", name="yes").click()
    with page.expect_download() as waiting:
        page.locator("#save-all").click()
    waiting.value.save_as(tmp_path / "saved.csv")
    read = examples.read_answer_sheet(tmp_path / "saved.csv", "refer")
    assert [(one.label, one.note) for one in read] == [
        ("no", ""), ("unsure", ""), ("yes", "see the date"),
    ]  # fmt: skip


def test_21_kinds_have_a_key_each(opened, tmp_path):
    page = opened(
        examples.write(tmp_path / "r.html", [item(i) for i in range(3)], examples.MANY)
    ).page
    start(page)
    keys = page.locator("#choices kbd").all_inner_texts()
    assert "".join(keys) == "123456789ABCDEFGHIJKLU"
    press(page, "9", "a", "l")
    labels = [one.label for one in save(page, tmp_path).answers("class")]
    assert labels == ["kind_8", "kind_9", "kind_20"]


def test_two_reviewers_on_one_computer_do_not_see_each_other(opened, short, tmp_path):
    page = opened(short).page
    start(page, "Ana")
    press(page, "1", "n")
    page.keyboard.type("a word of Ana")
    page = reopened(page, short)
    assert "Ana" not in page.content()
    start(page, "Ben")
    assert page.locator("#progress").inner_text() == "0 of 3 answered · 0 unsure"
    press(page, "2", "2", "2")
    saved = save(page, tmp_path)
    assert saved.labels == ["no"] * 3
    assert b"Ana" not in saved.data
    page = reopened(page, short)
    continued(page, "ana")
    assert page.locator("#place").inner_text() == "Advert 2 of 3"


@pytest.mark.slow
def test_who_finds_the_answers_of_a_namesake_can_say_so(opened, short):
    page = opened(short).page
    start(page, "AB")
    press(page, "1")
    page = reopened(page, short)
    start(page, "AB")
    assert page.locator("#known-count").inner_text() == "1 of 3"
    assert not page.locator("#work").is_visible()
    page.locator("#name").press_sequentially("C")
    assert not page.locator("#known").is_visible()
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="No, I am somebody else").click()
    assert page.locator("#name").input_value() == ""
    start(page, "Ada B")
    assert page.locator("#progress").inner_text() == "0 of 3 answered · 0 unsure"


def test_each_round_has_answers_of_its_own(opened, short, tmp_path):
    page = opened(short).page
    start(page)
    press(page, "1")
    second = examples.write(tmp_path / "r.html", [item(i) for i in range(3)], round=2)
    page = reopened(page, second)
    start(page)
    assert page.locator("#progress").inner_text() == "0 of 3 answered · 0 unsure"
    assert save(page, tmp_path).name.startswith("5ea15e-2-Ana-")


def test_a_second_reviewer_who_saw_answers_is_sent_away_before_the_work(opened, tmp_path):
    page = opened(examples.write(tmp_path / "r.html", [item(1)], round=2)).page
    start(page, "Ben", saw="yes")
    assert "somebody else" in page.locator("#refusal").inner_text()
    assert not page.locator("#work").is_visible()


def test_nobody_starts_without_a_name_and_a_word_on_what_they_saw(opened, short):
    page = opened(short).page
    page.get_by_role("button", name="Start").click()
    page.fill("#name", "\u202e \u200b")
    page.get_by_role("button", name="Start").click()
    assert not page.locator("#work").is_visible()
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Start").click()
    assert page.locator("#refusal").inner_text() == "Please type your name or initials."
