import struct

import pytest

from adverts.errors import IntegrityError
from adverts.ocr.tesseract.lines import letters_of


def language_data(letters):
    header = struct.pack("<I", 23) + struct.pack("<23q", *[-1] * 21, 4 + 23 * 8, -1)
    return header + letters.encode()


def test_letters_are_listed_and_the_network_s_own_signs_are_not(tmp_path):
    path = tmp_path / "some.traineddata"
    path.write_bytes(language_data("4\nNULL 0\nJoined 7 0\nß 3 0,255\nلا 1 0\n"))
    assert letters_of(path) == {" ", "ß", "ل", "ا"}


@pytest.mark.parametrize("data", [b"", b"\x01\x00\x00\x00", b"no data at all" * 30])
def test_another_file_is_refused(tmp_path, data):
    path = tmp_path / "some.traineddata"
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"some\.traineddata"):
        letters_of(path)
