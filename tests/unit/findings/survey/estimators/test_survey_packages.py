"""The total by design is that of another program, R's survey."""

import json
from pathlib import Path

import pytest

from adverts_findings.survey.designs.strata import advert_draws

R = json.loads((Path(__file__).parent / "oracles" / "survey.json").read_text())


def test_the_values_of_draws_give_the_same_total():
    drawn = [1, 0, 0, 0, 0, 1, 0, 0]
    adverts = [advert_draws("a", drawn, 80), advert_draws("b", [1] * 7 + [0] * 5, 12)]
    assert sum(one.estimate for one in adverts) == pytest.approx(R["adverts_total"])
