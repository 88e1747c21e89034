import io
import os
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from adverts.errors import InputError
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.ocr.workers import read_images

LIMITS = ImageLimits(max_bytes=1_000_000, max_pixels=1_000_000)
BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True)
class GreyReader:
    """Says how bright a picture is, and which process looked."""

    dies: bool = False

    @property
    def spec(self) -> ReaderSpec:
        return ReaderSpec(engine="grey", engine_version="1", weights={}, parameters={})

    def read(self, image: np.ndarray) -> OcrResult:
        if self.dies:
            os._exit(1)
        line = OcrLine(str(int(image[0, 0, 0])), BOX, 1.0, f"grey-{os.getpid()}")
        return OcrResult(lines=(line,), width=image.shape[1], height=image.shape[0])


def picture(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


def read(images, cache, *, workers, reader=None):
    return list(
        read_images(
            [lambda data=data: data for data in images],
            reader=reader or GreyReader(),
            cache=cache,
            limits=LIMITS,
            workers=workers,
        )
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_images(tmp_path, workers):
    shades = [7 * i for i in range(12)]
    results = read([picture(s) for s in shades], OcrCache(tmp_path), workers=workers)
    assert [result.text for result in results] == [str(s) for s in shades]


def test_several_processes_read_and_this_one_does_not(tmp_path):
    results = read([picture(i) for i in range(12)], OcrCache(tmp_path), workers=2)
    assert f"grey-{os.getpid()}" not in {result.lines[0].engine for result in results}


def test_what_is_in_the_cache_is_not_read_again(tmp_path):
    images = [picture(i) for i in range(12)]
    first = read(images, OcrCache(tmp_path), workers=2)
    again = read(images, OcrCache(tmp_path), workers=2, reader=GreyReader(dies=True))
    assert again == first


@pytest.mark.parametrize("workers", [1, 2])
def test_an_image_that_cannot_be_read_is_an_error_of_the_input(tmp_path, workers):
    images = [picture(i) for i in range(11)] + [b"not a picture"]
    with pytest.raises(InputError):
        read(images, OcrCache(tmp_path), workers=workers)


def test_a_process_that_dies_is_told_in_one_line(tmp_path):
    images = [picture(i) for i in range(12)]
    with pytest.raises(InputError, match="fewer ocr.workers"):
        read(images, OcrCache(tmp_path), workers=2, reader=GreyReader(dies=True))
