"""The restricted page in a real browser: readable by phone, keyboard and on paper, and silent."""

import io

import evaluation_examples as examples
import pytest
from PIL import Image

from adverts.evaluation.report.bars import contrast
from adverts.evaluation.report.blurred import Box, blurred_jpeg
from adverts.evaluation.report.errors_page import MarkedWord, ShownError, Wrong, errors_page

pytestmark = pytest.mark.system("chromium")
ENGLISH = (
    MarkedWord("Departure ", 0.9),
    MarkedWord("every ", 0.2),
    MarkedWord("week, ", 0.4),
    MarkedWord("write to ", -0.3),
    MarkedWord("<PHONE> ", 1.4),
    MarkedWord("about the " * 30),
    MarkedWord("museum ", -1.1),
    MarkedWord("x" * 120, 0.0),
)
ARABIC = (MarkedWord("رحلة ", 1.1), MarkedWord("إلى المتحف ", -0.8), MarkedWord("<PHONE>", 0.4))


def picture():
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((640, 400)).convert("RGB").save(buffer, "PNG")
    upper = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.3), (0.1, 0.3))
    lower = ((0.1, 0.6), (0.7, 0.6), (0.7, 0.8), (0.1, 0.8))
    return blurred_jpeg(buffer.getvalue(), [Box(upper, False), Box(lower, True)])


def shown(kind, number, text, **changes):
    wrong = Wrong(number, kind, "no" if kind == "false alarm" else "yes", "yes", 0.97)
    facts = {
        "wrong": wrong,
        "id": f"synthetic-{number:06d}",
        "language": "en",
        "cluster": f"c{number}",
        "text": text,
        "picture_text": (),
        "pictures": (picture(),),
        "boxes": True,
    }
    return ShownError(**{**facts, **changes})


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    errors = [
        shown("false alarm", 1, ENGLISH, picture_text=ARABIC),
        shown("false alarm", 2, ARABIC, language="ar"),
        shown("miss", 3, ENGLISH, pictures=()),
    ]
    page = errors_page(
        errors, model="text", task=examples.REFER, notes=["Some pictures stand without lines."]
    )
    path = tmp_path_factory.mktemp("errors") / "errors.html"
    path.write_text(page)
    return path


def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(looked_at, path):
    seen = looked_at(path)
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.complaints == []


def test_every_picture_is_shown_and_named(looked_at, path):
    page = looked_at(path).page
    page.evaluate("Promise.all([...document.images].map((one) => one.decode()))")
    assert page.eval_on_selector_all("img", "all => all.map(one => one.naturalWidth)") == [320] * 2
    assert "contact covered" in page.locator("img").first.get_attribute("alt")


@pytest.mark.parametrize("width", [360, 1280])
def test_no_window_scrolls_sideways(looked_at, path, width):
    assert looked_at(path, width=width).fits()


def test_the_keyboard_reaches_every_section(looked_at, path):
    page = looked_at(path).page
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert reached == ["#main", "#false-alarm", "#miss", "#reading"]
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#reading"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_notes_stand_out_from_their_ground(looked_at, path, scheme):
    seen = looked_at(path, color_scheme=scheme)
    assert min(contrast(*seen.colours(one)) for one in ("mark", ".soft", ".push", "h3")) >= 4.5


def test_text_of_the_other_direction_stands_to_the_right(looked_at, path):
    page = looked_at(path).page
    directions = page.eval_on_selector_all(
        ".said", "all => all.map(one => getComputedStyle(one).direction)"
    )
    assert directions == ["ltr", "rtl", "rtl", "ltr"]


def test_print_keeps_every_error_and_leaves_the_contents_out(looked_at, path):
    seen = looked_at(path, width=673)
    seen.page.emulate_media(media="print")
    assert seen.fits()
    assert not seen.page.locator("nav").is_visible()
    assert seen.page.locator("article").count() == 3
