"""Pictures of a report: only what there is data for, each a PNG of one size."""

from types import SimpleNamespace

from PIL import Image

from adverts.evaluation.figures.curves import PrecisionRecall, Reliability
from adverts.evaluation.statistics.metrics import ReliabilityBin
from adverts.tracking.figure_pictures import draw_figures

CURVE = PrecisionRecall("a $model$", (0.5, 1.0), (1.0, 0.5), (0.8, 0.3), (1.0, 0.7))


def made_task(**changes):
    values = {
        "precision_recall": (),
        "prevalence": None,
        "reliability": None,
        "confusion": None,
        "task": SimpleNamespace(labels=("no", "yes")),
    }
    return SimpleNamespace(**values | changes)


def test_a_task_without_curves_has_no_picture(tmp_path):
    assert draw_figures(tmp_path / "p", made_task(), title="x") == ()


def test_each_picture_is_drawn_from_the_points_of_the_report(tmp_path):
    bins = (ReliabilityBin(0.2, 0.1, 10), ReliabilityBin(0.8, 0.9, 10))
    task = made_task(
        precision_recall=(CURVE, CURVE, CURVE, CURVE),
        prevalence=SimpleNamespace(value=0.3),
        reliability=Reliability("m", bins, 0.1, 0.05),
        confusion=((3, 1), (0, 0)),
    )
    drawn = draw_figures(tmp_path, task, title="a $model$ on made_up test")
    assert [one.name for one in drawn] == [
        "precision_recall.png",
        "reliability.png",
        "confusion.png",
    ]
    for one in drawn:
        with Image.open(one) as picture:
            assert picture.size == (704, 528)
