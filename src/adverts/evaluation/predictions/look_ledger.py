"""The ledger of looks: which models were used on which adverts, one JSON line for each look.

If many models are tried on the same adverts, validation or test, the figures of the best one there
are too good. The ledger makes the number of models known. Lines are added and never removed.
Adverts are identified by their content, so a copy, another name or another preparation of a dataset
does not start a new count. The first look at the labelled adverts of a split adds a line with all
of their keys and headline labels, so that a later one can tell what is gone, and a line for each
language that they have, with the keys of its adverts; an erasure adds the keys that it erased.
The ledger holds no figure and no text of an advert.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from adverts.errors import InputError
from adverts.evaluation.predictions.advert_set import FEWEST, AdvertSet, unpack
from adverts.files.bounded_reading import MAX_BYTES, open_file, open_plain, parse_json, read_bounded

SCHEMA_VERSION = 3  # version 2 added training and adverts, version 3 members and erasures
ERASED = "erase"
"""What stands for the gate in the line of an erasure."""
AUDITED = "audit"
"""What stands for the gate where an audit showed labels beside those that it finds likelier."""
TRAINED, EXPORTED = "train", "export"
"""What stands for the gate where a model was trained, and again with the files that this wrote; and
where a bundle of it was written."""
LANGUAGE = "language "
"""What stands for the gate in the line of the adverts of one language; its code follows."""
WRITTEN = "written"
"""What stands for the gate of adverts that a look judged, by how their texts were written."""
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_TEXTS = ("when", "who", "model", "name", "data_hash", "split", "gate", "report", "commit")
_ADDED = {1: (), 2: ("training",), SCHEMA_VERSION: ("training", "members")}


@dataclass(frozen=True, slots=True)
class Look:
    """One use of one model on the adverts of one split.

    Attributes:
        when: Time of the look, ISO 8601, UTC.
        who: Account name on the machine.
        model: Identity of the model; empty while it is being trained.
        name: Name of the model's configuration.
        data_hash: Hash of the dataset.
        split: ``validation``, ``test`` or ``all``.
        gate: Name of the gate; ``none`` where no gate was used, ``train`` for a training,
            ``rules`` where the model's thresholds were chosen on these adverts, ``compare`` where
            it was compared with other runs, and ``audit`` where an audit showed the labels: then
            no model is named, and none counts as compared.
        report: ``open`` or ``restricted``.
        commit: Commit of the code that judged the model; empty where it is unknown.
        training: Identifies the training of the model: the same for its checkpoint, its bundle and
            copies of both; empty where it is not recorded.
        adverts: Content of the labelled adverts; None where it is unknown, as in schema 1.
        members: Hash of the line that holds all of them with their labels; empty for a look that
            no figure was judged in, such as a training, and before schema 3.
    """

    when: str
    who: str
    model: str
    name: str
    data_hash: str
    split: str
    gate: str
    report: str
    commit: str
    training: str = ""
    adverts: AdvertSet | None = None
    members: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Identifiers of the model; two looks that share one are of the same model."""
        return frozenset({self.model, self.training} - {""})

    def is_of_same_adverts(self, other: Look) -> bool:
        """Return whether both looks used the same adverts, by content or by dataset and split."""
        if self.adverts and other.adverts and self.adverts.shares(other.adverts):
            return True
        one_split = self.split == other.split or "all" in (self.split, other.split)
        return one_split and self.data_hash == other.data_hash


@dataclass(frozen=True)
class Ledger:
    """The contents of a ledger.

    Attributes:
        looks: Looks in the order of the file.
        damaged: Numbers of the lines that cannot be read, starting at 1.
        packed: Packed adverts of the other lines, see ``advert_set.pack``, each after what stands
            for its gate.
    """

    looks: tuple[Look, ...]
    damaged: tuple[int, ...]
    packed: frozenset[tuple[str, bytes]] = frozenset()

    @functools.cached_property
    def members(self) -> dict[str, bytes]:
        """Maps the hash of the adverts of a look to them, packed."""
        return {members_hash(one): one for one in self._of("")}

    @property
    def erased(self) -> frozenset[bytes]:
        """Packed adverts of each erasure."""
        return self._of(ERASED)

    @property
    def written(self) -> frozenset[bytes]:
        """Packed adverts of each look by how they were written."""
        return self._of(WRITTEN)

    @property
    def languages(self) -> frozenset[tuple[str, bytes]]:
        """Languages of what was judged, named or identified, each with the packed adverts.

        The code is empty where there was none.
        """
        return frozenset(
            (gate.removeprefix(LANGUAGE), one)
            for gate, one in self.packed
            if gate.startswith(LANGUAGE)
        )

    def _of(self, kind: str) -> frozenset[bytes]:
        return frozenset(one for gate, one in self.packed if gate == kind)

    @property
    def removed(self) -> frozenset[str]:
        """Hashes of members that a look names and no line holds: somebody took that line out."""
        return frozenset(one.members for one in self.looks) - {""} - self.members.keys()


def ledger_beside(prepared: Path) -> Path:
    """Return the path of the ledger next to a prepared dataset, also of one behind a link."""
    there = prepared.resolve()
    return there.with_name(f"{there.name}.looks.jsonl")


def read_ledger(path: Path) -> Ledger:
    """Read a ledger; it is empty where there is no file yet.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        lines = read_bounded(path, most=MAX_BYTES).splitlines()
    except FileNotFoundError:
        return Ledger((), ())
    except OSError as error:
        raise InputError(f"{path}: the ledger cannot be read ({error.strerror})") from error
    looks: list[Look] = []
    damaged: list[int] = []
    packed: set[tuple[str, bytes]] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        match _parse(line):
            case Look() as look:
                looks.append(look)
            case (str(), bytes()) as found:
                packed.add(found)
            case _:
                damaged.append(number)
    return Ledger(tuple(looks), tuple(damaged), frozenset(packed))


def members_hash(packed: bytes) -> str:
    """Return the hash by which a look names its packed members."""
    return hashlib.sha256(packed).hexdigest()


def joined(ledgers: Iterable[Ledger]) -> Ledger:
    """Return the looks of several ledgers as one; a look that is in several of them counts once.

    ``damaged`` holds the line numbers of all, in the order of the ledgers.
    """
    looks: Counter[Look] = Counter()
    damaged: list[int] = []
    packed: frozenset[tuple[str, bytes]] = frozenset()
    for ledger in ledgers:
        looks |= Counter(ledger.looks)
        damaged += ledger.damaged
        packed |= ledger.packed
    return Ledger(tuple(looks.elements()), tuple(damaged), packed)


def add_look(path: Path, look: Look) -> None:
    """Append a look in one write, to a file for its owner alone; it is on disk on return.

    Raises:
        InputError: The file cannot be written.
    """
    _append(path, asdict(look))


def add_members(path: Path, packed: bytes, *, gate: str = "") -> None:
    """Append packed adverts as :func:`add_look` does.

    Args:
        path: The ledger.
        packed: The adverts.
        gate: :data:`ERASED`, :data:`WRITTEN`, :data:`LANGUAGE` with a code, or empty.

    Raises:
        InputError: The file cannot be written.
    """
    _append(path, {"gate": gate, "packed": base64.b64encode(packed).decode()})


def _append(path: Path, value: Mapping[str, object]) -> None:
    plain = {"schema_version": SCHEMA_VERSION, **value}
    line = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = open_plain(path, _APPEND)
        try:
            data = (line + "\n").encode()
            if _ends_in_a_torn_line(path):
                data = b"\n" + data
            if os.fstat(descriptor).st_size + len(data) > MAX_BYTES:
                raise OSError(f"it would be larger than {MAX_BYTES:,} bytes")
            if os.write(descriptor, data) != len(data):
                raise OSError("the disk is full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except (OSError, InputError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{path}: the ledger of looks cannot be written ({why}), so the number of models "
            "tried on these adverts would be unknown; give ledger=<a file that can be written>"
        ) from error


def looks_of_others(ledger: Ledger, look: Look) -> int:
    """Count looks of other models at the adverts of ``look``; looks at split ``all`` count too."""
    return sum(
        one.names.isdisjoint(look.names) and one.is_of_same_adverts(look)
        for one in ledger.looks
        if one.gate not in (AUDITED, EXPORTED) and not (one.gate == TRAINED and one.model)
    )


def models_compared(ledger: Ledger, look: Look) -> int:
    """Count the models that were tried on the adverts of ``look``, including its own model.

    A model counts once, however often it looked and under however many names. Each line that cannot
    be read may be of another model, and counts as one.
    """
    models: list[frozenset[str]] = [look.names]
    for one in ledger.looks:
        if one.gate != AUDITED and one.is_of_same_adverts(look):
            same = [names for names in models if names & one.names]
            others = [names for names in models if not names & one.names]
            models = [*others, one.names.union(*same)]
    return len(models) + len(ledger.damaged)


def _ends_in_a_torn_line(path: Path) -> bool:
    """Return whether the last line is incomplete, so that a new look must start a new line."""
    with open_file(path) as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _parse(line: bytes) -> Look | tuple[str, bytes] | None:
    """Return a look, or the gate and the packed adverts of a line without one; None if damaged."""
    try:
        raw = parse_json(line)
    except ValueError:
        return None
    version = raw.get("schema_version") if isinstance(raw, Mapping) else None
    if type(version) is not int or version not in _ADDED:
        return None
    match raw:
        case {"schema_version": 3, "gate": str(gate), "packed": str(text)}:
            return _packed(gate, text)
    texts = {name: raw.get(name) for name in (*_TEXTS, *_ADDED[version])}
    if not all(isinstance(one, str) for one in texts.values()):
        return None
    look = Look(**{name: str(value) for name, value in texts.items()})  # type: ignore[arg-type]
    if raw.get("adverts") is None:
        return look
    adverts = _adverts(raw["adverts"])
    return None if adverts is None else replace(look, adverts=adverts)


def _packed(gate: str, text: str) -> tuple[str, bytes] | None:
    try:
        packed = base64.b64decode(text, validate=True)
        unpack(packed)
    except ValueError:
        return None
    return gate, packed


def _adverts(raw: object) -> AdvertSet | None:
    match raw:
        case {"sha256": str(sha256), "count": int(count), "sketch": [*keys]}:
            sketch = tuple(key for key in keys if isinstance(key, str))
            sound = len(sketch) == len(keys) and list(sketch) == sorted(set(sketch))
            sound &= min(count, FEWEST) <= len(sketch) <= count
            return AdvertSet(sha256, count, sketch) if sound else None
        case _:
            return None
