"""The page of a sheet shows hostile adverts as text, asks for nothing, and can be read by all."""

import io

import labelling as examples
import pytest
from labelling import item, press, save, start
from PIL import Image

from adverts.evaluation.report.bars import contrast
from adverts_findings.survey.sample import Choice, ReviewQuestion

pytestmark = [pytest.mark.system("chromium"), pytest.mark.promise]
HOSTILE = (
    '</script><script>document.title = "x"</script>',
    '<img src="https://demo.example/x.png" onerror="document.title = `x`">',
    "<!-- <script>",
    "{{ 7 * 7 }} \\u003cb\\u003e & &lt;b&gt;",
    "\u202edesrever\u202c \x00\x9b null \u2028 line",
    "half a pair \ud83d",
    "رحلة إلى المتحف",
    "x" * 3000,
)
SHOWN = """selector => [...document.querySelectorAll(selector)].filter(one => one.checkVisibility())
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .map(one => {
    let ground = one;
    while (ground && getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)')
      ground = ground.parentElement;
    return [one.tagName + ': ' + one.textContent.trim().slice(0, 40), getComputedStyle(one).color,
            ground ? getComputedStyle(ground).backgroundColor
                   : getComputedStyle(document.body).backgroundColor];
  })"""


def picture():
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((640, 400)).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    items = [item(i, text=text, picture_text=text) for i, text in enumerate(HOSTILE)]
    spoilt = HOSTILE[0]
    question = ReviewQuestion(
        "refer", (Choice("<b>yes", spoilt, True), Choice('no" onclick="x', spoilt, False)), "c"
    )
    path = tmp_path_factory.mktemp("hostile") / "r.html"
    return examples.write(path, items, question, name="\u202e<b>w44")


@pytest.fixture(scope="module")
def pictured(tmp_path_factory):
    items = [
        item(0, pictures=(picture(), b"no picture"), picture_text="TOUR"),
        item(1, text="رحلة إلى المتحف", language="ar"),
        item(2, text="", language="not a language"),
    ]
    folder = tmp_path_factory.mktemp("pictured")
    return examples.write(folder / "r.html", items, examples.MANY)


def test_hostile_texts_names_and_notes_are_shown_as_text(looked_at, hostile, tmp_path):
    seen = looked_at(hostile)
    page = seen.page
    start(page, HOSTILE[0])
    press(page, "n")
    page.keyboard.insert_text(HOSTILE[1])
    press(page, "Enter")
    shown = []
    for _ in HOSTILE:
        shown.append(page.locator(".said").first.inner_text())
        press(page, "1")
    assert shown[:4] == list(HOSTILE[:4])
    assert "desrever" in shown[4]
    assert "\u202e" not in shown[4]
    assert shown[6:] == list(HOSTILE[6:])
    assert page.title() == "Restricted: label <b>w44, first look"
    assert page.locator("main b, main img").count() == 3  # the words on the three buttons
    saved = save(page, tmp_path)
    assert saved.name.startswith("b-w44-1-script-script-document.title-x-script-")
    read = saved.answers()
    assert {one.label for one in read} == {"<b>yes"}
    assert (read[0].note, read[0].reviewer) == (HOSTILE[1], HOSTILE[0])
    assert [url for url in seen.requests if not url.startswith(("data:", "blob:"))] == [
        hostile.as_uri()
    ]
    assert seen.complaints == []


def test_the_policy_stops_scripts_and_pictures_that_a_stranger_adds(looked_at, hostile, tmp_path):
    planted = tmp_path / "planted.html"
    added = '<script>document.title = "x"</script><img src="https://demo.example/x.png" alt="">'
    planted.write_text(
        hostile.read_text().replace('<main id="start">', f'{added}<main id="start">')
    )
    seen = looked_at(planted)
    assert seen.page.title() == "Restricted: label <b>w44, first look"
    assert len(seen.complaints) == 2
    assert seen.page.evaluate("fetch('https://demo.example').catch(() => 'stopped')") == "stopped"


def test_pictures_are_blurred_and_a_damaged_one_is_named(looked_at, pictured):
    page = looked_at(pictured).page
    start(page)
    assert page.locator("#advert img").evaluate("one => [one.naturalWidth, one.alt]") == [
        128, "blurred picture",
    ]  # fmt: skip
    assert "A picture cannot be shown: its file is damaged" in page.locator("#advert").inner_text()


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u2060", "\u3164"])
def test_an_advert_without_text_and_picture_says_so(looked_at, tmp_path, text):
    blank = item(0, text=text, picture_text=text)
    page = looked_at(examples.write(tmp_path / "r.html", [blank])).page
    start(page)
    assert page.locator("#advert").inner_text() == "This advert has no text and no picture."


def test_an_advert_with_a_picture_alone_is_not_called_empty(looked_at, tmp_path):
    page = looked_at(
        examples.write(tmp_path / "r.html", [item(0, text=" ", pictures=(b"x",))])
    ).page
    start(page)
    said = "Picture, blurred\nA picture cannot be shown: its file is damaged."
    assert page.locator("#advert").inner_text().replace("\n\n", "\n") == said


def test_text_of_the_other_direction_stands_to_the_right(looked_at, pictured):
    page = looked_at(pictured).page
    start(page)
    press(page, "1")
    text = page.locator(".said").first
    assert text.evaluate("one => [getComputedStyle(one).direction, one.lang]") == ["rtl", "ar"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_of_every_screen_stands_out_from_its_ground(looked_at, pictured, scheme):
    page = looked_at(pictured, color_scheme=scheme).page
    found = words(page)
    start(page)
    press(page, "1", "ArrowLeft", "?")
    found += words(page)
    press(page, "Escape", "1", "1", "1")
    found += words(page)
    page.evaluate("isKept = false; unsaved = 3; warnIfNotKept()")
    found += words(page, "#alarm *")
    page.reload()
    start(page)
    found += words(page)
    weak = {name for name, ink, ground in found if contrast(numbers(ink), numbers(ground)) < 4.5}
    assert weak == set()
    assert len(found) > 100


def words(page, selector="body *"):
    return page.evaluate(SHOWN, selector)


def numbers(colour):
    return tuple(map(int, colour[4:-1].split(",")))


@pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.slow)])
def test_no_screen_scrolls_sideways(looked_at, pictured, hostile, width):
    seen = looked_at(pictured, width=width)
    fits = [seen.fits()]
    start(seen.page)
    fits.append(seen.fits())
    press(seen.page, "?")
    fits.append(seen.fits())
    press(seen.page, "Escape", "1", "1", "1")
    fits.append(seen.fits())
    other = looked_at(hostile, width=width)
    start(other.page)
    press(other.page, *["ArrowRight"] * 7)
    fits.append(other.fits())
    assert fits == [True] * 5


def test_a_screen_reader_hears_where_it_is_and_what_was_answered(looked_at, pictured):
    page = looked_at(pictured).page
    start(page)
    focused = "document.activeElement.innerText"
    assert page.evaluate(focused) == "Advert 1 of 3"
    press(page, "1")
    assert page.evaluate(focused) == "Advert 2 of 3"
    assert page.get_by_role("status").inner_text().startswith("Advert 1 of 3: “kind 0”")
    press(page, "?")
    assert page.get_by_role("dialog").get_by_role("heading").inner_text() == "Keys"
    press(page, "Escape")
    assert page.evaluate(focused) == "Advert 2 of 3"


def test_all_that_can_be_used_is_named_and_shows_its_focus(looked_at, pictured):
    page = looked_at(pictured).page
    start(page)
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input")].filter(
             one => !one.innerText && !one.labels?.length && one.checkVisibility()).length"""
    )
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    styles = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        styles.add(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert unnamed == 0
    assert len(ids) == len(set(ids))
    assert "none" not in styles - {page.evaluate("getComputedStyle(document.body).outlineStyle")}


def test_keys_can_be_switched_off_for_those_who_speak(looked_at, pictured):
    page = looked_at(pictured).page
    start(page)
    press(page, "?")
    page.get_by_label("Use keys").uncheck()
    press(page, "Escape", "1", "u", "s")
    assert page.locator("#progress").inner_text() == "0 of 3 answered · 0 unsure"
