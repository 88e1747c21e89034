"""A made-up world of campaigns over weeks: what was posted, collected, judged, and what is true."""

from __future__ import annotations

import datetime
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import week_ranges as r

from adverts.clusters.picture_hash import PictureHash
from adverts.clusters.shingles import PLACES
from adverts.linking.bank_tables import ENTRANTS
from adverts.linking.entering.collected import count_adverts, sum_counts

FIRST = datetime.datetime.fromisoformat(r.FIRST_DAY).replace(tzinfo=datetime.UTC)
WEEK = datetime.timedelta(weeks=1)
FIRST_WEEK = -r.HISTORY_WEEKS
LAST_WEEK = r.ASKED_WEEKS - 1
Cell = tuple[str, str]


@dataclass(slots=True)
class Stage:
    """A time in which a campaign posts at one rate.

    Attributes:
        begin: When it begins, in weeks from the first asked week.
        end: When it ends.
        rate: Adverts a week.
        platforms: Where it posts.
        looks: Number of the account, texts and pictures that it uses.
    """

    begin: float
    end: float
    rate: float
    platforms: tuple[str, ...]
    looks: int = 0


@dataclass(slots=True)
class Campaign:
    """A planted campaign: what it is, and when and where it posts."""

    name: str
    kind: str
    stages: list[Stage]
    languages: tuple[str, ...]
    contact: str
    templates: int
    alone: bool = False

    def expected(self, begin: float, end: float) -> float:
        """Return how many adverts it is planted to post from one time to another."""
        return sum(
            max(min(one.end, end) - max(one.begin, begin), 0.0) * one.rate for one in self.stages
        )


@dataclass(frozen=True, slots=True)
class Post:
    """An advert of a campaign.

    Attributes:
        id: Its id.
        campaign: Name of the campaign.
        time: When it was posted, in weeks from the first asked week.
        cell: Platform, and language as it is read.
        looks: Number of the account, texts and pictures.
        collected: Asked week in which it is collected; None if never.
        judged: Whether a person judged it.
    """

    id: str
    campaign: str
    time: float
    cell: Cell
    looks: int
    collected: int | None
    judged: bool


@dataclass(slots=True)
class World:
    """All of it.

    Attributes:
        campaigns: The campaigns by name.
        posts: Their adverts in the order of time.
        inputs: For each week of collection, the adverts that enter, and what was collected.
        seed: Its seed.
    """

    campaigns: Mapping[str, Campaign]
    posts: Sequence[Post]
    inputs: Mapping[int, tuple[pa.Table, pa.Table]] = field(default_factory=dict)
    seed: int = 0


def make_world(seed: int) -> World:
    """Return the world of a seed."""
    rng = random.Random(seed)
    campaigns = {one.name: one for one in _campaigns(rng)}
    posts = sorted(
        (one for campaign in campaigns.values() for one in _posts(campaign, rng)),
        key=lambda one: (one.time, one.id),
    )
    world = World(campaigns, posts, seed=seed)
    background = _background(seed)
    weeks = range(FIRST_WEEK, LAST_WEEK + 1)
    world.inputs = {week: _input(world, background, week) for week in weeks}
    return world


def is_collected(platform: str, week: int) -> float:
    """Return the share of what is posted on a platform in a week that is collected."""
    if week in r.GAP or week < r.STARTED.get(platform, FIRST_WEEK) or week < FIRST_WEEK:
        return 0.0
    return r.BROKEN.get((platform, week), 1.0)


def _campaigns(rng: random.Random) -> Iterator[Campaign]:
    ended: list[str] = []
    number = 0
    for kind in ("ended", *(one for one in r.CAMPAIGNS if one != "ended")):
        for _ in range(r.CAMPAIGNS[kind]):
            number += 1
            name = f"planted-{number:03d}"
            contact = f"PHONE:{_digits(f'{name} {rng.random()}')}"
            if kind == "ended":
                ended.append(contact)
            if kind == "new" and rng.random() < r.REASSIGNED:
                contact = rng.choice(ended)
            yield Campaign(
                name,
                kind,
                list(_stages(kind, rng)),
                _languages(rng),
                contact,
                rng.randint(*r.TEMPLATES),
            )


def _stages(kind: str, rng: random.Random) -> Iterator[Stage]:
    rate, end = rng.uniform(*r.RATE), LAST_WEEK + 1.0
    places = _platforms(rng)
    old = rng.uniform(FIRST_WEEK - 20, FIRST_WEEK)
    turn = rng.uniform(0, r.ASKED_WEEKS)
    match kind:
        case "steady":
            yield Stage(old, end, rate, places)
        case "new":
            yield Stage(turn, turn + rng.uniform(*r.NEW_ENDS_AFTER_WEEKS), rate, places)
        case "grown":
            yield Stage(old, float(int(turn)), rate, places)
            yield Stage(float(int(turn)), end, rate * rng.uniform(*r.GROWN_TIMES), places)
        case "revived" | "short silence":
            weeks = r.SILENT_WEEKS if kind == "revived" else r.SHORT_SILENCE_WEEKS
            same = kind != "revived" or rng.random() < r.SAME_AFTER_SILENCE
            yield Stage(old, turn - rng.uniform(*weeks), rate, places)
            yield Stage(turn, end, rate, places, looks=0 if same else 1)
        case "moved":
            new = rng.choice([one for one in r.PLATFORMS if one not in places])
            yield Stage(old, turn, rate, places)
            yield Stage(turn, end, rate, (*places, new) if rng.random() < r.MOVED_STAYS else (new,))
        case "ended":
            yield Stage(old, rng.uniform(FIRST_WEEK + 2, -8), rate, places)
        case _:
            yield Stage(rng.uniform(-12, 3), end, rate, ("dahlia",))


def _platforms(rng: random.Random) -> tuple[str, ...]:
    several = _drawn(r.PLATFORMS_OF_CAMPAIGN, rng)
    return tuple(rng.sample(r.PLATFORMS, several))


def _languages(rng: random.Random) -> tuple[str, ...]:
    usual = [one for one in r.LANGUAGES if one not in r.THIN]
    found = rng.sample(usual, _drawn(r.LANGUAGES_OF_CAMPAIGN, rng))
    return tuple(rng.choice(r.THIN) if rng.random() < r.THIN_LANGUAGE else one for one in found)


def _drawn(chances: Mapping[int, float], rng: random.Random) -> int:
    return rng.choices(list(chances), list(chances.values()))[0]


def _posts(campaign: Campaign, rng: random.Random) -> Iterator[Post]:
    number = 0
    for stage in campaign.stages:
        time = max(stage.begin, FIRST_WEEK - 20.0)
        while (time := time + rng.expovariate(stage.rate)) < min(stage.end, LAST_WEEK + 1):
            number += 1
            platform = rng.choice(stage.platforms)
            is_main = len(campaign.languages) == 1 or rng.random() < r.MAIN_LANGUAGE
            language = campaign.languages[0 if is_main else 1]
            if rng.random() < r.MISREAD_LANGUAGE:
                language = rng.choice(r.LANGUAGES)
            yield Post(
                f"{campaign.name}-{number:04d}",
                campaign.name,
                time,
                (platform, language),
                stage.looks,
                _collected_in(platform, int(np.floor(time)), rng),
                rng.random() < r.JUDGED["V"],
            )


def _collected_in(platform: str, week: int, rng: random.Random) -> int | None:
    """Return the week in which an advert is collected; one that is late comes a week later."""
    late = rng.random() < r.LATE
    at = week + late
    share = is_collected(platform, at)
    is_there = at <= LAST_WEEK and rng.random() < share
    return at if is_there else None


def _background(seed: int) -> Mapping[tuple[Cell, int], int]:
    """Return how many background adverts of a cell are posted in each week."""
    rng = np.random.default_rng(seed)
    found = {}
    for platform in r.PLATFORMS:
        for language in r.LANGUAGES:
            mean = rng.uniform(*(r.THIN_ADVERTS if language in r.THIN else r.CELL_ADVERTS))
            for week in range(FIRST_WEEK - 1, LAST_WEEK + 1):
                noisy = mean * float(np.exp(rng.normal(0, r.WEEK_NOISE)))
                found[(platform, language), week] = int(rng.poisson(noisy))
    return found


def _input(
    world: World, background: Mapping[tuple[Cell, int], int], week: int
) -> tuple[pa.Table, pa.Table]:
    """Return what the collection of one week brings: adverts that enter, and counts of all."""
    rng = random.Random(f"{world.seed} collected {week}")
    mine = [one for one in world.posts if one.collected == week]
    rows = [(*one.cell, int(np.floor(one.time)), one.judged) for one in mine]
    for (cell, posted), count in background.items():
        if posted in (week, week - 1):
            share = is_collected(cell[0], week) * (1 - r.LATE if posted == week else r.LATE)
            there = sum(rng.random() < share for _ in range(count))
            rows += [(*cell, posted, rng.random() < r.JUDGED["background"]) for _ in range(there)]
    source = source_of(week)
    entering = [one for one in mine if one.judged]
    return _entrants(world, entering, source), _counted(rows, source)


def source_of(week: int) -> str:
    """Return the name of the input of a week of collection."""
    return f"scores/collected-{week - FIRST_WEEK:02d}"


def monday(week: int) -> datetime.date:
    """Return the Monday of an asked week, or of one before."""
    return (FIRST + (week - FIRST_WEEK) * WEEK).date()


def moment(time: float) -> datetime.datetime:
    """Return a time that is given in weeks from the first asked week."""
    return FIRST + (time - FIRST_WEEK) * WEEK


def _counted(rows: Sequence[tuple[str, str, int, bool]], source: str) -> pa.Table:
    counts = Counter(rows)
    columns = list(zip(*counts.elements(), strict=True)) or [(), (), (), ()]
    platforms, languages, weeks, judged = columns
    counted = count_adverts(
        pa.array([monday(week) for week in weeks], pa.date32()),
        pa.array(platforms, pa.string()),
        pa.array(languages, pa.string()),
        pa.array(judged, pa.bool_()),
        source=source,
    )
    return sum_counts([counted], source=source)


def _entrants(world: World, posts: Sequence[Post], source: str) -> pa.Table:
    rows = [_entrant(world, one, source) for one in sorted(posts, key=lambda one: one.id)]
    return pa.Table.from_pylist(rows, schema=ENTRANTS)


def _entrant(world: World, post: Post, source: str) -> dict[str, object]:
    rng = random.Random(f"{world.seed} {post.id}")
    template, account, shown = _shown(world, post, rng)
    pictures = [_picture(template, rng)] if rng.random() < r.HAS_PICTURE else []
    return {
        "id": post.id,
        "source": source,
        "judged_by": "review",
        "account": _digits(account),
        "platform": post.cell[0],
        "language": post.cell[1],
        "posted_at": moment(post.time),
        "collected_at": moment(float(post.collected or 0) + 0.99),
        "contacts": shown,
        "public_contacts": [],
        "text_hash": hashlib.sha256(template.encode()).digest()[:16],
        "text_signature": random.Random(template).randbytes(2 * PLACES),
        "text_groups": 120,
        "picture_sha256": [sha for sha, _ in pictures],
        "picture_hashes": [look for _, look in pictures],
    }


def shows_contact(world: World, post: Post) -> bool:
    """Return whether an advert shows the contact of its campaign."""
    return bool(_shown(world, post, random.Random(f"{world.seed} {post.id}"))[2])


def _shown(world: World, post: Post, rng: random.Random) -> tuple[str, str, list[str]]:
    """Return the names of the template and account of an advert, and the contacts that it shows."""
    campaign = world.campaigns[post.campaign]
    looks = f"{world.seed} {campaign.name} {post.looks}"
    template = f"{looks} template {rng.randrange(campaign.templates)}"
    own = rng.random() < r.OWN_ACCOUNT
    account = f"{looks} {post.cell[0]}" if own else f"{world.seed} thrown away {post.id}"
    return template, account, [campaign.contact] if rng.random() < r.SHOWS_CONTACT else []


def _picture(template: str, rng: random.Random) -> tuple[bytes, bytes]:
    bits = bytearray(hashlib.sha256(f"{template} picture".encode()).digest())
    file = f"{template} picture"
    if rng.random() < r.SAVED_AGAIN:
        file += f" saved {rng.random()}"
        bits[rng.randrange(32)] ^= 1 << rng.randrange(8)
    look = PictureHash(bytes(bits), 100, bytes(bits), bytes(bits), 255, is_text_tile=False)
    return hashlib.sha256(file.encode()).digest(), look.to_bytes()


def _digits(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
