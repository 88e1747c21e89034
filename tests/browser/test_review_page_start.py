"""How the page of a sheet begins: what it is called, who may start, and what is not asked again."""

import labelling as examples
import pytest
from labelling import item, press, save, start

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
