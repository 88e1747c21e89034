"""The adverts around made-up networks: sellers, lone advertisers, news, single posts, warnings."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ranges as r
from made_up_texts import LANGUAGES
from networks import Network
from studio import Account, Design, Post, Studio, with_masks


def make_stock(studio: Studio) -> list[Design]:
    """Return the texts and pictures that anybody takes."""
    languages = studio.rng.choices(LANGUAGES, k=r.STOCK_TEMPLATES)
    return [studio.design(language) for language in languages]


def post_background(
    count: int,
    networks: Sequence[Network],
    studio: Studio,
    *,
    helpline: str,
    stock: Sequence[Design],
) -> list[Post]:
    """Return ``count`` adverts that are of no network."""
    world = count + sum(len(phase.weeks) for one in networks for phase in one.phases)
    posts = _posts_of(_sellers(studio), round(r.SELLERS * world))
    lone = _posts_of(_lone(studio, stock), round(r.LONE * world))
    posts += lone
    posts += _posts_of(_news(studio, world), round(r.NEWS * world))
    authors = {
        "nobody": (),
        "seller": tuple(one.account for one in posts if one.kind == "seller"),
        "lone": tuple(one.account for one in lone),
    }
    posts += _posts_of(_warnings(studio, networks, authors, helpline), round(r.WARNINGS * world))
    return posts + _posts_of(_singles(studio, helpline), count - len(posts))


def _posts_of(sources: Iterator[list[Post]], count: int) -> list[Post]:
    """Return the first ``count`` adverts of endless sources."""
    posts: list[Post] = []
    while len(posts) < count:
        posts += next(sources)
    return posts[:count]


def _heavy(rng: random.Random, range_: tuple[int, int], tail: float) -> int:
    least, most = range_
    return min(most, int(least * rng.paretovariate(tail)))


def _weeks(rng: random.Random, count: int) -> list[int]:
    """Return weeks in which somebody posts, in a limited time."""
    first = rng.randrange(r.WEEKS)
    return sorted(
        rng.randint(first, min(r.WEEKS - 1, first + r.SELLER_WEEKS - 1)) for _ in range(count)
    )


@dataclass(frozen=True, slots=True)
class _Shop:
    """Somebody with one account and one contact."""

    name: str
    group: str
    account: Account
    contact: str

    def offer(self, week: int, goods: Design, studio: Studio) -> Post:
        """Return an advert of a design, with the contact in most."""
        contacts = [self.contact] if studio.rng.random() < r.SELLER_CONTACT else []
        return Post(
            self.name,
            self.name.partition("-")[0],
            self.group,
            week,
            studio.variant(goods.template, week, contacts),
            self.account,
            contacts,
            picture=studio.show(goods.pictures, r.SELLER_PICTURE),
            template=goods.template.number,
        )


def _sellers(studio: Studio) -> Iterator[list[Post]]:
    """Yield the adverts of ordinary sellers: a contact, some texts and pictures of their own."""
    rng = studio.rng
    for number in itertools.count():
        language = rng.choice(LANGUAGES)
        shop = _Shop(f"seller-{number:06}", "N", studio.account(), studio.contact())
        goods = [studio.design(language) for _ in range(rng.randint(*r.SELLER_TEMPLATES))]
        weeks = _weeks(rng, _heavy(rng, r.SELLER_ADVERTS, r.SELLER_TAIL))
        yield [shop.offer(week, rng.choice(goods), studio) for week in weeks]


def _lone(studio: Studio, stock: Sequence[Design]) -> Iterator[list[Post]]:
    """Yield the adverts of lone advertisers of group V, some of which take stock texts."""
    rng = studio.rng
    for number in itertools.count():
        shop = _Shop(f"lone-{number:06}", "V", studio.account(), studio.contact())
        takes = rng.random() < r.STOCK_LONE
        goods = rng.choice(stock) if takes else studio.design(rng.choice(LANGUAGES))
        weeks = _weeks(rng, rng.randint(*r.LONE_ADVERTS))
        yield [shop.offer(week, goods, studio) for week in weeks]


def _news(studio: Studio, world: int) -> Iterator[list[Post]]:
    """Yield stories with a link and a picture, posted again by many accounts within weeks."""
    rng = studio.rng
    posters = [studio.account() for _ in range(max(1, r.NEWS_POSTERS * world // r.ADVERTS))]
    for number in itertools.count():
        language = rng.choice(LANGUAGES)
        story = studio.design(language)
        link, first = studio.target(), rng.randrange(r.WEEKS - r.STORY_WEEKS)
        yield [
            Post(
                f"story-{number:05}",
                "news",
                "N",
                first + rng.randrange(r.STORY_WEEKS),
                studio.variant(story.template, first, [link]),
                rng.choice(posters),
                [link],
                picture=studio.show(story.pictures),
                template=story.template.number,
            )
            for _ in range(_heavy(rng, r.STORY_POSTS, r.STORY_TAIL))
        ]


def _singles(studio: Studio, helpline: str) -> Iterator[list[Post]]:
    """Yield posts that share nothing with any other; some ask for help and quote the helpline."""
    rng = studio.rng
    for number in itertools.count():
        language, asks = rng.choice(LANGUAGES), rng.random() < r.SINGLE_ASKS
        contacts = [studio.contact()] if rng.random() < r.SINGLE_CONTACT else []
        public = [helpline] if asks and rng.random() < r.ASKS_HELPLINE else []
        contacts += public
        yield [
            Post(
                f"single-{number:06}",
                "single",
                "A" if asks else "N",
                rng.randrange(r.WEEKS),
                with_masks(studio.writer.own(language), contacts),
                studio.account(),
                contacts,
                public,
                picture=studio.show([studio.camera.original(language)], r.SINGLE_PICTURE),
            )
        ]


def _warnings(
    studio: Studio,
    networks: Sequence[Network],
    authors: dict[str, tuple[Account, ...]],
    helpline: str,
) -> Iterator[list[Post]]:
    """Yield warnings of groups A and N that quote contacts of networks, and maybe their text."""
    rng = studio.rng
    for number in itertools.count():
        several = rng.random() < r.WARNS_OF_SEVERAL and len(networks) > 1
        count = min(len(networks), rng.randint(*r.SEVERAL)) if several else 1
        quoted = rng.sample(networks, count)
        phases = [rng.choice(network.phases) for network in quoted]
        contacts = [rng.choice(phase.contacts).thing for phase in phases]
        week = min(r.WEEKS - 1, max(rng.choice(phase.weeks) for phase in phases) + 1)
        public = [helpline] if rng.random() < r.WARNING_HELPLINE else []
        words = " ".join(studio.writer.words(quoted[0].languages[0], rng.randint(*r.WARNING_WORDS)))
        if rng.random() < r.WARNING_QUOTES_TEXT:
            template = rng.choice(phases[0].designs).thing.template
            words += " " + studio.writer.variant(template, week)
        (who,) = rng.choices(tuple(r.WARNING_AUTHORS), tuple(r.WARNING_AUTHORS.values()))
        yield [
            Post(
                f"warning-{number:05}",
                "warning",
                rng.choice("AN"),
                week,
                with_masks(words, contacts),
                rng.choice(authors[who]) if authors[who] else studio.account(),
                contacts + public,
                public,
                quotes=tuple(network.name for network in quoted),
            )
        ]
