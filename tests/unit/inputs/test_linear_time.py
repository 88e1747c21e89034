"""Every function of texts takes time that is linear in the text, whatever it holds."""

import random
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adverts.clusters.shingles import shingle
from adverts.errors import printable, shown
from adverts.evaluation.robustness.disguise_attempt import Attempt
from adverts.evaluation.robustness.text_disguises import TEXT
from adverts.inputs.contacts.ascii_digits import digit_view
from adverts.inputs.contacts.contact_tokens import contact_tokens
from adverts.inputs.contacts.contact_values import canonical_value
from adverts.inputs.contacts.masking import CONTACT_KINDS, mask_contacts
from adverts.inputs.contacts.public_contacts import public_name
from adverts.inputs.hashing import hashed_features
from adverts.inputs.letters.folding import fold
from adverts.inputs.letters.language import identify
from adverts.inputs.letters.marks import without_loose_accents, without_noise
from adverts.inputs.letters.scripts import script_of, scripts_outside
from adverts.inputs.spec import HashSpec
from adverts.inputs.unigram import Pieces
from adverts.ocr.repair.line import repair
from adverts.runtime.predict.attributions import parts_of, without_each
from adverts.runtime.predict.requests import read_request
from adverts.runtime.rules.languages import normal_tag

SPEC = HashSpec(num_features=1 << 18, word_ngrams=(1, 2), char_ngrams=(2, 5))
PIECES = Pieces([("<unk>", 0.0), *((piece, -1.0) for piece in ("a", "ab", "com", "1"))], 0)
FUNCTIONS = {
    "contact_tokens": lambda text: contact_tokens(text, key=b"k" * 16),
    "canonical_value": lambda text: [canonical_value(kind, text) for kind in CONTACT_KINDS],
    "public_name": lambda text: [public_name(kind, text) for kind in CONTACT_KINDS],
    "digit_view": digit_view,
    "fold": fold,
    "hashed_features": lambda text: hashed_features(text, SPEC),
    "marks": lambda text: (without_noise(text), without_loose_accents(text)),
    "identify": lambda text: identify([text]),
    "scripts": lambda text: (script_of(text), scripts_outside(text, frozenset(["Latn"]))),
    "pieces": PIECES.ids_of,
    "shingle": lambda text: shingle([text]),
    "parts": lambda text: without_each(parts_of(text, 32)),
    "request": read_request,
    "printed": lambda text: (shown(text), printable(text), normal_tag(text)),
}
ALPHABET = (
    *"0123456789 .,-+/@_()[]{}:;#%£€aAbQOolI|xX=~<>\n\t'\"?&!©\0\x1b",
    *("com", "dot", " at ", "www", "http", "://", "t.me/", "tg", "id", "passport ", "eur", "day"),
    *("one ", "GB", "bc1", "0x", "tel ", "<PHONE>", "_ ", " 000", "250 ", "\\u0061", "null,"),
    *("\u0301", "\u0323", "\u0327", "\u064b", "\u05b0", "\u0f71", "\U0001e000", "\U0001d16e"),
    *("\u200c", "\u200d", "\u202e", "\ufe0f", "\u20e3", "\u0640", "\u00ad", "\u0345", "\u0344"),
    *("а", "я", "λ", "ɐ", "ᴀ", "١", "②", "²", "ا", "ه", "中", "é", "😀", "\U0001f1e6", "\ufdfa"),
)
MOTIFS = st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=12).map("".join)
AROUND = st.sampled_from(("", "a", "ا", "@", "+1 ", "passport ", "www.", "£", "(", "%", "b@c.com "))
KNOWN = (
    "\U00011370\u0731\u0345",
    *(".com", "com.", ".org", "chat.", "250 300 ", "1 000.", "1, 000", "a.", "a-", "1\n", "1;"),
    *(
        "\u0301\u0323",
        "\u0301\uff9e",
        "\n",
        "\u0327\u0323\u0301",
        "\u064b\u0650",
        "\U0001e000\U0001d16e",
    ),
    *("\u0301\u0640\u0323", "\u0f71\u0f72", "\u05b0\u05b1", "\ufdfa", "@a_b", "@ooa", "[],"),
    *("one two ", "O0 ", "0=7=", "GB00 ", "passport O1 ", "07 12 34 ", "12.05.", "+1 2", "\u200d"),
)
SLOW_WHEN_LONG = (
    ("fold", "\U00010a0d\u0640\U00010ae5"),
    ("marks", "\U00011370\u0731\u0345"),
    ("public_name", "a."),
)
FEW, MANY, FACTOR, FLOOR_SECONDS, ATTEMPTS = 4_000, 25_000, 3.0, 0.008, 3


@pytest.fixture(scope="module", autouse=True)
def _tables_are_made():
    for function in FUNCTIONS.values():
        function("warm à a@b.com +44 7700 900142 я")


def seconds(function, text):
    start = time.process_time()
    function(text)
    return time.process_time() - start


def assert_linear(function, name, text_of, *, size=FEW):
    """Of doubled texts: a pause of the machine is not there in every attempt."""
    found = []
    for _ in range(ATTEMPTS):
        few, many = seconds(function, text_of(size)), seconds(function, text_of(2 * size))
        if many <= FACTOR * few + FLOOR_SECONDS:
            return
        found.append((few, many))
    raise AssertionError(f"{name} of {text_of(60)!r} takes {found} s for once and twice as much")


def repeated(before, motif, after):
    return lambda size: before + motif * (size // len(motif)) + after


@pytest.mark.parametrize("before", ["a", "ا"])
@pytest.mark.parametrize("motif", KNOWN)
def test_what_was_slow_once_is_linear(before, motif):
    for name, function in FUNCTIONS.items():
        assert_linear(function, name, repeated(before, motif, ""))


@pytest.mark.parametrize("white", [" ", "\n", "\u2029", "_", "."])
def test_digits_far_apart_cost_no_more_than_others(white):
    apart = "0770 0900 12x " + ("1" + white * 5) * 5 + "1x "
    assert seconds(mask_contacts, apart * 50) < 1.0  # each cost six seconds


@pytest.mark.parametrize(("name", "motif"), SLOW_WHEN_LONG)
def test_what_was_slow_in_long_texts_alone_is_linear(name, motif):
    assert_linear(FUNCTIONS[name], name, repeated("a", motif, ""), size=MANY)


@settings(max_examples=25, derandomize=True, deadline=None, database=None)
@given(before=AROUND, motif=MOTIFS, after=AROUND)
def test_a_repeated_motif_is_linear(before, motif, after):
    for name, function in FUNCTIONS.items():
        assert_linear(function, name, repeated(before, motif, after))


@pytest.mark.slow
@settings(
    max_examples=1_500,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(before=AROUND, motif=MOTIFS, after=AROUND)
def test_many_repeated_motifs_are_linear(before, motif, after):
    for name, function in FUNCTIONS.items():
        assert_linear(function, name, repeated(before, motif, after))


@settings(max_examples=25, derandomize=True, deadline=None, database=None)
@given(first=MOTIFS, second=MOTIFS)
@example(first=".com", second=" a_1")
def test_masking_one_motif_after_another_is_linear(first, second):
    def text_of(size):
        return repeated("", first, "")(size // 2) + repeated("", second, "")(size // 2)

    assert_linear(mask_contacts, "mask_contacts", text_of)


@pytest.mark.parametrize("name", TEXT)
@pytest.mark.parametrize("motif", ["a\u0301\u0323", "\u0301\u0323", "one ", "ا\u064b", "1 "])
def test_disguises_are_linear(name, motif):
    def disguise(text):
        TEXT[name].change(text, Attempt(0.5, random.Random(0), "en"))

    assert_linear(disguise, name, repeated("a", motif, ""))


@pytest.mark.parametrize("before", ["a", "ا"])
@pytest.mark.parametrize("motif", ["\u200d", "\u200c", "1.000", "+1 2", "لگە", "£1 ,000 ", "0O0 "])
def test_mending_a_long_line_is_linear(before, motif):
    assert_linear(repair, "repair", repeated(before, motif, ""))


@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(
    motif=st.text(
        "0123lIoOSBeE£$€.,-+() »«ءههەگێڕچكيىئ٠١۴\u064b\u0640\u200c", min_size=1, max_size=8
    ),
    page=st.sampled_from((None, "ar", "ckb", "fa", "ps")),
)
@example(motif="ء", page="ckb")
def test_mending_any_motif_in_any_language_is_linear(motif, page):
    assert_linear(lambda text: repair(text, page), "repair", repeated("", motif, ""))
