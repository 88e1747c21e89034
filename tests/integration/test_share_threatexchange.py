"""Lists of hashes in the hands of a recipient: ThreatExchange's own command line and index."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from shared_hashes import (
    clusters_of_each_half,
    encoded,
    item,
    out_item,
    outgoing,
    pdq,
    photos,
    picture_of,
    prepared_in,
    row,
    withdrawn,
)
from threatexchange.signal_type.pdq import PdqSignal

from adverts_findings.sharing.hashes.negatives import read_negatives
from adverts_findings.sharing.hashes.readme_hashes import LOAD, LOAD_AGAIN
from adverts_findings.sharing.hashes.signals import signals_of
from adverts_findings.sharing.hashes.write_hashes import write_hashes

INDEX = PdqSignal.get_index_cls()


class Recipient:
    """Somebody with the command line, in a folder where the shared files are put."""

    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True)

    def run(self, command):
        program, *rest = command.replace("$PWD", str(self.folder)).split()
        known = {"HOME": str(self.home), "TX_STATEDIR": str(self.home / "state")}
        return subprocess.run(
            [str(Path(sys.executable).with_name(program)), *rest],
            cwd=self.folder,
            env={**os.environ, **known},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    def load(self, commands, what):
        write_hashes(self.folder, what)
        for command in commands:
            done = self.run(command)
            assert done.returncode == 0, done.stderr

    def matches(self, pictures):
        """Return how many of some pictures the shared list matches."""
        names = [f"picture{number}" for number in range(len(pictures))]
        for name, data in zip(names, pictures, strict=True):
            (self.folder / name).write_bytes(data)
        done = self.run(f"threatexchange match photo {' '.join(names)}")
        assert done.returncode == 0, done.stderr
        return done.stdout.count("(shared)")


def copies_of(data):
    """Return a picture as it is, compressed to quality 60, and scaled to 70 %."""
    image = Image.open(io.BytesIO(data))
    small = image.resize([round(side * 0.7) for side in image.size])
    return [data, encoded(image, "JPEG", quality=60), encoded(small)]


def their_hashes(pictures):
    return [PdqSignal.hash_from_bytes(one) for one in pictures]


def found_by_index(values, hashes):
    index = INDEX.build((one, one) for one in values)
    return [bool(one and index.query(one)) for one in hashes]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Items with their signals, the files of their pictures, and the pictures held apart."""
    pictures = [encoded(one) for one in photos(6, seed=11)]
    others = [encoded(one) for one in photos(40, seed=12)]
    refusing, apart = clusters_of_each_half(20)
    halves = zip((*refusing, *apart), others, strict=True)
    rows = [row(i, cluster=name, pictures=[one]) for i, (name, one) in enumerate(halves)]
    rows.append(row(40, cluster=refusing[0], pictures=[copies_of(pictures[5])[1]]))
    folder = prepared_in(tmp_path_factory.mktemp("negatives") / "n", rows)
    items = [item(i, pictures=[picture_of(one)]) for i, one in enumerate(pictures)]
    signals, refusals = signals_of(items, read_negatives([folder]))
    assert [one.item for one in refusals] == [items[5].item]
    ready = [out_item(f"R-{i:016x}", signals[one.item]) for i, one in enumerate(items[:5])]
    return ready, pictures, others[20:]


def values_of(items):
    return [one.value for it in items for one in it.item.signals if one.type == "pdq"]


@pytest.mark.slow
def test_their_index_finds_shared_pictures_and_copies_and_no_more_others_than_stated(shared):
    items, pictures, apart = shared
    values = values_of(items)
    assert len(values) == 5
    for data in pictures[:5]:
        assert found_by_index(values, their_hashes(copies_of(data))) == [True] * 3
    assert not any(found_by_index(values, their_hashes(copies_of(pictures[5]))))
    held = their_hashes(apart)
    bounds = [one.false_per_million for it in items for one in it.item.signals if one.type == "pdq"]
    for value, bound in zip(values, bounds, strict=True):
        assert sum(found_by_index([value], held)) <= bound / 1e6 * len(held)


def test_what_we_hash_is_what_they_hash(shared):
    _, pictures, _ = shared
    assert [picture_of(one).pdq for one in pictures] == their_hashes(pictures)


def stored(values):
    file = io.BytesIO()
    INDEX.build((one, one) for one in values).serialize(file)
    file.seek(0)
    return INDEX.deserialize(file)


def test_their_stored_index_loses_lists_of_one_and_of_two_alike_and_none_beside_their_samples():
    """Faiss writes the length of a bucket in as many bits as ids need: one of 2**b ids gets 0.

    This is why recipients are told to keep the public samples in the same index. Once it fails,
    the sentence in the README can go.
    """
    value = "1f" * 32
    two = [value, f"{int(value, 16) ^ 1:064x}"]
    copy = f"{int(value, 16) ^ 0b110:064x}"
    assert not stored([value]).query(value)
    assert not stored(two).query(copy)
    samples = PdqSignal.get_examples()
    assert stored([value, *samples]).query(value)
    assert len(stored([*two, *samples]).query(copy)) == 2


@pytest.mark.slow
def test_their_command_line_finds_what_is_shared_until_it_is_taken_back(tmp_path, shared):
    items, pictures, apart = shared
    recipient = Recipient(tmp_path / "theirs")
    recipient.load(LOAD[:3], outgoing(items))
    wanted = [one for data in pictures[:2] for one in copies_of(data)]
    assert recipient.matches(wanted) == 6
    assert recipient.matches([pictures[5], *apart]) == 0

    gone = withdrawn(items[0].item.reference, items[0].item.signals)
    after = outgoing(items[1:], [gone])
    write_hashes(recipient.folder, after)
    recipient.run("threatexchange fetch")
    assert recipient.matches(pictures[:2]) == 2  # a line that is missing deletes nothing
    recipient.load(LOAD_AGAIN, after)
    assert recipient.matches(pictures[:1]) == 0
    assert recipient.matches(pictures[1:2]) == 1

    removed = [withdrawn(one.item.reference, one.item.signals) for one in items]
    recipient.load(LOAD_AGAIN, outgoing([], removed))
    assert recipient.matches(pictures[:5]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 2])
def test_short_lists_match_in_their_command_line_if_loaded_as_the_readme_says(
    tmp_path, shared, count
):
    items, pictures, _ = shared
    recipient = Recipient(tmp_path / "theirs")
    recipient.load(LOAD[:3], outgoing(items[:count]))
    assert recipient.matches(pictures[:3]) == count


@pytest.mark.slow
def test_two_hashes_much_alike_find_copies_in_their_command_line(tmp_path, shared):
    items, pictures, _ = shared
    value = values_of(items)[0]
    near = f"{int(value, 16) ^ 1:064x}"
    recipient = Recipient(tmp_path / "theirs")
    alike = outgoing([out_item("R-00000000000000aa", [pdq(value), pdq(near)])])
    recipient.load(LOAD[:3], alike)
    assert recipient.matches(copies_of(pictures[0])) == 3


@pytest.mark.slow
def test_without_the_samples_an_emptied_list_still_matches_after_fetch_clear(tmp_path, shared):
    """The reason for the first command of LOAD_AGAIN."""
    items, pictures, _ = shared
    recipient = Recipient(tmp_path / "theirs")
    recipient.load(LOAD[1:3], outgoing(items))
    recipient.load(LOAD_AGAIN[1:], outgoing())
    assert recipient.matches(pictures[:1]) == 1
    recipient.load(LOAD[2:3], outgoing(items))
    recipient.load(LOAD_AGAIN, outgoing())
    assert "No indices" in recipient.run("threatexchange match photo picture0").stderr
