"""Which campaigns get a page: those that a person asks for, or the largest."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from pathlib import Path

from adverts.errors import InputError, IntegrityError, plural
from adverts.files.bounded_reading import read_json
from adverts_findings.campaigns.pages.bank_record import LastBuild
from adverts_findings.campaigns.pages.former_ids import CampaignHistory

_NAME = re.compile(r"c[0-9]{6,12}")
_TYPED = re.compile(r"[cC]?0*([0-9]{1,12})")
_MOST_FAULTS = 10


def campaign_name(typed: str) -> str:
    """Return the name that a person means: ``C12`` and ``c0012`` are ``c000012``.

    What is no name of a campaign is returned as it is.
    """
    found = _TYPED.fullmatch(typed.strip())
    return f"c{int(found[1]):06d}" if found and found[0][0] in "cC" else typed


def asked_campaigns(
    campaigns: Sequence[str] | None,
    names: Sequence[str],
    history: CampaignHistory,
    *,
    most: int,
) -> list[str]:
    """Return the names of the campaigns that get a page.

    Args:
        campaigns: What a person asks for; one that was merged stands for what took its place.
            None: those with most adverts.
        names: Names of all campaigns, those with most adverts first.
        history: What replaced what.
        most: Number of the largest.

    Raises:
        InputError: A campaign is not there; the message names each, and what became of it.
        IntegrityError: The bank has a campaign whose name is no name.
    """
    open_now = frozenset(names)
    odd = next((one for one in open_now if not _NAME.fullmatch(one)), None)
    if odd is not None:
        raise IntegrityError(f"the bank has a campaign {odd[:80]!r}, wanted names such as c000123")
    if campaigns is None:
        return list(names[:most])
    found, faults = [], []
    for typed in campaigns:
        name = campaign_name(typed)
        current = history.current(name, open_now)
        if current is None:
            faults.append(f"campaign {name[:80]!r}: {history.end_of(name)}")
        else:
            found.append(current)
    if faults:
        shown = faults[:_MOST_FAULTS]
        rest = len(faults) - len(shown)
        more = [f"… and {plural(rest, 'more')}"] if rest else []
        raise InputError("\n".join([*shown, *more, "take ids from the index of the pages"]))
    return list(dict.fromkeys(found))


def kept_pages(folder: Path, build: LastBuild, patterns: Sequence[str]) -> list[Path]:
    """Return the files of a folder of pages if they are of a build; none if of another one.

    Args:
        folder: Folder of the pages.
        build: The build.
        patterns: Patterns of the names of files that may be kept.
    """
    try:
        told = read_json(folder / "index.json", finite=False)["last_build"]
        same = (told["build"], told["built_at"]) == (build.build, build.built_at)
    except (OSError, ValueError, TypeError, KeyError):
        return []
    if not same:
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file()
        and not path.is_symlink()
        and any(fnmatch.fnmatchcase(path.name, one) for one in patterns)
    )
