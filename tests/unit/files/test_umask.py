"""An open umask is an oversight; one for a group is not."""

import os

import pytest

from adverts.files.staging import keep_others_from_writing

pytestmark = pytest.mark.promise


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (0o000, 0o022),
        (0o022, 0o022),
        (0o002, 0o002),
        (0o077, 0o077),
        (0o020, 0o022),
    ],
)
def test_nobody_but_the_owner_or_a_chosen_group_writes(found, wanted):
    before = os.umask(found)
    try:
        keep_others_from_writing()
        assert os.umask(0o077) == wanted
    finally:
        os.umask(before)
