"""How well pictures could be read, as numbers: bounded, and nothing where nobody told."""

import numpy as np
import pytest

from adverts.advert import ReadQuality
from adverts.errors import InputError
from adverts.inputs.quality_features import QUALITY_FEATURES, check_quality, quality_features


def feature(name, **changes):
    values = {"confidence": 0.5, "smallest_text_px": 16.0, "sharpness": 0.25, "lines": 4}
    quality = ReadQuality(**(values | {"unread_lines": 1} | changes))
    return quality_features(quality)[QUALITY_FEATURES.index(name)]


def test_what_nobody_told_is_nothing():
    np.testing.assert_array_equal(quality_features(None), np.zeros(6, np.float32))


def test_a_page_that_was_looked_at_in_vain_is_not_one_that_nobody_looked_at():
    nothing = ReadQuality(0.0, 0.0, 0.0, lines=0, unread_lines=0)
    assert quality_features(nothing).tolist() == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("height", "expected"),
    [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (2.0, 0.125), (16.0, 0.5), (256.0, 1.0), (4000.0, 1.0)],
)
def test_the_height_of_text_counts_by_doublings(height, expected):
    assert feature("text_height", smallest_text_px=height) == expected


def test_lines_that_nobody_could_read_are_a_share_of_all():
    assert feature("unread_share") == 0.25
    assert feature("has_text") == 1.0
    assert feature("unread_share", unread_lines=4) == 1.0
    assert feature("has_text", unread_lines=4) == 0.0


def test_what_readers_tell_is_taken():
    check_quality(ReadQuality(0.0, 0.0, 0.0, lines=0, unread_lines=0))
    check_quality(ReadQuality(1, 4000, 1.0, lines=7, unread_lines=7))
    check_quality(
        ReadQuality(np.float32(0.5), np.float32(9), 0.5, lines=np.int64(3), unread_lines=0)
    )


@pytest.mark.parametrize(
    "values",
    [
        (95, 9.0, 0.5, 3, 1),
        (0.5, -1.0, 0.5, 3, 1),
        (0.5, float("inf"), 0.5, 3, 1),
        (0.5, 9.0, 1.5, 3, 1),
        (0.5, 9.0, None, 3, 1),
        (0.5, 9.0, 0.5, 3, 4),
        (0.5, 9.0, 0.5, 2.5, 1),
        (0.5, 9.0, 0.5, 10**400, 1),
        (float("nan"), 9.0, 0.5, 3, 1),
    ],
)
def test_what_no_reader_tells_is_refused(values):
    with pytest.raises(InputError, match="OCR quality must"):
        check_quality(ReadQuality(*values))
