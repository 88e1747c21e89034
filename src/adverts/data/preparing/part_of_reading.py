"""One of several jobs that together read the pictures of a dataset, before it is written."""

from __future__ import annotations

from adverts.config.data import SyntheticSource
from adverts.config.verbs import PrepareConfig
from adverts.data.dataset.picture_list import read_list
from adverts.data.dataset.picture_spool import spool_folder
from adverts.data.preparing.build_reader import build_reader
from adverts.data.preparing.fingerprint import listing_key
from adverts.data.preparing.preparation import Surroundings, list_pictures
from adverts.data.preparing.reading_job import read_listed
from adverts.data.sources.open_source import open_source
from adverts.errors import InputError, plural
from adverts.work.units.executors.job import share_of


def read_part_of(config: PrepareConfig, around: Surroundings) -> int:
    """Read the part of the pictures that ``config.part`` names, and return how many are read.

    The first job checks all pictures and lists them; the others need that list, not the source.

    Raises:
        InputError: No picture is read, the source is at fault, or another job is listing pictures.
        MissingExtraError: The reader of images is not installed.
    """
    assert config.part is not None, "it names the part"
    reader = build_reader(config.ocr) if config.data.has_pictures else None
    if reader is None:
        raise InputError(f"part={config.part}: no picture of this dataset is read; leave out part=")
    made = isinstance(config.data.source, SyntheticSource)  # by every job in the same way
    stamps = {} if made else open_source(config.data).stamps
    wanted = listing_key(config.data, stamps, reader, token_key=around.token_key)
    folder = spool_folder(config.prepared)
    listed = read_list(folder)
    if listed is None or listed.made_for != wanted:
        if not list_pictures(config, around, wanted):
            return 0
        listed = read_list(folder)
        assert listed is not None, "it was just written"
    part, _, parts = config.part.partition("/")
    units = share_of(listed.units, int(part), int(parts))
    read, unread = read_listed(listed, units, config, reader=reader, progress=around.progress)
    told = f", {unread:,} could not be read" if unread else ""
    around.tell(
        f"part {config.part}: {plural(read, 'picture')} read{told}; when all parts are done, "
        "adverts prepare without part= writes the dataset"
    )
    return read
