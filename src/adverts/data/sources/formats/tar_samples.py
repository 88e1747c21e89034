"""Rows of tar archives in the manner of WebDataset: members of one name but for the suffix.

``a/7.txt`` is the text of the sample ``a/7``, the object in ``a/7.json`` gives more columns, and
``a/7.jpg``, ``a/7.0.png`` and the like are its pictures, in their order. Others are left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import count

from adverts.data.sources.bad_rows import NumberedRow, RowFault
from adverts.data.sources.formats.arrow_rows import PICTURE_BYTES_OF_ROW
from adverts.data.sources.formats.faults import too_long
from adverts.data.sources.formats.json_object import read_object
from adverts.data.sources.formats.tar_members import Member, TarWalk
from adverts.data.sources.formats.unpacking import UnpackError
from adverts.data.sources.parts import Part
from adverts.data.sources.pictures import OTHER_PICTURE_SUFFIXES, PICTURE_SUFFIXES
from adverts.files.bounded_reading import Openable

KEY, TEXT, IMAGE = "__key__", "text", "image"  # columns of a sample
_NAME = re.compile(r"((?:[^/]+/)*[^./][^./]*)\.([^/]+)", re.DOTALL)
_MAX_MEMBERS = 1_000
_MARK = b"\xef\xbb\xbf"


def read_samples(
    file: Openable, wanted: Collection[str], *, max_bytes: int, part: Part | None = None
) -> Iterator[NumberedRow]:
    """Yield the number of each sample with its cells or its fault.

    The columns are those of the object in the JSON member; then ``__key__``, the name without
    suffix; ``text``, if there is a text member; and ``image``, a list of ``{"bytes", "path"}``.

    Args:
        file: The archive.
        wanted: Names of columns; pictures are read only if ``image`` is among them.
        max_bytes: Largest size of the text and JSON of a sample; a larger one is not read.
        part: The part to read; None reads all.

    Raises:
        UnpackError: The archive is cut off or damaged.
    """
    start, stop, first = 0, None, 1
    if part is not None and not part.is_whole:
        start, stop, first = part.start, part.stop, part.first_row
    with file.open("rb") as stream:
        walk = TarWalk(stream, start=start, stop=stop)
        numbers, sample = count(first), None
        for member, key, suffix in _named_members(walk):
            if sample is None or sample.key != key:
                if sample is not None:
                    yield next(numbers), sample.row()
                sample = _Sample(key, max_bytes, with_pictures=IMAGE in wanted)
            sample.add(member, suffix, walk)
        if sample is not None:
            yield next(numbers), sample.row()


def cut_samples(file: Openable, name: str, *, rows: int) -> Iterator[Part]:
    """Yield parts of ``rows`` samples each, the last one fewer; only headers are read.

    Args:
        file: The archive.
        name: Name of the file in the parts.
        rows: Number of samples of a part.

    Raises:
        UnpackError: The archive is cut off or damaged.
    """
    with file.open("rb") as stream:
        walk = TarWalk(stream)
        start, first, held, last = 0, 1, 0, None
        for member, key, _ in _named_members(walk):
            if key == last:
                continue
            last = key
            if held == rows:
                yield Part(name, start, member.start, first, rows=held)
                first, held = first + held, 0
            if not held:
                start = member.start
            held += 1
        if held:
            yield Part(name, start, walk.end, first, rows=held)


def check_archive(file: Openable) -> None:
    """Check that a file begins like an archive.

    Raises:
        UnpackError: It is no archive, or holds no member.
    """
    with file.open("rb") as stream:
        if next(TarWalk(stream).members(), None) is None:
            raise UnpackError("holds no member")


def _named_members(walk: TarWalk) -> Iterator[tuple[Member, str, str]]:
    """Yield each member that belongs to a sample, with the key and the suffix in its name."""
    for member in walk.members():
        named = None if member.is_folder else _NAME.fullmatch(member.name.lstrip("/"))
        if named is not None:
            yield member, named[1], named[2].lower()


@dataclass(slots=True)
class _Sample:
    """A sample whose members are being read; after a fault nothing more of it is held."""

    key: str
    max_bytes: int
    with_pictures: bool
    texts: dict[str, bytes] = field(default_factory=dict)
    pictures: list[dict[str, object]] = field(default_factory=list)
    fault: RowFault | None = None
    members: int = 0
    text_bytes: int = 0
    picture_bytes: int = 0

    def add(self, member: Member, suffix: str, walk: TarWalk) -> None:
        """Add a member, and read what is wanted of it."""
        self.members += 1
        if self.fault is not None:
            return
        try:
            self._add(member, suffix, walk)
        except RowFault as fault:
            self.fault = fault
            self.texts, self.pictures = {}, []

    def _add(self, member: Member, suffix: str, walk: TarWalk) -> None:
        if member.fault:
            raise RowFault("", member.fault)
        if self.members > _MAX_MEMBERS:
            raise RowFault("", f"has more than {_MAX_MEMBERS:,} members; leave some out")
        kind = "." + suffix.rpartition(".")[2]
        if suffix in ("txt", "json"):
            self._add_text(member, suffix, walk)
        elif kind in PICTURE_SUFFIXES:
            self._add_picture(member, walk)
        elif kind in OTHER_PICTURE_SUFFIXES:
            raise RowFault(IMAGE, f"is a {kind} picture; convert it to PNG or JPEG")

    def _add_text(self, member: Member, suffix: str, walk: TarWalk) -> None:
        if suffix in self.texts:
            raise RowFault("", f"has two members .{suffix}; leave one out")
        self.text_bytes += member.size
        if self.text_bytes > self.max_bytes:
            raise RowFault("", too_long(self.max_bytes))
        self.texts[suffix] = walk.content().removeprefix(_MARK)

    def _add_picture(self, member: Member, walk: TarWalk) -> None:
        self.picture_bytes += member.size
        if self.picture_bytes > PICTURE_BYTES_OF_ROW:
            most = f"{PICTURE_BYTES_OF_ROW:,}"
            raise RowFault(IMAGE, f"has pictures of more than {most} bytes; leave some out")
        if self.with_pictures:
            self.pictures.append({"bytes": walk.content(), "path": member.name})

    def row(self) -> dict[str, object] | RowFault:
        """Return the cells of the sample, or its fault."""
        if self.fault is not None:
            return self.fault
        values: dict[str, object] | RowFault = {}
        if "json" in self.texts:
            values = read_object(self.texts["json"])
        if isinstance(values, RowFault):
            return RowFault("", f"has a JSON member that {values.reason}")
        if "txt" in self.texts:
            try:
                values[TEXT] = self.texts["txt"].decode("utf-8")
            except UnicodeDecodeError as error:
                return RowFault(TEXT, f"is not UTF-8 (byte {error.start + 1}); save it as UTF-8")
        # a row never names pictures outside of its archive under these names
        return values | {KEY: self.key, IMAGE: self.pictures}
