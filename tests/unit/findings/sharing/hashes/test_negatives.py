import io

import numpy as np
import pytest
from PIL import Image
from shared_hashes import (
    LONG,
    clusters_of_each_half,
    encoded,
    photos,
    picture_of,
    prepared_in,
    row,
)

from adverts.advert import LabelSchema, Task
from adverts.errors import InputError, IntegrityError
from adverts_findings.sharing.hashes.negatives import read_negatives
from adverts_findings.sharing.hashes.text_fingerprint import fingerprint_text

REFUSING, APART = clusters_of_each_half(3)


@pytest.fixture(scope="module")
def pictures():
    return [encoded(one) for one in photos(4, seed=1)]


def hashes(table):
    return {bytes(one).hex() for one in table}


def test_without_a_folder_there_are_no_negatives():
    assert read_negatives([]) is None


def test_pictures_and_texts_go_into_the_half_of_their_cluster(tmp_path, pictures):
    folder = prepared_in(
        tmp_path / "n",
        [
            row(0, cluster=REFUSING[0], text=LONG, pictures=[pictures[0]]),
            row(1, cluster=APART[0], text=LONG[::-1], pictures=[pictures[1]]),
        ],
    )
    found = read_negatives([folder])
    first, second = (picture_of(one) for one in pictures[:2])
    assert found.refusing.files == {first.sha256}
    assert found.apart.files == {second.sha256}
    assert hashes(found.refusing.pdq) == {first.pdq}
    assert hashes(found.apart.pdq) == {second.pdq}
    assert found.refusing.texts == {fingerprint_text(LONG).sha256}
    assert hashes(found.apart.simhashes) == {fingerprint_text(LONG[::-1]).simhash}


def test_a_picture_that_occurs_often_counts_once_and_refuses_if_any_of_its_adverts_does(
    tmp_path, pictures
):
    again = encoded(Image.open(io.BytesIO(pictures[0])), compress_level=1)
    assert again != pictures[0]
    rows = [
        row(0, cluster=APART[0], pictures=[pictures[0], pictures[1]]),
        row(1, cluster=APART[1], pictures=[again]),
        row(2, cluster=REFUSING[0], pictures=[pictures[0]]),
        row(3, cluster=APART[2], pictures=[pictures[1]]),
    ]
    folders = [prepared_in(tmp_path / "n", rows), prepared_in(tmp_path / "m", rows[:2])]
    found = read_negatives(folders)
    assert len(found.refusing.pdq) == 1
    assert hashes(found.apart.pdq) == {picture_of(pictures[1]).pdq}


def test_adverts_with_the_positive_label_any_share_of_it_or_none_are_left_out(tmp_path, pictures):
    rows = [
        row(0, cluster=REFUSING[0], positive=1.0, pictures=[pictures[0]]),
        row(1, cluster=REFUSING[1], positive=0.5, pictures=[pictures[1]]),
        row(2, cluster=REFUSING[2], positive=None, pictures=[pictures[2]]),
        row(3, cluster=REFUSING[2], pictures=[pictures[3]]),
    ]
    found = read_negatives([prepared_in(tmp_path / "n", rows)])
    assert found.refusing.files == {picture_of(pictures[3]).sha256}
    assert not len(found.apart.pdq)


def test_pictures_without_detail_or_that_cannot_be_read_have_no_pdq(tmp_path):
    plain = encoded(Image.new("RGB", (64, 64), (200, 10, 10)))
    rows = [row(0, cluster=REFUSING[0], pictures=[plain, b"no picture"], text="short")]
    found = read_negatives([prepared_in(tmp_path / "n", rows)])
    assert len(found.refusing.files) == 2
    assert found.refusing.pdq.shape == (0, 32)
    assert found.refusing.simhashes.shape == (0, 8)


def test_text_of_pictures_is_a_text_of_negatives(tmp_path):
    rows = [row(0, cluster=REFUSING[0], ocr_text=LONG)]
    found = read_negatives([prepared_in(tmp_path / "n", rows)])
    assert found.refusing.texts == {fingerprint_text(LONG).sha256}


def test_the_same_datasets_give_the_same_tables_in_any_order(tmp_path, pictures):
    one = prepared_in(tmp_path / "a", [row(0, cluster=APART[0], pictures=pictures[:2])])
    other = prepared_in(tmp_path / "b", [row(0, cluster=APART[1], pictures=pictures[1:])])
    first, second = read_negatives([one, other]), read_negatives([other, one])
    assert np.array_equal(first.apart.pdq, second.apart.pdq)
    assert first.apart.files == second.apart.files


def test_a_dataset_without_a_positive_label_is_refused_with_what_to_do(tmp_path):
    schema = LabelSchema("made", (Task("refer", "single", ("a", "b", "c")),), "refer")
    rows = [row(0)]
    rows[0].targets["refer"] = (1.0, 0.0, 0.0)
    folder = prepared_in(tmp_path / "n", rows, schema)
    with pytest.raises(InputError, match=r"no positive label.*data\.tasks\.positive"):
        read_negatives([folder])


def test_a_folder_that_is_no_dataset_or_was_changed_is_refused(tmp_path):
    with pytest.raises(InputError):
        read_negatives([tmp_path])
    folder = prepared_in(tmp_path / "n", [row(0)])
    with next(folder.glob("shard-*")).open("ab") as file:
        file.write(b"x")
    with pytest.raises(IntegrityError):
        read_negatives([folder])
