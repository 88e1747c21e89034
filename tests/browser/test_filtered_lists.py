"""Restricted lists in a real browser: filters, pages of 50, addresses, hostile content."""

import io
import time

import evaluation_examples as examples
import pytest
from audit_examples import NO, YES, row, subject_of
from PIL import Image

from adverts.auditing.conflicts import find_conflicts
from adverts.auditing.counts import count_adverts
from adverts.auditing.duplicates import find_duplicates
from adverts.auditing.findings import Findings
from adverts.auditing.restricted_page import write_restricted
from adverts.auditing.shortcuts import nothing_found
from adverts.data.dataset.prepared_rows import StoredImage
from adverts.data.review.review_sheet import PartToReview
from adverts.evaluation.report.blurred import blurred_jpeg
from adverts.evaluation.report.errors_page import MarkedWord, ShownError, Wrong, errors_page

pytestmark = pytest.mark.system("chromium")
HOSTILE = "</script><script>alert(1)</script><!-- \" ' & \u202e\u2066\u0001 \u05d0\u0628"
SHOWN = "[data-facets]:not(.out):not(.later)"
FALSE_ALARMS, MISSES = 130, 90


def picture():
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((640, 400)).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def errors(alarms=FALSE_ALARMS, misses=MISSES, *, picture_of=lambda number: ()):
    kinds = ["false alarm"] * alarms + ["miss"] * misses
    return [
        ShownError(
            wrong=Wrong(i, kind, "no" if kind == "false alarm" else "yes", "yes", 0.97),
            id=f'item-"{i:05d}"',
            language=("en", "fa", "")[i % 3],
            cluster=f"c{i}",
            text=(
                MarkedWord(f"Word{i} ", 0.4),
                MarkedWord("Ｆｅｒｒｙ " if i % 10 == 0 else "boat "),
                MarkedWord("كتاب\u200cي " if i == 7 else ""),
                MarkedWord(HOSTILE if i == 3 else "and more " * 12),
            ),
            picture_text=(),
            pictures=picture_of(i),
            boxes=True,
            platform=HOSTILE if i % 4 == 0 else "forum",
        )
        for i, kind in enumerate(kinds)
    ]


def written(folder, shown):
    path = folder / "errors.html"
    page = errors_page(shown, model="text", task=examples.REFER, notes=[])
    path.write_text(page, encoding="utf-8", errors="replace")
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    small = blurred_jpeg(picture(), [])
    shown = errors(picture_of=lambda number: (small,) if number in (0, 60, 200) else ())
    return written(tmp_path_factory.mktemp("errors"), shown)


@pytest.fixture
def seen(looked_at, path):
    seen = looked_at(path)
    yield seen
    assert seen.complaints == []
    assert [one for one in seen.requests if not one.startswith(("data:", "file:"))] == []


@pytest.fixture
def page(seen):
    return seen.page


def told(page):
    return page.locator("#found").inner_text()


def ids(page):
    return [one.split('"')[1] for one in page.locator(f"{SHOWN} h3").all_text_contents()]


def settled(page):
    """Wait until what was typed has become part of the address."""
    until(page, "location.hash.includes('words=')")


def until(page, expression):
    """Wait for a condition; the policy of the page forbids to wait for it within the page."""
    end = time.monotonic() + 30
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)


def test_fifty_are_shown_and_all_are_counted(page):
    assert told(page) == "220 of 220 errors; 1 to 50 are shown."
    assert ids(page) == [f"{i:05d}" for i in range(50)]
    assert not page.locator("#miss").is_visible()


def test_pages_go_on_across_sections_and_end_with_the_last_error(page):
    for _ in range(2):
        page.locator("#on").click()
    assert ids(page) == [f"{i:05d}" for i in range(100, 150)]
    assert page.locator("#false-alarm").is_visible()
    assert page.locator("#miss").is_visible()
    for _ in range(2):
        page.locator("#on").click()
    assert told(page) == "220 of 220 errors; 201 to 220 are shown."
    assert page.locator("#on").is_disabled()
    assert not page.locator("#false-alarm").is_visible()


def test_kind_label_language_and_platform_are_filters_that_work_together(page):
    page.locator("#by-kind").select_option("=miss")
    assert told(page).startswith("90 of 220 errors; 1 to 50")
    page.locator("#by-language").select_option("=fa")
    assert told(page) == "30 of 220 errors."
    page.locator("#by-platform").select_option("=forum")
    kept = [int(one) for one in ids(page)]
    assert kept == [i for i in range(130, 220) if i % 3 == 1 and i % 4]
    page.locator("#by-truth").select_option("=no")
    assert told(page) == "0 of 220 errors."
    page.get_by_role("button", name="Show all").click()
    assert told(page).startswith("220 of 220")


def test_what_is_not_known_is_a_choice_and_each_choice_says_how_many(page):
    options = page.locator("#by-language option").all_inner_texts()
    assert options == ["all", "en (74)", "fa (73)", "not known (73)"]
    page.locator("#by-language").select_option(label="not known (73)")
    assert told(page).startswith("73 of 220")


def test_a_facet_with_one_value_is_no_filter(page):
    assert page.locator("#by-answer").count() == 1
    assert not page.locator("#by-answer").is_visible()


@pytest.mark.parametrize(
    ("typed", "found"),
    [('ITEM-"00042"', 1), ("word42", 1), ("ferry", 22), ("ferry word20", 2), ("no such", 0)],
)
def test_words_typed_are_found_wherever_they_stand(page, typed, found):
    page.locator("#typed").fill(typed)
    assert told(page) == f"{found} of 220 errors."


@pytest.mark.parametrize("typed", ["کتابی", "كتابي", "کتاب\u200cی"])
def test_letters_of_one_sound_and_half_spaces_do_not_hide_a_word(page, typed):
    page.locator("#typed").fill(typed)
    assert ids(page) == ["00007"]


def test_a_hostile_value_is_text_in_every_place(page):
    assert page.locator("script").count() == 1
    option = page.locator("#by-platform option").nth(1)
    assert option.inner_text().startswith("</script><script>alert(1)")
    assert not set(page.content()) & {"\u202e", "\u2066", "\u0001"}
    assert not set(option.inner_text()) & {"\u202e", "\u2066", "\u0001"}
    page.locator("#by-platform").select_option(index=1)
    assert told(page).startswith("55 of 220")
    page.reload()
    assert told(page).startswith("55 of 220")
    page.locator("#by-platform").select_option("")
    page.locator("#typed").fill("</script><script>")
    assert "00003" in ids(page)


@pytest.mark.slow
def test_back_and_forward_undo_and_redo_what_was_asked(page):
    page.locator("#by-kind").select_option("=miss")
    page.locator("#on").click()
    page.locator("#typed").fill("word")
    settled(page)
    assert told(page).endswith("90 of 220 errors; 1 to 50 are shown.")
    page.go_back()
    assert told(page) == "90 of 220 errors; 51 to 90 are shown."
    assert page.locator("#typed").input_value() == ""
    page.go_back()
    assert told(page) == "90 of 220 errors; 1 to 50 are shown."
    page.go_back()
    assert told(page) == "220 of 220 errors; 1 to 50 are shown."
    assert page.locator("#by-kind").input_value() == ""
    page.go_forward()
    assert told(page) == "90 of 220 errors; 1 to 50 are shown."


def test_an_address_opens_what_it_says_and_survives_nonsense(looked_at, path):
    page = looked_at(path).page
    page.goto(f"{path.as_uri()}#kind=miss&page=2")
    page.reload()
    assert told(page) == "90 of 220 errors; 51 to 90 are shown."
    for nonsense in ("kind=none&page=-7", "page=1e99", "page=%", "words=%E0%A4%A", "a=b&language"):
        page.goto(f"{path.as_uri()}#{nonsense}")
        page.reload()
        assert "of 220 errors" in told(page)
        assert page.locator(SHOWN).count() <= 50


def test_a_link_to_a_section_on_another_page_goes_there(page):
    page.locator("nav a", has_text="Misses").click()
    assert page.locator("#miss").is_visible()
    assert told(page) == "220 of 220 errors; 101 to 150 are shown."
    page.locator("#by-kind").select_option("=false alarm")
    page.locator("nav a", has_text="Misses").click()
    assert page.locator("#miss").is_visible()
    assert page.locator("#by-kind").input_value() == ""


def test_the_keyboard_alone_filters_and_turns(page):
    page.locator("#typed").focus()
    page.keyboard.type("word")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "by-kind"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert told(page).startswith("90 of 220")
    page.locator("#on").focus()
    page.keyboard.press("Enter")
    assert told(page) == "90 of 220 errors; 51 to 90 are shown."
    assert page.evaluate("document.activeElement.id") == "found"


def test_pictures_are_made_when_their_error_is_shown_or_printed(page):
    assert page.locator("img").count() == 1
    until(page, "document.images[0].naturalWidth === 320")
    page.locator("#on").click()
    assert page.locator("img").count() == 2
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("img").count() == 3
    until(page, "[...document.images].every((one) => one.naturalWidth === 320)")


def test_printing_makes_the_pictures_of_what_is_found_alone(page):
    page.locator("#by-kind").select_option("=false alarm")
    page.pdf(format="A4")
    until(page, "document.images.length === 2")


def test_the_bytes_of_a_picture_are_not_words(page):
    page.locator("#typed").fill("base64")
    assert told(page) == "0 of 220 errors."


@pytest.mark.parametrize("width", [390, 1280])
def test_no_window_scrolls_sideways(looked_at, path, width):
    seen = looked_at(path, width=width)
    assert seen.fits()
    seen.page.locator("#typed").fill("</script>")
    assert seen.fits()


def test_without_scripts_every_error_is_there_and_nothing_pretends_to_filter(looked_at, path):
    page = looked_at(path, java_script_enabled=False).page
    assert page.locator("article").count() == 220
    assert page.locator("article").last.is_visible()
    assert page.locator("img").count() == 3
    assert not page.locator("#filters").is_visible()
    assert page.locator("#without-script").is_visible()
    assert page.locator("#found").inner_text() == "220 errors."


def test_print_takes_all_that_is_found_and_nothing_else(page):
    page.locator("#by-kind").select_option("=miss")
    page.emulate_media(media="print")
    assert page.locator("article:visible").count() == 90
    assert page.locator("#filters:visible, #moves:visible, nav:visible").count() == 0
    assert page.pdf(format="A4").startswith(b"%PDF")


def audited(folder, count):
    """Write the page of an audit with a cluster in conflict, a large one, and rows of a sheet."""
    image = (StoredImage(picture()),)
    rows = [
        row("x1", NO, cluster="x", lang="en", platform="forum", images=image),
        row("x2", YES, cluster="x", lang="fa", platform="site", text=HOSTILE),
        *(row(f"big{i}", NO, cluster="big", lang="en", platform="forum") for i in range(9)),
        *(
            row(f"s{i:05d}", (NO, YES)[i % 2], lang=("en", "ar")[i % 2], platform="site")
            for i in range(count)
        ),
    ]
    linked = [("x1", "x2", "same_text"), *(("big0", f"big{i}", "near_text") for i in range(1, 9))]
    subject = subject_of(folder, rows, linked)
    findings = Findings(
        counts=count_adverts(subject, min_clusters=1),
        duplicates=find_duplicates(subject, largest=9),
        conflicts=find_conflicts(subject),
        label_errors=(),
        shortcuts=nothing_found("refer", 0.1, "too few"),
        agreement=(),
    )
    sheet = [
        PartToReview(f"p{i}", f"s{i:05d}", f"s{i:05d}", 1, ("likely error", "large")[i % 2])
        for i in range(count)
    ]
    write_restricted(folder / "restricted", subject, findings, clusters=9, review=sheet)
    return folder / "restricted" / "clusters.html"


@pytest.fixture(scope="module")
def clusters(tmp_path_factory):
    return audited(tmp_path_factory.mktemp("audit"), 120)


def test_clusters_and_rows_of_an_audit_are_filtered_as_one_list(looked_at, clusters):
    seen = looked_at(clusters)
    page = seen.page
    assert told(page) == "122 of 122 clusters and rows; 1 to 50 are shown."
    assert page.locator("#by-kind option").all_inner_texts() == [
        "all", "cluster in conflict (1)", "large cluster (1)", "row: large (60)",
        "row: likely error (60)",
    ]  # fmt: skip
    page.locator("#by-language").select_option("=fa")
    assert page.locator(f"{SHOWN} h2").all_text_contents() == ["Cluster x"]
    assert not page.locator("#sheet").is_visible()
    page.locator("#by-language").select_option("=en")
    page.locator("#by-platform").select_option("=forum")
    assert told(page) == "2 of 122 clusters and rows."
    page.get_by_role("button", name="Show all").click()
    page.locator("#typed").fill("row 121")
    assert "Row 121: large, 1 advert" in page.locator(f"{SHOWN} h3").all_text_contents()
    assert page.locator(SHOWN).count() < 5
    page.locator("nav a", has_text="Clusters").click()
    assert page.locator("#clusters").is_visible()
    assert seen.fits()
    assert seen.complaints == []
    assert [one for one in seen.requests if not one.startswith(("data:", "file:"))] == []


@pytest.mark.slow
def test_an_audit_on_paper_a_phone_and_without_scripts(looked_at, clusters):
    assert looked_at(clusters, width=390).fits()
    page = looked_at(clusters, java_script_enabled=False).page
    assert page.locator("[data-facets]:visible").count() == 122
    page = looked_at(clusters).page
    page.locator("#by-kind").select_option("=row: large")
    page.emulate_media(media="print")
    assert page.locator("[data-facets]:visible").count() == 60
    assert not page.locator("#clusters").is_visible()


@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_list_of_five_thousand_errors_opens_and_can_be_asked(looked_at, tmp_path, scripts):
    small = blurred_jpeg(picture(), [])
    path = written(tmp_path, errors(3000, 2000, picture_of=lambda number: (small,)))
    page = looked_at(path, java_script_enabled=scripts).page
    assert page.locator("article").count() == 5000
    if scripts:
        assert told(page) == "5,000 of 5,000 errors; 1 to 50 are shown."
        began = time.perf_counter()
        page.locator("#typed").fill("word4999")
        assert ids(page) == ["04999"]
        assert time.perf_counter() - began < 20  # a browser that is stuck; speed is in benchmarks
