"""How the page of a sheet begins: what it is called, who may start, and what is not asked again."""

import unicodedata
from collections import defaultdict

import labelling as examples
import pytest
from labelling import item, press, save, start

from adverts.data.review.people import person

pytestmark = pytest.mark.system("chromium")
MORNING = """Date.prototype.getHours = () => 9; Date.prototype.getMinutes = () => 5;"""


@pytest.fixture
def sheet(looked_at, tmp_path):
    """Open the page of a sheet of three adverts."""

    def call(**changes):
        path = tmp_path / f"review-{len(list(tmp_path.iterdir()))}.html"
        return looked_at(examples.write(path, [item(i) for i in range(3)], **changes)).page

    return call


@pytest.mark.parametrize(
    ("sample", "who", "saved"),
    [
        ("w44", "Ana", "w44-1-Ana-0905.csv"),
        ("w 44/b", "Ana (2), B.", "w-44-b-1-Ana-2-B-0905.csv"),
        pytest.param(
            "..week", "مريم उषा Łucja", "week-1-مريم-उषा-Łucja-0905.csv", marks=pytest.mark.slow
        ),
        pytest.param("", "🎈", "5ea15e-1-0905.csv", marks=pytest.mark.slow),
        pytest.param(
            "w" * 90, "a" * 60, f"{'w' * 40}-1-{'a' * 40}-0905.csv", marks=pytest.mark.slow
        ),
    ],
)
def test_a_saved_file_names_sample_round_reviewer_and_time(sheet, tmp_path, sample, who, saved):
    page = sheet(name=sample)
    page.evaluate(MORNING)
    page.locator("#name").fill(who)
    start(page, "")
    assert save(page, tmp_path).name == saved


def test_the_last_screen_names_the_file_that_was_saved_last(sheet, tmp_path):
    page = sheet(name="w44")
    page.evaluate(MORNING)
    start(page)
    press(page, "1", "1", "1")
    assert ".csv" not in page.locator("#last-step").inner_text()
    save(page, tmp_path)
    page.evaluate("Date.prototype.getMinutes = () => 6")
    assert "hand in the file w44-1-Ana-0905.csv to" in page.locator("#last-step").inner_text()
    press(page, "ArrowLeft", "2")
    assert ".csv" not in page.locator("#last-step").inner_text()


@pytest.mark.parametrize(
    ("round", "look"), [(1, "first look"), (2, "second look"), (3, "third look, you decide")]
)
def test_the_page_says_which_sample_and_which_look_it_is(sheet, round, look):
    page = sheet(name="w44", round=round)
    assert page.title() == f"Restricted: label w44, {look}"
    assert page.locator("#start h1").inner_text() == f"Label 3 adverts: w44, {look}"


def test_a_page_without_a_name_is_called_by_its_seal(sheet):
    assert sheet(name=" \x00").title() == "Restricted: label 5ea15e, first look"


def test_an_advert_shows_its_item_which_can_be_selected(sheet):
    page = sheet()
    start(page)
    press(page, "1")
    assert page.locator("#place").inner_text() == "Advert 2 of 3"
    page.locator("#item").click()
    assert page.evaluate("getSelection().toString()") == "i00000000000000000001"
    press(page, "2")
    assert page.locator("#progress").inner_text() == "2 of 3 answered · 0 unsure"


@pytest.mark.parametrize(
    ("before", "typed"),
    [
        ("Ana", "  ＡＮＡ "),
        pytest.param("Ana  Maria", "ana maria", marks=pytest.mark.slow),
        ("STRASSE", "Straße"),
        pytest.param("Νίκος", "ΝΊΚΟΣ", marks=pytest.mark.slow),
        pytest.param("ıpek", "ıpek", marks=pytest.mark.slow),
        pytest.param("ᎠᎹ", "ᎠᎹ", marks=pytest.mark.slow),
        pytest.param("محمد\u200cرضا", "محمد\u200cرضا", marks=pytest.mark.slow),
    ],
)
def test_a_person_of_an_earlier_round_is_refused_however_they_type(sheet, before, typed):
    page = sheet(name="w44", round=2, earlier=["Ben", before])
    page.locator("#name").fill(typed)
    start(page, "")
    page.locator("#refusal").wait_for()
    assert (
        page.locator("#refusal")
        .inner_text()
        .endswith("labelled these adverts in an earlier round; another person has to look now.")
    )
    assert not page.locator("#work").is_visible()


def test_another_person_starts_after_a_refusal(sheet):
    page = sheet(round=3, earlier=["Ana", "Ben"])
    start(page, "ana")
    page.locator("#refusal").wait_for()
    assert page.locator("#refusal").inner_text().startswith("ana labelled")
    page.fill("#name", "Anna")
    page.keyboard.press("Enter")
    page.locator("#work").wait_for()
    assert not page.locator("#refusal").is_visible()


def test_a_file_does_not_let_a_person_of_an_earlier_round_in(sheet, tmp_path):
    page = sheet(earlier=["Ana"])
    file = tmp_path / "saved.csv"
    file.write_text(examples.sheet_of([(item(0).name, "yes", "", "2026-03-01T14:05:00Z")]))
    page.fill("#name", "Ana")
    page.get_by_label("No", exact=True).check()
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name="Continue from a file").click()
    waiting.value.set_files(file)
    page.locator("#refusal").wait_for()
    assert page.locator("#refusal").inner_text().startswith("Ana labelled")
    assert not page.locator("#work").is_visible()


@pytest.mark.parametrize(
    ("earlier", "who"), [(["Ana"], "adverts of w44"), ([], "any of these adverts")]
)
def test_rounds_2_and_3_are_for_somebody_else(sheet, earlier, who):
    page = sheet(name="w44", round=3, earlier=earlier)
    assert f"If you labelled {who} in an earlier round, give this page to somebody else." in (
        page.locator("#start").inner_text()
    )


@pytest.mark.slow
def test_names_that_are_one_on_the_page_are_one_for_the_program(sheet):
    letters = [chr(i) for i in range(0x30000) if unicodedata.category(chr(i))[0] in "LMNSP"]
    told = sheet().evaluate("all => all.map(person)", letters)
    people = defaultdict(set)
    for letter, one in zip(letters, told, strict=True):
        people[one].add(person(letter))
    assert {one: found for one, found in people.items() if len(found) > 1} == {}
    assert len(people) < len(letters)


def ticks(page):
    return page.evaluate("[...document.querySelectorAll('[name=saw]')].map(one => one.checked)")


def choose(page, name, file):
    page.fill("#name", name)
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name="Continue from a file").click()
    waiting.value.set_files(file)
    page.locator("#work:not([hidden]), #refusal:not([hidden])").wait_for()


@pytest.mark.parametrize(("saw", "ticked"), [("no", [True, False]), ("yes", [False, True])])
def test_nobody_is_asked_twice_what_they_saw(sheet, tmp_path, saw, ticked):
    page = sheet()
    start(page, saw=saw)
    press(page, "1")
    page.reload()
    page.locator("#name").press_sequentially("ANA")
    assert page.locator("#recalled").is_visible()
    assert ticks(page) == ticked
    press(page, "Enter", "Enter", "2", "2")
    assert {row["saw_others"] for row in save(page, tmp_path).rows} == {saw}


def test_what_one_person_saw_is_not_said_of_another(sheet):
    page = sheet()
    start(page, "Ana")
    press(page, "1")
    page.reload()
    page.fill("#name", "Ana")
    assert ticks(page) == [True, False]
    page.locator("#name").press_sequentially("s")
    assert ticks(page) == [False, False]
    assert not page.locator("#recalled").is_visible()
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="No, I am somebody else").click()
    assert ticks(page) == [False, False]


def test_who_has_seen_answers_since_can_say_so(sheet, tmp_path):
    page = sheet()
    start(page)
    press(page, "1")
    page.reload()
    page.fill("#name", "Ana")
    page.get_by_label("Yes", exact=True).check()
    assert not page.locator("#recalled").is_visible()
    page.get_by_role("button", name="Start").click()
    press(page, "Enter", "1")
    assert [row["saw_others"] for row in save(page, tmp_path).rows] == ["no", "yes", "yes"]
    page.reload()
    page.fill("#name", "Ana")
    assert ticks(page) == [False, True]


@pytest.mark.parametrize("saw", ["no", "yes"])
def test_a_file_says_for_its_person_what_they_saw(sheet, tmp_path, saw):
    text = examples.sheet_of(
        [(item(i).name, *rest) for i, rest in enumerate([("yes", "", "2026-03-01T14:05:00Z")] * 2)]
    )
    file = tmp_path / "saved.csv"
    file.write_bytes(text.replace('"no"\r\n', f'"{saw}"\r\n').encode())
    page = sheet()
    choose(page, "Ana", file)
    press(page, "1")
    assert {row["saw_others"] for row in save(page, tmp_path).rows} == {saw}


def test_a_file_of_a_person_who_saw_answers_is_refused_in_round_2(sheet, tmp_path):
    text = examples.sheet_of([(item(0).name, "yes", "", "2026-03-01T14:05:00Z")])
    file = tmp_path / "saved.csv"
    file.write_bytes(text.replace('"1","Ana"', '"2","Ana"').replace('"no"', '"yes"').encode())
    page = sheet(round=2)
    choose(page, "Ana", file)
    assert "somebody else" in page.locator("#refusal").inner_text()
    assert not page.locator("#work").is_visible()


def test_a_file_without_a_row_says_nothing_of_what_was_seen(sheet, tmp_path):
    file = tmp_path / "saved.csv"
    file.write_bytes(examples.sheet_of([]).encode())
    page = sheet()
    choose(page, "Ana", file)
    assert page.locator("#refusal").inner_text().startswith("Please say whether you have seen")
