"""Write the page of the whole way from a post to its removal: ``python -m mission.index_page FOLDER``."""  # noqa: E501 - the command stands in one line

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.review.reviews import Review, item_name
from adverts.evaluation.report.templating import FOLDER, fill_html
from adverts.inputs.contacts.masking import mask_contacts
from mission.records import GONE, PLATFORM, Mission, read_mission

PAGE = "index.html"
_PAGES = (
    ("Report of the model", "report/report.html"),
    ("What was collected and scored", "scores/summary.html"),
    ("Estimate", "estimate/estimate.html"),
    ("Bank of campaigns", "bank/pages/index.html"),
    ("Notices to the platform", "out/platform/send/notices.html"),
    ("Withdrawal that the platform was sent", "out/retracted/demo-platform/send/withdrawn.html"),
    ("What is out, and what came of it", "ledger/ledger.html"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the way.

    Attributes:
        name: What was done.
        number: How many.
        of: What is counted.
        truth: What would have been right, in words; empty if there is nothing to compare.
    """

    name: str
    number: int
    of: str
    truth: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """One advert on its whole way, as sentences in order.

    Attributes:
        reference: Its reference at the platform.
        steps: What was done, and what came of it.
        page: Page of its campaign; empty if there is none.
    """

    reference: str
    steps: Sequence[tuple[str, str]]
    page: str


def stages(mission: Mission) -> list[Stage]:
    """Return how many posts reached each stage."""
    reviewed = {one.item for one in mission.reviews}
    figure = mission.estimate["figures"][0]["total"]["by_design"]
    low, high = round(figure["low"]), round(figure["high"])
    inside = "inside" if figure["low"] <= mission.adverts <= figure["high"] else "outside"
    linked = sum(one["adverts"] for one in mission.campaigns)
    answers = Counter(one["answer"] for one in mission.answers().values())
    networks = {one.network for one in mission.truth.values()} - {""}
    told = f"the truth is {mission.adverts:,}, {inside} the interval {low:,} to {high:,}"
    made = [
        Stage("Collected", len(mission.posts), "posts"),
        Stage("Scored", len(mission.scores), "posts"),
        Stage("Reviewed", len(reviewed), "posts that a person looked at"),
        Stage("Estimated", round(figure["value"]), "adverts among all posts", told),
        Stage("Linked", linked, "adverts that people judged group V"),
        Stage(
            "In campaigns", len(mission.campaigns), "campaigns", f"{len(networks)} made-up networks"
        ),
    ]
    for name in mission.recipients():
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in mission.kinds(name).items())
        shared = len(mission.references(name))
        made.append(Stage(f"Shared with {name}", shared, f"adverts: {kinds}"))
    made += [
        Stage("Refused", sum(mission.refused.values()), "things that did not leave"),
        Stage("Retracted", len(mission.withdrawn()), "items, from everybody who got the advert"),
        Stage("Answered", sum(answers.values()), "notices of the platform"),
        *(Stage(f"Answer: {kind}", count, "adverts") for kind, count in answers.most_common()),
    ]
    return made


def follow_one(mission: Mission) -> Followed | None:
    """Return the way of one advert that the platform removed; None if it removed none.

    One in English with a picture is taken if there is one, since most readers can follow it.
    """
    answers = mission.answers()
    removed = []
    for reference in mission.references(PLATFORM):
        advert, campaign = mission.items.get(reference, ("", ""))
        is_right = advert and mission.truth[advert].group == "V"
        if is_right and answers.get(reference, {}).get("answer") in GONE:
            removed.append((reference, advert, campaign))
    if not removed:
        return None
    reference, advert, campaign = min(removed, key=lambda one: _readable(mission, one[1]))
    page = f"bank/pages/{campaign}.html"
    is_there = (mission.folder / page).is_file()
    steps = _steps(mission, reference, advert, campaign)
    return Followed(reference, steps, page if is_there else "")


def _readable(mission: Mission, advert: str) -> tuple[bool, bool]:
    post = mission.posts[advert]
    return mission.truth[advert].language != "en", not (post["text"] and post["image"])


def _steps(mission: Mission, reference: str, advert: str, campaign: str) -> list[tuple[str, str]]:
    post, known = mission.posts[advert], mission.truth[advert]
    score = mission.scores[advert] or 0.0
    higher = sum(one is not None and one > score for one in mission.scores.values())
    line = next((one for one in mission.campaigns if one["campaign"] == campaign), None)
    answer = mission.answers()[reference]
    size = f", which has {line['adverts']:,} adverts" if line else ""
    text = mask_contacts(post["text"]) or "only a picture"
    return [
        ("Posted", f"on {post['posted_at'][:10]} on {post['platform']}: {text}"),
        ("Truth", f"{known.label}, by {known.network}; nobody but the simulated people knows it"),
        ("Collected", f"on {post['collected_at'][:10]} as {advert}"),
        ("Scored", f"{score:.3f}; {higher:,} of {len(mission.scores):,} posts have a higher score"),
        *(("Reviewed", _said(one)) for one in mission.reviews if one.item == item_name(advert)),
        ("Linked", f"to campaign {campaign}{size}"),
        *(("Shared", one) for one in _shares(mission, advert)),
        ("Answered", f"{answer['answer']}, {answer['at'] or 'at an unknown time'}"),
    ]


def _said(review: Review) -> str:
    return f"{review.reviewer} said {review.label} in round {review.round}"


def _shares(mission: Mission, advert: str) -> list[str]:
    found = []
    for entry in mission.entries:
        for one in (entry["shared"] or {"items": ()})["items"]:
            if mission.items.get(one["reference"], ("",))[0] == advert:
                kinds = ", ".join(one["kinds"])
                until = entry["shared"]["expires"]
                found.append(
                    f"{kinds} with {entry['recipient']} as {one['reference']}, to be used until "
                    f"{until}, signed off by {entry['approved_by']['value']}"
                )
    return found


def write_index(folder: Path) -> Path:
    """Write the page into the folder of a mission that has run, and return its path."""
    mission = read_mission(folder)
    page = fill_html(
        "mission.html.j2",
        {
            "stages": stages(mission),
            "followed": follow_one(mission),
            "refused": Counter(mission.refused).most_common(),
            "pages": [one for one in _PAGES if (folder / one[1]).is_file()],
            "seconds": mission.seconds,
        },
        folders=(Path(__file__).parent, FOLDER),
    )
    (folder / PAGE).write_text(page, encoding="utf-8")
    return folder / PAGE


def main() -> None:
    """Write the page, and print what it counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    path = write_index(folder)
    for one in stages(read_mission(folder)):
        print(f"{one.name:28}{one.number:>8,}  {one.of}{f'; {one.truth}' if one.truth else ''}")
    print(path)
    if follow_one(read_mission(folder)) is None:
        sys.exit("mission: no advert was followed from its post to its removal")


if __name__ == "__main__":
    main()
