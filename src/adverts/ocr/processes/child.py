"""Worker process that reads images for its parent, and the messages between the two."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from adverts.errors import AdvertsError, InputError
from adverts.inputs.pixels import ImageLimits, open_image, rgb_array
from adverts.ocr.protocol import OcrResult, Reader
from adverts.work.child_process import end_with_parent


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """An image that could not be read. It is not cached, so another run tries again.

    Attributes:
        reason: Reason of the failure, without any text of the image.
    """

    reason: str


Outcome: TypeAlias = OcrResult | ReadFailure


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has started and waits for an image."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """An image was decoded. The parent answers whether to read it.

    Attributes:
        pixels: Digest of the pixels of the image.
    """

    pixels: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """The reader cannot work with any image. The run ends with this message."""

    kind: str
    message: str


ChildMessage = Ready | Decoded | Outcome | Fault


def serve(connection: Connection, reader: Reader, limits: ImageLimits) -> None:
    """Read the images that arrive through a connection until it is closed.

    For each image, receive its bytes and send :class:`Decoded` or a failure. After
    :class:`Decoded`, receive True and send an outcome, or receive False and do not read it.
    """
    end_with_parent()
    try:
        connection.send(Ready())
        while True:
            data = connection.recv_bytes()
            image = decode(data, limits)
            if isinstance(image, ReadFailure):
                connection.send(image)
                continue
            connection.send(Decoded(pixel_digest(image)))
            if connection.recv():
                connection.send(_read_or_fault(image, reader))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def decode(data: bytes, limits: ImageLimits) -> NDArray[np.uint8] | ReadFailure:
    """Return the upright RGB pixels ``(H, W, 3)`` of an encoded image, or a failure."""
    try:
        return rgb_array(open_image(data, limits))
    except InputError as error:
        return ReadFailure(str(error))
    except Exception as error:  # a fault of the decoder; its message may quote the image
        return ReadFailure(f"picture cannot be decoded: {type(error).__name__}")


def pixel_digest(image: NDArray[np.uint8]) -> bytes:
    """Return a digest that is equal only for images of equal size and pixels."""
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.digest()


def read_pixels(image: NDArray[np.uint8], reader: Reader) -> Outcome:
    """Return the result of a reader for an image, or a failure of that image.

    Raises:
        AdvertsError: The reader cannot work with any image.
    """
    try:
        return reader.read(image)
    except InputError as error:
        return ReadFailure(str(error))
    except AdvertsError:
        raise
    except Exception as error:  # a fault of the engine; its message may quote the image
        return ReadFailure(f"the reader failed with {type(error).__name__}")


def _read_or_fault(image: NDArray[np.uint8], reader: Reader) -> Outcome | Fault:
    try:
        return read_pixels(image, reader)
    except AdvertsError as error:
        return Fault(type(error).__name__, str(error))
