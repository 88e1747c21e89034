"""Whether every file of a bank is as it was written, and what it holds for too long."""

from __future__ import annotations

from adverts.errors import plural
from adverts.formats.campaigns import read_campaigns
from adverts_findings.campaigns.bank.access_log import verify_log
from adverts_findings.campaigns.bank.as_of import read_erasures
from adverts_findings.campaigns.bank.bank_files import read_pointer
from adverts_findings.campaigns.bank.erased_ids import read_erased
from adverts_findings.campaigns.bank.holds import read_holds
from adverts_findings.campaigns.bank.overdue import count_overdue, overdue_words, still_held
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.build import memory_of
from adverts_findings.campaigns.desk import Desk
from adverts_findings.campaigns.rebuild import require_kept


def verify_bank(desk: Desk) -> str:
    """Compare every file of a bank with what was written, and return what was compared.

    Args:
        desk: Who looks, and where.

    Raises:
        InputError: There is no bank.
        IntegrityError: Something differs; the message names file and place.
    """
    with open_bank(desk.folder) as bank:
        bank.verify()
        pointer = read_pointer(desk.folder)
        # an earlier release wrote no file of campaigns
        if pointer is not None and pointer.campaigns_sha256:
            read_campaigns(desk.folder)
        build, late = bank.build, count_overdue(bank, desk.now.date())
        memory = memory_of({"builds": bank.table("builds")})
        gone = read_erased(desk.folder)
        held = still_held(bank, gone)
    judged = desk.judgements()
    held_back = read_holds(desk.folder)
    memory.require_known(judged, "judgements")
    memory.require_known(held_back, "holds")
    judgements, holds = len(judged), len(held_back)
    erased = len(gone)
    kept = {"judgements": judgements, "holds": holds, "erased adverts": erased}
    require_kept(memory.kept | kept, memory.kept)
    counts = {
        "log line": verify_log(desk.folder),
        "judgement": judgements,
        "hold": holds,
        "erasure": len(read_erasures(desk.folder, build)),
        "erased advert": erased,
    }
    told = ", ".join(plural(number, what) for what, number in counts.items())
    verified = f"build {build} is as it was written; {told}"
    if held:
        verified += f"; {plural(held, 'erased advert')} still in it: run refresh=true"
    return f"{verified}; {overdue_words(late)}" if late else verified
