"""Which parts people look at, and what the restricted page shows of them."""

import base64
import io
import re
import stat

import pytest
from audit_examples import NO, NONE, REFER, YES, row, subject_of
from PIL import Image

from adverts.auditing.conflicts import find_conflicts
from adverts.auditing.counts import count_adverts
from adverts.auditing.duplicates import find_duplicates
from adverts.auditing.findings import Findings
from adverts.auditing.label_errors import LikelyError, TaskErrors
from adverts.auditing.restricted_page import PAGE, shown_clusters, write_restricted
from adverts.auditing.review_order import parts_to_review
from adverts.auditing.shortcuts import nothing_found
from adverts.data.dataset.prepared_rows import StoredImage
from adverts.data.review.review_sheet import part_name

TEXT = "fictional crossing, call <PHONE> & <script>alert(1)</script>"


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(buffer, "PNG")
    return StoredImage(buffer.getvalue())


ROWS = [
    *(row(f"big{i}", NO, cluster="big", text=f"big {i}") for i in range(12)),
    row("x1", NO, cluster="x", text=TEXT, images=(picture(),)),
    row("x2", YES, cluster="x", text=TEXT),
    row("e1", YES),
    row("u1", NONE, cluster="u"),
    row("u2", NONE, cluster="u"),
    row("fine"),
]
LINKED = [
    *(("big0", f"big{i}", "near_text") for i in range(1, 12)),
    ("x1", "x2", "same_text"),
    ("u1", "u2", "shared_contact"),
]


@pytest.fixture
def subject(tmp_path):
    return subject_of(tmp_path, ROWS, LINKED)


@pytest.fixture
def findings(subject):
    error = LikelyError("e1", part_name("e1"), "yes", "no", 0.1)
    return Findings(
        counts=count_adverts(subject, min_clusters=1),
        duplicates=find_duplicates(subject, largest=9),
        conflicts=find_conflicts(subject),
        label_errors=(TaskErrors(REFER.name, 18, subject.counted([]), (error,), 0.9),),
        shortcuts=nothing_found("refer", 0.1, "too few"),
        agreement=(),
    )


def test_each_part_stands_once_with_its_first_reason(subject, findings):
    found = parts_to_review(subject, findings, max_rows=99)
    unlabelled = [(name, 1, "unlabelled") for name in sorted(["u1", "u2"], key=part_name)]
    assert [(row.example, row.adverts, row.reason) for row in found] == [
        ("x2", 2, "conflict"),
        ("e1", 1, "likely error"),
        *unlabelled,
        ("big0", 12, "large"),
    ]
    assert found[1].part == part_name("e1")


def test_the_sheet_ends_where_it_is_told_to(subject, findings):
    found = parts_to_review(subject, findings, max_rows=2)
    assert [row.reason for row in found] == ["conflict", "likely error"]


def test_the_most_conflicted_clusters_come_before_the_largest(subject, findings):
    found = shown_clusters(subject, findings, clusters=1)
    assert [(one.facts.cluster, one.conflict) for one in found] == [("x", True), ("big", False)]


def test_members_are_shown_of_each_label_and_part(subject, findings):
    found = {one.facts.cluster: one for one in shown_clusters(subject, findings, clusters=9)}
    assert [member.labels for member in found["x"].members] == [{"refer": "no"}, {"refer": "yes"}]
    assert len(found["big"].members) == 8
    assert [member.id for member in found["u"].members] == ["u1", "u2"]


def test_the_restricted_page_escapes_texts_and_holds_blurred_pictures_alone(
    tmp_path, subject, findings
):
    folder = tmp_path / "restricted"
    write_restricted(folder, subject, findings, clusters=9, review=[])
    page = (folder / PAGE).read_text()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / PAGE).stat().st_mode) == 0o600
    assert "&lt;PHONE&gt; &amp; &lt;script&gt;" in page
    assert page.count("<script") == 1  # its own
    (data,) = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert max(Image.open(io.BytesIO(base64.b64decode(data))).size) <= 128
    assert base64.b64encode(ROWS[12].images[0].data).decode() not in page


def test_every_row_of_the_sheet_has_its_advert_on_the_restricted_page(tmp_path, subject, findings):
    rows = parts_to_review(subject, findings, max_rows=99)
    write_restricted(tmp_path / "restricted", subject, findings, clusters=0, review=rows)
    page = (tmp_path / "restricted" / PAGE).read_text()
    assert re.findall(r"<h3>(.*?)</h3>", page) == [
        "Row 2: conflict, 2 adverts",
        "Row 3: likely error, 1 advert",
        "Row 4: unlabelled, 1 advert",
        "Row 5: unlabelled, 1 advert",
        "Row 6: large, 12 adverts",
    ]
    assert [row.example for row in rows] == re.findall(r"<code>([a-z]+\d)</code>", page)
