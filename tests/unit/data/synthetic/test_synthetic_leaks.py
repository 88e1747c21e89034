"""Nothing but the meaning tells the groups apart: one column never does, words do in part."""

import io
import re
import unicodedata

import numpy as np
import pytest
from PIL import Image
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline, make_union

from adverts.data.synthetic.rendering import render

LIMIT = 0.65


def all_text(post):
    return "\n".join(part for part in (post.text, post.picture_text) if part)


def _flag(pattern):
    found = re.compile(pattern)
    return lambda row, post: found.search(_ascii(all_text(post))) is not None


def _ascii(text):
    return "".join(str(unicodedata.digit(c, c)) for c in text)


CONTACT = r"44.{0,3}7700|01632|@demo_fictional|\.example"
CATEGORIES = {
    "lang": lambda row, post: row.language.code,
    "script": lambda row, post: row.language.script,
    "reviewed": lambda row, post: row.language.reviewed,
    "split": lambda row, post: row.template.split,
    "modality": lambda row, post: row.modality,
    "phone": _flag(r"44.{0,3}7700|01632"),
    "handle": _flag(r"@demo_fictional"),
    "link": _flag(r"\.example"),
    "contact": _flag(CONTACT),
    "price": _flag(r"[£€]|GBP|EUR"),
    "flag": _flag("[\U0001f1e6-\U0001f1ff]"),
    "price, boat and flag": lambda row, post: (
        CATEGORIES["price"](row, post)
        and CATEGORIES["flag"](row, post)
        and any(boat.lower() in all_text(post).lower() for boat in row.language.words["boat"])
    ),
    "emoji": _flag("[\u2600-\u27bf\U0001f300-\U0001faff]"),
    "question": _flag("[?؟]"),
    "exclamation": _flag("!"),
    "quotation": _flag("['\"«»“”„]"),
    "hashtag": _flag("#"),
    "digits": _flag(r"\d"),
    "capitals": lambda row, post: all_text(post).isupper(),
}
NUMBERS = {
    "place in the file": lambda row, post: row.index,
    "length of the text": lambda row, post: len(post.text),
    "length of all text": lambda row, post: len(all_text(post)),
    "words": lambda row, post: len(all_text(post).split()),
}

LOOKS = {
    "font": lambda style: style.face,
    "layout": lambda style: style.layout,
    "background": lambda style: style.background,
    "palette": lambda style: style.palette,
    "width": lambda style: style.width,
    "size of the letters": lambda style: style.size,
    "quality": lambda style: style.quality // 10,
    "tilt": lambda style: round(style.tilt),
    "blur": lambda style: round(style.blur, 1),
}


def _truth(pairs, violating):
    return np.array([row.template.label in violating for row, _ in pairs])


def _category_auc(values, truth):
    """AUC of the best possible use of a category: its own rate of the group."""
    rates = {value: truth[[v == value for v in values]].mean() for value in set(values)}
    return roc_auc_score(truth, [rates[value] for value in values])


def _number_auc(values, truth):
    """AUC of the number, either way round, or of its deciles used at their best."""
    straight = roc_auc_score(truth, values)
    edges = np.unique(np.quantile(values, np.linspace(0.1, 0.9, 9)))
    deciles = np.searchsorted(edges, values).tolist()
    return max(straight, 1 - straight, _category_auc(deciles, truth))


@pytest.mark.parametrize("column", CATEGORIES)
def test_no_category_separates_the_groups(column, judged, violating):
    values = [CATEGORIES[column](row, post) for row, post in judged]

    assert len(set(values)) > 1
    assert _category_auc(values, _truth(judged, violating)) <= LIMIT


@pytest.mark.parametrize("column", NUMBERS)
def test_no_number_separates_the_groups(column, judged, violating):
    values = [NUMBERS[column](row, post) for row, post in judged]

    assert len(set(values)) > 1
    assert _number_auc(np.array(values, float), _truth(judged, violating)) <= LIMIT


@pytest.mark.parametrize("look", LOOKS)
def test_no_look_of_a_picture_separates_the_groups(look, judged, violating):
    pairs = [pair for pair in judged if pair[1].style]
    values = [LOOKS[look](post.style) for _, post in pairs]

    assert len(set(values)) > 1
    assert _category_auc(values, _truth(pairs, violating)) <= LIMIT


@pytest.mark.slow
def test_neither_bytes_nor_height_of_a_picture_separate_the_groups(judged, violating):
    pairs = [pair for pair in judged if pair[1].style]
    files = [
        render(post.picture_text, post.style, rtl=row.language.script == "Arab")
        for row, post in pairs
    ]

    truth = _truth(pairs, violating)
    heights = [Image.open(io.BytesIO(file)).height for file in files]
    assert _number_auc(np.array([len(file) for file in files], float), truth) <= LIMIT
    assert _number_auc(np.array(heights, float), truth) <= LIMIT


@pytest.mark.parametrize(
    "column", ["lang", "modality", "contact", "price", "flag", "price, boat and flag"]
)
def test_no_category_separates_the_groups_on_held_out_adverts(column, judged, violating):
    pairs = [pair for pair in judged if pair[0].template.split == "test"]
    values = [CATEGORIES[column](row, post) for row, post in pairs]

    assert _category_auc(values, _truth(pairs, violating)) <= LIMIT


def _tfidf_average_precision(text_of, judged, violating):
    pairs = [pair for pair in judged if text_of(pair[1])]
    train = [pair for pair in pairs if pair[0].template.split == "train"]
    test = [p for p in pairs if p[0].template.split == "test" and p[0].language.reviewed]
    model = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LogisticRegression(C=10.0, max_iter=1000),
    )
    model.fit([text_of(post) for _, post in train], _truth(train, violating))
    scores = model.decision_function([text_of(post) for _, post in test])
    return average_precision_score(_truth(test, violating), scores)


@pytest.mark.parametrize("text_of", [all_text, lambda post: post.text], ids=["all text", "post"])
def test_tfidf_is_neither_helpless_nor_perfect_on_held_out_templates(text_of, judged, violating):
    assert 0.60 <= _tfidf_average_precision(text_of, judged, violating) <= 0.95
