"""The same price, boat and flag in an offer and in nine lawful or protected posts beside it."""

import re
from collections import defaultdict
from itertools import product

import pytest

from adverts.data.synthetic.templates import languages, read_language

LOOK_ALIKES = (
    *("offer_crossing", "lawful_travel_migration", "news_journalism", "ngo_humanitarian_support"),
    *("political_satire", "warning_complaint", "seek_service", "rescue_safety"),
    *("lawful_marine_trade", "diaspora_personal"),
)
"""An offer, and what the taxonomy sets beside it: ferry, news, leaflet, satire, warning,
request, rescue, boat sale, arrival. Not ``glorify_journey``: with a price it would be an offer."""


PRICE = re.compile(r"[£€]\d[\d,]*|\d[\d,]*(?: \d{3})* ?(?:[£€]|GBP|EUR)")
FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]+")


@pytest.mark.parametrize("label", LOOK_ALIKES)
@pytest.mark.parametrize("code", languages())
def test_price_boat_and_flag_stand_together_in_train_and_in_test(code, label):
    paired = {t.split for t in read_language(code).templates if t.label == label and t.paired}

    assert paired >= {"train", "test"}


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("code", languages())
def test_one_price_boat_and_flag_occur_in_most_look_alikes(code, split, corpus):
    classes = defaultdict(set)
    for row, post in corpus:
        if (row.language.code, row.template.split) == (code, split):
            for shown in _shown(f"{post.text}\n{post.picture_text}", row.language.words["boat"]):
                classes[shown].add(row.template.label)

    most = max((found & set(LOOK_ALIKES) for found in classes.values()), key=len)
    assert len(most) >= 8
    assert "offer_crossing" in most


def _shown(text, boats):
    """Return every (price, boat, flags) that an advert shows."""
    named = re.findall("|".join(sorted(boats, key=len, reverse=True)), text)
    return set(product(PRICE.findall(text), named, FLAGS.findall(text)))
