"""What e-mails, links, wallets, document numbers and handles look like."""

from __future__ import annotations

import re

Span = tuple[int, int]

# Top-level domains that are not words; the others count only before a path ("come to my.in").
_SURE_DOMAINS = (
    "com|net|org|info|biz|edu|gov|mil|int|app|dev|xyz|shop|site|online|store|live|club|link|page|"
    "top|vip|pro|travel|tours|agency|email|blog|news|chat|social|example|test|invalid|onion|uk|al|"
    "fr|de|es|pl|ro|bg|gr|tr|ru|ua|ir|iq|af|pk|sy|vn|cn|jp|kr|eu|ch|nl|cz|sk|hu|rs|mk|xk|hr|si|lt|"
    "lv|ee|fi|se|dk|pt|ie|ca|au|nz|br|mx|io|co|ly|gg|tv|cc|ws|ai|dz|ma|tn|eg|sa|ae|jo|lb|er|sd"
)
_WORD_DOMAINS = "at|am|be|by|do|et|in|is|it|la|me|my|no|pm|so|st|to|us|ac|id|im|sh"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_ASCII_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"  # others are mostly a missing space: "lâu.shop"
_PATH = r"[^\s<>\"'“”«»]*[^\s<>\"'“”«».,;:!?)\]}،؛؟…]"

EMAILS = re.compile(
    r"(?<![\w.+-])(?P<contact>(?:mailto:)?[\w.+-]+"
    r"(?:@|\s?[\[(](?:at|@)[\])]\s?)"
    rf"(?:{_LABEL}(?:\.|\s?[\[(](?:dot|\.)[\])]\s?)){{1,5}}[^\W\d_](?:[\w-]*\w)?)",
    re.IGNORECASE,
)

LINKS = re.compile(
    r"(?<![\w@])(?P<contact>"
    rf"[a-z][a-z0-9+.-]{{1,20}}://{_PATH}"
    rf"|www\.{_PATH}"
    r"|(?:wa|t|m|viber|telegram|signal|fb|ig|bit)\.(?:me|dog|link|ly)/" + _PATH + "|"
    rf"(?:{_LABEL}\.){{0,4}}{_ASCII_LABEL}\.(?:{_SURE_DOMAINS})(?![\w-])(?!\.\w)(?::\d{{2,5}})?(?:[/?#]{_PATH}|/)?"
    rf"|(?:{_LABEL}\.){{1,5}}(?:{_WORD_DOMAINS})/{_PATH}"
    r")",
    re.IGNORECASE,
)

_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
WALLETS = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"(?P<iban>[A-Za-z]{2}[0-9]{2}(?: ?[0-9A-Za-z]{4}){2,7}(?: ?[0-9A-Za-z]{1,3})?)"
    r"|(?P<bech32>(?:bc1|ltc1|tb1)[02-9ac-hj-np-z]{11,71}|(?:BC1|LTC1)[02-9AC-HJ-NP-Z]{11,71})"
    r"|(?P<ethereum>0x[0-9a-fA-F]{40})"
    rf"|(?P<base58>(?=[0-9]*[A-Za-z])(?:[13]{_BASE58}{{25,34}}|T{_BASE58}{{33}}|[48]{_BASE58}{{94}}))"
    r")(?![0-9A-Za-z])"
)

_DOCUMENT_WORDS = (
    r"passports?|pasaport\w*|passeports?|passaport\w*|pasaporte|reisepass|pass(?=\s*(?:no|nr))|"
    r"visa(?=\s*(?:no|nr|num))|id(?=\s*(?:no|nr|num|card))|identity|ni(?=\s*(?:no|num))|"
    r"national\s+(?:id|insurance)|driving\s+licen[cs]e|residence\s+permit|brp|"
    r"carte\s+d['’]identité|titre\s+de\s+séjour|kimlik|kartë?\s+identiteti|letërnjoftim\w*|"
    r"hộ\s*chiếu|cmnd|cccd|căn\s*cước|گذرنامه|پاسپورت|کارت\s*ملی|شماره\s*ملی|کد\s*ملی|"
    r"جواز\s*(?:ال)?سفر|باسبور|هوية|تذکره|پاسپۆرت|паспорт\w*"
)
DOCUMENT_NUMBERS = re.compile(
    rf"(?<!\w)(?:{_DOCUMENT_WORDS})"
    r"(?:\s*(?:card|number|numbers|numri|numéro|numara\w*|num|nr|no|n°|nº|№|số|shmare|رقم|رقمه|شماره|ژمارە|номер))?"
    r"[\s.:#=-]{0,4}"
    r"(?P<contact>[a-z]{1,3} ?\d{6,9}[a-z]?|[a-z]{2}(?: ?\d\d){3} ?[a-d]|\d{7,14}[a-z]?"
    r"|\d{2}[a-z]{2}\d{5})(?!\w)",
    re.IGNORECASE,
)

_NETWORKS = (
    r"telegram|tele|tg|instagram|insta|ig|snapchat|snap|sc|tiktok|tik\s?tok|facebook|fb|messenger|"
    r"signal|viber|imo|zalo|wickr|threema|discord|skype|wechat|line|kik|تلگرام|تيليجرام|تلجرام|"
    r"تليجرام|انستغرام|اینستاگرام|انستقرام|سناب"
)
_NOT_A_NAME = r"(?!\d{1,4}(?:[ap]m|k|h|eur|usd|gbp)\b)"
HANDLES = re.compile(
    rf"(?<![\w.@/])(?P<contact>@{_NOT_A_NAME}(?=[\w.]*[^\W\d])\w[\w.]{{0,62}}\w)", re.IGNORECASE
)
NAMED_HANDLES = re.compile(
    rf"(?<!\w)(?:{_NETWORKS})\s{{0,2}}[:=]\s{{0,2}}"
    r"(?P<contact>(?=[\w.]*[\d._])[^\W\d][\w.]{2,62}\w)",
    re.IGNORECASE,
)


def is_iban(text: str) -> bool:
    """Whether a text has the length and the check digits of an IBAN (ISO 13616)."""
    plain = text.replace(" ", "").upper()
    if not 15 <= len(plain) <= 34:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1
