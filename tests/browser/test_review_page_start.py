"""How the page of a sheet begins: what it is called, who may start, and what is not asked again."""

import unicodedata

import labelling as examples
import pytest
from labelling import item, press, save, start

from adverts.data.review.reviews import person

pytestmark = pytest.mark.system("chromium")
MORNING = """Date.prototype.getHours = () => 9; Date.prototype.getMinutes = () => 5;"""


@pytest.fixture
def sheet(opened, tmp_path):
    """Open the page of a sheet of three adverts."""

    def call(**changes):
        path = tmp_path / f"review-{len(list(tmp_path.iterdir()))}.html"
        return opened(examples.write(path, [item(i) for i in range(3)], **changes)).page

    return call


@pytest.mark.parametrize(
    ("sample", "who", "saved"),
    [
        ("w44", "Ana", "w44-1-Ana-0905.csv"),
        ("w 44/b", "Ana (2), B.", "w-44-b-1-Ana-2-B-0905.csv"),
        ("..week", "مريم उषा Łucja", "week-1-مريم-उषा-Łucja-0905.csv"),
        ("", "🎈", "5ea15e-1-0905.csv"),
        ("w" * 90, "a" * 60, f"{'w' * 40}-1-{'a' * 40}-0905.csv"),
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
        ("Ana  Maria", "ana maria"),
        ("STRASSE", "Straße"),
        ("Νίκος", "ΝΊΚΟΣ"),
        ("ıpek", "ıpek"),
        ("ᎠᎹ", "ᎠᎹ"),
        ("محمد\u200cرضا", "محمد\u200cرضا"),
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
    assert f"If you labelled {who} before, give this page to somebody else." in (
        page.locator("#start").inner_text()
    )


def test_names_are_compared_as_the_program_compares_them(sheet):
    letters = [chr(i) for i in range(0x30000) if unicodedata.category(chr(i))[0] in "LMNSP"]
    assert sheet().evaluate("all => all.map(person)", letters) == [
        person(one).lower() for one in letters
    ]
