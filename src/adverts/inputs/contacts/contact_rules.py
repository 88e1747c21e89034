"""Patterns of e-mails, links and handles, also as people or OCR distort them."""

from __future__ import annotations

import re
from collections.abc import Iterable

Span = tuple[int, int]
BARRIER = ">"
"""Replaces text in a view that is already masked, or is not a contact; no rule matches it."""

# Top-level domains that are not words; other ones need a path after them ("come to my.in").
_SURE_DOMAINS = (
    "com|net|org|info|biz|edu|gov|mil|int|app|dev|xyz|shop|site|online|store|live|club|link|page|"
    "top|vip|pro|travel|tours|agency|email|blog|news|chat|social|example|test|invalid|onion|uk|al|"
    "fr|de|es|pl|ro|bg|gr|tr|ru|ua|ir|iq|af|pk|sy|vn|cn|jp|kr|eu|ch|nl|cz|sk|hu|rs|mk|xk|hr|si|lt|"
    "lv|ee|fi|se|dk|pt|ie|ca|au|nz|br|mx|io|co|ly|gg|tv|cc|ws|ai|dz|ma|tn|eg|sa|ae|jo|lb|er|sd"
)
_WORD_DOMAINS = "at|am|be|by|do|et|in|is|it|la|me|my|no|pm|so|st|to|us|ac|id|im|sh"
# Domains that are not words, so that they also count after a separated or misread dot.
_CLEAR_DOMAINS = r"(?:com|org|example|onion|co\.uk)"
# Atomic, since no shorter label can be followed by a valid next character.
_LABEL = r"(?>[^\W_](?:[\w-]{0,61}[^\W_])?)"
# Other letters mostly come from a missing space: "lâu.shop".
_ASCII_LABEL = "(?>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
# Seven plain labels: a link has at most six, so such a chain is not tried.
_LONG_CHAIN = r"(?:[a-z0-9][a-z0-9-]{0,62}+\.){6}+[a-z0-9]"
_PATH = r"[^\s<>\"'“”«»]*[^\s<>\"'“”«».,;:!?)\]}،؛؟…]"
_TAIL = rf"(?: ?[/?#] ?{_PATH})?"
_ENDS = r"(?![A-Za-z0-9\u00c0-\u024f\u1e00-\u1eff-])"
_DOT_WORD = "(?:dot|point|pik[ëe]|nokta|ch[aấ]m|نقطة|نقطه|دات|دوت|خاڵ|ټکی)"
_BRACKETED_DOT = rf"\s?[\[({{]\s?(?:{_DOT_WORD}|\.)\s?[\])}}]\s?"
_DOT = rf"(?:{_BRACKETED_DOT}|\s{_DOT_WORD}\s)"
_BENT = rf"(?: ?[.,] ?|{_DOT})"
_LABELS = rf"{_ASCII_LABEL}(?:{_BENT}{_ASCII_LABEL})"
_AT_WORD = "(?:at|arobase|chez|آت|ات|ئەت)"
_BRACKETED_AT = rf"[\[({{]\s?(?:{_AT_WORD}|@)\s?[\])}}]"
BENT_DOT = re.compile(rf"{_BRACKETED_DOT}|\s{_DOT_WORD}\s", re.IGNORECASE)
"""A dot that is written as a word or in brackets."""
BENT_AT = re.compile(rf"\s?{_BRACKETED_AT}\s?|\s(?:at|arobase)\s|[©®]", re.IGNORECASE)
"""An at sign that is written as a word, in brackets, or misread."""
EMAIL_SIGNS = re.compile(rf"[@©®]|{_BRACKETED_AT}|[.,] ?{_CLEAR_DOMAINS}|{_DOT}", re.IGNORECASE)
"""Second quick test for e-mails, after the one in :mod:`adverts.inputs.contacts.masking`."""
_MESSENGERS = "(?:wa|t|m|viber|telegram|signal|fb|ig|bit)"

EMAILS = re.compile(
    r"(?<![\w.+-])(?P<contact>(?:mailto:)?(?:"
    rf"[\w.+-]{{1,64}}(?:[@©®]|\s?{_BRACKETED_AT}\s?)"
    rf"(?:{_LABEL}(?:\.|{_DOT})){{1,5}}[^\W\d_](?:[\w-]{{0,62}}\w)?"
    rf"|[\w.+-]{{1,64}} ?(?:[@©®]|{_BRACKETED_AT}) {{0,2}}{_LABELS}{{0,3}}{_BENT}"
    rf"{_CLEAR_DOMAINS}{_ENDS}"
    rf"|[\w.+-]{{1,64}}\s(?:at|arobase)\s(?:{_ASCII_LABEL}{_DOT}){{1,3}}{_ASCII_LABEL}{_ENDS}"
    rf"|(?=[\w.]*[\d_.])[\w.+-]{{1,64}}\s(?:at|arobase)\s{_LABELS}{{0,3}}{_BENT}"
    rf"{_CLEAR_DOMAINS}{_ENDS}"
    r"|(?=[\w.]*\.\w*(?-i:Q)|[^\W\d_]*[\d_]\w*(?-i:Q))"
    rf"[\w.+-]{{2,64}}(?-i:Q){_ASCII_LABEL}[.,]{_CLEAR_DOMAINS}{_ENDS}"
    "))",
    re.IGNORECASE,
)

LINKS = re.compile(
    r"(?<![\w@])(?P<contact>"
    rf"h(?:tt|xx)ps? ?: ?/ ?/ ?{_LABELS}{{1,4}}{_ENDS}(?:[/?#]{_PATH})?"
    rf"|[a-z][a-z0-9+.-]{{1,20}}+://{_PATH}"
    rf"|www ?[.,] ?{_LABELS}{{0,4}}{_BENT}(?:{_SURE_DOMAINS}){_ENDS}{_TAIL}"
    rf"|www(?:\.|{_DOT}){_PATH}"
    rf"|{_MESSENGERS}(?:{_BENT}(?:me|dog|link|ly)| me) ?/ ?{_PATH}"
    rf"|chat ?[.,] ?whatsapp ?[.,] ?com ?/ ?{_PATH}"
    rf"|(?!{_LONG_CHAIN})(?:"
    rf"(?:{_LABEL}\.){{0,4}}{_ASCII_LABEL}\.(?:{_SURE_DOMAINS}){_ENDS}(?!\.\w)"
    rf"(?::\d{{2,5}})?(?:[/?#]{_PATH}|/)?"
    rf"|(?:{_LABEL}\.){{1,5}}(?:{_WORD_DOMAINS})/{_PATH}"
    rf"|{_ASCII_LABEL}(?:(?:\.|{_DOT}| \. ){_ASCII_LABEL}){{0,3}}"
    rf"(?:(?:{_DOT}|,| [.,] ?){_CLEAR_DOMAINS}|\. (?-i:{_CLEAR_DOMAINS})){_ENDS}{_TAIL}"
    rf"|{_ASCII_LABEL}(?:{_BRACKETED_DOT}|\sdot\s)(?:{_SURE_DOMAINS}){_ENDS}{_TAIL}"
    r"))",
    re.IGNORECASE,
)
LINK_HINT = re.compile(rf"\.\s?\w|/|[.,] ?{_CLEAR_DOMAINS}|{_DOT}|www", re.IGNORECASE)
"""Quick test for what every link contains."""
LINK_SIGNS = re.compile(
    r"(?=[:.,wmdlc\s\[({])(?:: ?/ ?/|www|(?:me|dog|link|ly|com) ?/"
    rf"|[.,] ?{_CLEAR_DOMAINS}|\.(?:{_WORD_DOMAINS})/"
    rf"|\.(?:{_SURE_DOMAINS}){_ENDS}|{_DOT})",
    re.IGNORECASE,
)
"""Closer test for links, which is slower, but far faster than :data:`LINKS`."""

_NETWORKS = (
    r"telegram|tele|tg|instagram|insta|ig|snapchat|snap|sc|tiktok|tik\s?tok|facebook|fb|messenger|"
    r"signal|viber|imo|zalo|wickr|threema|discord|skype|wechat|line|kik|تلگرام|تيليجرام|تلجرام|"
    r"تليجرام|تلیگرام|تێلێگرام|ټلیګرام|انستغرام|اینستاگرام|انستقرام|ئینستاگرام|انسټاګرام|سناب"
)
_NOT_A_NAME = r"(?!\d{1,4}(?:[ap]m|k|h|eur|usd|gbp)\b)"
_TORN = r"\w[\w.]{0,62}(?:_ {1,2}\w[\w.]{0,30}){1,3}\b"
HANDLES = re.compile(
    rf"(?P<contact>(?<![\w@/])@{_NOT_A_NAME}(?=[\w.]*[^\W\d])(?:{_TORN}|\w[\w.]{{0,62}}\w)"
    r"|(?<![@/])[@©®] ?(?=[\w.]*[^\W\d])(?=\w[^\W_]*_\w*\d|\w+\.\w*\d|[\w.]*_ {1,2}\w|\w+_\w)"
    rf"(?:{_TORN}|\w[\w.]{{0,62}}\w))",
    re.IGNORECASE,
)
NAMED_HANDLES = re.compile(
    rf"(?<!\w)(?:{_NETWORKS})(?:"
    r"\s{0,2}[:=@/|-]\s{0,2}(?P<contact>(?=[\w.]*[\d._])[^\W\d][\w.]{2,62}\w)"
    r"|\s{1,2}(?:(?:id|user|username|name|account|is)[ :]{1,2})?"
    r"(?P<spaced>(?=\w*(?:_|\d\w*\d))[^\W\d_]\w{5,62}))",
    re.IGNORECASE,
)
BARE_HANDLES = re.compile(
    r"(?<![\w/@#-])(?P<contact>(?!(?:img|dsc|vid|pxl|photo|image|screenshot|wa)_)"
    r"(?=[A-Za-z0-9_]*[A-Za-z]{3})(?=[A-Za-z0-9_ ]{8})[A-Za-z][A-Za-z0-9]{1,30}"
    r"(?:_ {0,2}[A-Za-z0-9]{1,30}){0,4}_ {0,2}(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{1,30}\b)",
    re.IGNORECASE | re.ASCII,
)


def barred(view: str, spans: Iterable[Span]) -> str:
    """Replace spans, sorted and disjoint, by barriers; the view keeps its length."""
    pieces, place = [], 0
    for start, end in spans:
        pieces += [view[place:start], BARRIER * (end - start)]
        place = end
    return "".join([*pieces, view[place:]])
