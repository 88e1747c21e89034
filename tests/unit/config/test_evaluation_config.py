"""What may be asked of an evaluation."""

import pytest
from composing import load

from adverts.errors import InputError


def test_no_slice_shows_a_figure_of_fewer_than_ten_positive_clusters():
    with pytest.raises(InputError, match="min_positive_clusters"):
        load("evaluate", "candidate=m", "prepared=p", "min_positive_clusters=3")
