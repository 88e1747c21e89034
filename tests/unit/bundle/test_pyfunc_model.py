import numpy as np
import pytest

from adverts.advert import ReadQuality
from adverts.errors import InputError
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.runtime import Classifier
from adverts.runtime.predict.requests import Request
from adverts.runtime.stream.json_lines import respond

pytestmark = pytest.mark.slow  # imports mlflow


@pytest.fixture
def scorer(fusion):
    from mlflow.pyfunc.model import PythonModelContext

    from adverts.bundle.pyfunc_model import BundleModel

    model = BundleModel()
    model.load_context(PythonModelContext({"bundle": str(fusion.folder)}, None))
    return lambda table: model.predict(None, table)


def test_a_table_gets_the_probabilities_of_the_runtime(scorer, fusion, tiny):
    import pandas as pd

    table = tiny.dataset.split("validation")
    images = [(table.images(i) or (None,))[0] for i in range(len(table))]
    frame = pd.DataFrame({"text": table.texts, "image": images, "ocr_text": table.ocr_texts})
    answers = scorer(frame)
    requests = [
        Request(str(i), text, (image,) if image else (), read)
        for i, (text, image, read) in enumerate(
            zip(table.texts, images, table.ocr_texts, strict=True)
        )
    ]
    expected = respond(Classifier.load(fusion.folder), requests)
    for task in ("refer", "signals", "risk"):
        columns = [name for name in answers.columns if name.startswith(f"{task}.")]
        wanted = np.array([[*one.probabilities[task].values()] for one in expected])
        assert answers[columns].to_numpy() == pytest.approx(wanted, abs=1e-6)
    assert answers["error"].isna().all()


def test_a_bad_picture_is_one_row_without_probabilities_and_with_a_reason(scorer):
    import pandas as pd

    frame = pd.DataFrame(
        {"text": ["boat", "boat"], "image": [b"not a picture", float("nan")], "ocr_text": ""}
    )
    answers = scorer(frame)
    assert answers["refer.yes"].isna().tolist() == [True, False]
    assert "not a picture" in answers["error"][0]
    assert answers["error"][1] is None or pd.isna(answers["error"][1])


class FakeReader:
    """Reads the same words on every picture."""

    spec = ReaderSpec("fake", "1", {"recogniser": "ab"}, {"languages": "en", "canvas_px": 640})

    def read(self, image):
        box = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
        height, width = image.shape[:2]
        line = OcrLine("ferry at night", box, 0.5, "fake")
        return OcrResult((line,), width, height, ReadQuality(0.0, 0.0, 0.0, 1, 0))


def test_a_picture_is_read_as_in_training_where_the_engine_is_installed(fusion, tiny, monkeypatch):
    import pandas as pd
    from mlflow.pyfunc.model import PythonModelContext

    from adverts.bundle import pyfunc_model

    table = tiny.dataset.split("validation")
    frame = pd.DataFrame(
        {"text": ["boat"], "image": [next(filter(None, map(table.images, range(9))))[0]]}
    )
    place = PythonModelContext({"bundle": str(fusion.folder)}, None)
    unread, reading = pyfunc_model.BundleModel(), pyfunc_model.BundleModel()
    unread.load_context(place)
    assert "pictures were not read" in unread.predict(None, frame)["error"][0]
    read = FakeReader().read(np.zeros((40, 48, 3), np.uint8))
    (expected,) = Classifier.load(fusion.folder).predict(
        texts=["boat"], images=[frame["image"][0]], ocr=[read]
    )
    monkeypatch.setattr(pyfunc_model, "reader_from_facts", lambda facts, threads: FakeReader())
    reading.load_context(place)
    answers = reading.predict(None, frame)
    assert answers["error"].isna().all()
    found = answers[["refer.no", "refer.yes"]].to_numpy()[0].tolist()
    wanted = expected.probabilities["refer"]
    assert found == pytest.approx([*wanted.values()])


def test_a_table_without_any_part_is_refused(scorer):
    import pandas as pd

    with pytest.raises(InputError, match="none of the columns text, image, ocr_text"):
        scorer(pd.DataFrame({"caption": ["boat"]}))


def test_an_empty_table_gives_an_empty_table(scorer):
    import pandas as pd

    assert len(scorer(pd.DataFrame({"text": []}))) == 0
