"""Write svy.json, the figures that the package svy 0.35.0 gives for small designs.

svy is no dependency of this project. Run it in an environment of its own::

    pip install svy==0.35.0
    python make_svy.py > svy.json
"""

import json

import polars as pl
import svy

STRATA = ["a"] * 9 + ["b"] * 6
CLUSTERS = [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 5, 6]
POPULATION = [20] * 9 + [7] * 6
ADVERTS = [5, 5, 5, 4, 4, 9, 9, 9, 9, 2, 2, 30, 30, 30, 3]
DRAWN = [3, 3, 3, 2, 2, 4, 4, 4, 4, 2, 2, 3, 3, 3, 1]
Y = [1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1]


def figures(frame, design, y, kind):
    """Return a figure and its standard error."""
    estimation = svy.Sample(frame, design).estimation
    found = getattr(estimation, kind)(y)
    one = found.estimates[0]
    return [one.est, one.se]


def main():
    """Print the figures as JSON."""
    two_stage = pl.DataFrame(
        {
            "stratum": STRATA,
            "cluster": CLUSTERS,
            "id": list(range(15)),
            "clusters": POPULATION,
            "adverts": ADVERTS,
            "y": [float(y) for y in Y],
            "weight": [p / 3 * n / m for p, n, m in zip(POPULATION, ADVERTS, DRAWN, strict=True)],
        }
    )
    stages = svy.Design(
        stratum="stratum",
        psu="cluster",
        ssu="id",
        wgt="weight",
        pop_size=svy.PopSize(psu="clusters", ssu="adverts"),
    )
    draws = pl.DataFrame(
        {
            "stratum": ["a"] * 5 + ["b"] * 4,
            "value": [120.0, 0.0, 75.5, 0.0, 0.0, 10.0, 10.0, 0.0, 42.0],
            "weight": [1 / 5] * 5 + [1 / 4] * 4,
        }
    )
    adverts = pl.DataFrame(
        {
            "stratum": ["a"] * 8 + ["b"] * 12,
            "size": [80] * 8 + [12] * 12,
            "weight": [10.0] * 8 + [1.0] * 12,
            "y": [1.0, 0, 0, 0, 0, 1, 0, 0] + [1.0] * 7 + [0.0] * 5,
        }
    )
    found = {
        "two_stage_total": figures(two_stage, stages, "y", "total"),
        "two_stage_share": figures(two_stage, stages, "y", "mean"),
        "draws_total": figures(
            draws, svy.Design(stratum="stratum", wgt="weight"), "value", "total"
        ),
        "adverts_total": figures(
            adverts, svy.Design(stratum="stratum", wgt="weight", pop_size="size"), "y", "total"
        ),
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
